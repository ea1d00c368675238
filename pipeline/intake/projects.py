"""Paths to projects: which files belong together, which one counts, and what became of every file."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.core.attachments import FOLDERS
from pipeline.core.company import Company
from pipeline.core.documents import FileVerdict
from pipeline.core.errors import UsageProblem
from pipeline.core.findings import Finding, Rule
from pipeline.core.marks import original_name
from pipeline.core.places import Place
from pipeline.core.sheets import Project, Workbook
from pipeline.definitions.forms import Form
from pipeline.intake.attachments import read_attachments
from pipeline.intake.company import unique_names
from pipeline.intake.gate import WORKBOOK_SUFFIXES, Refusal, ignored
from pipeline.intake.merging import merge
from pipeline.intake.workbooks import open_file, read_workbook

_NOT_INPUT = frozenset({"expected", "预填", *FOLDERS})


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


def project_folders(path: Path) -> list[Path]:
    """Units of work in a path: the path itself when it holds workbooks (or is a file), else its folders that do.

    Workbook 00 alone makes no project: it may lie beside the projects' folders.

    Raises:
        UsageProblem: nothing is there, or nothing that could be a workbook.
    """
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise UsageProblem(f"{path}:没有这个文件或目录(no such file or folder)。")
    if any(not file.name.startswith("00") for file in _workbook_files(path)):
        return [path]
    found = [child for child in sorted(path.iterdir()) if child.is_dir() and _workbook_files(child)]
    if not found:
        raise UsageProblem(f"{path}:里面没有工作簿(.xlsx),请检查目录(no workbook in this folder)。")
    return found


def project_code(path: Path, forms: Mapping[str, Form]) -> str:
    """Project code inside the workbooks of a folder, of the plan before the others; else the folder's name."""
    codes: dict[str, str] = {}
    for file in _workbook_files(path) if path.is_dir() else [path]:
        opened = open_file(file, forms)
        if isinstance(opened, Refusal) or opened.form is None or opened.form.key == "master":
            continue
        codes.setdefault(opened.form.key, read_workbook(opened, opened.form, {}).head.text("project_code"))
    found = [code for code in (codes.get("plan"), *codes.values()) if code]
    return found[0] if found else path.resolve().name


def _workbook_files(folder: Path) -> list[Path]:
    if folder.name in _NOT_INPUT or folder.name.startswith("."):
        return []
    files = (p for p in folder.iterdir() if p.is_file() and not ignored(p.name))
    return sorted(p for p in files if p.suffix.lower() in WORKBOOK_SUFFIXES)


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
    for file in _workbook_files(path) if path.is_dir() else [path]:
        _read_file(file, gathered, company, people, forms, rules)
    code = _code(gathered)
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
        gathered.verdicts.append(
            FileVerdict(str(file), "refused", "B415", opened.message(), message_en=opened.message("en"))
        )
    elif opened.form is None:
        _unknown(file, opened.meta, gathered, rules)
    elif opened.form.key == "master":
        same = opened.sha256 == company.book.sha256
        message = "" if same else f"不是本次使用的 00 工作簿(使用 {company.book.path})"
        gathered.verdicts.append(FileVerdict(str(file), "company" if same else "ignored", "", message))
    else:
        gathered.workbooks.append(read_workbook(opened, opened.form, people))
        gathered.verdicts.append(FileVerdict(str(file), "accepted", "", opened.form.name))


def _unknown(file: Path, meta: Mapping[str, str], gathered: Gathered, rules: Mapping[str, Rule]) -> None:
    """A workbook of no known form: an error when it claims to be one of ours, else a remark."""
    if meta.get("template_id") or re.match(r"0[0-6][_ -]", file.name):
        found = meta.get("template_id") or file.name
        gathered.findings.append(Finding(rules["F028"], Place(file.name), (), {"found": found, "expected": "当前模板"}))
        gathered.verdicts.append(FileVerdict(str(file), "unknown", "F028", "无法识别模板版本,请使用最新模板。"))
    else:
        gathered.verdicts.append(FileVerdict(str(file), "unknown", "", "不是本流程的表单,未处理。"))


def _code(gathered: Gathered) -> str:
    """Project code of the set: of the plan, else the most frequent, else the folder's name."""
    codes = {book.form: book.head.text("project_code") for book in gathered.workbooks}
    if codes.get("plan"):
        return codes["plan"]
    counted = Counter(code for book in gathered.workbooks if (code := book.head.text("project_code")))
    return counted.most_common(1)[0][0] if counted else gathered.folder.resolve().name


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
    return [Finding(rules["B402"], book.at, (newest.at,), {**values, "found": book.name}) for book in older]
