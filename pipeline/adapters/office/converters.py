"""Who turns documents into PDF: what every converter can do, and the one that is used; another is named here alone."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol


class Converter(AbstractContextManager["Converter"], Protocol):
    """Turns documents into PDF; ``close`` leaves no process and no file behind. One instance serves one thread."""

    def to_pdf(self, source: Path, target: Path, *, update_indexes: bool = False) -> None:
        """Convert a Word document to tagged PDF/A-2b; ``target`` appears whole or not at all.

        Args:
            source: a .docx; it is not touched.
            target: where the PDF goes; an older file there is replaced.
            update_indexes: bring tables of contents up to date first; a document without one is as welcome.

        Raises:
            DocumentFailed: no acceptable PDF came of it.
            DependencyMissing: the program is not there.
        """

    @property
    def identity(self) -> str:
        """What its PDFs depend on beside the document and the fonts: program, version, code and options."""

    def close(self) -> None:
        """End what was started; a further document starts it again."""


def converter(program: str = "", timeout_s: float = 120.0) -> Converter:
    """The converter of the settings; it starts with its first document.

    Args:
        program: where its program is, and nowhere else; empty looks for it.
        timeout_s: seconds that one attempt at one document may take.

    Raises:
        DependencyMissing: the program is not there; the message holds the command that installs it.
    """
    from pipeline.adapters.office.libreoffice import LibreOffice, probe

    return LibreOffice(probe(_place(program)), timeout_s=timeout_s)


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
