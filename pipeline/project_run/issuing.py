"""Issue the papers of a run: what was signed stands, what waits for signatures is renewed, the rest is made."""

from __future__ import annotations

import re
import shutil
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from importlib.metadata import version
from pathlib import Path

from pipeline.adapters.files import sha256
from pipeline.core.documents import UNSIGNED, Document
from pipeline.core.findings import Finding
from pipeline.core.names import safe
from pipeline.core.sheets import Cell, Project
from pipeline.definitions.documents import RECORD, DocumentForm, load_documents
from pipeline.definitions.forms import data_folder, load_forms
from pipeline.deliver.issued.decision import (
    Decision,
    Paper,
    corrected_elsewhere,
    decide,
    is_own,
    not_as_signed,
    still_changed,
)
from pipeline.deliver.issued.register import CORRECTED, VOID, Issue, Kept, Register, Wish
from pipeline.deliver.issued.shelf import DOCX, PDF, Shelf
from pipeline.project_run.issue_findings import as_signed, corrected_apart, not_printed
from pipeline.project_run.packs import PLAN_BOOKS
from pipeline.render.context.views import NO_PLAN
from pipeline.render.maker import Drawn, Maker, pages_of
from pipeline.render.orders import Order, emptied, nothing_to_register

_PROGRAM = "presales-pipeline"


@dataclass
class Issuing:
    """Issues papers of one project in one run.

    Attributes:
        shelf: where they are kept.
        register: what was issued; it grows with every paper.
        maker: makes papers in a private folder.
        on: today.
        findings: what was found in issuing.
    """

    shelf: Shelf
    register: Register
    maker: Maker
    on: date
    findings: list[Finding] = field(default_factory=list)

    def paper(self, order: Order, drawn: Drawn) -> Document:
        """One paper that is due: made, or as it was issued.

        Args:
            order: which.
            drawn: the same as it would be today.

        Raises:
            DocumentFailed: it cannot be made.
            RegisterUnsound: what was issued is not there any more.
        """
        paper, wish = self._paper(order, drawn), self._wish(order)
        decision = self._decision(order, paper, wish)
        if decision.base and not decision.stands:
            drawn, decision = self._as_signed(order, drawn, paper, decision)
        if decision.stands and decision.base:
            self.findings += as_signed(decision.base, still_changed(decision.base, paper.today))
            return self.standing(decision.base)
        if (same := self._same(paper, drawn)) and not decision.ends:
            return self.standing(same)
        return self._issue(paper, drawn, decision, wish)

    def makes(self, order: Order, drawn: Drawn) -> bool:
        """Whether a paper will be made just as it is drawn, for all that can be told before it is its turn."""
        if not order.state:
            return True
        paper, wish = self._paper(order, drawn), self._wish(order)
        decision = self._decision(order, paper, wish)
        if decision.base:
            return not (decision.stands or decision.kept)
        return bool(decision.ends) or self._same(paper, drawn) is None

    def _decision(self, order: Order, paper: Paper, wish: Wish | None) -> Decision:
        return decide(
            paper,
            self.register,
            self.shelf.values,
            reissue=wish is not None,
            paged=order.form.lists and self._without_pages(paper),
        )

    def _paper(self, order: Order, drawn: Drawn) -> Paper:
        form, document, view = order.form, drawn.document, drawn.info.view
        return Paper(
            code=form.code,
            part=order.part,
            version=document.version,
            state=document.state,
            plan=view.plan,
            survey=view.survey,
            template=template_hash(form.template),
            printed=document.printed,
            own=form.own_sheets,
            names=[key for key in ("plan", "survey") if _sheet(getattr(form, f"{key}_of")) in form.own],
            only_one=form.about == RECORD and not _by_rows(form.plan_of),
            emptied=emptied(self.maker.source, order),
            today=lambda name: self.maker.said(drawn, name),
        )

    def _without_pages(self, paper: Paper) -> bool:
        """Whether the record of a paper was made without PDFs, so that it could not say how many pages others have."""
        record = self.register.signed(paper.code, paper.part, paper.version)
        return self.maker.office is not None and record is not None and not record.pdf

    def _wish(self, order: Order) -> Wish | None:
        wishes = self.register.wishes
        return next((wish for wish in wishes if (wish.code, wish.part) == (order.form.code, order.part)), None)

    def _as_signed(self, order: Order, drawn: Drawn, paper: Paper, decision: Decision) -> tuple[Drawn, Decision]:
        """The paper with what was signed; where that cannot be printed exactly, the signed one stands."""
        base = decision.base
        assert base  # noqa: S101  the caller has looked
        before = self.shelf.values(base)
        if decision.kept:
            drawn = self.maker.draw(order, decision.kept, before)
            paper = replace(paper, printed=drawn.document.printed)
        charts = plan_sheets() if draws_plan(order.form.template) else frozenset[str]()
        if wrong := not_as_signed(paper, decision, before, charts):
            self.findings.append(not_printed(base, wrong))
            return drawn, Decision("", base)
        self.findings += as_signed(base, decision.changed)
        return drawn, decision

    # -- what was issued ----------------------------------------------------------------------------------------------

    def standing(self, issue: Issue) -> Document:
        """A paper as it was issued, byte for byte, in a folder of the run; its PDF is made where it has none."""
        form, folder = load_documents()[issue.code], self.maker.work / issue.docx[:16]
        docx = _copied(self.shelf.file(issue.docx, DOCX, issue), folder / f"{issue.file}.{DOCX}")
        document = Document(
            *(issue.code, issue.title, issue.version, issue.state, issue.day, docx),
            pages=issue.pages,
            printed=self.shelf.values(issue),
            part=issue.part,
            reissued=_why(issue.on, issue.reason),
        )
        if issue.pdf:
            pdf = _copied(self.shelf.file(issue.pdf, PDF, issue), folder / f"{issue.file}.{PDF}")
            return replace(document, pdf=pdf)
        added = self.maker.write.add_pdf(form, docx, document.printed)
        if added:
            digest, pages = self.shelf.put(added.read_bytes(), PDF), pages_of(added)
            self.register = self.register.changed(issue, pdf=digest, pages=pages)
            document = replace(document, pdf=added, pages=pages)
        return document

    def records(self) -> list[Document]:
        """All records that stand, as they were issued."""
        known = load_documents()
        return [self.standing(issue) for issue in self.register.standing() if issue.code in known]

    def others(self, done: Iterable[Document]) -> list[Document]:
        """The records that stand beside those of today: of earlier versions, and of steps that are due no more."""
        made = list(done)
        there, names = {(d.code, d.part, d.version) for d in made}, {d.docx.name for d in made}
        found = []
        for issue in reversed(self.register.standing()):
            if issue.key in there or issue.code not in load_documents():
                continue
            if self._gone(issue):
                self.register = self.register.changed(issue, ended=self.on, ended_as=VOID)
                continue
            free = f"{issue.file}.{DOCX}" not in names
            named = issue if free else replace(issue, file=f"{issue.file}_{safe(issue.version)}")
            found.append(self.standing(named))
            self.findings += corrected_apart(issue, self._corrected_apart(issue))
        return found

    def _corrected_apart(self, issue: Issue) -> list[Kept]:
        """What corrections of other papers about the same plan have changed in the record of one that stands."""
        found = list[Kept]()
        for other in self.register.standing():
            if other.kind == CORRECTED and other.plan == issue.plan and other.key != issue.key:
                former = [self.shelf.values(one) for one in self.register.former(other)]
                own, now = load_documents()[issue.code].own_sheets, self.shelf.values(other)
                found += corrected_elsewhere(self.shelf.values(issue), own, now, former)
        return list({(one.signed_at, one.now): one for one in found}.values())

    def _gone(self, issue: Issue) -> bool:
        """Whether the record of a paper was emptied; a workbook that is not there says nothing of it."""
        form, project = load_documents()[issue.code], self.maker.source.project
        if nothing_to_register(self.maker.source, form):
            return False
        if not all(project.has(word.split(".")[0]) for word in form.own):
            return False
        filled = {(c.at.sheet, c.at.cell) for c in _own_cells(project, form) if not c.blank}
        own = [p for p in self.shelf.values(issue) if p.text and is_own(p, form.own_sheets)]
        places = {(at.sheet, at.cell) for p in own for at in p.cells if at.sheet in form.own_sheets}
        return not (places & filled if places else filled)

    def _same(self, paper: Paper, drawn: Drawn) -> Issue | None:
        """A 待签 of the same bytes that was issued before, with its PDF where there is to be one."""
        if paper.state != UNSIGNED:
            return None
        digest, wants_pdf = sha256(drawn.document.docx), self.maker.office is not None
        same = self.register.renewed((paper.code, paper.part, paper.version), paper.plan, paper.survey)
        return same if same and same.docx == digest and (same.pdf or not wants_pdf) else None

    # -- new papers ---------------------------------------------------------------------------------------------------

    def _issue(self, paper: Paper, drawn: Drawn, decision: Decision, wish: Wish | None) -> Document:
        document = self.maker.finish(drawn)
        issue = self._described(paper, document, decision, wish)
        if decision.ends:
            words = f"更正为 {issue.version}" if decision.kind == CORRECTED else VOID
            self.register = self.register.changed(decision.ends, ended=self.on, ended_as=words)
        self.register = self.register.with_issue(issue)
        if wish:
            left = (w for w in self.register.wishes if (w.code, w.part) != (wish.code, wish.part))
            self.register = replace(self.register, wishes=tuple(left))
        return replace(document, reissued=_why(issue.on, issue.reason))

    def _described(self, paper: Paper, document: Document, decision: Decision, wish: Wish | None) -> Issue:
        return Issue(
            *(paper.code, paper.part, paper.version, self._seq(paper), document.state, decision.kind, document.title),
            *(paper.plan, paper.survey, document.day, self.on, version(_PROGRAM), paper.template),
            docx=self.shelf.put(document.docx.read_bytes(), DOCX),
            file=document.docx.stem,
            values=self.shelf.put_values(document.printed, paper.own),
            pdf=self.shelf.put(document.pdf.read_bytes(), PDF) if document.pdf else "",
            pages=document.pages,
            kept=decision.changed,
            filled=self._filled(load_documents()[paper.code]) if paper.state != UNSIGNED else (),
            reason=wish.reason if wish else "",
        )

    def _filled(self, form: DocumentForm) -> tuple[str, ...]:
        """The cells of a paper's own record that hold something."""
        cells = (cell for cell in _own_cells(self.maker.source.project, form) if not cell.blank)
        return tuple(sorted({f"{cell.at.sheet}!{cell.at.cell}" for cell in cells}))

    def _seq(self, paper: Paper) -> int:
        """Number of a new paper; a 待签 that is renewed keeps its own."""
        key = (paper.code, paper.part, paper.version)
        renewed = self.register.renewed(key, paper.plan, paper.survey) if paper.state == UNSIGNED else None
        return renewed.seq if renewed else self.register.next_seq(key)


def _why(on: date, reason: str) -> str:
    return f"{on} {reason}" if reason else ""


def _sheet(name: str) -> str:
    """`records.countersign` of `records.countersign.plan_version`."""
    return ".".join(name.split(".")[:2])


def _by_rows(name: str) -> bool:
    """Whether a dotted name means a column."""
    if not name:
        return False
    book, sheet, key = name.split(".")
    return key not in {one.key for one in load_forms()[book].sheet_form(sheet).labelled}


def _own_cells(project: Project, form: DocumentForm) -> list[Cell]:
    sheets = [project.sheet(*word.split(".")) for word in form.own]
    return [cell for sheet in sheets for record in (sheet.head, *sheet.rows) for cell in record.cells.values()]


def _copied(source: Path, target: Path) -> Path:
    target.parent.mkdir(exist_ok=True)
    return Path(shutil.copyfile(source, target))


@cache
def template_hash(template: str) -> str:
    """SHA-256 of a template."""
    return sha256(data_folder("output_templates") / template)


@cache
def draws_plan(template: str) -> bool:
    """Whether a template draws charts of the plan's figures."""
    with zipfile.ZipFile(data_folder("output_templates") / template) as package:
        drawn = re.findall(rb"charts\.(\w+)", package.read("word/document.xml"))
    return any(key.decode() not in NO_PLAN for key in drawn)


@cache
def plan_sheets() -> frozenset[str]:
    """Names of the sheets of the plan's workbooks."""
    forms = load_forms()
    return frozenset(sheet.name for key in PLAN_BOOKS for sheet in forms[key].sheet)
