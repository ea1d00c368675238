"""Formulas that staff typed into a cell: whether the stored value is what they give, and whether they keep it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from pipeline.core.errors import DefinitionError
from pipeline.core.money import half_up, plain
from pipeline.core.sheets import Flaw, Note
from pipeline.definitions.calculate import FormulaError, Operand, evaluate
from pipeline.definitions.expressions import parse

CHANGING = "每次打开都会变的公式(TODAY、NOW、RAND等)"
_VOLATILE = ("TODAY", "NOW", "RAND")
_CLOSE = Decimal("0.000001")  # what is left of a sum of binary fractions


def is_changing(formula: str) -> bool:
    """Whether a formula gives another value at another time."""
    return any(name in formula.upper() for name in _VOLATILE)


def stale(formula: str, stored: Decimal, look_up: Callable[[str], Operand]) -> Note | None:
    """What is to be told of a formula whose stored value is another than its own; None where they agree.

    Programs that write files leave the old value beside a changed formula; Excel works it out anew when it opens them.

    Args:
        formula: as stored, without `=`.
        stored: the value beside it.
        look_up: gives the value of a cell; what it cannot give is not judged.
    """
    try:
        found = evaluate(parse(formula.replace("$", "")), look_up)
    except (DefinitionError, FormulaError, LookupError, TypeError, ValueError, ArithmeticError):
        return None
    if not isinstance(found, Decimal) or abs(found - stored) <= max(_CLOSE, abs(stored) * _CLOSE * _CLOSE * 1000):
        return None
    result = plain(half_up(found, 4))
    return Note(Flaw.STALE, {"formula": f"={formula}", "found": plain(stored), "expected": result})
