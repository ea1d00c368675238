"""What comes out: documents, packs and the result of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from pipeline.core.errors import PipelineError
from pipeline.core.facts import Facts
from pipeline.core.findings import Comparison, Finding, Severity
from pipeline.core.places import Place
from pipeline.core.workdays import in_lists

UNSIGNED, PARTLY, RECORDED = "待签", "部分登记", "记录"
WAITING = frozenset({UNSIGNED, PARTLY})


@dataclass(frozen=True, slots=True)
class Printed:
    """One value as it was printed: the template's name for it, the text, the value, and its cells."""

    name: str
    text: str
    value: str
    cells: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A document that was made.

    Attributes:
        code: PPR, PP1 ...
        state: 待签, 部分登记, 记录 or 草稿.
        docx: file; `pdf` is None with --no-pdf, `pages` then 0.
        printed: every value in it, for the provenance.
        part: what tells documents of one code apart: HY-01, a department, a week; empty where there is only one.
        reissued: why it was issued anew though its record is the same; empty for any other.
        kept: names of values that it prints as they were signed, not as the workbooks of today have them.
    """

    code: str
    title: str
    version: str
    state: str
    day: date
    docx: Path
    pdf: Path | None = None
    pages: int = 0
    printed: tuple[Printed, ...] = ()
    part: str = ""
    reissued: str = ""
    kept: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Title with what tells it apart, as it stands in lists."""
        return f"{self.title} {in_lists(self.part)}".strip()


@dataclass(frozen=True, slots=True)
class Pack:
    """A versioned bundle: a folder with a zip beside it."""

    name: str
    version: int
    folder: Path
    archive: Path
    pdf: Path | None
    content_sha256: str
    unchanged: bool = False


@dataclass(frozen=True, slots=True)
class FileVerdict:
    """What became of one file: accepted, ignored, or refused with rule and sentence (English where there is one)."""

    path: str
    verdict: str
    rule: str = ""
    message: str = ""
    message_en: str = ""


@dataclass(frozen=True, slots=True)
class ProjectResult:
    """Outcome for one project; picklable.

    Attributes:
        marked: copies of the senders' workbooks with their findings, one for each workbook that has any.
        failure: why a document or pack could not be made, which is no fault of staff; what was looked at holds.
    """

    code: str
    name: str
    facts: Facts | None
    findings: tuple[Finding, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    documents: tuple[Document, ...] = ()
    packs: tuple[Pack, ...] = ()
    files: tuple[FileVerdict, ...] = ()
    notes: tuple[str, ...] = ()
    hashes: Mapping[str, str] = field(default_factory=dict)
    marked: tuple[Path, ...] = ()
    failure: PipelineError | None = None

    @property
    def blocked(self) -> bool:
        """True while an error is open."""
        return any(finding.blocks for finding in self.findings)

    @property
    def status(self) -> str:
        """`errors`, `warnings` or `ok`."""
        if self.blocked:
            return "errors"
        warned = any(f.rule.severity is Severity.WARNING and not f.pending for f in self.findings)
        return "warnings" if warned else "ok"


@dataclass(frozen=True, slots=True)
class Run:
    """One execution over one or more projects."""

    as_of: date
    projects: tuple[ProjectResult, ...]
    files: tuple[FileVerdict, ...] = ()
