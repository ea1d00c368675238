"""Conditional formats under which nobody can read a cell: ink in the colour of the ground, numbers shown as nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lxml import etree

from pipeline.adapters.ooxml_raw import Veil

_EVERY = frozenset[int]()  # of a veil: whatever the cell's own format


def veils_of(
    node: etree._Element, boxes: tuple[tuple[int, int, int, int], ...], veiling: Mapping[int, frozenset[int]]
) -> Iterator[Veil]:
    """The rules of one `conditionalFormatting` that hide something.

    Args:
        node: the element.
        boxes: its ranges.
        veiling: cell formats that each format of conditions makes unreadable.
    """
    for rule in node.iterfind("{*}cfRule"):
        styles = veiling.get(int(rule.get("dxfId") or -1))
        kind = str(rule.get("type"))
        if any(show.get("showValue") in {"0", "false"} for show in rule.iterfind("{*}*")):
            yield Veil(boxes, "noValue", "", (), "", _EVERY)
        elif styles:
            formulas = tuple((formula.text or "").strip() for formula in rule.iterfind("{*}formula"))
            yield Veil(boxes, kind, str(rule.get("operator") or ""), formulas, str(rule.get("text") or ""), styles)
