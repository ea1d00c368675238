"""A made-up project that grows through one output folder, with few documents and without PDFs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from pipeline.core.documents import Document, ProjectResult
from pipeline.deliver.issued.register import Issue, Register, Wish
from pipeline.deliver.issued.shelf import FOLDER, Shelf
from pipeline.project_run import RunRequest, run_jobs
from tests.cases import AS_OF, DORM, write_sample
from tests.e2e.built import keeping, only

Edit = Mapping[str, Any]
ORDER = (
    *("countersign", "application", "approval", "notice", "tracking", "req_review", "scheme", "test_results"),
    *("bidding", "creview", "problems", "signing", "closing", "handover"),
)
_ALSO = {
    "countersign": ["plan_approval"],
    "signing": ["agreements"],
    "scheme": ["changes", "reports", "memos", "actions"],
}


def up_to(last: str) -> list[Edit]:
    """Edits that leave the record sheets up to one."""
    gone = [sheet for sheet in ORDER if last not in ORDER or sheet not in ORDER[: ORDER.index(last) + 1]]
    gone += [extra for sheet, extras in _ALSO.items() if sheet in gone for extra in extras]
    return [{"op": "clear_sheet", "workbook": "records", "sheet": sheet} for sheet in gone]


def cell(book: str, sheet: str, key: str, value: object, **match: str) -> Edit:
    """Edit of one cell: of a form, or of the row that matches."""
    where = {"match": match} if match else {}
    return {"op": "set", "workbook": book, "sheet": sheet, "field": key, "value": value, **where}


def head(book: str, sheet: str, key: str, value: object) -> Edit:
    """Edit of a labelled cell above a table."""
    return {**cell(book, sheet, key, value), "part": "header"}


def row(book: str, sheet: str, **values: object) -> Edit:
    """A row more."""
    return {"op": "add_row", "workbook": book, "sheet": sheet, "row": values}


@dataclass
class Grown:
    """The project.

    Attributes:
        folder: where inputs and output lie.
        codes: the documents that are made, beside those of the system; empty: all.
        code: which of the made-up projects.
    """

    folder: Path
    codes: Collection[str]
    runs: list[ProjectResult] = field(default_factory=list)
    code: str = DORM

    @property
    def out(self) -> Path:
        return self.folder / "out"

    @property
    def output(self) -> Path:
        return self.out / self.code

    def build(
        self,
        last: str,
        *edits: Edit,
        day: date = AS_OF,
        out: Path | None = None,
        issued: Sequence[Path] = (),
        reissue: Sequence[Wish] = (),
        draft: bool = False,
        pdf: bool = False,
    ) -> ProjectResult:
        """Build it with the records up to one sheet, and some edits; its failure is raised."""
        source = self.input(last, *edits)
        request = RunRequest(day, out or self.out, draft, pdf=pdf, issued=tuple(issued), reissue=tuple(reissue))
        with self.few():
            run, failures = run_jobs(keeping(source, request), 1)
        if failures and not run.projects:
            raise failures[0][1]
        self.runs.append(run.projects[0])
        return run.projects[0]

    def input(self, last: str, *edits: Edit) -> Path:
        """Its workbooks."""
        return write_sample(self.folder / f"in{len(list(self.folder.glob('in*')))}", [*up_to(last), *edits], self.code)

    def few(self) -> AbstractContextManager[None]:
        """Within the block only these documents are made."""
        return only(self.codes)

    @property
    def shelf(self) -> Shelf:
        return Shelf(self.output / FOLDER)

    @property
    def register(self) -> Register:
        return self.shelf.read(self.code)

    def issues(self, code: str) -> list[Issue]:
        """What was issued of a kind, in its order."""
        return [issue for issue in self.register.issues if issue.code == code]

    def text(self, issue: Issue, name: str) -> str:
        """What a paper prints under a name; empty where it does not."""
        return next((p.text for p in self.shelf.values(issue) if p.name == name), "")


def paper(result: ProjectResult, code: str) -> Document:
    """The first document of a kind."""
    return next(document for document in result.documents if document.code == code)


def said(result: ProjectResult, *rules: str) -> list[tuple[str, str]]:
    """Rule and cell of some findings."""
    return [(f.rule.code, f"{f.at.sheet}!{f.at.cell}") for f in result.findings if f.rule.code in rules]
