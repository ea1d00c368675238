"""Texts of a sheet: notes of fields, how many lines a text needs, absolute addresses."""

from __future__ import annotations

import re
from math import ceil

from pipeline.definitions.forms import Field

_CHINESE = "\u4e00-\u9fff"
_SIGNS = {",": "\uff0c", ";": "\uff1b", ":": "\uff1a", "?": "\uff1f"}
_SIGN = re.compile(f"(?<=[{_CHINESE}”》）])[,;:?]|[,;:?](?=[{_CHINESE}“《（])")
_BRACKETS = re.compile(f"(?<=[{_CHINESE}”])\\(([^()]*)\\)|\\(([^()]*[{_CHINESE}][^()]*)\\)")


def in_print(text: str) -> str:
    """A text of ours with the signs that Chinese print has: full width beside Chinese characters."""
    bracketed = _BRACKETS.sub(lambda found: f"（{found[1] or found[2] or ''}）", text)
    return _SIGN.sub(lambda found: _SIGNS[found[0]], bracketed)


def lines_of(text: str, width: float) -> int:
    """Lines of a text in a column of `width` units; a Chinese character takes two."""
    return sum(max(1, ceil(sum(2 if ord(c) > 0x2E7F else 1 for c in part) / (width - 1))) for part in text.split("\n"))


def absolute(cell: str) -> str:
    """Address with dollar signs: K12 becomes $K$12."""
    letters = cell.rstrip("0123456789")
    return f"${letters}${cell.removeprefix(letters)}"


def explain(form_field: Field) -> str:
    """What the note of a field says: help, choices, unit, example."""
    choices = "、".join(form_field.choices)
    parts = [
        form_field.help,
        f"可选:{choices}" if choices and len(choices) < 120 else "",
        f"单位:{form_field.unit}" if form_field.unit else "",
        f"示例:{form_field.example}" if form_field.example and len(form_field.example) <= 40 else "",
    ]
    return in_print(";".join(part for part in parts if part))
