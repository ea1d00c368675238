"""Whether every printed table adds up to the total printed below it; a table that lost a row is never accepted.

The template says what totals what: a row labelled 合计, 总计 or …小计 totals the columns of the loop above it, as far
as both hold one value there. Its cells are marked before the template is filled, and compared as they are printed.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from lxml import etree

from pipeline.core.money import yuan
from pipeline.render.word.package import W

_LOOP = re.compile(r"\{%tr\s+(?:for\s+(\w+)\s+in\s+[\w.]+|(endfor)|\w+.*?)\s*%\}")
_VALUE = re.compile(r"\{\{\s*(\w+)((?:\.\w+)*)\s*\}\}")
_TAG = re.compile(r"\{%.*?%\}")
_TOTAL = re.compile(r"(?:(合计|总计)|.*小计)")
_NUMBER = re.compile(r"-?[\d,]+(?:\.\d+)?")
# The mark is the attribute by which Word names cells that were moved; it never leaves this module.
_MARK = f"{W}id"
_ROW, _PART, _WHOLE = "row", "part", "whole"
# 万元 are converted after adding (rule of the house), so every printed one may be off by half of its last digit.
_WAN, _HALF_WAN = ".wan", Decimal("0.005")


def mark(body: etree._Element) -> None:
    """Mark what adds up, and to what, in the tables of a template that is not filled yet."""
    for table in body.iter(f"{W}tbl"):
        _mark_table(table)


def _mark_table(table: etree._Element) -> None:
    loops: list[str] = []
    added: set[int] = set()
    for row in table.findall(f"{W}tr"):
        cells = list(_columns(row))
        tag = _LOOP.fullmatch("".join(_text(cell) for _, cell in cells).strip())
        if tag and tag[1]:
            loops.append(tag[1])
        elif tag and tag[2]:
            loops = loops[:-1]
        elif not tag:
            added |= _mark_row(cells, loops, added)


def _mark_row(cells: list[tuple[int, etree._Element]], loops: list[str], added: set[int]) -> set[int]:
    """Mark the cells of a row; the columns in which it holds a value that is added."""
    label = next((text for _, cell in cells if (text := _text(cell).strip())), "")
    total = _TOTAL.fullmatch(label)
    kind = (_WHOLE if total[1] else _PART) if total else _ROW
    if kind == _ROW and not loops:
        return set()
    found = set()
    for column, cell in cells:
        value = _VALUE.fullmatch(_TAG.sub("", _text(cell)).strip())
        if value and (column in added if total else _of_loop(value, loops)):
            cell.set(_MARK, f"{kind} {column} {_WAN if value[2].endswith(_WAN) else ''}")
            found.add(column)
    return set() if total else found


def _of_loop(value: re.Match[str], loops: list[str]) -> bool:
    """A value of the row itself, or (a bare name) of the cells that follow one another across."""
    return value[1] == loops[-1] or not value[2]


# -- the filled document -----------------------------------------------------------------------------------------------


@dataclass
class _Sums:
    """What was printed in a table so far, by column and place among the cells of that column."""

    whole: dict[tuple[str, int], list[Decimal]] = field(default_factory=lambda: defaultdict(list))
    part: dict[tuple[str, int], list[Decimal]] = field(default_factory=lambda: defaultdict(list))


def add_up(body: etree._Element) -> list[str]:
    """Hold every marked total of a filled document against its rows, and take the marks away.

    Returns:
        A sentence for every total that is not the sum of its rows: table, column, printed total, sum.
    """
    faults = [fault for table in body.iter(f"{W}tbl") for fault in _faults(table)]
    for cell in body.iter(f"{W}tc"):
        if _MARK in cell.attrib:
            del cell.attrib[_MARK]
    return faults


def _faults(table: etree._Element) -> Iterator[str]:
    sums = _Sums()
    for row in table.findall(f"{W}tr"):
        seen: dict[str, int] = defaultdict(int)
        kinds = set()
        for place, cell in _columns(row):
            kind, column, wan = (cell.get(_MARK) or "  ").split(" ")
            if not kind:
                continue
            key = (column, seen[column])
            seen[column] += 1
            kinds.add(kind)
            if kind == _ROW:
                for group in (sums.whole, sums.part):
                    group[key].append(_number(cell) or Decimal(0))
            else:
                values = (sums.whole if kind == _WHOLE else sums.part)[key]
                yield from _fault(table, place, cell, values, wan)
        if _PART in kinds:
            sums.part.clear()


def _fault(table: etree._Element, column: int, cell: etree._Element, values: list[Decimal], wan: str) -> Iterator[str]:
    total, added = _number(cell), sum(values, Decimal(0))
    allowed = _HALF_WAN * (len(values) + 1) if wan else Decimal(0)
    if total is not None and abs(total - added) > allowed:
        heads = [(at, _text(head)) for at, head in _columns(table.findall(f"{W}tr")[0])]
        name, label = "、".join(text for _, text in heads), next(text for at, text in reversed(heads) if at <= column)
        yield f"表“{name}”,列“{label}”,印出的合计 {yuan(total)},各行之和 {yuan(added)}"


def _number(cell: etree._Element) -> Decimal | None:
    """The number printed in a cell; None for a blank or a text."""
    text = _text(cell).strip()
    return Decimal(text.replace(",", "")) if _NUMBER.fullmatch(text) else None


def _columns(row: etree._Element) -> Iterator[tuple[int, etree._Element]]:
    """Cells of a row with the column of the grid in which each begins."""
    column = 0
    for cell in row.findall(f"{W}tc"):
        yield column, cell
        span = cell.find(f"{W}tcPr/{W}gridSpan")
        column += int(span.get(f"{W}val", "1")) if span is not None else 1


def _text(node: etree._Element) -> str:
    return "".join(text.text or "" for text in node.iter(f"{W}t"))
