"""Write the sample workbooks of one project from a data file, as Excel would have saved them.

    samples/build.py DATA.json CODE OUT [--ops OPS.json]

DATA.json has the shape of `samples/data.json`: the master (workbook 00) and the projects. Workbooks whose form does
not exist yet are skipped. The same data gives the same bytes every time. `--ops` applies the edits of a mutation
(see `samples/wrong-015.json`): what a person typed, pasted or deleted, with or without Excel following.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from pipeline.definitions.forms import Form, SheetForm, load_forms
from pipeline.definitions.values import (
    Content,
    ErrorValue,
    Master00,
    Pasted,
    RawText,
    answer,
    content_from_json,
    typed,
)
from pipeline.definitions.writer import write_workbook


def load(path: Path) -> dict[str, Any]:
    """Read a data file with exact decimals."""
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    return data


def contents(data: Mapping[str, Any], code: str) -> dict[str, Content]:
    """Typed contents of workbook 00 and of the project's workbooks, by form key."""
    forms = load_forms()
    project = next((p for p in data["projects"] if p["code"] == code), None)
    if project is None:
        raise SystemExit(f"{code}: 数据文件里没有这个项目(no such project)")
    made = {"master": content_from_json(forms["master"], data["master"])}
    made |= {key: content_from_json(forms[key], raw) for key, raw in project["workbooks"].items() if key in forms}
    return made


def write(made: Mapping[str, Content], code: str, out: Path) -> list[Path]:
    """Write the workbooks into a folder; other files in it stay."""
    out.mkdir(parents=True, exist_ok=True)
    forms, master = load_forms(), Master00(made["master"].sheets)
    paths = []
    for key, content in made.items():
        path = out / forms[key].file.format(project_code=code)
        write_workbook(forms[key], path, content, master)
        paths.append(path)
    return paths


def apply(made: Mapping[str, Content], ops: list[Mapping[str, Any]], *, recalculate: bool) -> dict[str, Content]:
    """Apply edits to contents; with `recalculate` every formula that was not overwritten follows."""
    forms = load_forms()
    edited = {key: _copy(forms[key], content, recalculate=recalculate) for key, content in made.items()}
    for op in ops:
        if op["workbook"] in edited:
            _apply_one(forms[op["workbook"]], edited[op["workbook"]], op)
    return edited


def _copy(form: Form, content: Content, *, recalculate: bool) -> Content:
    """Own copies of all rows; values of formulas are left out where they are to be calculated again."""
    sheets: dict[str, Any] = {}
    totals = {key: dict(values) for key, values in content.totals.items()}
    for sheet in form.sheet:
        rows = content.sheets.get(sheet.key)
        if rows is None:
            continue
        live = {f.key for f in sheet.fields if f.formula} if recalculate else set()
        strip = [{k: None if k in live else v for k, v in row.items()} for row in _rows(rows)]
        sheets[sheet.key] = strip[0] if isinstance(rows, Mapping) else strip
        for total in sheet.totals:
            if recalculate and total.formula:
                totals[sheet.key][total.key] = None
    headers = {key: dict(values) for key, values in content.headers.items()}
    return Content(dict(content.head), sheets, totals, headers)


def _rows(sheet: Any) -> list[dict[str, Any]]:
    return [sheet] if isinstance(sheet, dict) else list(sheet)


def _apply_one(form: Form, content: Content, op: Mapping[str, Any]) -> None:
    part = op.get("part")
    if part == "head" and op["sheet"] == "_head":
        cast("dict[str, Any]", content.head)[op["field"]] = op.get("value")
        return
    sheet = form.sheet_form(op["sheet"])
    if part == "totals":
        total = next(t for t in sheet.totals if t.key == op["field"])
        totals = cast("dict[str, Any]", content.totals[sheet.key])
        totals[total.key] = _edited(op, bool(total.formula), _decimal)
        return
    if part == "header":
        form_field = next(f for f in sheet.header if f.key == op["field"])
        header = cast("dict[str, Any]", content.headers[sheet.key])
        header[form_field.key] = _edited(op, False, lambda raw: typed(form_field, raw))
        return
    rows = content.sheets[sheet.key]
    if op["op"] == "add_row":
        rows.append({f.key: typed(f, op["row"].get(f.key)) for f in sheet.fields})
    elif op["op"] == "clear_sheet":
        _clear(content, sheet)
    elif op["op"] == "delete_row":
        rows[:] = [row for row in rows if not _matches(row, op["match"])]
    else:
        _set(sheet, rows, op)


def _clear(content: Content, sheet: SheetForm) -> None:
    """Empty a sheet, its labelled cells too."""
    rows = content.sheets[sheet.key]
    rows.clear()
    if sheet.header:
        cast("dict[str, Any]", content.headers[sheet.key]).clear()


def _set(sheet: SheetForm, rows: Any, op: Mapping[str, Any]) -> None:
    form_field = sheet.field(op["field"])
    for row in _rows(rows):
        if not _matches(row, op.get("match") or {}):
            continue
        item = sheet.item(str(row.get("no"))) if sheet.items and op["field"] == "value" else None

        def read(raw: Any, item: Any = item) -> Any:
            return answer(item, raw) if item else typed(form_field, raw)

        row[op["field"]] = _edited(op, bool(form_field.formula), read)


def _edited(op: Mapping[str, Any], formula: bool, read: Any) -> Any:
    if op["op"] == "set_raw_text":
        return RawText(op["value"])
    if op["op"] == "set_error":
        return ErrorValue(op["value"])
    value = read(op.get("value"))
    return Pasted(value) if formula and value is not None else value


def _decimal(raw: Any) -> Any:
    try:
        return Decimal(str(raw))
    except ArithmeticError:
        return raw


def _matches(row: Mapping[str, Any], match: Mapping[str, Any]) -> bool:
    return all(str(row.get(key)) == str(value) for key, value in match.items())


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("code")
    parser.add_argument("out", type=Path)
    parser.add_argument("--ops", type=Path, help="edits to apply before writing")
    arguments = parser.parse_args()
    made = contents(load(arguments.data), arguments.code)
    if arguments.ops:
        mutation = load(arguments.ops)
        made = apply(made, mutation["ops"], recalculate=mutation["recalculate"])
    for path in write(made, arguments.code, arguments.out):
        print(path)


if __name__ == "__main__":
    main()
