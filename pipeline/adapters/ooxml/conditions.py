"""Conditional formats that change what a cell shows: ink in the colour of the ground, number formats, strokes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lxml import etree

from pipeline.adapters.ooxml.raw import Veil
from pipeline.adapters.ooxml.styles import Condition

_EVERY = frozenset[int]()  # of a veil: whatever the cell's own format


def veils_of(
    node: etree._Element, boxes: tuple[tuple[int, int, int, int], ...], veiling: Mapping[int, Condition]
) -> Iterator[Veil]:
    """The rules of one `conditionalFormatting` that hide something or show it otherwise.

    Args:
        node: the element.
        boxes: its ranges.
        veiling: what each format of conditions makes of cells.
    """
    for rule in node.iterfind("{*}cfRule"):
        made = veiling.get(int(rule.get("dxfId") or -1), Condition())
        kind = str(rule.get("type"))
        if any(show.get("showValue") in {"0", "false"} for show in rule.iterfind("{*}*")):
            yield Veil(boxes, "noValue", "", (), "", _EVERY)
            continue
        formulas = tuple((formula.text or "").strip() for formula in rule.iterfind("{*}formula"))
        said = (boxes, kind, str(rule.get("operator") or ""), formulas, str(rule.get("text") or ""))
        if made.styles:
            yield Veil(*said, made.styles)
        if made.code or made.struck:
            yield Veil(*said, _EVERY, made.code, made.struck)
