"""The independent audit of a run: of its figures and papers, then of every pack, before anything is published."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.adapters.private_folders import private_folder
from pipeline.audit.kept_results import kept_result
from pipeline.audit.papers import of_document
from pipeline.audit.reader import Shelf
from pipeline.audit.whole import audit_pack, audit_run, grounds_of
from pipeline.core.audits import Audit
from pipeline.core.documents import Document, Printed
from pipeline.core.errors import DefinitionError, DocumentFailed, PipelineError, UsageProblem
from pipeline.core.sheets import Workbook
from pipeline.definitions.documents import AUDIT, load_documents
from pipeline.definitions.forms import load_forms
from pipeline.deliver import manifest
from pipeline.deliver.archive import unzip
from pipeline.deliver.verify import verify
from pipeline.render.context.shown import Source
from pipeline.render.maker import Maker
from pipeline.render.orders import Order

_TOLD = 5


class AuditDiffers(DocumentFailed):
    """The second way gives another figure, or a printed place says another: nothing is published."""


@dataclass
class Auditor:
    """Audits one project; a context manager, because a child process reads the workbooks.

    Attributes:
        source: what the documents were made from.
        books: every workbook that was read, without 00.
    """

    source: Source
    books: Sequence[Workbook]

    def __post_init__(self) -> None:
        """One shelf for the run and its packs: every workbook is read once."""
        self._shelf = Shelf(self.source.cache)

    def __enter__(self) -> Auditor:
        """Nothing is started yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the child that reads."""
        self.rest()

    def rest(self) -> None:
        """End the child that reads; what it has read is kept, and a further workbook starts another."""
        self._shelf.__exit__(None, None, None)

    @property
    def notes(self) -> tuple[str, ...]:
        """What another build may find otherwise."""
        said = "、".join(dict.fromkeys(self._shelf.lost))
        return (f"独立复核有工作簿没有读成({said}),出自它的数没有复核;请再生成一次",) if said else ()

    def prepare(self) -> None:
        """Read the workbooks and add them up, while nothing else is to be done; `audited` says what is found."""
        grounds_of(self._files(), self.source.forms, self._shelf)

    def audited(self, made: Sequence[Document], maker: Maker) -> tuple[list[Document], PipelineError | None]:
        """The paper of the audit; and why nothing may be published, where something differs."""
        papers = [of_document(document) for document in made]
        files, source = self._files(), self.source

        def anew() -> Audit:
            return audit_run(files, source.facts, papers, source.forms, self._shelf)

        found = kept_result(source.cache, files, source.facts, papers, anew, lambda: not self._shelf.lost)
        failure: PipelineError | None = _differs(found)
        try:
            return self._told(found, maker), failure
        except (DocumentFailed, DefinitionError) as error:
            return [], failure or type(error)(*error.args)

    def pack(self, folder: Path) -> None:
        """Audit a pack from what lies in its folder.

        Raises:
            AuditDiffers: something in it is not as its own workbooks say.
        """
        told = manifest.read(folder, manifest.PROVENANCE)
        merged = next(iter(sorted(folder.glob(f"{folder.name}.pdf"))), None)
        if failure := _differs(audit_pack(folder, told, self.source.forms, self._shelf, merged)):
            raise failure

    def _files(self) -> Mapping[str, bytes]:
        """Bytes of the workbooks as they were read; one that has changed since is left out."""
        files = {}
        for book in (self.source.company.book, *self.books):
            content = book.path.read_bytes()
            if hashlib.sha256(content).hexdigest() == book.sha256:
                files[book.name] = content
        return files

    def _told(self, found: Audit, maker: Maker) -> list[Document]:
        """The paper of the audit."""
        forms = [form for form in load_documents().values() if form.per == AUDIT]
        writer = Maker(replace(self.source, audit=found), maker.work, maker.office)
        return [writer.make(Order(form)) for form in forms]


def kept_apart(papers: Sequence[Document], today: Sequence[Document]) -> list[Document]:
    """Papers with the names of what they print otherwise than today's workbooks would have it: it was signed so.

    Args:
        papers: as they are issued.
        today: the same as they would be made today.
    """
    said = {(one.code, one.part, one.version): set(one.printed) for one in today}
    return [_kept_apart(one, said.get((one.code, one.part, one.version), set())) for one in papers]


def _kept_apart(paper: Document, today: set[Printed]) -> Document:
    return replace(paper, kept=tuple(dict.fromkeys(one.name for one in paper.printed if one not in today)))


def _differs(found: Audit) -> AuditDiffers | None:
    if not found.different:
        return None
    listed = ";".join(map(str, found.different[:_TOLD]))
    more = f";另有 {len(found.different) - _TOLD} 处" if len(found.different) > _TOLD else ""
    return AuditDiffers(f"独立复核不一致(the audit differs): {listed}{more}")


@dataclass(frozen=True)
class PackAudit:
    """What became of a pack: whether it is as it was made, and whether it says what its workbooks say.

    Attributes:
        problems: what is not as it was made, as `verify` says it.
        audit: what was recomputed from its workbooks.
    """

    problems: Sequence[str]
    audit: Audit


def audit_published(pack: Path) -> PackAudit:
    """Audit a pack years later, from its folder or zip alone.

    Raises:
        UsageProblem: there is no such pack.
    """
    problems = verify(pack)
    with private_folder() as work:
        folder = pack
        if not pack.is_dir():
            problems = list(dict.fromkeys([*problems, *_unpacked(pack, work)]))
            folder = next((path for path in sorted(work.iterdir()) if path.is_dir()), work)
        return PackAudit(problems, _from_bag(folder))


def _unpacked(pack: Path, work: Path) -> Sequence[str]:
    try:
        return unzip(pack, work)
    except UsageProblem as problem:
        return [str(problem)]


def _from_bag(folder: Path) -> Audit:
    told = manifest.read(folder, manifest.PROVENANCE)
    root = manifest.payload(folder)
    if "documents" not in told:
        return Audit(remarks=(f"没有 {manifest.PROVENANCE},或已损坏,没有可以复核的(no provenance)。",))
    merged = next(iter(sorted(root.glob("*_V*_*.pdf"))), None)
    try:
        with Shelf() as shelf:
            return audit_pack(root, told, load_forms(), shelf, merged)
    except (KeyError, TypeError, ValueError, AttributeError):
        return Audit(remarks=(f"{manifest.PROVENANCE} 不是本程序写的样子,没有可以复核的(foreign provenance)。",))
