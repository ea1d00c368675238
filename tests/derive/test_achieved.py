from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from pipeline.core.entries import Bid, Issue
from pipeline.core.facts import Facts
from pipeline.core.places import Sourced
from pipeline.core.procedure import Answer
from pipeline.core.stages import Coverage, Kept, Stage
from pipeline.derive.achieved import achieved
from tests.cases import voluntary_case
from tests.made_projects import at, company, made

X = at("x", "C1")


def bid(number: int, result: str, day: date | None, rep: str = "E102", *earlier: str) -> Facts:
    facts = made(number, bid=Bid(result, day, X, earlier), sales_rep=rep)
    return replace(facts, steps={"approval": Answer("approval", day=Sourced(date(2026, 1, 5), X))})


def of(kind: str, *projects: Facts) -> list[tuple[str, str, str]]:
    found = achieved(projects, company(), (), projects)
    return [(one.name, one.value, one.basis) for one in found if one.kind.startswith(kind)]


BIDS = (
    bid(1, "中标", date(2026, 3, 31)),
    bid(2, "未中标", date(2026, 4, 1)),
    bid(3, "成交", date(2026, 4, 30), "E103", "未成交"),
    bid(4, "", None),
)


def test_the_funnel_goes_from_the_initiation_to_the_contract_without_leads() -> None:
    assert of("漏斗", *BIDS, made(9)) == [
        ("立项", "4", ""),
        ("投标", "3", "前一步的 75.0%"),
        ("中标", "2", "前一步的 66.7%"),
    ]


def test_a_step_in_time_is_one_that_kept_its_limit() -> None:
    days = (Sourced(date(2026, 6, 22), X), Sourced(date(2026, 6, 24), X))
    kept = Stage("2", "现场调查与需求", False, *days, Decimal(3), Decimal(3), "工作日")
    late, under_way = replace(kept, taken=Decimal(4)), replace(kept, ended=None, taken=None)
    projects = [
        replace(made(n), stages=(Coverage("wbs", "x", (one,)),)) for n, one in enumerate((kept, late, under_way))
    ]
    assert of("按期率", *projects) == [("步骤2 现场调查与需求", "50.0%", "1/2")]


def test_problems_are_counted_by_kind_and_only_given_grades_are_averaged() -> None:
    issues = (
        Issue("方案", True, None, None, X),
        Issue("方案", False, Decimal(4), None, X),
        Issue("交付", False, Decimal(5), None, X),
    )
    assert of("客户", made(1, issues=issues)) == [
        ("方案", "未解决 1", "共 2"),
        ("交付", "未解决 0", "共 1"),
        ("平均", "4.5", "2 次评价"),
    ]


def test_the_dormitory_kept_every_limit() -> None:
    case = voluntary_case()
    rates = [one for one in achieved([case.facts], case.company, (), ()) if one.kind.startswith("按期率")]
    assert {one.value for one in rates} == {"100.0%"}
    # both requests were given out by E201; E203 confirmed the needs and designed, E002 took the chair
    steps = [one.basis for one in rates if one.kind == "按期率（实施步骤）"]
    people = {one.name: one.basis for one in rates if one.kind == "按期率（执行人）"}
    names = {no: case.company.name_of(no) for no in ("E201", "E203", "E002")}
    assert steps == ["1/1"] * 4
    assert people == {names["E201"]: "2/2", names["E203"]: "2/2", names["E002"]: "1/1"}


def test_who_carried_out_a_late_step_is_late_and_two_of_one_name_are_two() -> None:
    stage = Stage("2", "现场调查与需求", kept=(Kept("E106", True), Kept("E203", False)))
    again = Stage("4", "方案制作", kept=(Kept("E203", True),))
    one = replace(made(1), stages=(Coverage("wbs", "x", (stage, again)),))
    names = {no: company().name_of(no) for no in ("E106", "E203")}
    expected = {(names["E106"], "100.0%", "1/1"), (names["E203"], "50.0%", "1/2")}
    assert set(of("按期率（执行人）", one)) == expected
    twins = {no: replace(company().persons[no], name="王敏") for no in names}
    alike = replace(company(), persons={**company().persons, **twins})
    found = [one.basis for one in achieved([one], alike, (), ()) if one.kind == "按期率（执行人）"]
    assert sorted(found) == ["1/1", "1/2"]


def test_the_funnel_begins_with_the_leads_of_the_library() -> None:
    case = voluntary_case()
    found = [one for one in achieved([case.facts], case.company, (), ()) if one.kind == "漏斗"]
    leads = len(case.company.sheet("library", "leads").rows)
    assert leads > 1
    assert [(one.name, one.value) for one in found] == [
        ("线索", str(leads)),
        ("立项", "1"),
        ("投标", "1"),
        ("中标", "1"),
    ]
