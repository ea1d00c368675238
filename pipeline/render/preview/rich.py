"""Made-up data as awkward as real life, for an author to see a template filled: many rows, long, rare, missing values.

Built on the plain made-up project: the same names, but every table has many rows that differ, and the figures are
large, tiny and negative.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from pipeline.adapters.office.converters import Converter
from pipeline.core.documents import UNSIGNED
from pipeline.core.facts import Facts
from pipeline.core.figures import Key
from pipeline.core.places import Derived, Place
from pipeline.core.sheets import Cell, Project, Record, Sheet, Value, Workbook
from pipeline.definitions.documents import PEOPLE, PORTFOLIO, DocumentForm
from pipeline.definitions.forms import DATED, Field, Form, SheetForm
from pipeline.render.context.document import DocumentInfo, PackInfo, PackPart
from pipeline.render.context.shown import Source
from pipeline.render.daily.report import portfolio_writer
from pipeline.render.maker import Maker
from pipeline.render.preview.context import DAY, preview_context, source

ROWS: Mapping[tuple[str, str], int] = {("materials", "lines"): 60, ("cost", "lines"): 40, ("staffing", "lines"): 30}
USUAL_ROWS = 7
# Every so many rows is awkward; the others show how the page looks on a usual day.
AWKWARD_EVERY = 5
# One after the other down a column; None keeps the example.
TEXTS: tuple[str | None, ...] = (
    None,
    "这一格写得很长,用来看换行:" + "机房改造与核心交换设备安装调试及配套布线" * 4,
    "LONG-MODEL-NUMBER-WITHOUT-ANY-BLANK/" * 4,
    "龘𠮷㎡①℃ R&D <24口> “引号” 50%",
    "",
    "第一行\n第二行\n第三行",
)
NUMBERS: tuple[Decimal | None, ...] = (
    None,
    Decimal("1234567890.12"),
    Decimal("0.01"),
    Decimal("-5000.00"),
    Decimal(0),
    Decimal("99999.99"),
)
SHORT = 12
_PARTS = 12


def rich_source() -> Source:
    """The made-up project with many and awkward rows, and figures for all that they name."""
    plain = source()
    books = {key: _book(plain.forms[key], book) for key, book in plain.project.workbooks.items()}
    project = Project(plain.project.code, Path(), books, plain.project.attachments)
    long_name = "示例项目:全媒体新闻中心网络与演播系统升级改造(二期)及配套机房工程"
    return replace(plain, project=project, facts=replace(_figures(plain.facts, project), name=long_name))


def rich_info(form: DocumentForm, made: Source) -> DocumentInfo:
    """The document as it waits for signatures, of the first row where there is one a row; in a pack of twelve."""
    parts = [PackPart(form.code, f"{form.title}{n}", form.record_no, "A/0", 3, 3 * n) for n in range(1, _PARTS + 1)]
    pack = PackInfo("示例项目_计划包_V12", "计划包", "V12", DAY, tuple(parts), 3 * _PARTS)
    rows = made.project.rows(*form.per.split(".")) if form.by_row else ()
    return DocumentInfo(form, "A/0", DAY, form.state and UNSIGNED, False, pack, row=next(iter(rows), None))


def make_preview(form: DocumentForm, folder: Path, office: Converter | None) -> list[Path]:
    """Fill the template of a document with the made-up data: `PPR_预览.docx`, and the PDF beside it.

    Raises:
        DefinitionError: the template is wrong.
        DocumentFailed: a value was lost, or the conversion failed.
    """
    docx = folder / f"{form.code}_预览.docx"
    if form.per in (PORTFOLIO, PEOPLE):
        _, pdf = portfolio_writer(preview_context(form), office)(form, docx)
    else:
        made = rich_source()
        _, pdf = Maker(made, folder, office).write(form, docx, rich_info(form, made))
    return [docx, pdf] if pdf else [docx]


def _book(form: Form, book: Workbook) -> Workbook:
    sheets = {sheet.key: _sheet(form, sheet, book.sheets[sheet.key]) for sheet in form.sheet}
    return replace(book, sheets=sheets)


def _sheet(form: Form, sheet: SheetForm, made: Sheet) -> Sheet:
    """A table with rows that differ; lists of fixed items keep their rows and get awkward values."""
    if not made.rows:
        return made
    fixed = bool(sheet.items)
    count = len(made.rows) if fixed else ROWS.get((form.key, sheet.key), USUAL_ROWS)
    rows = [_row(sheet, made, number, fixed=fixed) for number in range(count)]
    return replace(made, rows=tuple(rows))


def _row(sheet: SheetForm, made: Sheet, number: int, *, fixed: bool) -> Record:
    row = made.rows[number % len(made.rows)]
    keys = {*sheet.row_key, "no", "code", "section", "label", "round"}
    cells = {}
    for column, field in enumerate(sheet.fields):
        cell = row.cell(field.key)
        at = Place(cell.at.workbook, cell.at.sheet, f"{chr(65 + column % 26)}{8 + number}")
        if field.key in keys:
            value = cell.value if fixed else _key(field, cell.value, number)
        elif field.choices:
            value = field.choices[number // AWKWARD_EVERY % len(field.choices)]
        elif number % AWKWARD_EVERY == 1:
            value = _awkward(field, cell.value, number // AWKWARD_EVERY + column)
        else:
            value = cell.value
        cells[field.key] = Cell(at, value, "" if value is None else str(value))
    return Record(made.at, cells, 8 + number)


def _key(field: Field, example: Value | None, number: int) -> Value | None:
    """What tells rows apart: counted on from the example where it is a number or a text that ends in one."""
    if field.choices:
        return field.choices[number % len(field.choices)]
    if field.key == "round":
        return example
    if isinstance(example, Decimal):
        return example + number
    if isinstance(example, str) and field.type not in DATED and number:
        return f"{example.rstrip('0123456789')}{number + 1}" if example[-1:].isdecimal() else example
    return example


def _awkward(field: Field, example: Value | None, number: int) -> Value | None:
    if field.type in ("emp", "list", "month", "code") or field.allowed:
        return example
    if field.type in DATED:
        return DAY + timedelta(days=number * 3) if isinstance(example, date) else example
    if field.numeric:
        return _number(field, example, NUMBERS[number % len(NUMBERS)])
    text = TEXTS[number % len(TEXTS)]
    if text is None or (field.max_len and field.max_len < SHORT):
        return example
    return (text[: field.max_len] if field.max_len else text) or None


def _number(field: Field, example: Value | None, value: Decimal | None) -> Value | None:
    """A number as the field allows it: amounts may be anything, rates and counts stay in their bounds."""
    if value is None or field.type not in ("money", "money4"):
        return example
    return example if field.min is not None and value < field.min else value


def _figures(facts: Facts, project: Project) -> Facts:
    """Figures for every stage, category, month, department and account that the rows name."""
    at = Place("02_项目计划基本信息.xlsx", "基本信息", "C10")
    wanted: list[tuple[Key, Iterable[str]]] = [
        (("cost", "stage"), _texts(project, "plan", "stages", "code")),
        (("staffing", "stage"), _texts(project, "plan", "stages", "code")),
        (("materials", "category"), _texts(project, "materials", "lines", "category")),
        (("staffing", "dept"), _texts(project, "staffing", "lines", "dept")),
        (("staffing", "dept_amount"), _texts(project, "staffing", "lines", "dept")),
    ]
    keys = [(*name, text) for name, texts in wanted for text in texts]
    amounts = [number for number in NUMBERS if number is not None]
    more = {key: Derived(amounts[n % len(amounts)], (at,)) for n, key in enumerate([*facts.figures, *keys])}
    return replace(facts, figures=more)


def _texts(project: Project, book: str, sheet: str, key: str) -> Iterable[str]:
    return dict.fromkeys(text for row in project.rows(book, sheet) if (text := row.text(key)))
