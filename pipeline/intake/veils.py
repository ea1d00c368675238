"""Filled cells that a conditional format hides, strikes out or shows otherwise; its rule is worked out as in Excel."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from pipeline.adapters.ooxml.raw import Veil, column_number, row_and_column
from pipeline.adapters.ooxml.reader import RawCell, RawSheet, column_letter
from pipeline.core.errors import DefinitionError
from pipeline.core.number_formats import shows_date
from pipeline.core.shown_numbers import other_currency, shows_another_number
from pipeline.definitions.calculate import FormulaError, Scalar, holds
from pipeline.definitions.expressions import parse
from pipeline.intake.disguise import stored_number

HIDDEN = "条件格式使字与底色相同或不显示"
STRUCK = "条件格式给内容加了删除线"
OTHERWISE = "条件格式的数字格式显示的不是单元格的值"
MAYBE = "条件格式可能使内容看不见、被划掉或显示成别的值(公式系统算不出)"
_REFERENCE = re.compile(r"(\$?)([A-Z]{1,3})(\$?)([0-9]{1,7})(?![0-9A-Za-z_(])")
_QUOTED = re.compile(r'("(?:[^"]|"")*")')
_ABOUT_A_CELL = re.compile(r"(ISERROR|ISERR|ISNA|ISBLANK)\((\w+)\)")
_OPERATORS = {
    "equal": "=", "notEqual": "<>", "greaterThan": ">", "greaterThanOrEqual": ">=", "lessThan": "<",
    "lessThanOrEqual": "<=",
}  # fmt: skip
_TEXTS: dict[str, Callable[[str, str], bool]] = {
    "containsText": lambda text, part: part in text,
    "notContainsText": lambda text, part: part not in text,
    "beginsWith": lambda text, part: text.startswith(part),
    "endsWith": lambda text, part: text.endswith(part),
}


def veiled(raw: RawSheet) -> Iterator[tuple[RawCell, str]]:
    """Filled cells that nobody can read, or reads otherwise, and why; `MAYBE` where the rule cannot be worked out."""
    for cell in raw.cells.values() if raw.veils else ():
        if cell.text:
            there = [veil for veil in raw.veils if _covers(veil, cell)]
            found = [(why, _hides(veil, cell, raw)) for veil in there if (why := _why(veil, cell))]
            certain = next((why for why, true in found if true), "")
            if certain or any(true is None for _, true in found):
                yield cell, certain or MAYBE


def _why(veil: Veil, cell: RawCell) -> str:
    """What a rule does to a cell where it is true; empty where that changes no figure."""
    if veil.struck:
        return STRUCK
    if not veil.code:
        return HIDDEN
    number = stored_number(cell)
    if number is None or shows_date(veil.code):
        return ""
    other = shows_another_number(veil.code, number, percent=True) or other_currency(veil.code, number)
    return OTHERWISE if other else ""


def _covers(veil: Veil, cell: RawCell) -> bool:
    if veil.styles and cell.style not in veil.styles:
        return False
    return any(box[0] <= cell.column <= box[2] and box[1] <= cell.row <= box[3] for box in veil.boxes)


def _hides(veil: Veil, cell: RawCell, raw: RawSheet) -> bool | None:
    """Whether the rule is true at a filled cell; None where that cannot be said."""
    if veil.kind in _TEXTS:
        return _TEXTS[veil.kind]((cell.text or "").casefold(), veil.text.casefold())
    known = {
        "noValue": cell.kind == "n",
        "containsBlanks": not (cell.text or "").strip(),
        "notContainsBlanks": bool((cell.text or "").strip()),
        "containsErrors": cell.kind == "e",
        "notContainsErrors": cell.kind != "e",
    }
    if veil.kind in known:
        return known[veil.kind]
    conditions = [_moved(formula, veil, cell) for formula in veil.formulas]
    if veil.kind == "cellIs" and conditions:
        conditions = _comparisons(veil.operator, cell.ref, conditions)
    elif veil.kind != "expression":
        return None
    found = [_true(condition, raw) for condition in conditions]
    if veil.operator == "notBetween":
        return None if None in found else not all(found)
    return False if False in found else None if None in found else bool(found)


def _comparisons(operator: str, ref: str, bounds: list[str]) -> list[str]:
    if operator in {"between", "notBetween"}:
        return [f"{ref}>={bounds[0]}", f"{ref}<={bounds[-1]}"]
    return [f"{ref}{_OPERATORS.get(operator, '?')}{bounds[0]}"]


def _moved(formula: str, veil: Veil, cell: RawCell) -> str:
    """The formula as it is at a cell: what it says without $ moves with the cell; texts stay."""
    right, down = cell.column - veil.boxes[0][0], cell.row - veil.boxes[0][1]

    def move(match: re.Match[str]) -> str:
        column = column_number(match[2]) + (0 if match[1] else right)
        return f"{column_letter(column)}{int(match[4]) + (0 if match[3] else down)}"

    pieces = _QUOTED.split(formula.removeprefix("="))
    return "".join(piece if number % 2 else _REFERENCE.sub(move, piece) for number, piece in enumerate(pieces))


def _true(condition: str, raw: RawSheet) -> bool | None:
    if about := _ABOUT_A_CELL.fullmatch(condition):
        cell = raw.cells.get(row_and_column(about[2]))
        empty = cell is None or not cell.text
        return empty if about[1] == "ISBLANK" else cell is not None and cell.kind == "e"
    try:
        return holds(parse(condition), lambda name: value_of(name, raw))
    except (DefinitionError, LookupError, TypeError, ValueError):
        return None


def value_of(name: str, raw: RawSheet) -> Scalar:
    """Value of a cell, or of TRUE and FALSE.

    Raises:
        LookupError: it is neither, or a formula that was never calculated.
        FormulaError: the cell holds an error.
    """
    if name in {"TRUE", "FALSE"}:
        return name == "TRUE"
    if not _REFERENCE.fullmatch(name):
        raise LookupError(name)
    cell = raw.cells.get(row_and_column(name))
    if cell is None or cell.text is None:
        if cell is not None and cell.formula:
            raise LookupError(f"{name}: never calculated")
        return None
    if cell.kind == "e":
        raise FormulaError(cell.text)
    number = stored_number(cell)
    return number if number is not None else cell.text == "1" if cell.kind == "b" else cell.text
