"""Where the files of a project go for people: 待签, 文档, 对客户, 校验, 文档包, 当前工作簿, 空白表."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain, count
from pathlib import Path

from pipeline.adapters.files import write_atomic
from pipeline.core.documents import WAITING, Document, Pack
from pipeline.core.errors import DeliveryFailed
from pipeline.core.names import safe
from pipeline.definitions.documents import load_documents
from pipeline.render.maker import DRAFT, SYSTEM
from pipeline.service.runs.access import Access
from pipeline.service.runs.dependence import workbooks
from pipeline.service.runs.mirror import Written, mirror
from pipeline.workspace import signs, store
from pipeline.workspace.inputs import Current
from pipeline.workspace.layout import Workspace
from pipeline.workspace.projects import Remembered

TO_SIGN, RECORDS, CUSTOMER, CHECKED, PACKS, CURRENT, BLANKS = (
    "待签",
    "文档",
    "对客户",
    "校验",
    "文档包",
    "当前工作簿",
    "空白表",
)
_MARKER = ".presales"


@dataclass(frozen=True)
class Publisher:
    """Publishes from one workspace into one folder.

    Attributes:
        folder: `publish_dir`.
        secret_group: name of the group that may look into secret projects; empty: that of the service alone.
    """

    workspace: Workspace
    folder: Path
    secret_group: str = ""

    def ready(self) -> None:
        """See that the published folder is there and is the one we wrote before.

        Raises:
            DeliveryFailed: it is missing, or an empty folder stands in its place (a share that is not mounted).
        """
        marker, seen = self.folder / _MARKER, self._record("seen")
        try:
            if seen.exists() and not marker.exists():
                raise DeliveryFailed(
                    f"{self.folder}:发布目录不在了,可能没有挂载。挂载以后自动继续;确实换了目录,请删除 {seen}"
                    "(the published folder is not there; is it mounted?)。"
                )
            if not marker.exists():
                write_atomic(marker, "由售前文档流水线使用,请勿删除。\n".encode())
                write_atomic(seen, str(self.folder).encode())
        except OSError as error:
            raise DeliveryFailed(f"{self.folder}:发布目录写不进去(cannot publish): {error.strerror}") from error

    def project(self, known: Remembered, current: Iterable[Current]) -> tuple[tuple[Document, ...], tuple[Pack, ...]]:
        """Publish the newest run of a project.

        Args:
            known: as it was remembered; paths are those of the workspace.
            current: inputs that count now.

        Returns:
            Documents and packs with the paths of the published files.

        Raises:
            DeliveryFailed: the folder cannot be written; a later call goes on where this one stopped.
        """
        folder = self.folder / safe(known.code)
        papers = [document for document in known.documents if document.code not in SYSTEM]
        formal = papers and not known.failure and not any(finding.blocks for finding in known.findings)
        wanted = {name: path for document in known.documents for name, path in _files(document)}
        wanted |= {name: path for pack in known.packs for name, path in _pack_files(pack)}
        wanted |= self._workbooks(current)
        wanted |= {f"{CHECKED}/{path.name}": path for path in self._beside(known) if path.is_file()}
        lasting = (PACKS,) if formal else (PACKS, TO_SIGN, RECORDS, CUSTOMER)
        try:
            Access(self.folder, self._record("closed"), self.secret_group).prepare(folder, known.facts)
            mirror(wanted, folder, self._record(safe(known.code)), lasting, self._written())
        except OSError as error:
            raise DeliveryFailed(f"{folder}:发布目录写不进去(cannot publish): {error.strerror}") from error
        return tuple(_moved(d, folder) for d in known.documents), tuple(_moved_pack(p, folder) for p in known.packs)

    def retire(self, code: str) -> None:
        """Remove what we published of a project; what people put beside it, or changed, stays.

        Raises:
            DeliveryFailed: the folder cannot be written.
        """
        folder = self.folder / safe(code)
        self.put({}, folder, self._record(safe(code)))
        with suppress(OSError):
            folder.rmdir()

    def blanks(self, folder: Path, code: str = "") -> None:
        """Publish blank workbooks that lie in a folder: for everybody, or of one project.

        Raises:
            DeliveryFailed: the folder cannot be written.
        """
        below = self.folder / safe(code) if code else self.folder
        wanted = {f"{BLANKS}/{path.name}": path for path in sorted(folder.glob("*.xlsx"))}
        self.put(wanted, below, self._record(safe(code) if code else BLANKS))

    def withdraw_blanks(self, code: str) -> None:
        """Remove the pre-filled set of a project that is none any more, and its folder where nothing else lies there.

        Raises:
            DeliveryFailed: the folder cannot be written.
        """
        folder, others = self.folder / safe(code), (TO_SIGN, RECORDS, CUSTOMER, CHECKED, PACKS, CURRENT)
        try:
            mirror({}, folder, self._record(safe(code)), others, self._written())
        except OSError as error:
            raise DeliveryFailed(f"{folder}:发布目录写不进去(cannot publish): {error.strerror}") from error
        with suppress(OSError):
            folder.rmdir()

    def put(self, wanted: Mapping[str, Path], folder: Path, record: Path) -> None:
        """Mirror files into a folder of the published one."""
        try:
            mirror(wanted, folder, record, (), self._written())
        except OSError as error:
            raise DeliveryFailed(f"{folder}:发布目录写不进去(cannot publish): {error.strerror}") from error

    def portfolio(self, files: Iterable[Path]) -> None:
        """Publish what concerns all projects: status page and daily report.

        Args:
            files: below the workspace's `portfolio`, whose order of folders is kept.
        """
        wanted = {path.relative_to(self.workspace.portfolio).as_posix(): path for path in files}
        self.put(wanted, self.folder, self._record("portfolio"))

    def _written(self) -> Written:
        return Written(self.folder / _MARKER, signs.restored(self.workspace))

    def _record(self, name: str) -> Path:
        return self.workspace.published / f"{name}.json"

    def _workbooks(self, current: Iterable[Current]) -> dict[str, Path]:
        books = workbooks(current)
        names = distinct_names(books)
        return {f"{CURRENT}/{names[one.slot]}": store.place(self.workspace.store, one.sha256) for one in books}

    def _beside(self, known: Remembered) -> list[Path]:
        """Everything else that the run put into its folder of checks: marked workbooks, the tables as XLSX."""
        return sorted((self.workspace.out / known.output / safe(known.code) / "check").rglob("*.xlsx"))


def distinct_names(books: Iterable[Current]) -> dict[str, str]:
    """A name for each slot; where two inputs have the same name, the department or person tells them apart."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for one in books:
        path = Path(one.name)
        who = "_".join(part for part in one.slot.split("/")[1:] if part)
        more = (f"{path.stem}_{safe(who)}{number or ''}{path.suffix}" for number in count())
        name = next(name for name in chain([path.name], more) if name.casefold() not in taken)
        taken.add(name.casefold())
        names[one.slot] = name
    return names


def _place(document: Document) -> str:
    """Folder of a document for people."""
    form = load_documents().get(document.code)
    if document.code in SYSTEM or document.state == DRAFT or (form and form.folder == "check"):
        return CHECKED
    if form and "customer" in (form.folder, form.audience):
        return CUSTOMER
    return TO_SIGN if document.state in WAITING else RECORDS


def _files(document: Document) -> list[tuple[str, Path]]:
    made = (path for path in (document.docx, document.pdf) if path)
    return [(f"{_place(document)}/{path.name}", path) for path in made]


def _pack_files(pack: Pack) -> list[tuple[str, Path]]:
    made = (path for path in (pack.archive, pack.pdf) if path and path.is_file())
    return [(f"{PACKS}/{path.name}", path) for path in made]


def _moved(document: Document, folder: Path) -> Document:
    place = folder / _place(document)
    return replace(document, docx=place / document.docx.name, pdf=document.pdf and place / document.pdf.name)


def _moved_pack(pack: Pack, folder: Path) -> Pack:
    place = folder / PACKS
    archive = place / pack.archive.name
    return replace(pack, folder=archive, archive=archive, pdf=pack.pdf and place / pack.pdf.name)
