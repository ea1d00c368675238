"""The one writer of blank and filled workbooks. Same input, same bytes; formulas carry the values Excel would keep."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from pipeline.definitions.forms import Form, SheetForm
from pipeline.definitions.instructions import write_instructions
from pipeline.definitions.lists import SHEET as LISTS_SHEET
from pipeline.definitions.lists import Lists
from pipeline.definitions.sheet_writer import SheetWriter
from pipeline.definitions.styles import UNIT_FONT, FormStyles
from pipeline.definitions.values import Content, Master00, Values, typed

BIRTHDAY = datetime(2002, 2, 6)
_OPTIONS = {"default_date_format": "yyyy-mm-dd", "strings_to_urls": False, "in_memory": True}
_ENTRY_DATE, _ENTRY_MODE = (1980, 1, 31, 0, 0, 0), 0o100600  # of the parts, on any day and under any umask
_EMPTY_RESULT = re.compile(rb'(<c r="[A-Z]+[0-9]+"(?: s="[0-9]+")?)(><f>[^<]*</f><v></v></c>)')


def write_workbook(
    form: Form, path: Path, content: Content, master: Master00, generated_at: date | None = None
) -> None:
    """Write a workbook of a form.

    Args:
        form: the form.
        path: file to write; it is replaced.
        content: what stands in it; an empty one gives the blank form.
        master: the company's columns for drop-downs and look-ups.
        generated_at: kept in `_meta`; without it the same content gives the same bytes on any day.
    """
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, _OPTIONS | {"default_format_properties": dict(UNIT_FONT)})
    book.set_properties({"title": form.name, "subject": form.record_no, "created": BIRTHDAY, "author": ""})
    book.set_calc_mode("auto")
    styles, lists = FormStyles(book), Lists(form, master)
    content = with_fixed_rows(form, content, master, generated_at)
    values = Values(form, content, master)
    write_instructions(book, form, styles)
    sheets = [SheetWriter(book, form, sheet, values, styles, lists) for sheet in form.sheet]
    for sheet in sheets:
        sheet.write(sheets)
    _write_hidden(book, form, content, lists, styles, generated_at)
    book.close()
    _store(made, path)


def _store(made: io.BytesIO, path: Path) -> None:
    """Store the package; say of formulas that give the empty text that they were calculated, as Excel does (`t="str"`).

    XlsxWriter leaves the type out on purpose, which other programs read as never calculated.
    """
    with zipfile.ZipFile(made) as parts, zipfile.ZipFile(path, "w") as package:
        for name in parts.namelist():
            content = parts.read(name)
            if name.startswith("xl/worksheets/sheet"):
                content = _EMPTY_RESULT.sub(rb'\1 t="str"\2', content)
            entry = zipfile.ZipInfo(name, _ENTRY_DATE)
            entry.external_attr, entry.compress_type = _ENTRY_MODE << 16, zipfile.ZIP_DEFLATED
            package.writestr(entry, content)


def _write_hidden(
    book: Any, form: Form, content: Content, lists: Lists, styles: FormStyles, generated_at: date | None
) -> None:
    sheet = book.add_worksheet(LISTS_SHEET)
    lists.write(book, sheet, styles.of(num_format="yyyy-mm-dd"))
    sheet.hide()
    meta = book.add_worksheet("_meta")
    facts = {
        "template_id": form.template_id,
        "template_version": form.version,
        "form_code": form.record_no,
        "project_code": str(content.head.get("project_code") or ""),
        "generated_by": "presales",
        "generated_at": generated_at.isoformat() if generated_at else "",
    }
    for row, (key, value) in enumerate(facts.items()):
        meta.write_string(row, 0, key)
        meta.write_string(row, 1, value)
    meta.hide()


def with_fixed_rows(form: Form, content: Content, master: Master00, day: date | None) -> Content:
    """Add the rows that the template itself brings to sheets for which no rows are given."""
    sheets = dict(content.sheets)
    for sheet in form.sheet:
        if sheet.items:
            sheets[sheet.key] = _survey_rows(sheet, sheets.get(sheet.key) or ())
        elif not sheets.get(sheet.key) and (sheet.rows or sheet.rows_each):
            sheets[sheet.key] = _template_rows(sheet, master, day)
    return Content(content.head, sheets, content.totals, content.headers)


def _survey_rows(sheet: SheetForm, given: Any) -> list[dict[str, Any]]:
    answers = {row["no"]: row for row in given}
    texts = [{"no": i.no, "section": i.section, "label": i.label, "unit": i.unit} for i in sheet.items]
    return [{**answers.get(text["no"], {}), **text} for text in texts]


def _template_rows(sheet: SheetForm, master: Master00, day: date | None) -> list[dict[str, Any]]:
    rows = [{key: typed(sheet.field(key), value) for key, value in row.items()} for row in sheet.rows]
    for each in sheet.rows_each:
        source = str(each["from"]).split(".")[1]
        for row in master.rows(source):
            rows.append({"dim": each["dim"], "code": row[each["code"]], "name": row[each["name"]]})
    if sheet.rows_each and day:
        rows += [{"dim": "月份", "code": month} for month in _months(day, 18)]
    return rows


def _months(day: date, count: int) -> list[str]:
    numbers = range(day.year * 12 + day.month - 1, day.year * 12 + day.month - 1 + count)
    return [f"{number // 12:04d}-{number % 12 + 1:02d}" for number in numbers]
