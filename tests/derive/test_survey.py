from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from pipeline.check.case import Case
from pipeline.core.facts import SurveyFacts
from pipeline.derive.survey import blank_items, survey_items
from tests.cases import DORM, TV, expected, load_case
from tests.check.followed import followed, typed
from tests.check.reported import retyped
from tests.derive.drawn import part_of_sample


def item(no: str, field: str, value: Any, op: str = "set") -> dict[str, Any]:
    return {"op": op, "workbook": "survey", "sheet": "items", "match": {"no": no}, "field": field, "value": value}


def counts(*edits: dict[str, Any], recalculate: bool = False) -> SurveyFacts:
    found = part_of_sample(edits, "survey", recalculate=recalculate).facts.survey
    assert found is not None
    return found


@pytest.mark.parametrize("code", [TV, DORM])
def test_counts_of_the_samples(code: str) -> None:
    wanted = expected(code)["survey"]
    found = load_case(code=code).facts.survey
    assert found is not None
    assert {key: getattr(found, key) for key in wanted} == {
        **wanted,
        "completeness": Decimal(wanted["completeness"]),
        "clear_rate": Decimal(wanted["clear_rate"]),
    }


def test_the_last_version_row_counts() -> None:
    assert counts().version_date == date(2026, 6, 26)
    newer = {"version": "V1.4", "date": "2026-07-01", "by": "E106", "change": "割接方式"}
    added = counts({"op": "add_row", "workbook": "survey", "sheet": "versions", "row": newer})
    assert (added.version, added.version_date) == ("V1.4", date(2026, 7, 1))


# DORM: 95 clear, 19 not applicable
@pytest.mark.parametrize(
    ("edits", "clear", "unclear", "not_applicable", "blank"),
    [
        ([], 95, 0, 19, 0),
        ([item("D03", "status", None)], 95, 0, 19, 0),  # blank means clear where a value stands
        ([item("E05", "status", None)], 95, 0, 19, 0),  # and not applicable where the row does not apply
        ([item("D03", "value", None)], 94, 0, 19, 1),
        ([item("D03", "value", None), item("D03", "status", None)], 94, 0, 19, 1),
        ([item("D03", "value", "不明确", "set_raw_text"), item("D03", "status", "不明确")], 94, 1, 19, 0),
        ([item("D03", "value", None), item("D03", "status", "不明确")], 94, 1, 19, 0),
        ([item("D03", "value", None), item("D03", "status", "不适用")], 94, 0, 20, 0),
        (
            [item("D03", "value", "不明确", "set_raw_text"), item("D03", "status", None)],
            94,
            1,
            19,
            0,
        ),  # it says so itself
        ([item("D03", "value", "不适用", "set_raw_text"), item("D03", "status", None)], 94, 0, 20, 0),
        ([item("A09", "value", None)], 95, 0, 19, 0),  # optional
        ([item("B14", "value", None)], 94, 0, 19, 1),  # needed because B13 says 是
        ([item("B14", "value", None), item("B13", "value", "否")], 95, 0, 19, 0),
        ([{"op": "delete_row", "workbook": "survey", "sheet": "items", "match": {"no": "D03"}}], 94, 0, 19, 1),
        ([item("D03", "value", "\u3000 ", "set_raw_text")], 94, 0, 19, 1),
        ([item("D03", "value", 0)], 95, 0, 19, 0),  # 0 is something
    ],
)
def test_how_items_count(
    edits: list[dict[str, Any]], clear: int, unclear: int, not_applicable: int, blank: int
) -> None:
    found = counts(*edits)
    assert (found.clear, found.unclear, found.not_applicable, found.blank) == (clear, unclear, not_applicable, blank)
    assert found.items == 114


def test_rates_have_two_decimals_half_up() -> None:
    found = counts(
        item("D03", "value", None),
        item("D01", "value", None),
        item("D02", "status", "不明确"),
        item("C04", "status", "不明确"),
    )
    assert found.completeness == Decimal("98.25")  # 112 of 114
    assert found.clear_rate == Decimal("97.85")  # 91 of 93


def test_without_any_decided_item_the_clear_rate_is_zero() -> None:
    survey = load_case(code=DORM).project.sheet("survey", "items")
    found = counts(*(item(row.text("no"), "status", "不适用") for row in survey.rows))
    assert (found.clear, found.clear_rate) == (0, Decimal(0))
    assert found.completeness == Decimal("100.00")


def test_an_industry_brings_its_items() -> None:
    """After 广电 the television items apply, are not answered, and the school's no longer apply."""
    found = counts(
        item("A04", "value", "广电"), *(item(f"E{n:02}", "status", None) for n in range(3, 15)), recalculate=True
    )
    assert found.blank == 12
    assert found.not_applicable == 19 - 12


def test_items_carry_status_date_and_cell() -> None:
    case = part_of_sample(
        [item("D03", "status", None), item("D03", "updated", None), item("E05", "updated", None)], "survey"
    )
    wireless, television = case.facts.items["D03"], case.facts.items["E05"]
    assert (wireless.applies, wireless.status, wireless.updated) == (True, "明确", date(2026, 6, 26))
    assert (television.applies, television.status) == (False, "不适用")
    row = case.project.sheet("survey", "items").find("no", "D03")
    assert row is not None
    assert wireless.at == row.at("value")
    assert case.facts.items["A01"].updated == date(2026, 5, 20)


def test_an_answer_in_a_row_that_does_not_apply_counts_as_clear() -> None:
    found = part_of_sample([item("E05", "value", "4K"), item("E05", "status", None)], "survey").facts.items["E05"]
    assert (found.applies, found.status) == (False, "明确")


def test_an_applies_typed_over_does_not_decide() -> None:
    case = part_of_sample([item("E05", "applies", "适用"), item("E05", "status", None)], "survey")
    assert not case.facts.items["E05"].applies
    assert case.facts.survey is not None
    assert case.facts.survey.blank == 0


def test_a_project_that_only_supplies_is_not_asked_for_the_site() -> None:
    blank = retyped(load_case(), "survey", "items", _row("G03"), value=None, status=None)
    assert [one for one in _blank(blank) if one.startswith("G")] == ["G03"]
    supply = followed(blank, [typed("plan", "basics", "head", project_kind="设备供货")])
    assert supply.facts.items["G03"].status == "不适用"
    assert supply.facts.items["G01"].applies  # what is answered counts
    assert "G03" not in _blank(supply)


def _row(no: str) -> int:
    row = load_case().item(no)
    assert row
    return row.number


def _blank(case: Case) -> list[str]:
    return blank_items(case.project, case.company, case.forms, survey_items(case.project, None))
