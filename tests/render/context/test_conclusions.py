"""Conclusions that follow from the records, and that nothing is concluded while the records are not complete."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from pipeline.core.sheets import Cell, Record
from pipeline.render.context.conclusions import CONCLUSIONS
from pipeline.render.context.shown import Node, Source
from tests.cases import DORM, TV
from tests.render.cuts import changed, sample


def typed(made: Source, sheet: str, where: int | str, **values: Any) -> Source:
    """The sample with other values in a row (from 0) or in the labelled cells (`head`) of workbook 06."""

    def edited(record: Record) -> Record:
        cells = {key: Cell(record.at(key), value, str(value or "")) for key, value in values.items()}
        return replace(record, cells={**record.cells, **cells})

    def edit(old: Any) -> Any:
        if where == "head":
            return replace(old, head=edited(old.head))
        return replace(old, rows=tuple(edited(r) if n == where else r for n, r in enumerate(old.rows)))

    return replace(made, project=changed(made.project, sheet, edit))


def conclusions(made: Source) -> Node:
    return {name: make(made) for name, make in CONCLUSIONS.items()}


def reached(found: Node) -> list[str]:
    return [str(goal["actual"]) for goal in found["goals"]]


def test_what_the_samples_come_to() -> None:
    found = conclusions(sample(TV))
    assert (found["chair"]["due"], found["chair"]["small"]) == ("COO", "CTO")
    assert (found["tests_conclusion"], found["plan_confirmed"]) == ("复测后通过", "各部门已书面确认，可以申请立项")
    assert reached(found) == ["0", "100.00", "100.00（6/6）", "100.00（6/6）", "100.00（4/4）"]
    dorm = conclusions(sample(DORM))
    assert (dorm["tests_conclusion"], dorm["coordinated"]) == ("全部通过", "")
    assert reached(dorm) == ["0", "100.00", "100.00（3/3）", "100.00（3/3）"]


@pytest.mark.parametrize(
    ("price", "post"), [("100000.00", "CTO"), ("100000.01", "COO"), (None, "")], ids=["at the limit", "above", "none"]
)
def test_who_presides_over_the_review_of_a_bid(price: str | None, post: str) -> None:
    made = typed(sample(), "bidding", "head", price=Decimal(price) if price else None)
    assert str(conclusions(made)["chair"]["due"]) == post


def test_tests_are_concluded_when_all_have_a_result() -> None:
    assert conclusions(sample(without=("test_results", "no", "T02")))["tests_conclusion"] == ""
    failed = conclusions(typed(sample(), "test_results", 1, verdict="不通过"))
    assert failed["tests_conclusion"] == "不通过，修改方案后再测"
    assert reached(failed)[2] == "66.67（2/3）"
    assert conclusions(sample(cleared=("test_results",)))["tests_conclusion"] == ""


def test_a_plan_is_confirmed_by_all_or_settled_by_a_chief() -> None:
    missing = conclusions(sample(without=("countersign", "dept", "财务部")))
    assert (missing["plan_confirmed"], missing["coordinated"]) == ("", "")
    against = typed(sample(), "countersign", 0, opinion="不同意")
    assert conclusions(against)["plan_confirmed"] == ""
    settled = typed(against, "countersign", 0, cxo="E002", cxo_result="按调整后的工期同意", cxo_date="2026-06-01")
    assert conclusions(settled)["plan_confirmed"] != ""
    assert conclusions(settled)["coordinated"] == "网络产品部"


def test_problems_that_are_open_and_a_handover_that_is_not_done_count() -> None:
    assert reached(conclusions(typed(sample(), "problems", 0, status="处理中")))[3] == "66.67（2/3）"
    assert reached(conclusions(sample(TV, cleared=("handover",))))[4] == ""
