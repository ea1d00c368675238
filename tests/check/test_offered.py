"""Risks (P562) and contingency (P528) of a major project; every point of a contract is looked at (P529)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from pipeline.check import offered
from pipeline.check.case import Case
from pipeline.core.sheets import Record
from tests.cases import DORM, TV, load_case
from tests.check.followed import Edit, followed, recorded, removed, typed
from tests.check.reported import cells, found_by, table, with_sheet

OURS = typed("plan", "basics", "head", **{"class": "重大项目"})


def only(form: str, sheet: str, keep: Callable[[Record], bool] = lambda _: False) -> Edit:
    """A sheet with some of its rows."""

    def edit(case: Case) -> Case:
        old = case.project.sheet(form, sheet)
        return with_sheet(case, form, sheet, replace(old, rows=tuple(row for row in old.rows if keep(row))))

    return edit


NO_RISKS = only("plan", "risks")
NO_CONTINGENCY = only("cost", "lines", lambda row: row.text("acc") != "9001")

CASES: dict[str, tuple[str, list[Edit], set[tuple[str, str]]]] = {
    "a major project as it is": (TV, [], set()),
    "no risk": (TV, [NO_RISKS], {("风险", "P562")}),
    "one risk": (TV, [only("plan", "risks", lambda row: row.text("no") == "R01")], set()),
    "no risk of a common project": (DORM, [NO_RISKS, NO_CONTINGENCY], set()),
    "a common project that is raised": (DORM, [OURS, NO_RISKS], {("风险", "P562")}),
    "nothing planned yet": (TV, [NO_RISKS, only("cost", "lines")], set()),
    "no contingency": (TV, [NO_CONTINGENCY], {("费用明细", "P528")}),
    "no contingency, and why": (
        TV,
        [NO_CONTINGENCY, typed("plan", "narrative", "head", assumptions="不列不可预见费:设备已锁价。")],
        set(),
    ),
    "no contingency, a risk says why": (
        TV,
        [NO_CONTINGENCY, typed("plan", "risks", 7, countermeasure="由部门不可预见费承担")],
        set(),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_risks_and_what_is_kept_for_them(name: str) -> None:
    code, edits, wanted = CASES[name]
    checks = [offered.risks_named, offered.contingency_kept]
    assert table(found_by(checks, followed(load_case(code=code), edits))) == wanted


def test_before_the_application_neither_is_due() -> None:
    edits = [NO_RISKS, NO_CONTINGENCY, recorded("application", "head", apply_date=None)]
    found = found_by(offered.CHECKS, followed(load_case(code=TV), edits))
    assert {(one.rule.code, one.pending) for one in found} == {("P528", True), ("P562", True)}


def concluded(*edits: Edit, code: str = DORM) -> dict[str, str]:
    found = found_by([offered.every_point_reviewed], followed(load_case(code=code), edits))
    return {one.rule.code: str(one.values["what"]) for one in found}


def test_every_point_of_the_contract_is_looked_at() -> None:
    """What nobody looked at is named; rights in our own work only where we make something new."""
    assert concluded() == concluded(code=TV) == {}
    assert concluded(recorded("creview", 14, points=("价格付款",))) == {}  # others saw to the term
    assert concluded(removed("creview", 15, 17)) == {"P529": "技术、权利义务、违约"}
    assert concluded(removed("creview", 15, 17), recorded("creview", "head", conclusion=None)) == {}
    assert concluded(removed("creview", 14, 15, 16, 17, 18, 19)) == {}  # what was never reviewed is told elsewhere
    assert concluded(OURS) == {"P529": "知识产权"}


def test_the_other_cells_are_named() -> None:
    (risk, kept) = found_by(offered.CHECKS, followed(load_case(code=TV), [NO_RISKS, NO_CONTINGENCY]))
    assert {risk.rule.code, kept.rule.code} == {"P528", "P562"}
    assert cells(risk) == cells(kept) == {"基本信息!C14"}
    (point,) = found_by([offered.every_point_reviewed], followed(load_case(), [OURS]))
    assert all(cell.startswith("合同评审意见!") for cell in cells(point))
