"""What the checks say of one project: read, derive, check; kept while its files stay as they are."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Hashable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pipeline.adapters.files import sha256
from pipeline.check.case import Case
from pipeline.check.judge import judge
from pipeline.core.documents import FileVerdict, ProjectResult
from pipeline.core.errors import ExitCode, PipelineError
from pipeline.core.sheets import Workbook
from pipeline.definitions.catalogue import load_catalogue
from pipeline.definitions.forms import load_forms
from pipeline.derive.facts import derive
from pipeline.derive.former_names import with_supposed_names
from pipeline.derive.formulas import settle
from pipeline.intake.attachments import attached
from pipeline.intake.company import beside, read_company
from pipeline.intake.folders import workbook_files
from pipeline.intake.projects import read_project
from pipeline.project_run.papers import unsigned_in_archive
from pipeline.render.context.shown import Source

_MOST = 4  # projects of some 10 MB
_known: OrderedDict[Hashable, Judged] = OrderedDict()


@dataclass(frozen=True)
class Judged:
    """A project that was checked.

    Attributes:
        source: everything that documents would be made from.
        result: findings and comparisons; no documents.
        books: every workbook that was read, without 00.
    """

    source: Source
    result: ProjectResult
    books: tuple[Workbook, ...]


class NothingRecognised(PipelineError):
    """No workbook of a unit of work is one of ours, and none was refused: there is no project to judge.

    Attributes:
        files: what became of each.
    """

    exit_code = ExitCode.FINDINGS

    def __init__(self, path: str, files: tuple[FileVerdict, ...] = ()) -> None:
        super().__init__(path)
        self.files = files

    def __str__(self) -> str:
        """What was given and what to do."""
        return (
            f"{self.args[0]}:没有认出本流程的工作簿,什么也没有校验。请检查路径,或用空白模板填写"
            f"(no workbook of this procedure was recognised; nothing was checked)。"
        )


def judged(path: Path, master: Path, as_of: date, only: Collection[str] = ()) -> Judged | None:
    """Read and check one project; the same files on the same day are not read twice in a process.

    Args:
        path: folder or file of the project.
        master: workbook 00.
        as_of: today.
        only: codes that are wanted; empty wants all.

    Returns:
        What was found; None where the project is not wanted.

    Raises:
        NothingRecognised: none of its workbooks is one of ours.
        PipelineError: we cannot go on; its exit code says why.
    """
    key = _key(path, master, as_of)
    found = _known.get(key) if key else None
    if found is None:
        found = _fresh(path, master, as_of, only)
        if found is None or key is None or key != _key(path, master, as_of):  # something changed while it was read
            return found
    _known[key] = found
    _known.move_to_end(key)
    while len(_known) > _MOST:
        _known.popitem(last=False)
    return found if not only or found.result.code in only else None


def _key(path: Path, master: Path, as_of: date) -> tuple[Hashable, ...] | None:
    """What decides what the checks say; None where a file cannot be looked at, of which reading tells."""
    try:
        return path, master, as_of, id(load_forms()), id(load_catalogue()), *_seen(path, master)
    except OSError:
        return None


def _seen(path: Path, master: Path) -> Iterator[Hashable]:
    """What tells whether a file has changed: of workbooks the hash, of attachments what the system remembers."""
    books = workbook_files(path) if path.is_dir() else [path]
    for book in (master, *beside(master), *books):
        yield book, sha256(book)
    for file in attached(path) if path.is_dir() else ():
        now = file.lstat()
        yield file, now.st_ino, now.st_size, now.st_mtime_ns, now.st_ctime_ns


def _fresh(path: Path, master: Path, as_of: date, only: Collection[str]) -> Judged | None:
    forms, rules = load_forms(), load_catalogue()
    company = read_company(master, forms).on(as_of)
    found = read_project(path, company, forms, rules)
    if not found.books and not found.findings:
        raise NothingRecognised(str(path), found.verdicts)
    if only and found.project.code not in only:
        return None
    company = with_supposed_names(found.project, company)
    project = settle(found.project, company, forms)
    facts = derive(project, company, forms, as_of)
    case = Case(project, company, facts, forms, rules)
    waiting = unsigned_in_archive(Source(project, company, facts, forms))
    hits, compared = judge(case, [*found.findings, *waiting])
    findings, comparisons = tuple(hits), tuple(compared)
    hashes = {book.name: book.sha256 for book in (company.book, *found.books)}
    result = ProjectResult(
        project.code, project.name, facts, findings, comparisons, files=found.verdicts, hashes=hashes
    )
    return Judged(Source(project, company, facts, forms, findings, comparisons), result, found.books)
