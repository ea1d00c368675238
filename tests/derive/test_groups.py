"""Rows that belong to no group: what they may be part of is known, and is not compared (X203 .. X212, W132, W140)."""

from __future__ import annotations

import pytest

from pipeline.check import totals
from pipeline.check.case import Case
from pipeline.core.figures import Unplaced
from pipeline.core.findings import Comparison, Verdict
from pipeline.core.places import Place
from pipeline.derive.groups import account, unplaced
from tests.cases import load_case
from tests.check.followed import Edit, followed, typed


def compared(case: Case) -> list[Comparison]:
    return [found for compare in totals.COMPARISONS for found in compare(case)]


CASES: dict[str, tuple[Edit, str, set[str]]] = {
    "scope of a cost line": (typed("cost", "lines", 21, scope="工程类"), "费用明细!E21", {"X203", "X209", "W132"}),
    "stage of a cost line": (typed("cost", "lines", 21, stage="G9"), "费用明细!F21", {"X211", "W140"}),
    "blank stage": (typed("cost", "lines", 21, stage=None), "费用明细!F21", {"X211", "W140"}),
    "account": (typed("cost", "lines", 21, acc="1010"), "费用明细!B21", {"X203", "X204", "X205", "W140"}),
    "month": (typed("cost", "lines", 21, use_month=None), "费用明细!M21", {"W140"}),
    "mode of a thing": (typed("materials", "lines", 7, mode="购买"), "物资明细!K7", {"X203", "X204", "X205", "W132"}),
    "kind of a thing": (typed("materials", "lines", 7, category="网络设备"), "物资明细!B7", {"X203", "X205", "W132"}),
    "stage of a person": (typed("staffing", "lines", 17, stage="G9"), "人员需求!H17", {"X207", "X212"}),
    "scope of a person": (typed("staffing", "lines", 17, scope=None), "人员需求!G17", {"X207"}),
}


@pytest.mark.parametrize("name", CASES)
def test_what_a_row_may_be_part_of_is_not_compared(name: str) -> None:
    edit, cell, rules = CASES[name]
    case = followed(load_case(), [edit])
    found = compared(case)
    assert [(one.rule, one.subject) for one in found if one.verdict is Verdict.DIFFERENT] == []
    unchecked = [one for one in found if one.verdict is Verdict.UNCHECKED]
    assert rules <= {one.rule for one in unchecked}
    assert all(cell in one.why for one in unchecked)


def test_what_it_cannot_be_part_of_is_compared_all_the_same() -> None:
    """A line of account 1001 whose stage is unknown says nothing of labour, nor of any total."""
    found = compared(followed(load_case(), [typed("cost", "lines", 21, stage="G9")]))
    equal = {one.rule for one in found if one.verdict is Verdict.EQUAL}
    assert {"X203", "X207", "X208", "X209", "W133"} <= equal
    scope = compared(followed(load_case(), [typed("cost", "lines", 21, scope="工程类")]))
    stages = {one.subject for one in scope if one.rule == "X211" and one.verdict is Verdict.EQUAL}
    assert len(stages) == len([one for one in scope if one.rule == "X211"])


def test_every_row_of_the_samples_has_its_place() -> None:
    case = load_case()
    assert unplaced(case.project, case.company.accounts) == ()
    assert {one.verdict for one in compared(case)} == {Verdict.EQUAL}


def test_a_stage_that_the_plan_has_twice_is_not_compared() -> None:
    """X242 says so; which of the two rows the annexes mean nobody knows."""
    found = compared(followed(load_case(), [typed("plan", "stages", 10, code="S3")]))
    assert [one.subject for one in found if one.verdict is Verdict.DIFFERENT] == []
    unchecked = {one.rule for one in found if one.verdict is Verdict.UNCHECKED and "阶段计划!A10" in one.why}
    assert unchecked >= {"X211", "X212"}


def test_a_pattern_fits_any_part_that_it_leaves_open() -> None:
    row = Unplaced(Place("03.xlsx"), (("cost", "account_stage", "1001", None, "G1"), ("staffing",)))
    assert row.touches(("cost", "account_stage", "1001", "工程", "G1"))
    assert not row.touches(("cost", "account_stage", "1001", "工程", "G2"))
    assert not row.touches(("cost", "stage", "G1"))
    assert row.touches(("staffing", "days"))


def test_the_account_of_a_thing_of_unknown_kind() -> None:
    assert (account(None, "租赁"), account(None, "借用"), account(None, "外购")) == ("1005", "", None)
    assert (account("软件", None), account("软件", "自产")) == (None, "1003")
