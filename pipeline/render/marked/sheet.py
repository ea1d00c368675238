"""The first sheet of a marked workbook, 校验结果: what to do next, and all findings grouped by cause with links."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import ceil

from pipeline.adapters.ooxml.formats import Look
from pipeline.adapters.ooxml.sheets import NewCell, NewSheet
from pipeline.core.findings import Finding, Severity
from pipeline.core.marks import TITLE
from pipeline.definitions.styles import FONT, HEADER
from pipeline.render.marked.colours import ERROR, INFO, WARNING, family, shade
from pipeline.render.marked.texts import WORDS, place_text, severity_word, shortened

COLUMNS = ("severity", "rule", "place", "message", "found", "expected", "remedy", "clause")
WIDTHS = (8, 9, 22, 52, 18, 18, 40, 16)
LINE, EDGE = 16.5, 3.0  # points of a line of text and of a row's edges
TALLEST = 409.0  # what Excel allows
_LAST = "ABCDEFGH"[len(COLUMNS) - 1]
_BASE = Look(font=FONT, border="BFBFBF")
_LOOKS = {
    "title": replace(_BASE, size=16, bold=True, border="", valign="center", wrap=False),
    "steps": replace(_BASE, border="", fill="FFF9DB", valign="center"),
    "count": replace(_BASE, bold=True, align="center", valign="center", wrap=False),
    "head": replace(_BASE, bold=True, fill=HEADER.removeprefix("#"), align="center", valign="center"),
    "part": replace(_BASE, size=12, bold=True, border="", valign="center", wrap=False),
    "text": _BASE,
    "link": replace(_BASE, colour="0563C1", underline=True),
}
# Which findings each coloured count on top holds.
_COUNTS: tuple[tuple[str, tuple[int, int, int], Callable[[Finding], bool]], ...] = (
    ("error", ERROR, lambda f: not f.pending and f.rule.severity is Severity.ERROR),
    ("warning", WARNING, lambda f: not f.pending and f.rule.severity is Severity.WARNING),
    ("info", INFO, lambda f: not f.pending and f.rule.severity is Severity.INFO),
    ("pending", INFO, lambda f: f.pending),
)
Link = Callable[[Finding], tuple[str, str] | None]


@dataclass
class _Page:
    """Rows while the sheet is filled."""

    rows: list[Mapping[int, NewCell]] = field(default_factory=list)
    heights: dict[int, float] = field(default_factory=dict)
    merges: list[str] = field(default_factory=list)

    def line(self, text: str, look: str, height: float) -> None:
        """One text over the whole width."""
        number = len(self.rows) + 1
        self.rows.append({column: NewCell(text if column == 1 else "", _LOOKS[look]) for column in range(1, 9)})
        self.heights[number] = height
        self.merges.append(f"A{number}:{_LAST}{number}")

    def findings(self, row: Mapping[int, NewCell]) -> None:
        """One finding, as high as its longest text; not every program fits rows when it opens a file."""
        self.rows.append(row)
        self.heights[len(self.rows)] = row_height([str(cell.text) for _, cell in sorted(row.items())], WIDTHS)


def row_height(texts: Sequence[str], widths: Sequence[float]) -> float:
    """Height in points of a row that shows all its texts in columns of these widths."""
    lines = max(lines_of(text, width) for text, width in zip(texts, widths, strict=True))
    return min(EDGE + LINE * lines, TALLEST)


def lines_of(text: str, width: float) -> int:
    """Lines that a text takes in a cell of a width in characters; an ideograph is two wide."""
    return sum(max(1, ceil(_wide(line) / (width - 1))) for line in text.split("\n"))


def _wide(line: str) -> float:
    return sum(2 if unicodedata.east_asian_width(char) in "WFA" else 1.15 for char in line)


def result_sheet(
    name: str, book: str, findings: Sequence[Finding], link: Link, lang: str, *, signed: bool = False
) -> NewSheet:
    """The sheet.

    Args:
        name: name of the sheet.
        book: file name of the workbook, for the title.
        findings: all findings to list, in their order.
        link: gives the sheet and cell that a finding leads to, None where there is none.
        lang: zh or en.
        signed: the workbook came with a digital signature.
    """
    words, page = WORDS[lang], _Page()
    steps = "\n".join((words["steps"], words["signed"]) if signed else (words["steps"],))
    page.line(f"{TITLE} — {book}", "title", 30)
    page.rows.append(_counts(findings, lang))
    page.heights[2] = 22
    page.merges.append("A2:B2")
    page.line(steps, "steps", 2 * EDGE + LINE * lines_of(steps, sum(WIDTHS)))
    page.rows.append({n: NewCell(words[key], _LOOKS["head"]) for n, key in enumerate(COLUMNS, start=1)})
    page.heights[4] = 22
    for part, pending in (("open_part", False), ("pending_part", True)):
        chosen = [finding.printed() for finding in findings if finding.pending is pending]
        if chosen or not pending:
            page.line(words[part], "part", 24)
            for group in by_cause(chosen, lang):
                for row in _group(group, link, lang):
                    page.findings(row)
        if not chosen and not pending:
            page.line(words["none"], "text", EDGE + LINE)
    return NewSheet(name, page.rows, page.heights, WIDTHS, page.merges, frozen=4)


def by_cause(findings: Sequence[Finding], lang: str) -> list[list[Finding]]:
    """Findings of one rule with one remedy together, groups in the order of their first."""
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.rule.code, finding.remedy(lang)), []).append(finding)
    return list(groups.values())


def _counts(findings: Sequence[Finding], lang: str) -> dict[int, NewCell]:
    row = {}
    for column, (word, colour, test) in zip((1, 3, 4, 5), _COUNTS, strict=True):
        text = WORDS[lang]["count"].format(word=WORDS[lang][word], count=sum(1 for f in findings if test(f)))
        row[column] = NewCell(text, replace(_LOOKS["count"], fill=shade(colour)))
    row[2] = NewCell("", row[1].look)
    return row


def _group(group: Sequence[Finding], link: Link, lang: str) -> list[Mapping[int, NewCell]]:
    """Rows of one cause: what they share stands in the first row."""
    first = group[0]
    rule = first.rule.code
    shared = {
        "severity": severity_word(first, lang),
        "rule": rule if len(group) == 1 else WORDS[lang]["group"].format(rule=rule, count=len(group)),
        "remedy": first.remedy(lang),
        "clause": first.rule.clause,
    }
    empty = dict.fromkeys(shared, "")
    return [_row(finding, empty if n else shared, link, lang) for n, finding in enumerate(group)]


def _row(finding: Finding, shared: Mapping[str, str], link: Link, lang: str) -> Mapping[int, NewCell]:
    texts = {
        **shared,
        "place": place_text(finding, lang),
        "message": finding.message(lang),
        "found": shortened(finding.values.get("found", "")),
        "expected": shortened(finding.values.get("expected", "")),
    }
    target = link(finding)
    looks = {
        "severity": replace(_BASE, fill=shade(family(finding)), align="center", bold=True),
        "rule": replace(_BASE, align="center"),
        "place": _LOOKS["link"] if target else _BASE,
    }
    return {
        number: NewCell(texts[key], looks.get(key, _BASE), target if key == "place" else None)
        for number, key in enumerate(COLUMNS, start=1)
    }
