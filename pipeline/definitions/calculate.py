"""Work out form expressions as Excel would: cached values of new workbooks, formulas never calculated, conditions.

Values are Decimal, str, bool, None (blank); dates are Excel serial numbers; a column is a list. Nothing here is
printed or compared as a total: totals are added in `pipeline.derive`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from pipeline.core.money import NotAnAmount, half_up, in_words, plain, typed_number
from pipeline.core.workdays import weekdays
from pipeline.definitions.expressions import Binary, Call, FieldName, Node, Number, TextLiteral

Scalar = Decimal | str | bool | None
Operand = Scalar | list[Scalar]
_EPOCH = date(1899, 12, 30)


class FormulaError(Exception):
    """The formula ends in an error value; the text is Excel's name for it."""


def serial(value: object) -> Scalar:
    """Turn a typed value into what a cell holds: a date becomes Excel's day number (1900 system)."""
    if isinstance(value, datetime):
        seconds = value.hour * 3600 + value.minute * 60 + value.second
        return Decimal((value.date() - _EPOCH).days) + Decimal(seconds) / 86400
    if isinstance(value, date):
        return Decimal((value - _EPOCH).days)
    if isinstance(value, bool | Decimal | str) or value is None:
        return value
    if isinstance(value, int | float):
        return Decimal(str(value))
    if isinstance(value, list | tuple):
        return "、".join(str(element) for element in value)
    raise TypeError(f"no cell can hold {value!r}")


def from_serial(value: Decimal) -> date:
    """Day of an Excel serial number (1900 system).

    Raises:
        FormulaError: the calendar has no such day.
    """
    try:
        return _EPOCH + timedelta(days=int(value))
    except OverflowError as error:
        raise FormulaError("#NUM!") from error


def evaluate(node: Node, look_up: Callable[[str], Operand]) -> Operand:
    """Value of an expression.

    Args:
        node: the expression.
        look_up: gives the value of a name.

    Raises:
        FormulaError: Excel would show an error value.
    """
    if isinstance(node, Number):
        return Decimal(node.text)
    if isinstance(node, TextLiteral):
        return node.text
    if isinstance(node, FieldName):
        return look_up(node.name)
    if isinstance(node, Binary):
        return _binary(node.op, _one(evaluate(node.left, look_up)), _one(evaluate(node.right, look_up)))
    return _call(node, look_up)


def holds(node: Node, look_up: Callable[[str], Operand]) -> bool:
    """Whether a condition is true; a condition that ends in an error is not."""
    try:
        return _truth(_one(evaluate(node, look_up)))
    except FormulaError:
        return False


def _one(value: Operand) -> Scalar:
    if isinstance(value, list):
        raise FormulaError("#VALUE!")
    return value


def _binary(op: str, left: Scalar, right: Scalar) -> Scalar:
    if op == "&":
        return _text(left) + _text(right)
    if op in {"+", "-", "*", "/"}:
        return _arithmetic(op, _number(left), _number(right))
    order = _compare(left, right)
    return {
        "=": order == 0,
        "<>": order != 0,
        "<": order < 0,
        "<=": order <= 0,
        ">": order > 0,
        ">=": order >= 0,
    }[op]


def _arithmetic(op: str, left: Decimal, right: Decimal) -> Decimal:
    if op == "/" and right == 0:
        raise FormulaError("#DIV/0!")
    return {"+": left.__add__, "-": left.__sub__, "*": left.__mul__, "/": left.__truediv__}[op](right)


def _compare(left: Scalar, right: Scalar) -> int:
    """Order as Excel: numbers before texts before booleans; a blank equals 0 and the empty text."""
    left = _blank_like(right) if left is None else left
    right = _blank_like(left) if right is None else right
    rank = {bool: 2, str: 1}
    ranks = rank.get(type(left), 0), rank.get(type(right), 0)
    if ranks[0] != ranks[1]:
        return -1 if ranks[0] < ranks[1] else 1
    if ranks[0] == 1:
        words = _text(left).lower(), _text(right).lower()
        return (words[0] > words[1]) - (words[0] < words[1])
    numbers = _number(left), _number(right)
    return (numbers[0] > numbers[1]) - (numbers[0] < numbers[1])


def _blank_like(other: Scalar) -> Scalar:
    return "" if isinstance(other, str) else Decimal(0)


def _text(value: Scalar) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return "" if value is None else plain(value) if isinstance(value, Decimal) else value


def _number(value: Scalar) -> Decimal:
    if isinstance(value, bool):
        return Decimal(int(value))
    if value is None:
        return Decimal(0)
    if isinstance(value, Decimal):
        return value
    try:
        return typed_number(value)
    except NotAnAmount as error:
        raise FormulaError("#VALUE!") from error


def _truth(value: Scalar) -> bool:
    return value if isinstance(value, bool) else _number(value) != 0


def _call(node: Call, look_up: Callable[[str], Operand]) -> Operand:
    if node.function == "IF":
        chosen = 1 if _truth(_one(evaluate(node.arguments[0], look_up))) else 2
        return evaluate(node.arguments[chosen], look_up)
    if node.function == "IFERROR":
        try:
            return evaluate(node.arguments[0], look_up)
        except FormulaError:
            return evaluate(node.arguments[1], look_up)
    return FUNCTIONS[node.function](*[evaluate(argument, look_up) for argument in node.arguments])


def _sum(*values: Operand) -> Scalar:
    flat = [item for value in values for item in (value if isinstance(value, list) else [value])]
    return sum((item for item in flat if isinstance(item, Decimal)), Decimal(0))


def _meets(value: Scalar, criterion: Scalar) -> bool:
    """One test of SUMIFS: text without case, numbers that are written as text are numbers."""
    if not isinstance(criterion, str):
        return _compare(value, criterion) == 0
    for op in ("<=", ">=", "<>", "<", ">", "="):
        if criterion.startswith(op):
            left, right = _numeric(value), _numeric(criterion[len(op) :])
            return (op in {"=", "<>"} or type(left) is type(right)) and bool(_binary(op, left, right))
    return _compare(_numeric(value), _numeric(criterion)) == 0


def _numeric(value: Scalar) -> Scalar:
    try:
        return typed_number(value) if isinstance(value, str) else value
    except NotAnAmount:
        return value


def _fitting(pairs: Sequence[Operand]) -> list[bool]:
    columns = [column if isinstance(column, list) else [column] for column in pairs[0::2]]
    tests = [_one(test) for test in pairs[1::2]]
    return [
        all(_meets(value, test) for value, test in zip(row, tests, strict=True)) for row in zip(*columns, strict=True)
    ]


def _sumifs(values: Operand, *pairs: Operand) -> Scalar:
    column = values if isinstance(values, list) else [values]
    return _sum([value for value, fits in zip(column, _fitting(pairs), strict=True) if fits])


def _match(wanted: Operand, column: Operand, _exact: Operand) -> Scalar:
    for index, value in enumerate(column if isinstance(column, list) else [column]):
        if value is not None and _compare(value, _one(wanted)) == 0:
            return Decimal(index + 1)
    raise FormulaError("#N/A")


def _index(column: Operand, position: Operand) -> Scalar:
    return (column if isinstance(column, list) else [column])[int(_number(_one(position))) - 1]


def _networkdays(start: Operand, end: Operand, holidays: Operand) -> Scalar:
    first, last = _number(_one(start)), _number(_one(end))
    free = {item for item in (holidays if isinstance(holidays, list) else []) if isinstance(item, Decimal)}
    low, high = (from_serial(day) for day in sorted((first, last)))
    off = sum(1 for day in free if low <= from_serial(day) <= high and from_serial(day).weekday() < 5)
    count = weekdays(low, high) - off
    return Decimal(count if first <= last else -count)


def _words(value: Operand) -> Scalar:
    try:
        return in_words(_number(_one(value)))
    except NotAnAmount as error:
        raise FormulaError("#VALUE!") from error


def _find(wanted: Operand, text: Operand) -> Scalar:
    """Place of a text in another, from 1; case counts."""
    place = _text(_one(text)).find(_text(_one(wanted)))
    if place < 0:
        raise FormulaError("#VALUE!")
    return Decimal(place + 1)


FUNCTIONS: dict[str, Callable[..., Operand]] = {
    "AND": lambda *tests: all(_truth(_one(test)) for test in tests),
    "OR": lambda *tests: any(_truth(_one(test)) for test in tests),
    "ROUND": lambda value, places: half_up(_number(_one(value)), int(_number(_one(places)))),
    "SUM": _sum,
    "SUMIFS": _sumifs,
    "COUNTIFS": lambda *pairs: Decimal(sum(_fitting(pairs))),
    "N": lambda value: value if isinstance(value, Decimal) else Decimal(0),
    "LEFT": lambda value, count: _text(_one(value))[: int(_number(_one(count)))],
    "FIND": _find,
    "INDEX": _index,
    "MATCH": _match,
    "NETWORKDAYS": _networkdays,
    "RMB": _words,
}
