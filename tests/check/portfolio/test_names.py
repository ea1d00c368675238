from __future__ import annotations

from collections import Counter

import pytest

from pipeline.core.facts import Facts
from tests.made_projects import judged, made, short, stamp

CODE, OTHER = "LY-SQ-2026-001", "LY-SQ-2026-002"


def test_one_code_on_workbooks_of_two_projects() -> None:
    stamps = [stamp(form, CODE, "宿舍无线") for form in ("survey", "plan", "cost")] + [
        stamp("materials", CODE, "机房搬迁")
    ]
    (found,) = judged(made(1, stamps=tuple(stamps)))
    assert (found.at.workbook, found.rule.code, len(found.related)) == ("materials.xlsx", "B401", 3)
    assert found.message() == "项目编号LY-SQ-2026-001被2个不同项目使用。"


def test_one_code_in_two_sets() -> None:
    sets = [made(1, stamps=(stamp("plan", CODE, "宿舍无线"),)), made(2, stamps=(stamp("cost", CODE, "机房搬迁"),))]
    (found,) = judged(*sets)
    assert (found.at.workbook, found.values["projects"]) == ("cost.xlsx", f"{OTHER}、{CODE}")


@pytest.mark.parametrize("name", ["宿舍 无线(一期)", "宿舍无线(一期)"])
def test_blanks_and_brackets_make_no_other_project(name: str) -> None:
    assert judged(made(1, stamps=(stamp("plan", CODE, "宿舍无线(一期)"), stamp("cost", CODE, name)))) == []


def test_codes_and_names_that_are_not_there_are_not_compared() -> None:
    stamps = (
        stamp("plan", CODE, "宿舍无线"),
        stamp("cost", CODE, ""),
        stamp("materials", "", "机房"),
        stamp("staffing", OTHER, "机房"),
    )
    assert judged(made(1, stamps=stamps)) == []


def named(number: int, name: str, customer: str = "青岚大学") -> Facts:
    return made(number, name=name, customer=customer)


def test_nearly_the_same_name_for_one_customer() -> None:
    found = judged(
        named(1, "学生宿舍无线网络建设项目"), named(2, "学生宿舍无线网络建设项目(二次)"), named(3, "图书馆改造")
    )
    assert short(found) == [("name", "B403", ("name",))]
    assert found[0].at.workbook == "LY-SQ-2026-002.xlsx"
    assert found[0].message() == (
        "疑似重复立项:LY-SQ-2026-002 学生宿舍无线网络建设项目(二次)与LY-SQ-2026-001 学生宿舍无线网络建设项目。"
    )


@pytest.mark.parametrize(
    ("name", "customer"),
    [("图书馆无线网络建设项目", "青岚大学"), ("学生宿舍无线网络建设项目", "青岚职院")],
)
def test_another_name_or_another_customer(name: str, customer: str) -> None:
    assert judged(named(1, "学生宿舍无线网络建设项目"), named(2, name, customer)) == []


def test_many_twins_are_one_finding_a_project_that_names_the_nearest() -> None:
    found = judged(*(named(number, f"校园网建设项目第{number}期") for number in range(1, 20)))
    assert [f.rule.code for f in found] == ["B403"] * 18
    last = max(found, key=lambda f: f.at.workbook)
    assert sorted(place.workbook for place in last.related) == [f"LY-SQ-2026-{n:03d}.xlsx" for n in range(11, 19)]
    assert last.values["b"].endswith(" 等18个")


def test_a_thousand_of_one_name_are_judged_and_named_in_few_findings_each() -> None:
    found = judged(*(named(number, "校园网建设项目") for number in range(1, 1000)))
    assert len(found) == 998
    spoken_of = Counter(code for finding in found for code in finding.values["projects"].split("、"))
    assert max(spoken_of.values()) == 9


def test_one_credit_code_with_two_customers() -> None:
    uscc = "91350100M000100Y43"
    rows = [made(n, customer="青岚大学", customer_uscc=uscc) for n in (1, 2)]
    assert judged(*rows, made(3, customer="青岚 大学", customer_uscc=uscc), made(4, customer="别家")) == []
    assert (
        judged(made(1, customer="某部队", customer_uscc="无"), made(2, customer="境外公司", customer_uscc="无")) == []
    )
    (found,) = judged(made(5, customer="青岚职院", customer_uscc=uscc.lower()), *rows)
    assert (found.rule.code, found.at.workbook) == ("B410", "LY-SQ-2026-005.xlsx")
    assert (found.values["found"], found.values["expected"]) == ("青岚职院", "青岚大学")


def test_one_contract_number_in_two_projects() -> None:
    rows = [made(n, contract_no=f"LY-XS-2026-00{n}") for n in (1, 2)]
    assert judged(*rows) == []
    (found,) = judged(*rows, made(3, contract_no="LY-XS-2026-001"))
    assert short([found]) == [("contract_no", "B411", ("contract_no",))]
    assert found.at.workbook == "LY-SQ-2026-003.xlsx"
    assert found.message() == "合同编号LY-XS-2026-001重复。"
