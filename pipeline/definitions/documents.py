"""The documents: one row of `output_templates/documents.toml` each, read strictly."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pipeline.core.errors import DefinitionError
from pipeline.definitions.forms import Field, Form, SheetForm, build, data_folder, did_you_mean, load_forms, read_toml

FILE = "documents.toml"
AUDIENCES = ("internal", "customer")
STATES = ("", "待签")
PACKS, PORTFOLIO = "packs", "portfolio"
# Keys of `pipeline.derive.gates`, which stands above this package; a test holds the two together.
GATE_KEYS = (
    *("survey", "plan", "countersign", "application", "approval", "notice", "tracking", "req_review"),
    *("scheme", "tests", "bid", "creview", "signing", "closing", "handover", "archive"),
)
_CONDITION = re.compile(r"(?P<name>[^=!]+?)\s*(?:(?P<op>!?=)\s*(?P<values>.*))?")


@dataclass(frozen=True)
class Condition:
    """One condition of `when`: a cell or column that reads one of the values, or a name that holds something.

    Attributes:
        name: dotted name, `plan.basics.needs_test`, or a sheet, `records.problems`.
        values: texts that fit; empty: anything.
        wanted: False for `!=`.
    """

    name: str
    values: tuple[str, ...] = ()
    wanted: bool = True


@dataclass(frozen=True)
class DocumentForm:
    """A kind of document.

    Attributes:
        code: PPR, PP1 ...
        record_no: record number of domain A.1; empty where there is none.
        template: Word file in the same folder.
        needs: keys of the workbooks without which it cannot be made.
        packs: packs it belongs to; `order` is its place in them.
        signers: who signs, in words of `CONTEXT.md` or names of departments.
        state: 待签 for a document that is signed, else empty.
        gate: gate that its signatures open.
        audience: `internal` or `customer`.
        quality_record: kept for the retention period (clause 7).
        per: sheet of which every row makes a document (`records.memos`), or `packs`, or `portfolio` (one
            over all projects); empty: one a project.
        row_name: field of that sheet which tells the documents apart in their file names.
        due: gate that must be passed, with all before it, before it is made; empty: when its workbooks are there.
        record: cell or sheet that makes it 记录 once it is filled; `a.b.c|d.e.f`: either of them.
        day: cells of which the newest date dates it.
        when: conditions, all of which must hold, parted by `;`: `plan.basics.needs_test=是`, `a.b.c=x|y`,
            `a.b.c!=x`, `a.b`; those on the sheet of `per` choose among its rows.
        folder: sub-folder of the output; empty: docx and pdf.
    """

    code: str
    title: str
    template: str
    record_no: str = ""
    needs: tuple[str, ...] = ()
    packs: tuple[str, ...] = ()
    order: int = 0
    signers: tuple[str, ...] = ()
    state: str = ""
    gate: str = ""
    audience: str = "internal"
    quality_record: bool = False
    per: str = ""
    folder: str = ""
    due: str = ""
    record: str = ""
    day: tuple[str, ...] = ()
    row_name: str = ""
    when: str = ""

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The conditions of `when`."""
        return tuple(_condition(text.strip()) for text in self.when.split(";") if text.strip())

    @property
    def records(self) -> tuple[str, ...]:
        """The names of `record`."""
        return tuple(word.strip() for word in self.record.split("|") if word.strip())

    @property
    def by_row(self) -> bool:
        """One document a row of a sheet."""
        return bool(self.per) and self.per not in (PACKS, PORTFOLIO)

    @property
    def by_project(self) -> bool:
        """Made with a project, not with its packs or over all projects."""
        return self.per not in (PACKS, PORTFOLIO)


def _condition(text: str) -> Condition:
    match = _CONDITION.fullmatch(text)
    if not match:
        raise DefinitionError(f"{FILE}:when 的条件“{text}”读不懂(cannot read condition)。")
    values = tuple(value.strip() for value in match["values"].split("|")) if match["op"] else ()
    return Condition(match["name"].strip(), values, match["op"] != "!=")


@dataclass(frozen=True)
class _Catalogue:
    document: tuple[DocumentForm, ...]


@cache
def load_documents(folder: Path | None = None) -> dict[str, DocumentForm]:
    """All documents by code, in the order in which they stand in packs.

    Raises:
        DefinitionError: the file is wrong; it names file, document, key and the nearest valid word.
    """
    folder = folder or data_folder("output_templates")
    catalogue: _Catalogue = build(_Catalogue, read_toml(folder / FILE), FILE)
    found: dict[str, DocumentForm] = {}
    for form in sorted(catalogue.document, key=lambda form: (form.order, form.code)):
        if form.code in found:
            raise DefinitionError(f"{FILE}:代号“{form.code}”用了两次(code used twice)。")
        _inspect(form, folder)
        found[form.code] = form
    return found


def _inspect(form: DocumentForm, folder: Path) -> None:
    forms = load_forms()
    packs = forms["master"].sheet_form("mail_rules").field("pack").choices
    _known(form, "needs", form.needs, forms)
    _known(form, "packs", form.packs, packs)
    _known(form, "audience", (form.audience,), AUDIENCES)
    _known(form, "state", (form.state,), STATES)
    names = [path.name for path in folder.glob("*.docx")]
    _known(form, "template", (form.template,), names)
    _known(form, "due", (form.due,), ("", *GATE_KEYS))
    _inspect_names(form, forms)


def _inspect_names(form: DocumentForm, forms: Mapping[str, Form]) -> None:
    """Dotted names: they exist, and hold what their column of `documents.toml` needs."""
    for word in form.records:
        _named(form, "record", word, forms)
    for word in form.day:
        _named(form, "day", word, forms, lambda field: field.type in ("date", "datetime"))
    for condition in form.conditions:
        field = _named(form, "when", condition.name, forms)[1]
        if condition.values and field is None:
            raise _fault(form, "when", condition.name, "不是一个字段(is no field)。")
        if field and field.choices:
            _known(form, "when", condition.values, ("", *field.choices))
    if form.by_row:
        sheet = _named(form, "per", form.per, forms)[0]
        if sheet.kind == "form" or form.per.count(".") != 1:
            raise _fault(form, "per", form.per, "没有逐行的数据(has no rows)。")
        _known(form, "row_name", (form.row_name,), sheet.by_key)
    elif form.row_name:
        raise _fault(form, "row_name", form.row_name, "只能与 per 一起用(needs per)。")


def _named(
    form: DocumentForm,
    key: str,
    word: str,
    forms: Mapping[str, Form],
    fits: Callable[[Field], bool] | None = None,
) -> tuple[SheetForm, Field | None]:
    """Sheet and field that a dotted name means; a name that must `fit` is a field."""
    book, _, rest = word.partition(".")
    sheet_key, _, field_key = rest.partition(".")
    _known(form, key, (book,), forms)
    _known(form, key, (sheet_key,), (sheet.key for sheet in forms[book].sheet))
    sheet = forms[book].sheet_form(sheet_key)
    if not field_key and fits is None:
        return sheet, None
    fields = {field.key: field for field in (*sheet.header, *sheet.fields)}
    _known(form, key, (field_key,), fields)
    if fits and not fits(fields[field_key]):
        raise _fault(form, key, word, "不是日期(is no date)。")
    return sheet, fields[field_key]


def _fault(form: DocumentForm, key: str, word: str, why: str) -> DefinitionError:
    return DefinitionError(f"{FILE}:{form.code}.{key}:“{word}”{why}")


def _known(form: DocumentForm, key: str, words: Iterable[str], known: Iterable[str]) -> None:
    choices = list(known)
    for word in words:
        if word not in choices:
            hint = did_you_mean(word, choices)
            raise DefinitionError(f"{FILE}:{form.code}.{key}:没有“{word}”(unknown value){hint}")
