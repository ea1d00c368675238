"""What is wanted of a run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.deliver.issued.register import Wish


@dataclass(frozen=True)
class RunRequest:
    """What is wanted of a run.

    Attributes:
        as_of: today.
        out: output folder; None only checks.
        draft: make watermarked drafts while errors are open.
        pdf: convert to PDF and make the pack.
        only: project codes to run; empty runs all.
        annotate: folder for marked workbooks of a run that only checks; each project has its own folder in it.
        lang: language of the marks, zh or en.
        issued: packs and output folders whose issued papers are taken over.
        reissue: papers that somebody wants anew from today's workbooks.
    """

    as_of: date
    out: Path | None = None
    draft: bool = False
    pdf: bool = True
    only: frozenset[str] = frozenset()
    annotate: Path | None = None
    lang: str = "zh"
    issued: tuple[Path, ...] = ()
    reissue: tuple[Wish, ...] = ()

    @property
    def converts(self) -> bool:
        """Whether LibreOffice is needed."""
        return self.out is not None and self.pdf
