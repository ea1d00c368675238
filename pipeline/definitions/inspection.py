"""What must hold inside a form definition beyond its keys: types, references, conditions, formulas."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from pipeline.core.errors import DefinitionError
from pipeline.core.figures import UnknownFigure
from pipeline.definitions.calculate import FUNCTIONS
from pipeline.definitions.expressions import Binary, Call, Node, names, parse
from pipeline.definitions.forms import TYPES, Field, Form, Item, SheetForm, Total, did_you_mean
from pipeline.definitions.prefill import (
    ANSWER,
    BESIDE_A_VERSION,
    FIGURES,
    FIND,
    FOLLOWING,
    FOLLOWS,
    VERSION,
    look_up,
    prefill_key,
)

_SPECIAL = {"rule", "item_required", "standard_rate", "electronic"}
_WORKBOOKS = ("records.", "survey.", "plan.", "support.", "bids.")
_PREFIXES = ("master.", "lists.", "head.", "header.", "param.", "s_", *_WORKBOOKS)
_OTHERS = ("attachments.", "survey.version", "survey.head.", "plan.", "records.")
_SOURCES = (FIGURES, *_OTHERS, ANSWER, VERSION, FIND, FOLLOWS)
_KINDS = {"table", "form", "form+table"}


def inspect_form(form: Form, file: str) -> None:
    """Check a form.

    Raises:
        DefinitionError: the first thing that is wrong, with file, sheet and key.
    """
    _once((s.key for s in form.sheet), f"{file}: sheet")
    _once(form.supported, f"{file}.supported")
    if form.version not in form.supported[-1:]:
        raise DefinitionError(
            f"{file}:supported 从旧到新,最后一个应是当前版本 {form.version}(the version itself must stand last)。"
        )
    for field in form.head.fields:
        _inspect_field(form, field, f"{file}: head.{field.key}")
    for sheet in form.sheet:
        _inspect_sheet(form, sheet, f"{file}: {sheet.key}")


def inspect_together(forms: Mapping[str, Form], files: Mapping[str, str]) -> None:
    """Check what one form says of another: conditions and codes ask for parameters that workbook 00 can hold.

    Args:
        forms: all forms by key.
        files: names of their files by key.

    Raises:
        DefinitionError: the first thing that is wrong, with file, sheet and key.
    """
    parameters = [row["key"] for sheet in forms["master"].sheet if sheet.key == "parameters" for row in sheet.rows]
    for form in forms.values():
        for sheet in form.sheet:
            for field in (*sheet.fields, *sheet.header):
                if field.prefill.startswith(FIND):
                    _inspect_look_up(sheet, field, forms, f"{files[form.key]}: {sheet.key}.{field.key}.prefill")
                if field.coded_by and field.coded_by not in parameters:
                    nearest = did_you_mean(field.coded_by, parameters)
                    where = f"{files[form.key]}: {sheet.key}.{field.key}.coded_by"
                    raise DefinitionError(f"{where}:00 工作簿没有参数“{field.coded_by}”{nearest}")
            for owner, expression in _expressions(sheet):
                _inspect_parameters(sheet, expression, parameters, f"{files[form.key]}: {sheet.key}.{owner}")


def _inspect_look_up(sheet: SheetForm, field: Field, forms: Mapping[str, Form], where: str) -> None:
    """`find.<form>.<sheet>.<key>.<field of this row, or =word>.<wanted field>` names what is there."""
    try:
        one = look_up(field.prefill)
        there = forms[one.book].sheet_form(one.sheet).by_key
    except (TypeError, KeyError, StopIteration) as error:
        raise DefinitionError(f"{where}:“{field.prefill}”没有这张表(no such table)。") from error
    asking = [] if one.by.startswith("=") else [(one.by, sheet.by_key)]
    for word, known in ((one.key, there), (one.wanted, there), *asking):
        if word not in known:
            raise DefinitionError(f"{where}:“{field.prefill}”没有“{word}”{did_you_mean(word, known)}")


def _inspect_parameters(sheet: SheetForm, expression: str, parameters: Collection[str], where: str) -> None:
    """A threshold is that of the business day, which a check knows and a formula of the workbook does not."""
    for name in names(parse(expression)):
        key = name.removeprefix("param.")
        if key == name:
            continue
        if sheet.items or not where.endswith(".required_when"):
            raise DefinitionError(f"{where}:参数“{key}”只能用在列或栏的 required_when 里(only in required_when)。")
        if key not in parameters:
            raise DefinitionError(f"{where}:00 工作簿没有参数“{key}”{did_you_mean(key, parameters)}")


def _inspect_sheet(form: Form, sheet: SheetForm, where: str) -> None:
    if sheet.kind not in _KINDS:
        raise DefinitionError(f"{where}.kind:“{sheet.kind}”{did_you_mean(sheet.kind, _KINDS)}")
    _once((f.key for f in sheet.fields), f"{where}: field")
    _once((t.key for t in sheet.totals), f"{where}: total")
    _inspect_header(sheet, where)
    for field in (*sheet.fields, *sheet.header):
        _inspect_field(form, field, f"{where}.{field.key}")
        _inspect_version_source(sheet, field, f"{where}.{field.key}.prefill")
    for item in sheet.items:
        _inspect_field(form, item.field, f"{where}.{item.no}")
    if form.many and sheet.totals:
        raise DefinitionError(
            f"{where}.totals:可有多本的表单不能有合计行,合并后无法核对(no totals where many = true)。"
        )
    for total in sheet.totals:
        for key in (total.column, *([total.of] if not total.default else [])):
            if key not in sheet.by_key:
                raise DefinitionError(f"{where}.{total.key}:没有列“{key}”{did_you_mean(key, sheet.by_key)}")
    for owner, expression in _expressions(sheet):
        _inspect_expression(form, sheet, expression, f"{where}.{owner}")
    _inspect_prefill(sheet, f"{where}.prefill_rows")


def _inspect_prefill(sheet: SheetForm, where: str) -> None:
    for line in sheet.prefill_rows:
        for key in (*line.get("match", ()), *(set(line) - {"from", "match", "sum"}), *filter(None, [line.get("sum")])):
            if key not in sheet.by_key:
                raise DefinitionError(f"{where}:没有列“{key}”{did_you_mean(key, sheet.by_key)}")


def _inspect_version_source(sheet: SheetForm, field: Field, where: str) -> None:
    """`version.<field of the sheet that names a plan version>.<what stands beside it>`."""
    if not field.prefill.startswith(VERSION):
        return
    named, _, figure = field.prefill.removeprefix(VERSION).partition(".")
    keys = {f.key for f in sheet.labelled} | set(sheet.by_key)
    for word, known in ((named, keys), (figure, set(BESIDE_A_VERSION))):
        if word not in known:
            raise DefinitionError(f"{where}:“{field.prefill}”没有“{word}”{did_you_mean(word, known)}")


def _inspect_header(sheet: SheetForm, where: str) -> None:
    _once((f.key for f in sheet.header), f"{where}: header")
    if bool(sheet.header) != (sheet.kind == "form+table"):
        raise DefinitionError(f"{where}:kind 为 form+table 时且仅此时要有 header。")
    for name, key in [*(("row_key", key) for key in sheet.row_key), ("row_order", sheet.row_order)]:
        if key and key not in sheet.by_key:
            raise DefinitionError(f"{where}.{name}:没有列“{key}”{did_you_mean(key, sheet.by_key)}")


def _inspect_field(form: Form, field: Field, where: str) -> None:
    if field.type not in TYPES:
        raise DefinitionError(f"{where}.type:“{field.type}”{did_you_mean(field.type, TYPES)}")
    if field.required not in {"Y", "N", "C"} or (field.required == "C") != bool(field.required_when):
        raise DefinitionError(f"{where}:required 为 C 时且仅此时要有 required_when。")
    if field.prefill and (field.fill != "input" or not field.prefill.startswith(_SOURCES)):
        raise DefinitionError(f"{where}.prefill:“{field.prefill}”{did_you_mean(field.prefill, _SOURCES)}")
    if field.prefill.startswith(FIGURES):
        _inspect_figure(field.prefill, f"{where}.prefill")
    if field.prefill.startswith(FOLLOWS) and (name := field.prefill.removeprefix(FOLLOWS)) not in FOLLOWING:
        raise DefinitionError(f"{where}.prefill:没有“{name}”{did_you_mean(name, FOLLOWING)}")
    if field.fill not in {"input", "formula", "template"} or (field.fill == "formula") != bool(field.formula):
        raise DefinitionError(f"{where}:fill 为 formula 时且仅此时要有 formula。")
    _inspect_since(form, field, where)
    _inspect_pattern(field, where)


def _inspect_pattern(field: Field, where: str) -> None:
    """A pattern is one of a code, said in words, and the field's own example is spelled so."""
    if (field.pattern or field.coded_by) and field.type != "code":
        raise DefinitionError(f"{where}:只有 type 为 code 的字段可有 pattern 或 coded_by(codes only)。")
    if bool(field.pattern) != bool(field.spelled) or (field.pattern and field.coded_by):
        raise DefinitionError(f"{where}:pattern 与 spelled 一起写,且不与 coded_by 并用(pattern goes with spelled)。")
    try:
        regex = field.regex
    except re.error as error:
        raise DefinitionError(f"{where}.pattern:不是正则表达式(no regular expression): {error}") from error
    if regex and not regex.fullmatch(field.example):
        raise DefinitionError(f"{where}.example:“{field.example}”不合 pattern(example does not match its pattern)。")


def _inspect_figure(source: str, where: str) -> None:
    try:
        prefill_key(source)
    except UnknownFigure as error:
        raise DefinitionError(f"{where}:“{source}”不是已有的合计(no such sum): {error}") from error


def _inspect_since(form: Form, field: Field, where: str) -> None:
    """A field that came later came with a version; else every workbook already out would be reported to lack it."""
    if field.since and field.since not in form.supported:
        raised = ", ".join(f'"{version}"' for version in (*form.supported, field.since))
        raise DefinitionError(
            f"{where}.since:本表没有版本 {field.since}。增加字段要升表单版本,旧版留在 supported 里,"
            f"已发出的工作簿才不会报缺列:"
            f'version = "{field.since}",supported = [{raised}]'
            f"(no such version: raise the form's version, and keep the old ones in supported)。"
        )


def _expressions(sheet: SheetForm) -> Iterator[tuple[str, str]]:
    owners: list[Field | Total | Item] = [*sheet.fields, *sheet.header, *sheet.totals, *sheet.items]
    for owner in owners:
        key = owner.no if isinstance(owner, Item) else owner.key
        for name in ("required_when", "formula", "default"):
            if expression := getattr(owner, name, ""):
                yield f"{key}.{name}", expression


def _inspect_expression(form: Form, sheet: SheetForm, expression: str, where: str) -> None:
    node = parse(expression)
    known = (
        set(sheet.by_key)
        | {f.key for f in sheet.header}
        | {t.key for t in sheet.totals}
        | _SPECIAL
        | {i.no for i in sheet.items}
    )
    known |= {f"{s.key}.{f.key}" for s in form.sheet for f in s.fields}
    for name in names(node):
        if name not in known and not name.startswith(_PREFIXES):
            raise DefinitionError(f"{where}:没有“{name}”{did_you_mean(name, known)}")
    for function in _functions(node):
        if function not in FUNCTIONS and function not in {"IF", "IFERROR"}:
            raise DefinitionError(f"{where}:没有函数“{function}”{did_you_mean(function, FUNCTIONS)}")


def _functions(node: Node) -> Iterator[str]:
    if isinstance(node, Call):
        yield node.function
        for argument in node.arguments:
            yield from _functions(argument)
    elif isinstance(node, Binary):
        yield from _functions(node.left)
        yield from _functions(node.right)


def _once(keys: Iterable[str], where: str) -> None:
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            raise DefinitionError(f"{where}:键“{key}”出现两次(key twice)。")
        seen.add(key)
