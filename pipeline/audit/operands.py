"""Values that a workbook never calculated, worked out from their operands by the arithmetic of the form's formula."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal, DivisionByZero, InvalidOperation
from typing import TYPE_CHECKING, Any

from pipeline.audit.frames import AT, HOW, UNREAD, Lines, frame_of, rows_of
from pipeline.audit.values import half_up
from pipeline.definitions.expressions import Binary, Call, FieldName, Node, Number
from pipeline.definitions.forms import Field, SheetForm, node

if TYPE_CHECKING:
    import pandas as pd

NEVER = "没有存计算结果,由操作数算出"
_LOOKED_UP = "没有存计算结果,查表得出的不另查"


class NotArithmetic(Exception):
    """The formula is more than arithmetic, or an operand is missing."""


def completed(lines: Lines, form: SheetForm) -> Lines:
    """The lines with what can be worked out in cells that hold nothing: quantity by price, net of tax, days by rate."""
    fields = [one for one in form.fields if one.formula and one.key in lines.frame.columns]
    rows = rows_of(lines.frame)
    for one in fields:
        for row in rows:
            if row[one.key] is None and not row[one.key + UNREAD]:
                _complete(row, one)
    return replace(lines, frame=frame_of(rows, _keys(lines)))


def _complete(row: dict[str, Any], field: Field) -> None:
    if not field.numeric:
        row[field.key + UNREAD] = _LOOKED_UP
        return
    try:
        row[field.key] = worked_out(node(field.formula), row)
        row[field.key + HOW] = NEVER
    except NotArithmetic as problem:
        row[field.key + UNREAD] = f"没有值({problem})"


def with_departments(lines: Lines, persons: pd.DataFrame, departments: pd.DataFrame) -> Lines:
    """Staffing lines with the department of their person where the workbook never looked it up.

    What was typed over the formula does not count where workbook 00 knows the person: a department that is not the
    one of 00 is left unread.

    Raises:
        KeyError: a column is not there.
    """
    codes = dict(zip(persons["emp_no"], persons["dept_code"], strict=True))
    names = persons[~persons["name"].duplicated(keep=False)]
    codes |= dict(zip(names["name"], names["dept_code"], strict=True))
    known = dict(zip(departments["dept_code"], departments["dept_name"], strict=True))
    rows = rows_of(lines.frame)
    for row in rows:
        who = str(row["emp_no"] or "")
        dept = known.get(codes.get(who) or codes.get(who.partition(" ")[0]))
        if row["dept" + UNREAD] == _LOOKED_UP and dept:
            row |= {"dept": dept, "dept" + HOW: NEVER, "dept" + UNREAD: ""}
        elif dept and row["dept"] not in (None, dept):
            row |= {"dept": None, "dept" + UNREAD: f"{row['dept' + AT]}“{row['dept']}”与 00 查出的“{dept}”不同"}
    return replace(lines, frame=frame_of(rows, _keys(lines)))


def _keys(lines: Lines) -> list[str]:
    return [column for column in lines.frame.columns if column + AT in lines.frame.columns]


def worked_out(tree: Node, row: Mapping[str, Any]) -> Decimal:
    """Value of + - * / and ROUND over the numbers of a row.

    Raises:
        NotArithmetic: there is something else in it, or a blank.
    """
    if isinstance(tree, Number):
        return Decimal(tree.text)
    if isinstance(tree, FieldName):
        value = row.get(tree.name)
        if not isinstance(value, Decimal):
            raise NotArithmetic(f"缺 {tree.name}")
        return value
    if isinstance(tree, Call) and tree.function == "ROUND" and len(tree.arguments) == 2:
        value, places = (worked_out(argument, row) for argument in tree.arguments)
        return half_up(value, int(places))
    if isinstance(tree, Binary):
        return _binary(tree.op, worked_out(tree.left, row), worked_out(tree.right, row))
    raise NotArithmetic("公式不是四则运算")


def _binary(op: str, left: Decimal, right: Decimal) -> Decimal:
    try:
        if op == "/":
            return left / right
    except (DivisionByZero, InvalidOperation) as problem:
        raise NotArithmetic("除数为零") from problem
    if op not in "+-*":
        raise NotArithmetic(f"运算 {op}")
    return left + right if op == "+" else left - right if op == "-" else left * right
