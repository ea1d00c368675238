"""The result of a run for machines (`--json`, design section 6) and for the screen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any

from pipeline.core.documents import Document, FileVerdict, Pack, ProjectResult, Run
from pipeline.core.findings import Comparison, Finding, Severity, Side, in_order
from pipeline.core.places import Place

SCHEMA = 1
SPELLED_OUT = 5
RELATED_SHOWN = 6
MISSING_SHOWN = 12
QUIET = ("accepted", "company")
Json = dict[str, Any]


def as_json(run: Run) -> Json:
    """The run as `--json` writes it; money is a decimal string in yuan."""
    files = [*run.files, *(verdict for project in run.projects for verdict in project.files)]
    return {
        "schema": SCHEMA,
        "as_of": run.as_of.isoformat(),
        "projects": [_project(project) for project in run.projects],
        "files": [_file(verdict) for verdict in dict.fromkeys(files)],
    }


def _project(project: ProjectResult) -> Json:
    facts = project.facts
    return {
        "code": project.code,
        "name": project.name,
        "status": project.status,
        "stage": facts.state if facts else "",
        "next_gate": facts.next_gate if facts else "",
        "missing": list(facts.missing) if facts else [],
        "findings": [_finding(finding) for finding in in_order(project.findings)],
        "comparisons": [_comparison(comparison) for comparison in project.comparisons],
        "documents": [_document(document) for document in project.documents],
        "packs": [_pack(pack) for pack in project.packs],
        "marked": [str(path) for path in project.marked],
        **({"error": str(project.failure)} if project.failure else {}),
    }


def _finding(finding: Finding) -> Json:
    return {
        "rule": finding.rule.code,
        "severity": finding.rule.severity.value,
        "state": "pending" if finding.pending else "open",
        **_place(finding.at),
        "found": finding.values.get("found", ""),
        "expected": finding.values.get("expected", ""),
        "message": finding.message(),
        "clause": finding.rule.clause,
        "related": [_place(place) for place in finding.related],
    }


def _place(place: Place | None) -> Json:
    """The three parts of a place; null for the part that it does not name."""
    if place is None:
        return {"workbook": None, "sheet": None, "cell": None}
    return {"workbook": place.workbook or None, "sheet": place.sheet, "cell": place.cell}


def _comparison(one: Comparison) -> Json:
    return {
        "rule": one.rule,
        "subject": one.subject,
        "left": _side(one.left),
        "right": _side(one.right),
        "difference": _number(one.difference),
        "verdict": one.verdict.value,
        "why": one.why,
    }


def _side(side: Side) -> Json:
    return {"label": side.label, "value": _number(side.value), **_place(side.at)}


def _number(value: Decimal | str | None) -> str | None:
    return f"{value:f}" if isinstance(value, Decimal) else value


def _document(document: Document) -> Json:
    return {
        "code": document.code,
        "title": document.title,
        "version": document.version,
        "state": document.state,
        "date": document.day.isoformat(),
        "docx": str(document.docx),
        "pdf": str(document.pdf) if document.pdf else None,
        "pages": document.pages,
    }


def _pack(pack: Pack) -> Json:
    return {
        "name": pack.name,
        "version": pack.version,
        "folder": str(pack.folder),
        "archive": str(pack.archive),
        "pdf": str(pack.pdf) if pack.pdf else None,
        "content_sha256": pack.content_sha256,
        "unchanged": pack.unchanged,
    }


def _file(verdict: FileVerdict) -> Json:
    return {"path": verdict.path, "verdict": verdict.verdict, "rule": verdict.rule, "message": verdict.message}


# -- the screen -----------------------------------------------------------------------------------------------------

Words = Mapping[str, str]
WORDS: Mapping[str, Words] = {
    "zh": {
        "error": "错误",
        "warning": "警告",
        "info": "提示",
        "errors": "不通过",
        "warnings": "有警告",
        "ok": "通过",
        "counts": "{errors} 个错误,{warnings} 个警告,{pending} 项未到期",
        "project": "整个项目",
        "pending": "未到期(到下一关口前补齐)",
        "remedy": "处理",
        "related": "相关",
        "state": "状态",
        "next": "下一关口",
        "missing": "还缺",
        "nothing": "无",
        "files": "文件",
        "rest": " 等{count}格",
        "rest_of": " 等{count}项",
        "documents": "文档",
        "marked": "标注的工作簿",
        "pack": "文档包",
        "unchanged": "（内容未变，沿用）",
        "refused": "拒收",
        "unknown": "未识别",
        "ignored": "未使用",
        "twice": "编号重复",
        "more": "  另有 {count} 处: {places}",
    },
    "en": {
        "error": "error",
        "warning": "warning",
        "info": "info",
        "errors": "failed",
        "warnings": "passed with warnings",
        "ok": "passed",
        "counts": "{errors} errors, {warnings} warnings, {pending} pending",
        "project": "whole project",
        "pending": "pending (due before the next gate)",
        "remedy": "do",
        "related": "see",
        "state": "state",
        "next": "next gate",
        "missing": "missing",
        "nothing": "nothing",
        "files": "files",
        "rest": " ... {count} cells",
        "rest_of": " ... {count} in all",
        "documents": "documents",
        "marked": "marked workbooks",
        "pack": "pack",
        "unchanged": " (same content, kept)",
        "refused": "refused",
        "unknown": "unknown",
        "ignored": "not used",
        "twice": "same code",
        "more": "  {count} more: {places}",
    },
}


def as_lines(run: Run, lang: str = "zh") -> list[str]:
    """The run for a terminal: each project's findings by workbook, then verdict, state, next gate, what is missing."""
    words = WORDS[lang]
    lines: list[str] = []
    for project in run.projects:
        lines += [*_project_lines(project, lang), ""]
    refused = [verdict for verdict in dict.fromkeys(_all_files(run)) if verdict.verdict not in QUIET]
    if refused:
        lines.append(words["files"])
        lines += [_file_line(verdict, lang) for verdict in refused]
    return lines


def _file_line(verdict: FileVerdict, lang: str) -> str:
    message = verdict.message_en if lang == "en" and verdict.message_en else verdict.message
    kind = WORDS[lang].get(verdict.verdict, verdict.verdict)
    return f"  {' '.join(filter(None, (verdict.path, kind, verdict.rule, message)))}"


def _all_files(run: Run) -> Iterable[FileVerdict]:
    return [*run.files, *(verdict for project in run.projects for verdict in project.files)]


def _project_lines(project: ProjectResult, lang: str) -> list[str]:
    words, facts = WORDS[lang], project.facts
    ordered = in_order(project.findings)
    lines = [f"{project.code} {project.name}".strip()]
    lines += _by_workbook([finding for finding in ordered if not finding.pending], lang)
    pending = [finding for finding in ordered if finding.pending]
    if pending:
        lines += [f"  {words['pending']}", *_by_workbook(pending, lang, "    ")]
    lines.append(f"  {words[project.status]}: {_counts(ordered, words)}")
    if facts:
        lines.append(f"  {words['state']}: {facts.state}")
        lines.append(f"  {words['next']}: {facts.next_gate or words['nothing']}")
        lines.append(f"  {words['missing']}: {_some(facts.missing, words)}")
    return [*lines, *_made_lines(project, words), *(f"  {note}" for note in project.notes)]


def _some(texts: Sequence[str], words: Words) -> str:
    """The first of many texts, and how many there are."""
    shown = "、".join(texts[:MISSING_SHOWN]) or words["nothing"]
    return shown + (words["rest_of"].format(count=len(texts)) if len(texts) > MISSING_SHOWN else "")


def _made_lines(project: ProjectResult, words: Words) -> list[str]:
    """What was made: documents by code with their folders, and the packs."""
    lines = []
    if project.documents:
        codes = " ".join(document.code for document in project.documents)
        folders = dict.fromkeys(str((d.pdf or d.docx).parent) for d in project.documents)
        lines.append(f"  {words['documents']}: {codes} -> {', '.join(folders)}")
    if project.marked:
        folders = dict.fromkeys(str(path.parent) for path in project.marked)
        lines.append(f"  {words['marked']}: {len(project.marked)} -> {', '.join(folders)}")
    for pack in project.packs:
        lines.append(f"  {words['pack']}: {pack.pdf or pack.folder}{words['unchanged'] if pack.unchanged else ''}")
    return lines


def _counts(findings: Iterable[Finding], words: Words) -> str:
    found = list(findings)
    due = [finding.rule.severity for finding in found if not finding.pending]
    pending = sum(1 for finding in found if finding.pending)
    return words["counts"].format(
        errors=due.count(Severity.ERROR), warnings=due.count(Severity.WARNING), pending=pending
    )


def _by_workbook(findings: Iterable[Finding], lang: str, indent: str = "  ") -> list[str]:
    ordered = sorted(findings, key=lambda finding: finding.at.workbook)
    lines: list[str] = []
    for book, group in groupby(ordered, key=lambda finding: finding.at.workbook):
        lines.append(f"{indent}{book or WORDS[lang]['project']}")
        for _, same in groupby(group, key=lambda finding: (finding.rule.code, finding.remedy(lang))):
            lines += [f"{indent}  {line}" for line in _cause(list(same), lang)]
    return lines


def _cause(same: list[Finding], lang: str) -> list[str]:
    """Findings of one cause: a line for each, the first few with their message, then what to do, once."""
    words = WORDS[lang]
    lines = []
    for finding in same[:SPELLED_OUT]:
        lines.append(_finding_line(finding, lang))
        if finding.related:
            lines.append(f"  {words['related']}: {_related(finding, words)}")
    if rest := same[SPELLED_OUT:]:
        lines.append(words["more"].format(count=len(rest), places=_places(finding.at for finding in rest)))
    if same[0].remedy(lang):
        lines.append(f"  {words['remedy']}: {same[0].remedy(lang)}")
    return lines


def _finding_line(finding: Finding, lang: str) -> str:
    rule, place = finding.rule, str(finding.at).partition("]")[2]
    message = f"{finding.message(lang)} ({rule.clause})" if rule.clause else finding.message(lang)
    return " ".join(filter(None, (WORDS[lang][rule.severity.value], rule.code, place, message)))


def _related(finding: Finding, words: Words) -> str:
    """The first related cells; the workbook is named only where it is another one."""
    near = [str(p).partition("]")[2] if p.workbook == finding.at.workbook else str(p) for p in finding.related]
    rest = len(near) - RELATED_SHOWN
    return ", ".join(near[:RELATED_SHOWN]) + (words["rest"].format(count=len(near)) if rest > 0 else "")


def _places(places: Iterable[Place]) -> str:
    return ", ".join(str(place) for place in places)
