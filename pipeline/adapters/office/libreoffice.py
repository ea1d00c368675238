"""LibreOffice, wrapped once: a child process with limits and a deadline, and no trust in what it says.

``LibreOffice`` holds at most one child (``lok_child.py``, which runs ``lok_worker.py``), started when it is
first needed. Each document is a private copy in a fresh folder: a left-over ``.~lock`` file beside a document
makes it open read-only, and its table of contents stays stale, in silence. What comes back is accepted only
after a look at the file itself.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from pathlib import Path

from pikepdf import PdfError

from pipeline.adapters import pdf_tags, pdf_ua, pdf_xmp
from pipeline.adapters.child import ChildLost
from pipeline.adapters.files import replacing
from pipeline.adapters.office import ragged
from pipeline.adapters.office.lok_child import OfficeChild
from pipeline.core.errors import DependencyMissing, DocumentFailed

PACKAGES = "libreoffice-writer-nogui libreoffice-calc-nogui fonts-noto-cjk"
INSTALL = f"sudo apt-get install -y --no-install-recommends {PACKAGES}"

WORKER = Path(__file__).with_name("lok_worker.py")
_BESIDE = tuple(Path(str(module.__file__)) for module in (pdf_tags, pdf_ua, pdf_xmp, ragged))

# JODConverter's figure: what LibreOffice does not give back after a large document goes with the process.
DOCUMENTS_PER_CHILD = 200

# A list of 2,000 lines has 7 MB of text and takes 25 s alone, 110 s on a machine with four times the work it can do.
SECONDS_PER_MB = 15

_USUAL_FOLDERS = (Path("/usr/lib/libreoffice/program"), Path("/usr/lib64/libreoffice/program"))
_VENDOR_FOLDER = Path("/opt")
_LIBRARY = "libmergedlo.so"
_NO_ZIP = (OSError, KeyError, ValueError, RuntimeError, zipfile.BadZipFile, zlib.error)
_CONTENTS = re.compile(rb'<w:instrText[^>]*>\s*TOC\b|<w:fldSimple [^>]*w:instr="\s*TOC\b')


@dataclass(frozen=True)
class Office:
    """An installed LibreOffice: the folder with libmergedlo.so, and its version as it prints it (7.4.7.2)."""

    program: Path
    version: str


def probe(path: Path | None = None) -> Office:
    """Find LibreOffice.

    Args:
        path: where to look, and nowhere else: the program folder, its parent, or the soffice in it. None
            looks on PATH and in the usual folders.

    Raises:
        DependencyMissing: there is none that we can use; the message holds the command that installs it.
    """
    looked = list(_candidates() if path is None else _around(path))
    for program in looked:
        if (program / _LIBRARY).is_file():
            return Office(program, _version(program))
    raise _missing("找过 looked in: " + ", ".join(map(str, looked)))


def _candidates() -> Iterator[Path]:
    on_path = shutil.which("soffice")
    if on_path:
        yield Path(on_path).resolve().parent
    yield from _USUAL_FOLDERS
    yield from sorted(_VENDOR_FOLDER.glob("libreoffice*/program"), reverse=True)


def _around(path: Path) -> tuple[Path, ...]:
    real = path.resolve()
    return (real.parent,) if real.is_file() else (real, real / "program")


def _version(program: Path) -> str:
    command = [str(program / "soffice.bin"), "--version"]
    try:
        run = subprocess.run(command, capture_output=True, timeout=30, check=False, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise _missing(f"{program}: {problem}") from problem
    number = re.search(rb"\d+(\.\d+)+", run.stdout)
    if number is None:
        raise _missing(f"{program}: soffice --version: {run.stdout[:80]!r} {run.stderr[-200:]!r}")
    return number.group().decode()


def _missing(fact: str) -> DependencyMissing:
    return DependencyMissing(
        f"找不到可用的 LibreOffice，不能生成 PDF。请安装：{INSTALL}\n"
        f"No usable LibreOffice, so no PDF can be made. Install it: {INSTALL}\n({fact})"
    )


class LibreOffice(AbstractContextManager["LibreOffice"]):
    """Turns documents into PDF, and recalculates workbooks, in a child process of its own.

    A context manager; ``close`` leaves no process and no file behind. One instance serves one thread;
    instances beside each other do not meet.

    Args:
        office: which LibreOffice; None looks for it when the first document comes.
        timeout_s: seconds that one attempt at one document may take, and more for a long one. There are two attempts.
        worker: the script of the child.
    """

    def __init__(self, office: Office | None = None, *, timeout_s: float = 120.0, worker: Path = WORKER) -> None:
        self._office = office
        self._timeout_s = timeout_s
        self._worker = worker
        self._child: OfficeChild | None = None

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the child and remove its folder. A further document would start a new one."""
        child, self._child = self._child, None
        if child is not None:
            child.end()

    @property
    def identity(self) -> str:
        """Program, version and build of LibreOffice, and the code that asks it.

        Raises:
            DependencyMissing: LibreOffice is not there.
        """
        self._office = self._office or probe()
        code = b"".join(path.read_bytes() for path in (Path(__file__), self._worker, *_BESIDE))
        build = (self._office.program / _LIBRARY).stat()  # a distribution mends a version without another number
        told = (self._office.version, self._office.program, build.st_size, build.st_mtime_ns)
        return "\n".join(map(str, (*told, hashlib.sha256(code).hexdigest())))

    @property
    def _loses_punctuation(self) -> bool:
        return self._office is not None and ragged.shrinks_lines(self._office.version)

    def begin(self) -> None:
        """Start the child, if it is not there; one that does not start says so when the first document comes."""
        with suppress(DependencyMissing, OSError):
            self._ready_child()

    def expect(self, source: Path) -> None:
        """Nothing is begun ahead by one alone; `Crew` does."""

    def work_until(self, other: object) -> None:
        """Nothing is begun ahead."""

    def ready(self, _source: Path) -> bool:
        """Nothing is there ahead."""
        return False

    def to_pdf(self, source: Path, target: Path, *, update_indexes: bool = False) -> None:
        """Convert a Word document to tagged PDF/A-2b, PDF/UA-1 too where true; ``target`` appears whole or not at all.

        Args:
            source: a .docx; it is not touched.
            target: where the PDF goes; its folder is made, an older file there is replaced.
            update_indexes: bring tables of contents up to date first; a document without one is as welcome.

        Raises:
            DocumentFailed: ``source`` is no Word document, or no acceptable PDF came of it in two attempts.
            DependencyMissing: LibreOffice is not there.
        """
        self._make(_Job("pdf", source, target, "word/document.xml", ".docx", ".pdf", _is_pdf, update_indexes))

    def resave(self, source_xlsx: Path, target_xlsx: Path) -> None:
        """Open a workbook, calculate every formula anew, and save it as .xlsx.

        Raises:
            DocumentFailed: ``source_xlsx`` is no workbook, or LibreOffice wrote none in two attempts.
            DependencyMissing: LibreOffice is not there.
        """
        part = "xl/workbook.xml"
        self._make(_Job("recalculate", source_xlsx, target_xlsx, part, ".xlsx", ".xlsx", _is_workbook))

    def converting(self, source: Path, target: Path) -> Iterator[OfficeChild]:
        """One attempt at what `to_pdf` does, in two steps, between which others may be taken.

        Yields:
            Once it works: the child, which can be read when it has done. ``target`` is there after the next step.

        Raises:
            ChildLost: LibreOffice was ended; another attempt may do.
            DocumentFailed: ``source`` is no Word document, or no acceptable PDF came of it.
            DependencyMissing: LibreOffice is not there.
        """
        return self._attempt(_Job("pdf", source, target, "word/document.xml", ".docx", ".pdf", _is_pdf))

    def _make(self, job: _Job) -> None:
        try:
            _to_the_end(self._attempt(job))
        except (ChildLost, _UnusableError):
            # LibreOffice now and then fails by no fault of the document; a fresh one decides.
            try:
                _to_the_end(self._attempt(job))
            except ChildLost as problem:
                raise job.failed("LibreOffice 两次都没有完成", f"LibreOffice failed twice: {problem}") from problem

    def _attempt(self, job: _Job) -> Iterator[OfficeChild]:
        child = self._ready_child()
        try:
            with child.folder() as folder:
                made = job.put(child, folder, unjustified=self._loses_punctuation)
                yield child
                job.take(child, made)
                _publish(made, job)
        except _UnusableError:
            self.close()
            raise
        except (DocumentFailed, DependencyMissing):
            raise
        except BaseException:
            # Interrupted half-way, the child owes an answer that the next question would take for its own.
            self.close()
            raise

    def _ready_child(self) -> OfficeChild:
        if self._child is not None and self._child.asked >= DOCUMENTS_PER_CHILD:
            self.close()
        if self._child is None:
            self._office = self._office or probe()
            self._child = OfficeChild(self._office.program, self._worker, self._timeout_s)
        return self._child


class _UnusableError(DocumentFailed):
    """LibreOffice says that it is done, and what it wrote is nothing, or garbage."""


@dataclass(frozen=True)
class _Job:
    """One document to make."""

    do: str
    source: Path
    target: Path
    main_part: str
    suffix_in: str
    suffix_out: str
    accept: Callable[[Path], bool]
    update_indexes: bool = False

    def put(self, child: OfficeChild, folder: Path, *, unjustified: bool) -> Path:
        """Have the document made in ``folder``; returns the file that will be there."""
        # Plain short names: soffice stumbles over some, and a lock file needs room for its own prefix.
        copy = folder / f"document{self.suffix_in}"
        made = folder / "out" / f"document{self.suffix_out}"
        made.parent.mkdir()
        self._copy(copy)
        if unjustified and self.suffix_in == ".docx":
            self._set_ragged(copy)
        # The worker takes an update that changes nothing for a failure, so it is asked only where there is a table.
        update = self.update_indexes and _has_contents(copy)
        question = {"do": self.do, "source": str(copy), "target": str(made), "update_indexes": update}
        child.put(question, extra_s=SECONDS_PER_MB * (_size_of(copy, self.main_part) // 1_000_000))
        return made

    def take(self, child: OfficeChild, made: Path) -> None:
        """Wait for the document, and look at it."""
        answer = child.take()
        if answer.get("outcome") == "missing":
            raise _missing(str(answer.get("reason")))
        if answer.get("outcome") != "done":
            raise self.failed("LibreOffice 不能转换", f"LibreOffice refused it: {answer.get('reason')}")
        if not self.accept(made):
            wrong = self.failed("LibreOffice 没有写出可用的文件", "LibreOffice wrote no usable file")
            raise _UnusableError(*wrong.args)

    def _copy(self, copy: Path) -> None:
        try:
            shutil.copyfile(self.source, copy)
        except OSError as problem:
            raise self.failed("文件读不出来", f"cannot be read: {problem.strerror}") from problem
        # LibreOffice would make a page of garbage of any bytes, so the kind is settled before it sees them.
        if not _has_part(copy, self.main_part):
            raise self.failed(f"不是 {self.suffix_in} 文件，没有转换", f"not a {self.suffix_in} file, not converted")

    def _set_ragged(self, copy: Path) -> None:
        try:
            ragged.set_ragged(copy)
        except _NO_ZIP as problem:
            raise self.failed("文件已损坏，没有转换", f"damaged, not converted: {problem}") from problem

    def failed(self, fact_zh: str, fact_en: str) -> DocumentFailed:
        """The error of this document; names it in both languages."""
        return DocumentFailed(f"{self.source}：{fact_zh}。\n{self.source}: {fact_en}.")


def _to_the_end(steps: Iterator[OfficeChild]) -> None:
    """Take all steps, one after the other."""
    for _ in steps:
        pass


def _has_part(path: Path, part: str) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return bool(archive.read(part))  # reads it to the end, so its checksum is right too
    except _NO_ZIP:
        return False


def _size_of(path: Path, part: str) -> int:
    """Bytes of a part, unpacked."""
    with zipfile.ZipFile(path) as archive:
        return archive.getinfo(part).file_size


def _has_contents(docx: Path) -> bool:
    """Whether a Word document holds a field that makes a table of contents, of figures or of tables."""
    with zipfile.ZipFile(docx) as archive:
        return _CONTENTS.search(archive.read("word/document.xml")) is not None


def _is_workbook(path: Path) -> bool:
    return _has_part(path, "xl/workbook.xml")


def _is_pdf(path: Path) -> bool:
    """Whether the file is whole and sound, and the PDF/A-2b with tags that was asked for; then it is mended, too."""
    try:
        content = path.read_bytes()
        whole = content.startswith(b"%PDF-") and content.rstrip().endswith(b"%%EOF")
        return whole and pdf_tags.finish(path)
    except (OSError, PdfError, ValueError):
        return False


def _publish(made: Path, job: _Job) -> None:
    """Put ``made`` at the job's target in one step; who publishes it brings it to disk."""
    try:
        with made.open("rb") as source, replacing(job.target, lasting=False) as copy:
            shutil.copyfileobj(source, copy)
    except OSError as problem:
        raise job.failed(f"写不到 {job.target}", f"cannot write {job.target}: {problem.strerror}") from problem
