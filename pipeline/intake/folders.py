"""A path of the command line: which folders in it are projects, and what became of everything else that lies there."""

from __future__ import annotations

import json
import os
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.core.attachments import FOLDERS
from pipeline.core.documents import FileVerdict
from pipeline.core.errors import UsageProblem
from pipeline.core.names import BAG, OUTPUT_LEDGER, WORKSPACE_LEDGER, unseen
from pipeline.definitions.forms import Form, load_forms
from pipeline.intake.gate import WORKBOOK_SUFFIXES, Refusal
from pipeline.intake.workbooks import Opened, open_file, read_workbook

DEEPEST = 6
_NOT_INPUT = frozenset({"expected", "预填", *FOLDERS})
# What may hold a project or its cells and is not opened here.
_CLOSED = frozenset({".zip", ".rar", ".7z", ".xltx", ".xltm", ".xlt", ".ett", ".numbers", ".tsv"})

Words = tuple[str, str]
_FOREIGN = ("不是本流程的表单,未处理。", "No form of this procedure; nothing was done with it.")
_NO_VERSION = ("无法识别模板版本,请使用最新模板。", "Its form version is not known; use the newest blank.")
_OURS: Mapping[str, Words] = {
    OUTPUT_LEDGER: ("这是本系统的输出目录,没有处理。", "A folder that this program wrote; not read."),
    WORKSPACE_LEDGER: ("这是工作区目录,没有处理。", "A workspace of this program; not read."),
    BAG: ("这是文档包,没有处理。", "A document pack; not read."),
}
_ARCHIVE = (
    "不是工作簿,里面的内容没有处理。请解压或另存为 .xlsx 后放在项目目录里。",
    "No workbook; its content was not read. Unpack it, or save it as .xlsx in the project's folder.",
)
_ENCLOSED = (
    "不在项目目录里的附件目录,没有处理。请移到项目目录下。",
    "Attachments outside a project's folder; not read. Move them into the project's folder.",
)
_SET_ASIDE = (
    "这个目录里的 {count} 个工作簿没有处理。如应处理,请移到项目目录里,或直接指定它。",
    "The {count} workbooks in this folder were not read. Move them into a project's folder, or name it.",
)
_CLOSED_FOLDER = ("文件夹打不开,没有处理。请检查权限。", "The folder cannot be opened; check its permissions.")
_DEEP = (
    f"文件夹超过 {DEEPEST} 层,没有处理。请放到上层,或直接指定它。",
    f"More than {DEEPEST} folders deep; not read. Move it up, or name it on the command line.",
)
_COPY = (
    "里面的 {count} 个工作簿与上层目录是同一个项目({code}),没有处理。如应以它为准,请直接指定它。",
    "Its {count} workbooks are of the same project ({code}) as the folder above; not read. Name it if it is meant.",
)


@dataclass(frozen=True)
class FolderLook:
    """What the workbooks of one folder (or one file) are.

    Attributes:
        code: project code inside, of the plan before the others; empty when none says one.
        kinds: forms that were recognised, workbook 00 left aside.
        verdicts: of all workbooks that are no part of a project.
    """

    code: str = ""
    kinds: frozenset[str] = frozenset()
    verdicts: tuple[FileVerdict, ...] = ()


@dataclass
class Survey:
    """Units of work in their order, and a verdict for all that is none and belongs to none."""

    units: list[Path] = field(default_factory=list)
    files: list[FileVerdict] = field(default_factory=list)


def workbook_files(folder: Path) -> list[Path]:
    """Workbooks that lie directly in a folder, by name; what is never looked at is left out.

    Whether a folder is looked into is for who finds it: one that a person names is, whatever it is called.
    """
    files = (path for path in folder.iterdir() if path.suffix.lower() in WORKBOOK_SUFFIXES)
    return sorted(path for path in files if not path.is_dir() and not unseen(path.name))


def survey(path: Path, forms: Mapping[str, Form]) -> Survey:
    """Find the projects in a path: a file, a folder with a project's workbooks, or folders of such at any depth.

    A folder is a project when a form of ours lies directly in it. One below it is another, unless it holds the same
    project again and no kind of workbook more: an older copy. Workbook 00 alone makes no project.

    Raises:
        UsageProblem: nothing is there, or nothing that could be a project's workbook.
    """
    if path.is_file():
        return Survey([path])
    if not path.is_dir():
        raise UsageProblem(f"{path}:没有这个文件或目录(no such file or folder)。")
    found = Survey()
    folders = _walk(path, 0, found, set())
    _sort_out(folders, found, forms)
    if not found.units and all(_maybe_company(file) for files in folders.values() for file in files):
        raise UsageProblem(f"{path}:里面没有工作簿(.xlsx),请检查目录(no workbook in this folder)。")
    return found


def _maybe_company(file: Path) -> bool:
    numbers = tuple(form.no for form in load_forms().values() if form.company)
    return file.name.startswith(numbers)


def _sort_out(folders: Mapping[Path, Sequence[Path]], found: Survey, forms: Mapping[str, Form]) -> None:
    """Tell projects from loose workbooks; files are opened only where the folders leave a doubt."""
    known: dict[Path, FolderLook] = {}
    for folder, files in folders.items():
        holds = any(folder in other.parents for other in folders)
        above = [look for place, look in known.items() if place in folder.parents]
        if not holds and not above and not all(map(_maybe_company, files)):
            found.units.append(folder)
            continue
        look = look_at(folder, forms)
        if not look.kinds:
            found.files += look.verdicts
        elif any(look.code and look.code == one.code and look.kinds <= one.kinds for one in above):
            found.files.append(_left(folder, _COPY, count=len(files), code=look.code))
        else:
            found.units.append(folder)
            known[folder] = look


def _walk(folder: Path, depth: int, found: Survey, been: set[Path]) -> dict[Path, list[Path]]:
    """Folders that hold workbooks, from the top down; what is not looked into is noted."""
    if (real := folder.resolve()) in been:
        return {}
    been.add(real)
    try:
        entries, files = sorted(folder.iterdir()), workbook_files(folder)
        inner = [one for one in entries if one.is_dir() and not unseen(one.name, folder=True)]
    except OSError:
        found.files.append(_left(folder, _CLOSED_FOLDER, verdict="refused"))
        return {}
    closed = (one for one in entries if one.suffix.lower() in _CLOSED and one not in inner and not unseen(one.name))
    found.files += [_left(one, _ARCHIVE) for one in closed]
    below: dict[Path, list[Path]] = {folder: files} if files else {}
    for one in inner:
        if why := _why_not(one, depth, in_project=bool(files)):
            found.files.append(_left(one, why))
        elif not _set_aside(one):
            below |= _walk(one, depth + 1, found, been)
        elif count := _workbooks_in(one):
            found.files.append(_left(one, _SET_ASIDE, count=count))
    return below


def _set_aside(folder: Path) -> bool:
    return unicodedata.normalize("NFC", folder.name) in _NOT_INPUT


def _workbooks_in(folder: Path) -> int:
    """How many workbooks lie in a folder that is not looked into; loose ones among attachments belong there."""
    places = [place for place in folder.rglob("*") if place.is_dir() and os.access(place, os.R_OK | os.X_OK)]
    if unicodedata.normalize("NFC", folder.name) not in FOLDERS:
        places.append(folder)
    return sum(len(workbook_files(place)) for place in places)


def _why_not(folder: Path, depth: int, *, in_project: bool) -> Words | None:
    """Why a folder is not looked into, where that is worth a word."""
    if unicodedata.normalize("NFC", folder.name) in FOLDERS and not in_project:
        return _ENCLOSED
    made = next((mark for mark in _OURS if (folder / mark).is_file()), None)
    if made and not (made == OUTPUT_LEDGER and _others(folder)):
        return _OURS[made]
    return _DEEP if depth >= DEEPEST and not _set_aside(folder) else None


def _others(folder: Path) -> bool:
    """Whether an output folder also holds workbooks that this program did not write: then it is a project, too."""
    try:
        written = set(json.loads((folder / OUTPUT_LEDGER).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        written = set()
    return any(file.name not in written for file in workbook_files(folder))


def _left(path: Path, words: Words, *, verdict: str = "ignored", **values: object) -> FileVerdict:
    said, said_en = (text.format(**values) for text in words)
    return FileVerdict(str(path), verdict, "", said, message_en=said_en)


# -- what a workbook is ---------------------------------------------------------------------------------------------


def look_at(path: Path, forms: Mapping[str, Form]) -> FolderLook:
    """Recognise the workbooks of a folder, or one file."""
    codes: dict[str, str] = {}
    verdicts = []
    for file in workbook_files(path) if path.is_dir() else [path]:
        opened = open_file(file, forms)
        if isinstance(opened, Opened) and opened.form and not opened.form.company:
            codes.setdefault(opened.form.key, read_workbook(opened, opened.form, {}).head.text("project_code"))
        else:
            verdicts.append(verdict_of(file, opened))
    said = (code for code in (codes.get("plan"), *codes.values()) if code)
    return FolderLook(next(said, ""), frozenset(codes), tuple(verdicts))


def verdict_of(file: Path, opened: Opened | Refusal) -> FileVerdict:
    """What became of a file that is no workbook of a project: refused, workbook 00, or of no known form (F028)."""
    if isinstance(opened, Refusal):
        return FileVerdict(str(file), "refused", "B415", opened.message(), message_en=opened.message("en"))
    if opened.form is not None:
        return FileVerdict(str(file), "company")
    rule, words = ("F028", _NO_VERSION) if claims_to_be_ours(file, opened) else ("", _FOREIGN)
    return FileVerdict(str(file), "unknown", rule, words[0], message_en=words[1])


def claims_to_be_ours(file: Path, opened: Opened) -> bool:
    """Whether a workbook of no known form bears one of our numbers or template names."""
    return bool(opened.meta.get("template_id")) or any(form.claimed_by(file.name) for form in load_forms().values())


def project_code(path: Path, forms: Mapping[str, Form]) -> str:
    """Project code inside the workbooks of a folder, of the plan before the others; else the folder's name."""
    return look_at(path, forms).code or path.resolve().name
