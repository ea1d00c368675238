"""Who turns documents into PDF: what every converter can do, and the one that is used; another is named here alone."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol


class Awaited(Protocol):
    """Something whose answer is awaited."""

    def fileno(self) -> int:
        """Where the answer is read, for `select`."""

    @property
    def left_s(self) -> float:
        """Seconds that are left for the answer; none or less when it is overdue."""


class Converter(AbstractContextManager["Converter"], Protocol):
    """Turns documents into PDF; ``close`` leaves no process and no file behind. One instance serves one thread."""

    def begin(self) -> None:
        """Start meanwhile, because a document will come; what is wrong is told when it does."""

    def expect(self, source: Path) -> None:
        """Hear of a document that will be asked for, so that it may be converted meanwhile; it may still change."""

    def work_until(self, other: Awaited) -> None:
        """Convert what it has heard of until something else has its answer, or has had its time."""

    def ready(self, source: Path, /) -> bool:
        """Whether a document that it has heard of is converted already."""

    def to_pdf(self, source: Path, target: Path) -> None:
        """Convert a Word document to tagged PDF/A-2b, PDF/UA-1 too where true; ``target`` appears whole or not at all.

        Args:
            source: a .docx; it is not touched.
            target: where the PDF goes; an older file there is replaced.

        Raises:
            DocumentFailed: no acceptable PDF came of it.
            DependencyMissing: the program is not there.
        """

    @property
    def identity(self) -> str:
        """What its PDFs depend on beside the document and the fonts: program, version, code and options."""

    def close(self) -> None:
        """End what was started; a further document starts it again."""


def converter(program: str = "", timeout_s: float = 120.0, count: int = 1) -> Converter:
    """The converter of the settings; it starts with its first document.

    Args:
        program: where its program is, and nowhere else; empty looks for it.
        timeout_s: seconds that one attempt at one document may take.
        count: documents at a time.

    Raises:
        DependencyMissing: the program is not there; the message holds the command that installs it.
    """
    from pipeline.adapters.office.crew import Crew
    from pipeline.adapters.office.libreoffice import LibreOffice, probe

    office = probe(_place(program))
    return Crew([LibreOffice(office, timeout_s=timeout_s) for _ in range(count)])


def installed(program: str = "") -> str:
    """Version and place of the program, as `converter` finds it.

    Raises:
        DependencyMissing: it is not there.
    """
    from pipeline.adapters.office.libreoffice import probe

    office = probe(_place(program))
    return f"{office.version}({office.program})"


def _place(program: str) -> Path | None:
    return Path(program) if program else None
