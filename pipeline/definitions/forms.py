"""The forms: workbooks, sheets, fields and totals, read strictly from `input_templates/*.toml`."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal
from functools import cache, cached_property
from pathlib import Path
from types import UnionType
from typing import Any, cast, get_args, get_origin, get_type_hints

from pipeline.core.errors import DefinitionError
from pipeline.definitions.expressions import Node, parse

NUMERIC = frozenset({"int", "num", "percent", "money", "money4"})
DATED = frozenset({"date", "datetime", "month"})
TYPES = NUMERIC | DATED | {"text", "long", "code", "enum", "emp", "phone", "email", "list", "any"}


@dataclass(frozen=True)
class Field:
    """A cell or column of a form. Lengths in characters, widths in Excel column units.

    Attributes:
        allowed: literal choices, or a reference such as `master.units.unit`.
        also_allowed: values that are legal beside a reference or a pattern.
        pattern: of a code that the program takes apart: regular expression of the whole code, in capitals (F038).
        spelled: the same in words.
        coded_by: of a code that the company gives: the parameter of workbook 00 with its form (F040).
        default: expression that the writer puts into an input cell; staff may type over it.
        fill: `input` staff type it, `formula` locked live formula, `template` written by the template.
        since: form version that brought the field, one of the form's `supported`; workbooks of an older version lack it
            without a finding. Empty: it was always there.
        prefill: where the pipeline takes the value from that it writes for staff (`pipeline.derive.proposed`).
        internal: on no paper for the customer.
    """

    key: str
    label: str
    type: str
    aliases: tuple[str, ...] = ()
    item_type: str = ""
    unit: str = ""
    required: str = "N"
    required_when: str = ""
    allowed: tuple[str, ...] | str = ()
    also_allowed: tuple[str, ...] = ()
    pattern: str = ""
    spelled: str = ""
    coded_by: str = ""
    min: Decimal | None = None
    max: Decimal | None = None
    min_exclusive: Decimal | None = None
    max_len: int = 0
    formula: str = ""
    default: str = ""
    fill: str = "input"
    width: Decimal = Decimal(14)
    example: str = ""
    help: str = ""
    since: str = ""
    prefill: str = ""
    internal: bool = False

    @property
    def numeric(self) -> bool:
        """Int, number, per cent or money."""
        return self.type in NUMERIC

    @property
    def choices(self) -> tuple[str, ...]:
        """Literal choices; empty where they are a reference or free."""
        return self.allowed if isinstance(self.allowed, tuple) else ()

    @cached_property
    def regex(self) -> re.Pattern[str] | None:
        """The pattern, compiled; None where the code may be anything."""
        return re.compile(self.pattern, re.ASCII) if self.pattern else None

    @property
    def reference(self) -> str:
        """Reference that gives the choices, such as `master.units.unit`; empty where there is none."""
        return self.allowed if isinstance(self.allowed, str) else ""


@dataclass(frozen=True)
class Total:
    """A total cell: `row_label` (or one of `row_aliases`) stands in column A, the value under `column`."""

    key: str
    label: str
    row_label: str
    column: str
    of: str
    type: str
    where: str = ""
    formula: str = ""
    default: str = ""
    unit: str = ""
    fill: str = "input"
    name: str = ""
    help: str = ""
    row_aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Item:
    """A survey item: one fixed row with the type of its value; an `internal` one is on no paper for the customer."""

    no: str
    section: str
    key: str
    label: str
    type: str
    unit: str = ""
    required: str = "N"
    required_when: str = ""
    allowed: tuple[str, ...] | str = ()
    pattern: str = ""
    spelled: str = ""
    also_allowed: tuple[str, ...] = ()
    example: str = ""
    min: Decimal | None = None
    max: Decimal | None = None
    min_exclusive: Decimal | None = None
    max_len: int = 0
    applies: str = "ALL"
    help: str = ""
    internal: bool = False
    prefill: str = ""

    @cached_property
    def field(self) -> Field:
        """The item's value as a field."""
        shared = {f.name: getattr(self, f.name) for f in fields(Field) if f.name in _ITEM_KEYS}
        return Field(**shared)


@dataclass(frozen=True)
class SheetForm:
    """A sheet of a form: `kind` is `table` (rows), `form` (labelled cells) or `form+table` (both).

    Attributes:
        header: labelled cells above the table of a `form+table`.
        opening: what the sheet says on top: when it is filled, by whom, by which procedure.
        internal: on no paper for the customer.
        record_no: record number of the sheet where the workbook has none of its own.
        row_key: fields that tell rows apart when several workbooks of the form are merged.
        row_order: field whose day (or period) puts rows of several workbooks among one another.
        prefill_rows: lines that roll up another workbook: `from` its source (`pipeline.derive.known`), `match` the
            fields that tell whether such a line is there, `sum` the field that must then agree (where there is one),
            and by field the text to write, with names of the source in braces.
    """

    key: str
    name: str
    kind: str
    fields: tuple[Field, ...]
    aliases: tuple[str, ...] = ()
    note: str = ""
    unit_note: str = ""
    clause: str = ""
    documents: tuple[str, ...] = ()
    optional: bool = False
    internal: bool = False
    rows_fixed: bool = False
    prepared: int = 0
    totals: tuple[Total, ...] = ()
    rows: tuple[Mapping[str, Any], ...] = ()
    rows_each: tuple[Mapping[str, Any], ...] = ()
    items: tuple[Item, ...] = ()
    header: tuple[Field, ...] = ()
    opening: str = ""
    record_no: str = ""
    row_key: tuple[str, ...] = ()
    row_order: str = ""
    prefill_rows: tuple[Mapping[str, Any], ...] = ()

    def field(self, key: str) -> Field:
        """Field by key; KeyError when there is none."""
        return self.by_key[key]

    @property
    def labelled(self) -> tuple[Field, ...]:
        """Fields of the labelled cells: all of a form, the header of a form+table, none of a table."""
        return self.fields if self.kind == "form" else self.header

    @cached_property
    def by_key(self) -> dict[str, Field]:
        """Fields by key."""
        return {f.key: f for f in self.fields}

    def item(self, no: str) -> Item | None:
        """Survey item by its number."""
        return next((item for item in self.items if item.no == no), None)


@dataclass(frozen=True)
class Head:
    """What stands on top of every sheet of a workbook."""

    fields: tuple[Field, ...] = ()


@dataclass(frozen=True)
class Form:
    """A workbook: its identity and its sheets; `many` when a project may hold several that are merged.

    Attributes:
        company: one a company, not one a project: it lies beside workbook 00 and is not handed in with projects.
        voluntary: a project (a company) may do without it; its sheets ask for nothing until they are used.
        version: of the form; a field that comes or goes raises it.
        supported: versions of which workbooks are still read without a finding, oldest first, the present one last.
        steps: what is filled in which order, for the sheet that comes first.
    """

    no: str
    key: str
    name: str
    file: str
    version: str
    supported: tuple[str, ...]
    record_no: str
    sheet: tuple[SheetForm, ...]
    aliases: tuple[str, ...] = ()
    note: str = ""
    steps: tuple[str, ...] = ()
    head: Head = field(default_factory=Head)
    many: bool = False
    company: bool = False
    voluntary: bool = False

    @property
    def template_id(self) -> str:
        """What `_meta` calls the form."""
        return f"presales.{self.key}"

    def claimed_by(self, file: str) -> bool:
        """Whether a file's name says that it is this workbook: by its number; a voluntary one by number and name."""
        name = re.escape(self.name) if self.voluntary else ""
        return bool(re.match(f"{self.no}[_ -]{name}", file))

    def sheet_form(self, key: str) -> SheetForm:
        """Sheet by key; KeyError when there is none."""
        return next(s for s in self.sheet if s.key == key)


_ITEM_KEYS = {f.name for f in fields(Item)} & {f.name for f in fields(Field)}


def build(kind: type[Any], raw: Mapping[str, Any], where: str) -> Any:
    """Make a dataclass from TOML values, strictly.

    Args:
        kind: the dataclass.
        raw: what the file holds.
        where: file and place, for the message.

    Raises:
        DefinitionError: an unknown or missing key, or a value of another type.
    """
    hints, needed = _shape(cast(Any, kind))
    for key in raw:
        if key not in hints:
            raise DefinitionError(f"{where}:没有“{key}”这个键(unknown key){did_you_mean(key, hints)}")
    for key in sorted(needed - set(raw)):
        raise DefinitionError(f"{where}:缺少键“{key}”(missing key)。")
    return kind(**{key: _typed(value, hints[key], f"{where}.{key}") for key, value in raw.items()})


@cache
def _shape(kind: Any) -> tuple[Mapping[str, Any], frozenset[str]]:
    """Types of a dataclass's fields by name, and the names without a default. Worked out once: Python is slow at it."""
    hints = get_type_hints(kind)
    known = fields(kind)
    needed = frozenset(f.name for f in known if f.default is f.default_factory)
    return {f.name: hints[f.name] for f in known}, needed


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The nearest known word as a remark, or nothing."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f",是否应为“{close[0]}”(did you mean {close[0]})?" if close else "。"


def _typed(value: Any, hint: Any, where: str) -> Any:
    options = get_args(hint) if isinstance(hint, UnionType) else (hint,)
    for option in options:
        made = _as(value, option, where)
        if made is not None:
            return made
    raise DefinitionError(f"{where}:值 {value!r} 的类型不对(wrong type)。")


def _as(value: Any, option: Any, where: str) -> Any:
    if get_origin(option) is tuple and isinstance(value, list):
        inner = get_args(option)[0]
        return tuple(_typed(item, inner, f"{where}[{index}]") for index, item in enumerate(value))
    if get_origin(option) is not None:
        return value if isinstance(value, dict) and get_origin(option) is not tuple else None
    if hasattr(option, "__dataclass_fields__"):
        name = value.get("key") or value.get("no") or "" if isinstance(value, dict) else ""
        return build(option, value, f"{where}({name})") if isinstance(value, dict) else None
    if option in (Decimal, float) and isinstance(value, int | Decimal) and not isinstance(value, bool):
        return option(value)
    return value if type(value) is option else None


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file with exact decimals.

    Raises:
        DefinitionError: the file cannot be read or is no TOML; the message holds the line.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DefinitionError(f"{path}:无法读取(cannot read): {error}") from error


def data_folder(name: str) -> Path:
    """Folder of shipped data: beside the package in a wheel, beside the repository's package in a checkout."""
    package = Path(__file__).resolve().parent.parent
    inside = package / name
    return inside if inside.is_dir() else package.parent / name


@cache
def load_forms(folder: Path | None = None) -> dict[str, Form]:
    """All forms by key, in the order of their numbers.

    Raises:
        DefinitionError: a definition is wrong; file, key and the nearest valid word are named.
    """
    from pipeline.definitions.inspection import inspect_form, inspect_together

    folder = folder or data_folder("input_templates")
    forms: dict[str, Form] = {}
    files: dict[str, str] = {}
    for path in sorted(folder.glob("*.toml")):
        form: Form = build(Form, read_toml(path), path.name)
        inspect_form(form, path.name)
        if form.key in forms:
            raise DefinitionError(f"{path.name}:键“{form.key}”已被另一张表使用(form key used twice)。")
        forms[form.key], files[form.key] = form, path.name
    if "master" not in forms:
        raise DefinitionError(f"{folder}:没有找到 00 工作簿的定义(no form definitions)。")
    inspect_together(forms, files)
    return forms


@cache
def node(expression: str) -> Node:
    """Parsed expression, kept."""
    return parse(expression)
