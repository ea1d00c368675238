"""Texts in runs: what is struck out, and digits that stand above or below the line."""

from __future__ import annotations

from lxml import etree

from pipeline.adapters.ooxml.styles import is_on

_RAISED = str.maketrans("0123456789+-\u2212=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ")
_LOWERED = str.maketrans("0123456789+-\u2212=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")
_SHIFTED = {"superscript": _RAISED, "subscript": _LOWERED}


class Struck(str):
    """A text of which a part is struck out.

    Attributes:
        part: the struck characters.
    """

    part: str = ""


def run_text(run: etree._Element) -> tuple[str, bool]:
    """Text of a run, digits and signs above or below the line as such characters (10⁻⁹); whether it is struck out."""
    text = "".join(node.text or "" for node in run.iterfind("{*}t"))
    properties = run.find("{*}rPr")
    if properties is None:
        return text, False
    place = properties.find("{*}vertAlign")
    shifted = _SHIFTED.get(place.get("val", "")) if place is not None else None
    return text.translate(shifted) if shifted else text, is_on(properties.find("{*}strike"))
