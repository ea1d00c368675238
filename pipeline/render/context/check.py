"""Contexts of the two system documents: findings (VAL) and comparisons (XCK)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import groupby

from pipeline.core.findings import SEVERITIES, VERDICTS, Comparison, Finding, Severity, Side, Verdict, in_order
from pipeline.core.leaves import Shown
from pipeline.core.money import plain, yuan
from pipeline.core.places import Place, runs
from pipeline.core.texts import on_paper
from pipeline.render.context.shown import Node, Source, leaf, words

RELATED_SHOWN = 8
RUNS_SHOWN = 4
_LISTS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "info"}
# What is counted, not paid: printed without fen.
_COUNTED = ("人天", "天数", "工作日", "数量", "个数", "项数", "比例", "率", "序号")


def verdict(findings: Iterable[Finding]) -> str:
    """The verdict over a project: 通过, 有警告 or 不通过."""
    weights = {finding.rule.severity for finding in findings if not finding.pending}
    if Severity.ERROR in weights:
        return "不通过"
    return "有警告" if Severity.WARNING in weights else "通过"


def findings(source: Source) -> Node:
    """Findings by weight, pending ones apart, open ones grouped by workbook too."""
    ordered = in_order(source.findings)
    pending = [finding for finding in ordered if finding.pending]
    due = [finding for finding in ordered if not finding.pending]
    found: Node = {"verdict": words("findings.verdict", verdict(ordered)), "groups": _groups(source, due)}
    for severity, key in _LISTS.items():
        rows = [finding for finding in due if finding.rule.severity is severity]
        found[f"{key}s"] = _rows(source, f"findings.{key}s", rows)
        found[f"{key}_count"] = leaf(f"findings.{key}_count", len(rows), "num")
    found["pending"] = _rows(source, "findings.pending", pending)
    found["pending_count"] = leaf("findings.pending_count", len(pending), "num")
    return found


def deviations(source: Source) -> list[Node]:
    """Errors that an approved deviation of workbook 06 lets pass: what each is, and who let it pass and why."""
    found = [finding for finding in in_order(source.findings) if finding.eased and finding.eased.at]
    return [_deviation(source, f"deviations[{number}]", finding) for number, finding in enumerate(found)]


def _deviation(source: Source, name: str, finding: Finding) -> Node:
    eased = finding.eased
    cells = (finding.at, *finding.related)
    texts = {
        "rule": finding.rule.code,
        "place": short_place(source, finding.at),
        "message": replace(finding, eased=None).printed().message(),
        "reason": eased.zh.partition(":")[2] if eased else "",
    }
    return {key: words(f"{name}.{key}", text, cells) for key, text in texts.items()}


def _groups(source: Source, due: Sequence[Finding]) -> list[Node]:
    by_book = sorted(due, key=lambda finding: finding.at.workbook)
    found = []
    for number, (book, rows) in enumerate(groupby(by_book, key=lambda finding: finding.at.workbook)):
        name = f"findings.groups[{number}]"
        found.append(
            {"workbook": words(f"{name}.workbook", book or "整个项目"), "rows": _rows(source, f"{name}.rows", rows)}
        )
    return found


def _rows(source: Source, name: str, rows: Iterable[Finding]) -> list[Node]:
    return [_row(source, f"{name}[{number}]", finding) for number, finding in enumerate(rows)]


def _row(source: Source, name: str, finding: Finding) -> Node:
    rule, at = finding.rule, finding.at
    cells = (at, *finding.related)
    texts = {
        "rule": rule.code,
        "severity": SEVERITIES[rule.severity],
        "place": place_text(at),
        "workbook": at.workbook,
        "sheet": at.sheet or "",
        "cell": at.cell or "",
        "message": finding.printed().message(),
        "remedy": finding.printed().remedy(),
        "clause": finding.printed().rule.clause,
        "found": finding.values.get("found", ""),
        "expected": finding.values.get("expected", ""),
        "related": _related(source, finding.related),
    }
    return {key: words(f"{name}.{key}", text, cells) for key, text in texts.items()}


def _related(source: Source, places: Sequence[Place]) -> str:
    """The first related cells, and how many there are."""
    shown = "、".join(short_place(source, place) for place in places[:RELATED_SHOWN])
    return f"{shown} 等{len(places)}格" if len(places) > RELATED_SHOWN else shown


def short_place(source: Source, place: Place) -> str:
    """A place with the number of its form instead of the file's long name: 03 费用明细!K12."""
    form = next((book.form for book in source.project.workbooks.values() if book.name == place.workbook), None)
    if form is None or source.project.workbooks[form].parts:
        return place_text(place)  # one of several workbooks of its form, or of none
    cell = f"!{place.cell}" if place.cell else ""
    return f"{source.forms[form].no} {place.sheet or ''}{cell}".strip()


def cells_shown(source: Source, cells: Sequence[Place]) -> str:
    """All cells of a figure, runs down a column as Excel writes them: 03 费用明细!K107、K7:K23."""
    shown: list[str] = []
    for sheet, group in groupby(cells, key=lambda cell: (cell.workbook, cell.sheet)):
        joined = runs(list(group))
        first = short_place(source, Place(*sheet, joined[0]) if joined[0] else Place(*sheet))
        more = joined[1:RUNS_SHOWN]
        rest = f" 等{sum(1 for cell in cells if cell.sheet == sheet[1])}格" if len(joined) > RUNS_SHOWN else ""
        shown.append("、".join([first, *more]) + rest)
    return "；".join(shown)


def place_text(place: Place) -> str:
    """A place as people read it; the project itself has no name."""
    return str(place) if place.workbook or place.sheet else ""


# -- comparisons --------------------------------------------------------------------------------------------------


def check(source: Source) -> Node:
    """Every comparison: single ones in full, those inside tables counted, their differences in full."""
    single = [c for c in source.comparisons if not c.by_line]
    by_line = [c for c in source.comparisons if c.by_line]
    wrong = [c for c in source.comparisons if c.verdict is Verdict.DIFFERENT]
    counts = {v: sum(1 for c in source.comparisons if c.verdict is v) for v in Verdict}
    return {
        "rows": [_comparison(source, f"check.rows[{n}]", n, c) for n, c in enumerate(single)],
        "different": [_comparison(source, f"check.different[{n}]", n, c) for n, c in enumerate(wrong)],
        "lines": _lines(by_line),
        "equal": leaf("check.equal", counts[Verdict.EQUAL], "num"),
        "different_count": leaf("check.different_count", counts[Verdict.DIFFERENT], "num"),
        "unchecked": leaf("check.unchecked", counts[Verdict.UNCHECKED], "num"),
        "in_lines": leaf("check.in_lines", len(by_line), "num"),
        "listed": leaf("check.listed", len(single), "num"),
    }


def _comparison(source: Source, name: str, number: int, one: Comparison) -> Node:
    cells = (*one.left.cells, *one.right.cells)
    outcome = VERDICTS[one.verdict] + (f"：{on_paper(one.why)}" if one.why else "")
    found: Node = {
        "no": leaf(f"{name}.no", number + 1, "num"),
        "rule": words(f"{name}.rule", one.rule),
        "subject": words(f"{name}.subject", on_paper(one.subject)),
        "difference": _amount(f"{name}.difference", one.difference, one, cells),
        "verdict": words(f"{name}.verdict", outcome, cells),
    }
    for key, side in (("left", one.left), ("right", one.right)):
        found[f"{key}_label"] = words(f"{name}.{key}_label", on_paper(side.label))
        found[f"{key}_cell"] = words(f"{name}.{key}_cell", cells_shown(source, side.cells), side.cells)
        found[key] = _amount(f"{name}.{key}", side.value, one, side.cells)
    return found


def _amount(name: str, value: Decimal | str | None, one: Comparison, cells: tuple[Place, ...]) -> Shown:
    if not isinstance(value, Decimal):
        return words(name, value or "", cells)
    return Shown(value_shown(value, one), name=name, value=value, cells=cells)


def value_shown(value: Decimal, one: Comparison) -> str:
    """A compared number: an amount with its fen, a count as it is."""
    counted = any(word in f"{one.subject}{one.left.label}" for word in _COUNTED)
    return plain(value) if counted else yuan(value)


def _lines(by_line: Iterable[Comparison]) -> list[Node]:
    """Comparisons inside tables: how many a rule and sheet, how many differ."""
    counted: dict[tuple[str, str], list[Comparison]] = {}
    for one in by_line:
        counted.setdefault((one.rule, _sheet(one.left) or _sheet(one.right)), []).append(one)
    found = []
    for number, ((rule, sheet), group) in enumerate(sorted(counted.items())):
        name = f"check.lines[{number}]"
        wrong = sum(1 for one in group if one.verdict is Verdict.DIFFERENT)
        found.append(
            {
                "rule": words(f"{name}.rule", rule),
                "subject": words(f"{name}.subject", sheet),
                "total": leaf(f"{name}.total", len(group), "num"),
                "different": leaf(f"{name}.different", wrong, "num"),
            }
        )
    return found


def _sheet(side: Side) -> str:
    return (side.at.sheet or "") if side.at else ""
