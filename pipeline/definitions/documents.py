"""The documents: one row of `output_templates/documents.toml` each, read strictly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pipeline.core.errors import DefinitionError
from pipeline.definitions.conditions import Condition, condition, dated, inspect_condition, known, named
from pipeline.definitions.forms import Form, build, data_folder, load_forms, read_toml
from pipeline.definitions.procedure import load_procedure

FILE = "documents.toml"
AUDIENCES = ("internal", "customer")
STATES = ("", "待签")
PACKS, PORTFOLIO, AUDIT, PEOPLE = "packs", "portfolio", "audit", "people"
_NO_SHEETS = (PACKS, PORTFOLIO, AUDIT, PEOPLE)
PLAN, SURVEY, RECORD = "plan", "survey", "record"
ABOUT = ("", PLAN, SURVEY, RECORD)


@dataclass(frozen=True)
class DocumentForm:
    """A kind of document.

    Attributes:
        code: PPR, PP1 ...
        record_no: record number of domain A.1; empty where there is none.
        template: Word file in the same folder.
        needs: keys of the workbooks without which it cannot be made.
        packs: packs it belongs to; `order` is its place in them.
        unbound: packs in which it lies as a single file only, because another paper of the merged PDF holds its pages.
        signers: who signs, in words of `CONTEXT.md` or names of departments.
        state: 待签 for a document that is signed, else empty.
        gate: gate that its signatures open.
        audience: `internal` or `customer`.
        quality_record: kept for the retention period (clause 7).
        per: sheet of which every row makes a document (`records.memos`), or `packs`, `portfolio` (one over all
            projects), `people` (one a person and period) or `audit` (one a project, once the audit is done); empty:
            one a project.
        row_name: field of that sheet which tells the documents apart in their file names.
        due: gate that must be passed, with all before it, before it is made; empty: when its workbooks are there.
        record: cell or sheet that makes it 记录 once it is filled; `a.b.c|d.e.f`: either of them.
        own: sheets that are its own record: once it is issued only what stands there is corrected.
        day: cells of which the newest date dates it.
        when: conditions, all of which must hold, parted by `;`: `plan.basics.needs_test=是`, `a.b.c=x|y`,
            `a.b.c!=x`, `a.b`; those on the sheet of `per` choose among its rows.
        folder: sub-folder of the output; empty: docx and pdf.
        secrecy: degree that its head shows at least; empty: that of the project.
        about: what it speaks of: `plan` and `survey` as they stand in the workbooks, `record` of what held on the day
            of its record; empty: of everything that is known today.
        plan_of: cell that names the version of the plan that a record is about; empty: the version of its day.
        survey_of: the same of the survey.
        asks: step that the document asks for, which it does not tell as done.
        lists: it lists the other papers with their pages, and is made after them.
    """

    code: str
    title: str
    template: str
    record_no: str = ""
    needs: tuple[str, ...] = ()
    packs: tuple[str, ...] = ()
    unbound: tuple[str, ...] = ()
    order: int = 0
    signers: tuple[str, ...] = ()
    state: str = ""
    gate: str = ""
    audience: str = "internal"
    quality_record: bool = False
    per: str = ""
    folder: str = ""
    secrecy: str = ""
    due: str = ""
    record: str = ""
    own: tuple[str, ...] = ()
    day: tuple[str, ...] = ()
    row_name: str = ""
    when: str = ""
    about: str = ""
    plan_of: str = ""
    survey_of: str = ""
    asks: str = ""
    lists: bool = False

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The conditions of `when`."""
        return tuple(
            condition(text.strip(), f"{FILE}:{self.code}.when") for text in self.when.split(";") if text.strip()
        )

    @property
    def records(self) -> tuple[str, ...]:
        """The names of `record`."""
        return tuple(word.strip() for word in self.record.split("|") if word.strip())

    @property
    def own_sheets(self) -> frozenset[str]:
        """Names of the sheets of `own`."""
        forms = load_forms()
        return frozenset(forms[book].sheet_form(key).name for book, key in (word.split(".") for word in self.own))

    @property
    def by_row(self) -> bool:
        """One document a row of a sheet."""
        return bool(self.per) and self.per not in _NO_SHEETS

    @property
    def by_project(self) -> bool:
        """Made with a project, not with its packs, after its audit, over all projects or of people."""
        return self.per not in _NO_SHEETS


@dataclass(frozen=True)
class PackForm:
    """A pack of the voluntary workbooks' papers; the three of the procedure have gates of their own.

    Attributes:
        name: 支持包 ...
        when: conditions, parted by `;`, of which all must hold before it is made.
    """

    name: str
    when: str

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The conditions of `when`."""
        return tuple(condition(text.strip(), f"{FILE}:{self.name}.when") for text in self.when.split(";"))


@dataclass(frozen=True)
class _Catalogue:
    document: tuple[DocumentForm, ...]
    pack: tuple[PackForm, ...] = ()


@cache
def load_documents(folder: Path | None = None) -> dict[str, DocumentForm]:
    """All documents by code, in the order in which they stand in packs.

    Raises:
        DefinitionError: the file is wrong; it names file, document, key and the nearest valid word.
    """
    folder = folder or data_folder("output_templates")
    catalogue = _catalogue(folder)
    found: dict[str, DocumentForm] = {}
    for form in sorted(catalogue.document, key=lambda form: (form.order, form.code)):
        if form.code in found:
            raise DefinitionError(f"{FILE}:代号“{form.code}”用了两次(code used twice)。")
        _inspect(form, folder)
        found[form.code] = form
    return found


@cache
def _catalogue(folder: Path) -> _Catalogue:
    found: _Catalogue = build(_Catalogue, read_toml(folder / FILE), FILE)
    return found


@cache
def load_packs(folder: Path | None = None) -> tuple[PackForm, ...]:
    """The packs of the voluntary workbooks.

    Raises:
        DefinitionError: the file is wrong; a condition names no cell.
    """
    packs = _catalogue(folder or data_folder("output_templates")).pack
    mailed = load_forms()["master"].sheet_form("mail_rules").field("pack").choices
    for one in packs:
        known((one.name,), mailed, f"{FILE}:pack.name")
        for each in one.conditions:
            inspect_condition(each, load_forms(), f"{FILE}:{one.name}.when")
    return packs


def _inspect(form: DocumentForm, folder: Path) -> None:
    forms = load_forms()
    packs = forms["master"].sheet_form("mail_rules").field("pack").choices
    _known(form, "needs", form.needs, forms)
    _known(form, "packs", form.packs, packs)
    _known(form, "unbound", form.unbound, form.packs)
    _known(form, "audience", (form.audience,), AUDIENCES)
    _known(form, "state", (form.state,), STATES)
    _known(form, "secrecy", (form.secrecy,), ("", *forms["plan"].sheet_form("basics").field("secrecy").choices))
    names = [path.name for path in folder.glob("*.docx")]
    _known(form, "template", (form.template,), names)
    _known(form, "due", (form.due,), ("", *load_procedure().gates))
    _known(form, "about", (form.about,), ABOUT)
    _known(form, "asks", (form.asks,), ("", *load_procedure().gates))
    _inspect_names(form, forms)


def _inspect_names(form: DocumentForm, forms: Mapping[str, Form]) -> None:
    """Dotted names: they exist, and hold what their column of `documents.toml` needs."""
    for word in form.records:
        named(word, forms, _where(form, "record"))
    _inspect_own(form, forms)
    for word in form.day:
        named(word, forms, _where(form, "day"), dated)
    for key in ("plan_of", "survey_of"):
        if name := getattr(form, key):
            named(name, forms, _where(form, key))
    for one in form.conditions:
        inspect_condition(one, forms, _where(form, "when"))
    if form.by_row:
        sheet = named(form.per, forms, _where(form, "per"))[0]
        if sheet.kind == "form" or form.per.count(".") != 1:
            raise DefinitionError(f"{_where(form, 'per')}:“{form.per}”没有逐行的数据(has no rows)。")
        _known(form, "row_name", (form.row_name,), sheet.by_key)
    elif form.row_name:
        raise DefinitionError(f"{_where(form, 'row_name')}:“{form.row_name}”只能与 per 一起用(needs per)。")


def _inspect_own(form: DocumentForm, forms: Mapping[str, Form]) -> None:
    """Whole sheets, and only where there is a record."""
    for word in form.own:
        if named(word, forms, _where(form, "own"))[1] or not form.state:
            raise DefinitionError(f"{_where(form, 'own')}:“{word}”不是一张表,或文档没有状态(no sheet, or no state)。")


def _where(form: DocumentForm, key: str) -> str:
    return f"{FILE}:{form.code}.{key}"


def _known(form: DocumentForm, key: str, words: Iterable[str], choices: Iterable[str]) -> None:
    known(words, choices, _where(form, key))
