"""The other cells that a finding names, for every rule that names any.

`tests/data/related.json` holds for each of the broken projects the cells of every finding that names others. After a
change that means to name others: `python -m tests.check.test_related` writes it again; read the difference.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from pipeline.core.findings import Finding
from pipeline.core.places import Place
from pipeline.definitions.catalogue import load_catalogue
from tests.check.broken import BROKEN, findings_of, projects
from tests.check.reported import ALONE

TESTS = Path(__file__).parents[1]
KEPT = TESTS / "data" / "related.json"
PORTFOLIO = "portfolios"

# What no edit of a read project can make: where it is asserted instead.
ELSEWHERE = {
    "B402": "intake/test_projects.py::test_of_two_workbooks_of_a_kind_the_later_one_counts",
    "F007": "check/test_fields.py::test_texts_in_one_column_are_one_finding",
    "F019": "check/test_references.py::test_who_has_left_is_told_once_with_every_cell_that_still_names_him",
    "F027": "check/test_fields.py::test_formulas_of_a_sheet_that_were_never_calculated_are_one_finding",
    "F031": "check/test_fields.py::test_remarks_of_the_reader",
    "F043": "check/test_shown_cells.py::test_a_struck_row_is_an_error_and_a_struck_remark_elsewhere_a_warning",
    **dict.fromkeys(
        ("W220", "W221", "W222", "W224", "W225", "W226"),
        "check/test_legitimate.py::test_the_cells_that_the_findings_of_new_ways_name",
    ),
    "G315": "check/test_causes.py::test_the_end_of_a_project_that_was_handed_over",
    "F056": "check/test_unfilled.py::test_the_other_sheets_of_a_workbook_are_named",
    "F058": "check/test_prefillable.py::test_what_was_typed_and_not_prefilled_is_one_finding_a_workbook",
    "F057": "derive/test_former_names.py::test_a_renamed_department_is_one_warning",
    "X250": "e2e/test_issued_once.py::test_both_cells_are_named_and_the_signed_value_is_printed",
    "X251": "e2e/test_issued_once.py::test_a_row_more_keeps_the_signed_paper",
    "X252": "project_run/test_issue_findings.py::test_a_correction_on_another_paper_has_a_rule_of_its_own",
    "G333": "check/test_hands.py::test_the_row_of_workbook_00_is_named_that_judges_every_day_alike",
    "X232": "check/test_causes.py::test_the_source_of_a_figure_is_among_its_cells",
    "W241": "check/test_testing.py::test_a_criterion_with_other_figures_than_the_plan_s",
    "W245": "check/test_testing.py::test_who_tests_has_no_days_then",
    "W246": "check/test_testing.py::test_a_thing_that_comes_after_the_test",
    "W247": "check/test_plan.py::test_receipts_add_up_to_the_contract",
    "W242": "check/test_testing.py::test_a_result_outside_its_limit_has_not_passed",
    "W261": "check/test_bearers.py::test_the_other_lines_and_the_sheet_are_named",
    "W262": "check/test_bearers.py::test_the_text_of_the_promise_is_named",
    "W263": "check/test_versions_named.py::test_one_finding_names_all_the_texts",
    "W264": "check/test_versions_named.py::test_where_the_other_version_stands",
    "W227": "check/test_survey.py::test_the_version_on_top_is_registered",
    **dict.fromkeys(
        ("G321", "P510", "P512", "P513", "P514", "P515", "P517"),
        "check/test_bids.py::test_the_other_cells_of_the_cause_are_named",
    ),
    "P509": "check/test_bids.py::test_the_row_that_is_not_priced_is_named",
    **dict.fromkeys(("G319", "G320", "P504"), "check/test_support.py::test_the_other_cell_of_the_cause_is_named"),
    **dict.fromkeys(("P524", "P525"), "check/test_library.py::test_the_cell_of_the_library_is_named"),
    **dict.fromkeys(
        ("P521", "P522", "P540", "P541", "P543"), "check/portfolio/test_logs.py::test_the_other_cells_are_named"
    ),
    "P523": "check/portfolio/test_logs.py::test_the_logged_hours_are_named",
    "P542": "check/portfolio/test_logs.py::test_all_rows_of_a_code_that_is_not_there_are_one_finding",
    "P527": "check/test_stages.py::test_begin_of_both_stages_is_named",
    **dict.fromkeys(
        ("P502", "P505", "P506", "P507", "P508", "P534"),
        "check/test_design.py::test_the_other_cells_of_the_cause_are_named",
    ),
    **dict.fromkeys(
        ("G323", "P518", "P519", "P531", "P535", "P537", "P570"),
        "check/test_service_support.py::test_the_other_cells_of_the_cause_are_named",
    ),
    **dict.fromkeys(
        ("P520", "P530", "P532", "P550", "P551", "P552", "P553", "P576"),
        "check/test_beside_bid.py::test_the_other_cells_of_the_cause_are_named",
    ),
    **dict.fromkeys(("P556", "P557"), "check/test_sibling_records.py::test_the_other_cell_is_named"),
    **dict.fromkeys(("P528", "P562"), "check/test_offered.py::test_the_other_cells_are_named"),
    **dict.fromkeys(("P571", "P575"), "check/test_after_contract.py::test_the_contract_is_named"),
    **dict.fromkeys(("P572", "P573"), "check/test_library.py::test_the_other_rows_of_a_supplier_are_named"),
    "P558": "check/portfolio/test_library.py::test_a_number_twice_is_told_at_the_later_row",
    "P561": "check/portfolio/test_people.py::test_a_request_for_somebody_whose_week_is_full_over_all_projects",
    "P526": "check/portfolio/test_library.py::test_a_second_lead_that_nobody_follows_is_named",
    "P555": "check/test_library.py::test_whom_we_met_is_among_the_competitors",
    "P533": "check/test_library.py::test_a_library_that_cannot_be_read_is_told_to_who_names_something_in_it",
    "X229": "intake/test_merging.py::test_the_same_row_said_twice_differently",
}


def place(at: Place) -> str:
    """A cell in few words: the sheet says the workbook, but for made-up ones."""
    return f"[{at.workbook}]{at.cell or ''}" if at.sheet in (None, "表") else f"{at.sheet}!{at.cell or ''}"


def named(findings: Iterable[Finding]) -> dict[str, str]:
    """The related cells of every finding that has some, by rule and cell."""
    return {f"{f.rule.code} {place(f.at)}": "、".join(map(place, f.related)) for f in findings if f.related}


def kept() -> Mapping[str, Mapping[str, str]]:
    found: Mapping[str, Mapping[str, str]] = json.loads(KEPT.read_text("utf-8"))
    return found


@pytest.mark.parametrize("name", BROKEN)
def test_related_cells_of_a_broken_project(name: str) -> None:
    assert named(findings_of(name)) == kept()[name]


def test_related_cells_between_projects() -> None:
    assert named(projects()) == kept()[PORTFOLIO]


def test_every_rule_that_names_other_cells_is_held_to_them() -> None:
    """What a rule of `ALONE` names shows in any test of the checks (`reported.found_by`)."""
    held = {key.split(" ")[0] for cells in kept().values() for key in cells}
    assert sorted(set(load_catalogue()) - held - set(ELSEWHERE)) == sorted(ALONE)
    assert not ALONE & (held | set(ELSEWHERE))


@pytest.mark.parametrize("code", ELSEWHERE)
def test_what_is_held_elsewhere_is_held_there(code: str) -> None:
    module, _, name = ELSEWHERE[code].partition("::")
    tree = ast.parse((TESTS / module).read_text("utf-8"))
    (function,) = (node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name)
    source = ast.unparse(function)
    assert code in source
    assert any(word in source for word in (".related", "cells(", "found(taken)"))


if __name__ == "__main__":
    every = {**{name: named(findings_of(name)) for name in BROKEN}, PORTFOLIO: named(projects())}
    KEPT.write_text(json.dumps(every, ensure_ascii=False, indent=1) + "\n", "utf-8")
