"""What the pipeline knows without being told twice; and what it does not know while something is missing."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from pipeline.check.case import Case
from pipeline.core.places import Place
from pipeline.core.sheets import Cell, Record
from pipeline.derive.known import known, rolled_up, stated_and_due
from tests.cases import DORM, TV, expected, load_case

D = Decimal
AT = Place("06.xlsx", "表")


def row(**cells: Any) -> Record:
    return Record(AT, {key: Cell(AT, value, "" if value is None else str(value)) for key, value in cells.items()})


def value(case: Case, source: str, **cells: Any) -> Any:
    return known(source, case.project, case.facts, row(**cells))


@pytest.mark.parametrize("code", [TV, DORM])
def test_sums_are_those_of_the_reference(code: str) -> None:
    case, figures = load_case(code=code), expected(code)
    basics = case.project.head("plan", "basics")
    assert value(case, "figures.cost.total") == basics.value("planned_total_cost")
    assert value(case, "figures.materials.total") == basics.value("materials_total")
    assert figures


def test_sums_by_a_field_of_the_row() -> None:
    case = load_case()
    for stage in case.project.rows("plan", "stages"):
        assert value(case, "figures.cost.stage.{code}", code=stage.text("code")) == stage.value("budget")
        assert value(case, "figures.staffing.stage.{code}", code=stage.text("code")) == stage.value("person_days")


def test_versions_and_heads() -> None:
    case = load_case(code=TV)
    assert value(case, "plan.head.project_code") == TV
    assert value(case, "plan.basics.plan_version") == "A/1"
    assert value(case, "survey.version") == "V1.6"


def test_nothing_is_known_while_something_is_missing() -> None:
    case = load_case()
    assert value(case, "figures.cost.stage.{code}", code=None) is None
    without = replace(case.project, workbooks={k: v for k, v in case.project.workbooks.items() if k != "materials"})
    assert known("figures.materials.total", without, case.facts, row()) is None
    assert known("plan.head.project_code", replace(case.project, workbooks={}), case.facts, row()) is None


@pytest.mark.parametrize(
    "gone",
    [
        {"workbook": "staffing", "op": "clear_sheet", "sheet": "lines"},
        {"workbook": "materials", "op": "clear_sheet", "sheet": "lines"},
    ],
)
def test_the_sums_of_a_plan_wait_for_all_that_goes_into_it(gone: dict[str, str]) -> None:
    """What stands in a workbook that is still blank would be missing in the total."""
    case = load_case([gone])
    assert value(case, "figures.cost.total") is None
    assert (
        known("version.att_plan.total", case.project, case.facts, case.project.head("records", "application")) is None
    )


def test_the_sums_of_a_plan_wait_for_a_line_of_its_own() -> None:
    """Lines that roll up materials and people are not all that a project costs."""
    case = load_case()
    rolled = {line["acc"] for line in rolled_up("materials", case.project, case.company)} | {"2001"}
    own = {row.text("acc") for row in case.project.rows("cost", "lines")} - rolled
    deleted = [{"op": "delete_row", "workbook": "cost", "sheet": "lines", "match": {"acc": acc}} for acc in own]
    assert value(load_case(deleted), "figures.cost.total") is None
    assert value(load_case(deleted[1:]), "figures.cost.total") is not None


def test_a_sum_with_an_amount_that_cannot_be_read_is_not_known() -> None:
    edit = {"op": "set_raw_text", "workbook": "materials", "sheet": "lines", "match": {"no": 1}, "value": "面议"}
    case = load_case([{**edit, "field": "unit_price"}])
    assert value(case, "figures.materials.total") is None
    assert {line["category"] for line in rolled_up("materials", case.project, case.company)} < {
        line["category"] for line in rolled_up("materials", load_case().project, case.company)
    }


def test_pages_and_hashes_of_the_files_that_a_row_names() -> None:
    case = load_case()
    file = next(a for a in case.project.attachments if a.pages)
    assert value(case, "attachments.pages", file=(file.path,)) == D(file.pages)
    assert value(case, "attachments.sha256", file=(file.path,)) == f"SHA-256 {file.sha256}"
    two = value(case, "attachments.sha256", file=tuple(a.path for a in case.project.attachments[:2]))
    assert [len(part) for part in two.removeprefix("SHA-256(前16位)").split("、")] == [16, 16]
    assert value(case, "attachments.pages", file=(file.path, "附件/没有.pdf")) is None
    assert value(case, "attachments.pages", file=("CRV",)) is None
    assert value(case, "attachments.sha256") is None


def test_lines_are_those_that_people_typed() -> None:
    """Of the major sample: account, scope, stage, amount and month of every roll-up line."""
    case = load_case(code=TV)
    typed = {
        (r.text("acc"), r.text("scope"), r.text("stage"), r.text("amount"), r.text("use_month"), r.text("desc"))
        for r in case.project.rows("cost", "lines")
        if r.text("acc").startswith("10")
    }
    made = {
        (
            *(line[key] for key in ("acc", "scope", "stage", "amount", "month")),
            f"{line['category']}({line['mode']}),见附表二,共{line['count']}项",
        )
        for line in rolled_up("materials", case.project, case.company)
    }
    assert made == typed
    labour = rolled_up("staffing", case.project, case.company)
    assert next(line for line in labour if line["stage"] == "S1") == {
        "scope": "售前", "stage": "S1", "days": "15", "count": "1", "amount": "15000", "month": "2026-03",
    }  # fmt: skip


def test_stated_and_due() -> None:
    assert stated_and_due([row(amount=D(2)), row(amount=D(3))], "amount", ["4", "1.50"]) == (D(5), D("5.50"))
    assert stated_and_due([row(amount=D(2)), row(amount="面议")], "amount", ["4"]) == (None, D(4))
