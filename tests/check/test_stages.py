"""Stages of the sibling procedures: a later one goes on while an earlier one has no end mark."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.check import stages
from pipeline.check.case import Case
from pipeline.definitions.forms import load_forms
from tests.cases import TV, load_case, voluntary_case
from tests.check.followed import Edit, followed, recorded, removed, typed
from tests.check.reported import cells, found_by, table, with_sheet, without


def clean() -> Case:
    return voluntary_case()


def no_mark(case: Case) -> Case:
    """The contract review as version 1.0 of the form had it: without the day of its conclusion."""
    old = case.project.sheet("records", "creview")
    cells = {key: cell for key, cell in old.head.cells.items() if key != "conclusion_date"}
    return with_sheet(case, "records", "creview", replace(old, head=replace(old.head, cells=cells)))


CONFIRMED = [field.key for field in load_forms()["support"].sheet_form("req_confirm").labelled]
PRESENTED = [field.key for field in load_forms()["bids"].sheet_form("customer_confirm").labelled]
SCHEME = [recorded("scheme", "head", check_date=None)]
FIRES: dict[str, tuple[list[Edit], set[tuple[str, str]]]] = {
    "a scheme that nobody checked": (SCHEME, {("方案审批!C15", "P527")}),
    "a presentation that is not confirmed": (
        [typed("bids", "customer_confirm", "head", confirmed_date=None)],
        {("方案讲解与确认!C17", "P527")},
    ),
}
PASSES: dict[str, list[Edit]] = {
    "as it is": [],
    "nobody used the sheet at all": [
        typed("bids", "customer_confirm", "head", date=None, confirmed_date=None),
        recorded("scheme", "head", author_date=None),
    ],
    "the review of the needs lies in a sheet that nobody uses": [
        removed("req_review"),
        recorded("req_review", "head", survey_version=None, date=None, conclusion=None, round=None),
        typed("support", "req_confirm", "head", **dict.fromkeys(CONFIRMED)),
    ],
    "a presentation of which only the version was prefilled": [
        typed("bids", "customer_confirm", "head", **{**dict.fromkeys(PRESENTED), "scheme_version": "V1.1"}),
    ],
    "a form of workbook 06 that has no cell for the mark": [recorded("creview", "head", conclusion_date=None), no_mark],
    "nothing later has begun": [
        recorded("handover", "head", handover_date=None),
    ],
}


@pytest.mark.parametrize("name", FIRES)
def test_it_is_said_at_the_cell_that_is_blank(name: str) -> None:
    edits, expected = FIRES[name]
    assert table(found_by(stages.CHECKS, followed(clean(), edits))) == expected


@pytest.mark.parametrize("name", PASSES)
def test_nothing_is_said_of_what_is_right(name: str) -> None:
    assert found_by(stages.CHECKS, followed(clean(), PASSES[name])) == []


def test_begin_of_both_stages_is_named() -> None:
    """P527."""
    (one,) = found_by(stages.CHECKS, followed(clean(), SCHEME))
    assert cells(one) == {"方案审批!C13", "报价清单!D9"}


def test_one_missing_mark_is_said_once_whatever_asks_for_it() -> None:
    edits = [removed("req_review"), recorded("req_review", "head", date=None)]
    edits += [typed("support", "req_confirm", "head", review_date=None)]
    found = found_by(stages.CHECKS, followed(clean(), edits))
    assert sorted((one.at.sheet, one.values["model"]) for one in found) == [
        ("需求确认", "四个阶段"),
        ("需求评审", "五个环节"),
    ]


def test_a_project_without_a_voluntary_workbook_hears_nothing() -> None:
    assert found_by(stages.CHECKS, followed(without(clean(), "support", "bids"), SCHEME)) == []
    assert found_by(stages.CHECKS, load_case(code=TV)) == []
