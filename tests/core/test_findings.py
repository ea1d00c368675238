from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from pipeline.core.findings import Finding, Rule, Severity, Side, in_order
from pipeline.core.places import Place

AT = Place("03.xlsx", "费用明细", "K12")


def rule(code: str = "W130", severity: Severity = Severity.ERROR) -> Rule:
    return Rule(
        code,
        severity,
        "6.3.1",
        "第{row}行金额{found}≠数量×单价{expected}。",
        "Row {row}: {found} is not {expected}.",
        "改正{cell}。",
        "Correct {cell} in {sheet}.",
        "workbook",
        ("cost",),
    )


def finding(code: str, severity: Severity = Severity.ERROR, at: Place = AT, *, pending: bool = False) -> Finding:
    return Finding(rule(code, severity), at, pending=pending)


def test_a_finding_is_worded_with_its_place_and_values() -> None:
    found = Finding(rule(), AT, (), {"found": "100.00", "expected": "120.00"})
    assert found.message() == "第12行金额100.00≠数量×单价120.00。"
    assert found.message("en") == "Row 12: 100.00 is not 120.00."
    assert found.remedy() == "改正K12。"
    assert found.remedy("en") == "Correct K12 in 费用明细."


def test_a_missing_value_is_our_mistake_and_names_the_rule() -> None:
    with pytest.raises(KeyError, match=r"W130: no value for 'expected'"):
        Finding(rule(), AT, (), {"found": "100.00"}).message()


def test_values_may_hold_braces() -> None:
    found = Finding(rule(), AT, (), {"found": "{0}", "expected": "{{x}}"})
    assert found.message("en") == "Row 12: {0} is not {{x}}."


def test_a_finding_about_a_whole_workbook_has_no_row() -> None:
    found = Finding(rule(), Place("03.xlsx"), (), {"found": "1", "expected": "2"})
    assert found.message() == "第行金额1≠数量×单价2。"


@pytest.mark.parametrize(
    ("severity", "pending", "blocks"),
    [
        (Severity.ERROR, False, True),
        (Severity.ERROR, True, False),
        (Severity.WARNING, False, False),
        (Severity.INFO, False, False),
    ],
)
def test_only_an_open_error_blocks(severity: Severity, pending: bool, blocks: bool) -> None:
    assert finding("W130", severity, pending=pending).blocks is blocks


def test_findings_come_open_first_then_by_weight_place_and_rule() -> None:
    wanted = [
        finding("F001", at=Place("01.xlsx", "A", "K7")),
        finding("F009", at=Place("01.xlsx", "A", "K7")),
        finding("F001", at=Place("01.xlsx", "A", "K12")),
        finding("F001", at=Place("03.xlsx", "A", "A1")),
        finding("W101", Severity.WARNING, Place("01.xlsx", "A", "A1")),
        finding("W102", Severity.INFO, Place("01.xlsx", "A", "A1")),
        finding("F001", at=Place("01.xlsx", "A", "A1"), pending=True),
        finding("W101", Severity.WARNING, Place("01.xlsx", "A", "A1"), pending=True),
    ]
    assert in_order(reversed(wanted)) == wanted


def test_a_side_shows_its_first_cell() -> None:
    assert Side("费用表合计", Decimal(1), (AT, Place("03.xlsx"))).at == AT
    assert Side("费用表合计", None).at is None


def test_a_printed_finding_has_our_punctuation_and_clauses_that_a_line_may_part() -> None:
    made = Finding(replace(rule(), zh="两处不同:{a}", clause="6.3.1;6.4.9"), AT, (), {"a": "甲,乙"}).printed()
    assert (made.message(), made.rule.clause) == ("两处不同：甲,乙", "6.3.1; 6.4.9")
