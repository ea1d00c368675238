"""Text that a conditional format takes out of sight is found where its rule is true, and only there."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest
from openpyxl.formatting.rule import CellIsRule, DataBarRule, FormulaRule, Rule
from openpyxl.styles import Font, PatternFill
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.styles.numbers import NumberFormat

from pipeline.adapters.ooxml.reader import read_book
from pipeline.adapters.ooxml.wire import from_wire, to_wire
from pipeline.intake.veils import HIDDEN, MAYBE, OTHERWISE, STRUCK, veiled

WHITE, RED = Font(color="FFFFFF"), Font(color="FF0000")
ROWS = ((1, "甲", 100), (2, "乙", 200), (3, "丙", None), (4, "作废", 400))


def hidden_by(*rules: Any, where: str = "A1:C4") -> dict[str, str]:
    """Hidden cells of a sheet with these rules, as it comes over the wire."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in ROWS:
        sheet.append(row)
    for rule in rules:
        sheet.conditional_formatting.add(where, rule)
    out = io.BytesIO()
    book.save(out)
    raw = from_wire(to_wire(read_book(out))).sheets[0]
    return {cell.ref: why for cell, why in veiled(raw)}


@pytest.mark.parametrize(
    ("rule", "where", "cells"),
    [
        (FormulaRule(formula=["TRUE"], font=WHITE), "C1:C4", "C1 C2 C4"),
        (FormulaRule(formula=["1"], font=WHITE), "C2", "C2"),
        (FormulaRule(formula=['$B1="作废"'], font=WHITE), "A1:C4", "A4 B4 C4"),
        (FormulaRule(formula=["AND($A1>1,C1<300)"], font=WHITE), "C1:C4", "C2"),
        (FormulaRule(formula=["ISBLANK($C1)"], font=WHITE), "A1:B4", "A3 B3"),
        (FormulaRule(formula=["A1=C$1/50"], font=WHITE), "A1:A4", "A2"),
        (FormulaRule(formula=["$C1=$C$2"], font=WHITE), "C1:C4", "C2"),
        (CellIsRule(operator="greaterThan", formula=["150"], font=WHITE), "C1:C4", "C2 C4"),
        (CellIsRule(operator="between", formula=["100", "$C$2"], font=WHITE), "C1:C4", "C1 C2"),
        (CellIsRule(operator="notBetween", formula=["100", "200"], font=WHITE), "C1:C4", "C4"),
        (CellIsRule(operator="equal", formula=['"乙"'], font=WHITE), "B1:B4", "B2"),
        (FormulaRule(formula=["C1=100"], fill=PatternFill(bgColor="010101")), "C1:C4", "C1"),
        (
            Rule(type="containsText", operator="containsText", text="作", dxf=DifferentialStyle(font=WHITE)),
            "B1:B4",
            "B4",
        ),
        (
            Rule(
                type="expression",
                formula=["TRUE"],
                dxf=DifferentialStyle(numFmt=NumberFormat(numFmtId=170, formatCode=";;;")),
            ),
            "C1",
            "C1",
        ),
        (DataBarRule("min", None, "max", None, color="638EC6", showValue=False), "A1:C2", "A1 C1 A2 C2"),
    ],
)
def test_a_true_rule_hides(rule: Any, where: str, cells: str) -> None:
    assert hidden_by(rule, where=where) == dict.fromkeys(cells.split(), HIDDEN)


@pytest.mark.parametrize(
    "rule",
    [
        FormulaRule(formula=["FALSE"], font=WHITE),
        FormulaRule(formula=["C1=0"], font=WHITE),  # noughts out of sight, as offices like it
        FormulaRule(formula=["ISERROR(C1)"], font=WHITE),
        FormulaRule(formula=["TRUE"], font=RED),
        FormulaRule(formula=["TRUE"], font=WHITE, fill=PatternFill(bgColor="FF0000")),
        FormulaRule(formula=["TRUE"], fill=PatternFill(bgColor="FFF2CC")),
        CellIsRule(operator="lessThan", formula=["0"], font=WHITE),
        DataBarRule("min", None, "max", None, color="638EC6"),
    ],
)
def test_what_shows_or_is_not_true_hides_nothing(rule: Any) -> None:
    assert hidden_by(rule, where="C1:C2") == {}


def shown_as(code: str, formula: str = "C1>150") -> Rule:
    """A rule that gives numbers another format."""
    style = DifferentialStyle(numFmt=NumberFormat(numFmtId=170, formatCode=code))
    return Rule(type="expression", formula=[formula], dxf=style)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (shown_as("0.00,"), OTHERWISE),
        (shown_as('0!.0,"万"'), OTHERWISE),
        (shown_as('0"K元"'), OTHERWISE),
        (shown_as("[$$-409]#,##0.00"), OTHERWISE),
        (shown_as('"面议"'), HIDDEN),
        (FormulaRule(formula=["C1>150"], font=Font(strike=True)), STRUCK),
        (FormulaRule(formula=["COUNTIF($C$1:$C$4,C1)>1"], font=Font(strike=True)), MAYBE),
        (shown_as("#,##0.00_);[Red](#,##0.00)"), ""),
        (shown_as("0.0%"), ""),  # which fields count in per cent is not asked here
        (shown_as("yyyy-mm-dd"), ""),
        (FormulaRule(formula=["C1>150"], font=Font(strike=False, bold=True)), ""),
    ],
)
def test_a_rule_that_strikes_out_or_shows_another_number_is_told(rule: Any, said: str) -> None:
    assert hidden_by(rule, where="C1:C2").get("C2", "") == said
    assert hidden_by(rule, where="C1:C2").get("C1", MAYBE) == MAYBE


def test_a_rule_that_cannot_be_worked_out_is_said_to_be_one() -> None:
    assert hidden_by(FormulaRule(formula=["COUNTIF($C$1:$C$4,C1)>1"], font=WHITE), where="C1") == {"C1": MAYBE}
    assert hidden_by(FormulaRule(formula=["别表!A1=1"], font=WHITE), where="C1") == {"C1": MAYBE}
