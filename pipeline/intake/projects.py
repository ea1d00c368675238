"""Paths to projects: which files belong together, which one counts, and what became of every file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipeline.core.company import Company
from pipeline.core.documents import FileVerdict
from pipeline.core.findings import Finding, Rule
from pipeline.core.marks import original_name
from pipeline.core.places import Place
from pipeline.core.sheets import Project, Workbook, version_told
from pipeline.definitions.forms import Form
from pipeline.intake.attachments import read_attachments
from pipeline.intake.company import unique_names
from pipeline.intake.folders import claims_to_be_ours, verdict_of, workbook_files
from pipeline.intake.gate import Refusal
from pipeline.intake.merging import merge
from pipeline.intake.origin import program_of
from pipeline.intake.workbooks import Opened, open_file, read_workbook


@dataclass
class Gathered:
    """What was read from one folder (or of one file)."""

    folder: Path
    workbooks: list[Workbook] = field(default_factory=list)
    verdicts: list[FileVerdict] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


@dataclass(frozen=True)
class ProjectInput:
    """A project as found on disk: findings about its files, a verdict for each, and all workbooks that count."""

    project: Project
    findings: tuple[Finding, ...]
    verdicts: tuple[FileVerdict, ...]
    books: tuple[Workbook, ...] = ()


def read_project(path: Path, company: Company, forms: Mapping[str, Form], rules: Mapping[str, Rule]) -> ProjectInput:
    """Read all workbooks of a folder (or one file) as one project; workbook 00 is left aside.

    Args:
        path: folder or file.
        company: master data, for people given by name.
        forms: form definitions by key.
        rules: the catalogue.
    """
    gathered = Gathered(path if path.is_dir() else path.parent)
    people = unique_names(company)
    for file in workbook_files(path) if path.is_dir() else [path]:
        _read_file(file, gathered, company, people, forms, rules)
    alone = path.is_file() and not gathered.workbooks
    code = _code(gathered) or (path.name if alone else gathered.folder.resolve().name)
    _drop_older_copies(gathered, code, forms, rules)
    chosen = _choose(gathered, code, forms, rules)
    kept, findings, verdicts = read_attachments(gathered.folder, code, rules) if path.is_dir() else ((), (), ())
    project = Project(code, gathered.folder, {key: chosen[key] for key in forms if key in chosen}, kept)
    counted = tuple(book for book in gathered.workbooks if forms[book.form].many or book is chosen.get(book.form))
    return ProjectInput(project, (*gathered.findings, *findings), (*gathered.verdicts, *verdicts), counted)


def _read_file(
    file: Path,
    gathered: Gathered,
    company: Company,
    people: Mapping[str, str],
    forms: Mapping[str, Form],
    rules: Mapping[str, Rule],
) -> None:
    opened = open_file(file, forms)
    if isinstance(opened, Refusal):
        values = {
            "name": file.name,
            **opened.values,
            "found": opened.values["why"],
            "expected": "可读取的 .xlsx 工作簿",
        }
        gathered.findings.append(Finding(rules["B415"], Place(file.name), (), values))
        gathered.verdicts.append(verdict_of(file, opened))
    elif opened.form is None:
        _unknown(file, opened, gathered, rules)
    elif opened.form.company:
        verdict, used = verdict_of(file, opened), company.workbooks.get(opened.form.key)
        same = opened.form.many or (used is not None and opened.sha256 == used.sha256)
        gathered.verdicts.append(verdict if same else other_used(verdict, used.path if used else None, opened.form.no))
    else:
        gathered.workbooks.append(read_workbook(opened, opened.form, people))
        gathered.verdicts.append(FileVerdict(str(file), "accepted", "", opened.form.name))


def other_used(verdict: FileVerdict, used: Path | None, no: str) -> FileVerdict:
    """Verdict of a workbook of the company that does not count: another one is used, or it lies elsewhere than 00."""
    said, said_en = f"不是本次使用的 {no} 工作簿(使用 {used})", f"Not the workbook {no} that counts here ({used})"
    if used is None:
        said, said_en = f"没有使用:{no} 工作簿要放在 00 旁边", f"Not used: workbook {no} belongs beside workbook 00"
    return replace(verdict, verdict="ignored", message=said, message_en=said_en)


def _unknown(file: Path, opened: Opened, gathered: Gathered, rules: Mapping[str, Rule]) -> None:
    """A workbook of no known form: an error when it claims to be one of ours, else a remark."""
    if claims_to_be_ours(file, opened):
        found = opened.meta.get("template_id") or file.name
        told = version_told(opened.meta.get("template_version", ""), program_of(opened.book))
        values = {"found": found, "expected": "当前模板", **told}
        gathered.findings.append(Finding(rules["F028"], Place(file.name), (), values))
    gathered.verdicts.append(verdict_of(file, opened))


def _code(gathered: Gathered) -> str:
    """Project code of the set: of the plan, else the most frequent; empty where no workbook says one."""
    codes = {book.form: book.head.text("project_code") for book in gathered.workbooks}
    if codes.get("plan"):
        return codes["plan"]
    counted = Counter(code for book in gathered.workbooks if (code := book.head.text("project_code")))
    return counted.most_common(1)[0][0] if counted else ""


def _choose(gathered: Gathered, code: str, forms: Mapping[str, Form], rules: Mapping[str, Rule]) -> dict[str, Workbook]:
    """One workbook of each kind: own code before a foreign one, then the later file time (rules X201, B402).

    Of a form of which there may be many, all count: they are merged.
    """
    chosen: dict[str, Workbook] = {}
    for form in dict.fromkeys(book.form for book in gathered.workbooks):
        books = [book for book in gathered.workbooks if book.form == form]
        own = [book for book in books if book.head.text("project_code") in (code, "")] or books
        foreign = [book for book in books if book not in own]
        own.sort(key=_age)
        gathered.findings += [_foreign(book, code, rules) for book in foreign]
        if forms[form].many:
            chosen[form], conflicts = merge(own, forms[form], rules)
            gathered.findings += conflicts
        else:
            chosen[form] = own[-1]
            gathered.findings += _older(own, code, rules)
    return chosen


def _drop_older_copies(gathered: Gathered, code: str, forms: Mapping[str, Form], rules: Mapping[str, Rule]) -> None:
    """A marked copy that came back stands for the workbook it was made of, whichever is newer (B402).

    Only for forms of which there may be many: of the others one counts anyway.
    """
    copies: dict[str, list[Workbook]] = {}
    for book in gathered.workbooks:
        if forms[book.form].many:
            copies.setdefault(original_name(book.name), []).append(book)
    for books in copies.values():
        books.sort(key=_age)
        gathered.findings += _older(books, code, rules)
        gathered.workbooks = [book for book in gathered.workbooks if book not in books[:-1]]


def _age(book: Workbook) -> tuple[float, str]:
    return (book.path.stat().st_mtime, book.name)


def _foreign(book: Workbook, code: str, rules: Mapping[str, Rule]) -> Finding:
    found = book.head.text("project_code")
    values = {"list": f"{code}、{found}({book.name})", "found": found, "expected": code}
    return Finding(rules["X201"], book.head.at("project_code"), (), values)


def _older(books: Sequence[Workbook], code: str, rules: Mapping[str, Rule]) -> list[Finding]:
    newest = books[-1]
    older = [book for book in books[:-1] if book.sha256 != newest.sha256]
    values = {"code": code, "v": newest.name, "expected": newest.name}
    return [
        Finding(rules["B402"], book.at, (newest.at,), {**values, **_why(book, newest), "found": book.name})
        for book in older
    ]


def _why(book: Workbook, newest: Workbook) -> dict[str, str]:
    """Why one of two workbooks counts: its file is newer, or, of equal times, its name comes last."""
    if _age(book)[0] < _age(newest)[0]:
        return {"why": "文件时间较新", "why_en": "its file is newer"}
    return {
        "why": "文件时间相同,分不出新旧,按文件名取后一个",
        "why_en": "the times are equal, so the later name counts",
    }
