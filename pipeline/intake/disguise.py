"""Cells that show something else than they hold: number formats, ink in the colour of the ground, lost digits."""

from __future__ import annotations

from decimal import Decimal

from pipeline.adapters.ooxml import RawBook, RawCell
from pipeline.core.money import NotAnAmount, excel_number
from pipeline.core.number_formats import hides_text, shows_another_number
from pipeline.definitions.forms import DATED, NUMERIC, Field

_MOST_DIGITS = 15
UNSEEN = "字与底色相同"
LOST_DIGITS = "超过15位的号码存成了数字,末几位已丢失"


def disguise(book: RawBook, raw: RawCell, field: Field) -> str:
    """Why a filled cell does not show what it holds, in Chinese; empty where it does.

    Args:
        book: its workbook, for the style.
        raw: the cell.
        field: what it should hold; dates may show as numbers, amounts not as dates.
    """
    style = book.style(raw)
    number = stored_number(raw)
    if style.unseen:
        return UNSEEN
    if number is None:
        other = raw.kind == "s" and hides_text(style.number_format)
    elif field.type in DATED:
        other = not book.is_date(raw) and shows_another_number(style.number_format, number.to_integral_value())
    elif book.is_date(raw):
        other = field.type in NUMERIC
    elif field.type not in NUMERIC and abs(number).adjusted() >= _MOST_DIGITS:
        return LOST_DIGITS
    else:
        percent = field.type not in NUMERIC or field.type == "percent"
        other = shows_another_number(style.number_format, number, percent=percent)
    return f"数字格式“{style.number_format}”显示的不是单元格的值" if other else ""


def stored_number(raw: RawCell) -> Decimal | None:
    """Number of a number cell; None for other cells and where a damaged file stores something else."""
    try:
        return excel_number(raw.text) if raw.kind == "n" and raw.text is not None else None
    except NotAnAmount:
        return None
