"""The context of a document: every name that a template may use (`output_templates/CONTEXT.md`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache, partial
from typing import Any

from pipeline.core.company import Company
from pipeline.core.documents import PARTLY, Printed
from pipeline.core.facts import CLASS_TESTS, NOW, Facts, View
from pipeline.core.findings import Comparison, Finding
from pipeline.core.leaves import Shown
from pipeline.core.places import Place
from pipeline.core.sheets import Cell, Project, Record
from pipeline.definitions.documents import DocumentForm
from pipeline.definitions.forms import Form, SheetForm
from pipeline.definitions.procedure import load_procedure
from pipeline.derive.records import last_round
from pipeline.render.charts.flow import appendix
from pipeline.render.context import approvals as context_approvals
from pipeline.render.context import audit as context_audit
from pipeline.render.context import check as context_check
from pipeline.render.context import conclusions as context_conclusions
from pipeline.render.context import plan as context_plan
from pipeline.render.context import results as context_results
from pipeline.render.context import sibling_stages as context_stages
from pipeline.render.context import signers
from pipeline.render.context import tables as context_tables
from pipeline.render.context.approvals import head_of
from pipeline.render.context.charts import CHARTS, OURS, pictures, row_pictures
from pipeline.render.context.early import EARLY
from pipeline.render.context.engineers import ENGINEERS
from pipeline.render.context.handed import MadePaper, bundle, files
from pipeline.render.context.interview import INTERVIEW
from pipeline.render.context.reports import report
from pipeline.render.context.results import change
from pipeline.render.context.shown import Node, Source, leaf, of_cell, of_record, table, words
from pipeline.render.context.views import elsewhere, only_known, seen, shows_known
from pipeline.render.orders import lacking


@dataclass(frozen=True)
class PackPart:
    """A document inside a pack; `first_page` counts through the pack, from 1; None: it lies beside the merged PDF."""

    code: str
    title: str
    record_no: str
    version: str
    pages: int
    first_page: int | None


@dataclass(frozen=True)
class PackInfo:
    """What the cover and the contents of a pack print; `pages` counts all of it."""

    name: str
    kind: str
    version: str
    day: date
    parts: tuple[PackPart, ...] = ()
    pages: int = 0


@dataclass(frozen=True)
class DocumentInfo:
    """A document to be made.

    Attributes:
        version: version of the workbook behind it.
        day: date of the newest record printed in it; `day_cell` is where it stands.
        state: 待签, 部分登记, 记录 or 草稿.
        pack: only for the cover of a pack.
        row: row of a document that there is one a row of.
        view: what it speaks of.
        papers: of a list of papers: those that were made before it.
        signed: values that are printed as they were signed, whatever the workbooks say.
        signed_rows: how long the tables of the signed paper were, by name.
    """

    form: DocumentForm
    version: str
    day: date
    state: str
    draft: bool = False
    pack: PackInfo | None = None
    day_cell: Place | None = None
    row: Record | None = None
    view: View = NOW
    papers: tuple[MadePaper, ...] = ()
    signed: tuple[Printed, ...] = ()
    signed_rows: Mapping[str, int] = field(default_factory=dict)


def build_context(  # seven: what a document is made from, as the callers hold it
    project: Project,
    company: Company,
    facts: Facts,
    forms: Mapping[str, Form],
    findings: Iterable[Finding],
    comparisons: Iterable[Comparison],
    doc: DocumentInfo,
) -> Node:
    """The whole context of one document."""
    source = Source(project, company, facts, forms, tuple(findings), tuple(comparisons))
    source = seen(source, doc.view)
    return for_document(source, common(source), doc)


def common(source: Source, words: frozenset[str] | None = None, made: dict[str, Any] | None = None) -> Node:
    """The part that all documents of one view of a project share.

    Args:
        source: the project from one point of view.
        words: names that a template has words for; others are left out. None makes all.
        made: parts that were made of the same source before; new ones are added.
    """
    known = {} if made is None else made

    def once(name: str, make: Callable[[Source], Any]) -> Any:
        if name not in known:
            known[name] = make(source)
        return known[name]

    drawn = CHARTS if words is None else CHARTS & words
    makers: dict[str, Callable[[Source], Any]] = {**_names(), "charts": partial(pictures, wanted=drawn)}
    asked = (name for name in makers if words is None or name in words | _ALWAYS)
    own = {name: once(f"{name} {sorted(drawn)}" if name == "charts" else name, makers[name]) for name in asked}
    return only_known(_with_sheets(source, own, words, once), source)


@cache
def _names() -> Mapping[str, Callable[[Source], Any]]:
    """What makes each name that is no whole sheet."""
    return {
        "company": _company,
        "project": _project,
        "plan": context_plan.plan,
        "survey": context_plan.survey,
        "cost": context_tables.cost,
        "materials": context_tables.materials,
        "staffing": context_tables.staffing,
        "bids": context_tables.bids,
        "countersign": context_approvals.countersign,
        "approval_chain": context_approvals.approval_chain,
        "reviewers": context_approvals.reviewers,
        "approvers": context_approvals.approvers,
        "cxo": signers.cxo,
        "findings": context_check.findings,
        "check": context_check.check,
        "audit": context_audit.audit,
        "deviations": context_check.deviations,
        "charts": pictures,
        "appendix": _appendix,
        **context_results.RESULTS,
        **context_conclusions.CONCLUSIONS,
        **context_stages.STAGES,
        **INTERVIEW,
        **ENGINEERS,
        **EARLY,
    }


def _appendix(_: Source) -> Node:
    return {"flow": [words(f"appendix.flow[{n}]", step) for n, step in enumerate(appendix())]}


def for_document(source: Source, shared: Node, doc: DocumentInfo) -> Node:
    """The shared part with `doc` and `pack` of one document, and `row` where it is one a row."""
    outside = doc.form.audience == "customer"
    own = of_row(source, doc.form.per, doc.row, outside=outside) if doc.row is not None else {}
    if doc.row is not None:
        drawn = row_pictures(source, doc.form.per, doc.row)
        own["charts"] = {
            **shared.get("charts", {}),
            **{key: one for key, one in drawn.items() if shows_known(key, doc.view)},
        }
    if doc.papers:
        own |= {"files": files(source, doc.papers), "bundle": bundle(source, doc.papers)}
    seen_by = _for_customer(source.forms, {**shared, **own}) if outside else {**shared, **own}
    return {**seen_by, "doc": _doc(source, shared, doc), "pack": _pack(doc.pack)}


_ROWS = ("rows", "all_rows")


def _for_customer(forms: Mapping[str, Form], shared: Node) -> Node:
    """What a paper for the customer may print: no sheet and no column that is for us alone, and nobody's stance."""
    seen = {key: _seen(form, shared[key]) for key, form in forms.items() if key in shared}
    drawn = {key: one for key, one in shared.get("charts", {}).items() if key not in OURS}
    seen |= {"charts": drawn} if drawn else {}
    return {key: node for key, node in {**shared, **seen}.items() if key not in {**INTERVIEW, **ENGINEERS, **EARLY}}


def _seen(form: Form, book: Node) -> Node:
    hidden = {sheet.key for sheet in form.sheet if sheet.internal}
    columns = {sheet.key: {field.key for field in sheet.fields if field.internal} for sheet in form.sheet}
    return {key: _without(columns.get(key), node) for key, node in book.items() if key not in hidden}


def _without(columns: set[str] | None, sheet: Any) -> Any:
    """A sheet whose rows lack some columns."""
    if not columns:
        return sheet
    lists = {name: rows for name, rows in sheet.items() if name in _ROWS}
    kept = {name: [{k: v for k, v in row.items() if k not in columns} for row in rows] for name, rows in lists.items()}
    return {**sheet, **kept}


def _company(source: Source) -> Node:
    fields = source.forms["master"].sheet_form("company").fields
    return of_record("company", source.company.book.sheets["company"].head, fields, source.company)


_PROJECT_CELLS = (
    ("customer", "customer_name", "text"),
    ("secrecy", "secrecy", "text"),
    ("contract", "contract_amount", "money"),
    ("pm", "pm", "emp"),
    ("site_engineer", "site_engineer", "emp"),
)


def _project(source: Source) -> Node:
    basics, facts = source.project.head("plan", "basics"), source.facts
    found: Node = {
        key: of_cell(f"project.{key}", basics.cell(field), kind, source.company) for key, field, kind in _PROJECT_CELLS
    }
    found["customer"] = found["customer"] or _survey_answer(source, "project.customer", "A01")
    found["payment"] = _survey_answer(source, "project.payment", "I01")
    found["code"] = words("project.code", facts.code, _cells(basics.cell("project_code")))
    found["name"] = words("project.name", facts.name or source.project.name, _cells(basics.cell("project_name")))
    found["sales_rep"] = signers.sales_rep(source, "project.sales_rep")
    found["state"] = words("project.state", facts.state)
    return found | _class(source)


def _cells(cell: Cell) -> tuple[Place, ...]:
    return () if cell.blank else (cell.at,)


def _survey_answer(source: Source, name: str, no: str) -> Shown:
    item = source.project.sheet("survey", "items").find("no", no)
    return of_cell(name, item.cell("value"), "text", source.company) if item else words(name, "")


_ALWAYS = frozenset({"company", "project"})  # what every document says of itself is made of them
_MET = {True: "符合", False: "不符合"}  # a test of clause 4.2 for a major project


def _class(source: Source) -> Node:
    facts, basics = source.facts, source.project.head("plan", "basics")
    decided = facts.project_class
    cells = decided.from_ if decided else ()
    kind = (
        words("project.class", decided.value, cells)
        if decided
        else of_cell("project.class", basics.cell("class"), "text", source.company)
    )
    met = {key: _MET[key in facts.class_because] for key in CLASS_TESTS} if facts.class_reasons else {}
    reasons = [f"{said}：{text}" for said, text in zip(met.values(), facts.class_reasons, strict=True)]
    return {
        "class": kind,
        "class_met": {key: words(f"project.class_met.{key}", met.get(key, ""), cells) for key in CLASS_TESTS},
        "class_reasons": [words(f"project.class_reasons[{n}]", text, cells) for n, text in enumerate(reasons)],
    }


_LACKING = 4  # of what is missing: so many are named
# What a paper for the customer does not show: our standard, numbers and secrecy, the version of our plan, its state.
_OURS = ("standard", "secrecy", "record_no", "version", "state")


def _doc(source: Source, shared: Node, doc: DocumentInfo) -> Node:
    form = doc.form
    standard, secrecy = shared["company"]["standard"], shared["project"]["secrecy"]
    texts = {
        "code": form.code,
        "title": form.title,
        "record_no": form.record_no,
        "version": doc.version,
        "state": doc.state,
    }
    found: Node = {key: words(f"doc.{key}", text) for key, text in texts.items()}
    found["date"] = leaf("doc.date", doc.day, "date", (doc.day_cell,) if doc.day_cell else ())
    found["standard"] = words("doc.standard", str(standard), standard.cells)
    found["secrecy"] = _secrecy(source, form, secrecy)
    if form.audience == "customer":
        found |= {key: words(f"doc.{key}", "") for key in _OURS}
    found["missing"] = words("doc.missing", _lacking(source, doc))
    found["draft"] = doc.draft
    found["basis"] = [words(f"doc.basis[{n}]", text) for n, text in enumerate(load_procedure().clause_form("3").cites)]
    found["signers"] = signers.signers(source, form.signers)
    return found


def _secrecy(source: Source, form: DocumentForm, of_project: Shown) -> Shown:
    """That of the project, or what the document asks for at least."""
    degrees = source.forms["plan"].sheet_form("basics").field("secrecy").choices
    least = form.secrecy and of_project in degrees and degrees.index(of_project) < degrees.index(form.secrecy)
    return words("doc.secrecy", form.secrecy if least else str(of_project), () if least else of_project.cells)


def _lacking(source: Source, doc: DocumentInfo) -> str:
    """What is still to be registered of a record that was begun."""
    texts = lacking(source, doc.form) if doc.state == PARTLY else []
    more = f"等{len(texts)}项" if len(texts) > _LACKING else ""
    return "、".join(texts[:_LACKING]) + more


def _pack(pack: PackInfo | None) -> Node:
    parts = pack.parts if pack else ()
    texts = {"name": pack.name, "kind": pack.kind, "version": pack.version} if pack else {}
    found: Node = {key: words(f"pack.{key}", texts.get(key, "")) for key in ("name", "kind", "version")}
    found["date"] = leaf("pack.date", pack.day if pack else None, "date")
    found["pages"] = leaf("pack.pages", pack.pages if pack else None, "num")
    found["single"] = any(part.first_page is None for part in parts)
    found["documents"] = [_part(f"pack.documents[{n}]", n, part) for n, part in enumerate(parts)]
    return found


def _part(name: str, number: int, part: PackPart) -> Node:
    texts = {"code": part.code, "title": part.title, "record_no": part.record_no, "version": part.version}
    numbers = {"no": number + 1, "pages": part.pages, "first_page": part.first_page}
    found: Node = {key: words(f"{name}.{key}", text) for key, text in texts.items()}
    found |= {key: leaf(f"{name}.{key}", value, "num") for key, value in numbers.items()}
    return found if part.first_page else found | {"first_page": words(f"{name}.first_page", "单行本")}


# -- whole sheets ---------------------------------------------------------------------------------------------------

# Made from the definitions, so that a new sheet needs no code: a form is a mapping of its labelled cells; a table has
# `rows` (last round) and `all_rows`; a form+table has both.
_MEMOS, _CHANGES, _REPORTS = "records.memos", "records.changes", "records.reports"


def _with_sheets(
    source: Source, own: Node, words: frozenset[str] | None, once: Callable[[str, Callable[[Source], Any]], Any]
) -> Node:
    """A context with the sheets of every workbook of the project under `form.sheet`; names of `own` win."""
    made = dict(own)
    for key, form in source.forms.items():
        if form.company or (words is not None and key not in words):
            continue
        wanted = [one for one in form.sheet if one.key not in own.get(key, {}) and (words is None or one.key in words)]
        sheets = {one.key: once(f"{key}.{one.key}", partial(_sheet, form=form, sheet=one)) for one in wanted}
        made[key] = {**sheets, **own.get(key, {})}
    return made


def _sheet(source: Source, form: Form, sheet: SheetForm) -> Node:
    name, data = f"{form.key}.{sheet.key}", source.project.sheet(form.key, sheet.key)
    found = of_record(name, data.head, sheet.labelled, source.company)
    if sheet.kind == "form":
        return found
    found["rows"] = table(source, f"{name}.rows", form.key, sheet.key, last_round(data.rows))
    found["all_rows"] = table(source, f"{name}.all_rows", form.key, sheet.key, data.rows)
    return found


def of_row(source: Source, per: str, row: Record, *, outside: bool = False) -> Node:
    """What only a document of one row has: `row` (`head` of its department), `memo_actions`, `change`, `report`.

    The customer, `outside`, sees no field that is for us alone.
    """
    book, sheet = per.split(".")
    form = source.forms[book].sheet_form(sheet)
    shown = [field for field in form.fields if not (outside and field.internal)]
    node = of_record("row", row, shown, source.company)
    if "dept" in form.by_key:
        node["head"] = words("row.head", head_of(source, row.text("dept"), row))
    if per == _REPORTS:
        return {"row": node, "report": report(source, row, elsewhere(source.view))}
    if per == _CHANGES:
        return {"row": node, "change": change(source, row)}
    if per != _MEMOS:
        return {"row": node}
    actions = [one for one in source.project.rows(book, "actions") if one.text("memo_no") == row.text("no")]
    return {"row": node, "memo_actions": table(source, "memo_actions", book, "actions", actions)}
