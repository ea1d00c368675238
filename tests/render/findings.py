"""Made-up findings for marked workbooks."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.core.findings import Finding
from pipeline.core.places import Place
from pipeline.definitions.catalogue import load_catalogue

RULES = load_catalogue()


def blank(book: str, sheet: str | None = None, cell: str | None = None, label: str = "客户名称") -> Finding:
    """An error: a required cell is blank."""
    return Finding(RULES["F001"], Place(book, sheet, cell), (), {"label": label, "found": "", "expected": label})


def text_number(book: str, sheet: str, cell: str, found: str = "12") -> Finding:
    """A warning: a number stored as text."""
    values = {
        "label": "数量",
        "value": found,
        "parsed": found,
        "found": found,
        "expected": "数字",
        "more": "",
        "more_en": "",
    }
    return Finding(RULES["F007"], Place(book, sheet, cell), (), values)


def pending(book: str) -> Finding:
    """A finding that belongs to a later gate, on the whole workbook."""
    return Finding(RULES["F001"], Place(book), (), {"label": "签订日期"}, pending=True)


def codes(findings: Sequence[Finding]) -> list[str]:
    return [finding.rule.code for finding in findings]
