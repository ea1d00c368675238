"""How cells of the workbooks look: one table of looks, one cache of formats (domain C.0 5, 7, 9)."""

from __future__ import annotations

from typing import Any

FONT = "微软雅黑"
# Widths count in its digits. Every office has it or one that is as wide; without Calibri, columns were a third wider.
UNIT_FONT = {"font_name": "Arial", "font_size": 10}
REQUIRED = "#FFF9DB"
LOCKED = "#F2F2F2"
PREFILLED = "#DDEBF7"
RED = "#C00000"
GREY = "#808080"
HEADER = "#D9E2F3"

NUMBER_FORMATS = {
    "money": "#,##0.00",
    "money4": "#,##0.00##",
    "percent": "0.##",
    "num": "General",
    "int": "0",
    "date": "yyyy-mm-dd",
    "datetime": "yyyy-mm-dd hh:mm",
    "month": "@",
    "code": "@",
}
_RIGHT = {"money", "money4", "percent", "num", "int"}
_CENTRE = {"date", "datetime", "month", "code", "enum"}

LOOKS: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 16, "align": "center", "valign": "vcenter"},
    "stamp_label": {"font_color": GREY, "align": "right", "valign": "vcenter"},
    "unit": {"font_color": GREY, "italic": True, "valign": "vcenter"},
    "hint": {"font_color": GREY, "italic": True, "valign": "vcenter", "text_wrap": True},
    "label": {
        "bold": True,
        "bg_color": HEADER,
        "border": 1,
        "align": "center",
        "valign": "vcenter",
        "text_wrap": True,
    },
    "form_label": {"bold": True, "bg_color": HEADER, "border": 1, "valign": "vcenter", "text_wrap": True},
    "key": {"font_color": GREY, "font_size": 8},
    "star": {"bold": True, "font_color": RED},
    "bold": {"bold": True},
    "note": {"font_color": GREY, "font_size": 9, "text_wrap": True, "valign": "vcenter", "border": 1},
    "total_label": {"bold": True, "border": 1, "bg_color": LOCKED, "valign": "vcenter"},
    "plain": {"text_wrap": True, "valign": "top"},
    "step": {"bold": True, "align": "center", "valign": "top"},
}


class FormStyles:
    """Formats of one workbook, each made once."""

    def __init__(self, book: Any) -> None:
        """Take an XlsxWriter workbook."""
        self._book = book
        self._made: dict[tuple[tuple[str, Any], ...], Any] = {}
        self._cells: dict[tuple[str, str, bool], Any] = {}

    def of(self, **properties: Any) -> Any:
        """A format with these properties on top of the house font."""
        full = {"font_name": FONT, "font_size": 10, **properties}
        key = tuple(sorted(full.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format(full)
        return self._made[key]

    def look(self, name: str) -> Any:
        """A named look."""
        return self.of(**LOOKS[name])

    def cell(self, kind: str, fill: str, *, bold: bool = False) -> Any:
        """Format of a data cell.

        Args:
            kind: field type.
            fill: `required`, `optional`, `formula`, `template` or `prefilled`.
            bold: for totals.
        """
        if (kind, fill, bold) not in self._cells:
            self._cells[kind, fill, bold] = self.of(**_properties(kind, fill, bold))
        return self._cells[kind, fill, bold]


def _properties(kind: str, fill: str, bold: bool) -> dict[str, Any]:
    colour = {"required": REQUIRED, "formula": LOCKED, "template": LOCKED, "prefilled": PREFILLED}.get(fill)
    properties: dict[str, Any] = {
        "border": 1,
        "valign": "vcenter",
        "locked": fill in {"formula", "template"},
    }
    properties["align"] = "right" if kind in _RIGHT else "center" if kind in _CENTRE else "left"
    if colour:
        properties["bg_color"] = colour
    if kind in NUMBER_FORMATS:
        properties["num_format"] = NUMBER_FORMATS[kind]
    if kind not in _RIGHT | {"date", "datetime", "month"}:
        properties["text_wrap"] = True
    if bold:
        properties["bold"] = True
    return properties
