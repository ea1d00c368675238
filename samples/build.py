"""Write the sample workbooks of one project from a data file, as Excel would have saved them.

    samples/build.py DATA.json CODE OUT [--ops OPS.json] [--voluntary]

DATA.json has the shape of `samples/data.json`: the master (workbook 00) and the projects. Workbooks whose form does
not exist yet are skipped. The same data gives the same bytes every time. `--ops` applies the edits of a mutation
(see `samples/wrong-015.json`): what a person typed, pasted or deleted, with or without Excel following.
`--voluntary` writes the workbooks 07, 08 and 09 of the project, too, and the logs (workbook 10) of the data's people.
The project's `attachments` become placeholders of the right kind that say so: `附件/` of a real project holds the
contract and the scheme themselves.
"""

from __future__ import annotations

import argparse
import base64
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
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


def voluntary(data: Mapping[str, Any], code: str) -> dict[str, Content]:
    """Typed contents of the workbooks that a project may do without, and of the company's beside 00."""
    forms, project = load_forms(), next(p for p in data["projects"] if p["code"] == code)
    return {key: content_from_json(forms[key], raw) for key, raw in project.get("voluntary", {}).items()}


def write_logs(data: Mapping[str, Any], out: Path, ops: Sequence[Mapping[str, Any]] = ()) -> list[Path]:
    """Write the workbooks 10, one a person and month, into the folder of workbook 00; an edit names its `log`."""
    form, master = load_forms()["worklog"], Master00(content_from_json(load_forms()["master"], data["master"]).sheets)
    paths = []
    for log in data.get("logs", ()):
        path = out / form.file.replace(".xlsx", f"_{log['name']}.xlsx")
        own = [op for op in ops if op.get("log") == log["name"]]
        made = apply({form.key: content_from_json(form, log["worklog"])}, own, recalculate=bool(own))
        write_workbook(form, path, made[form.key], master)
        paths.append(path)
    return paths


def write(made: Mapping[str, Content], code: str, out: Path) -> list[Path]:
    """Write the workbooks into a folder; other files in it stay."""
    out.mkdir(parents=True, exist_ok=True)
    master = Master00(made["master"].sheets)
    return [write_one(key, content, master, code, out) for key, content in made.items()]


def write_one(key: str, content: Content, master: Master00, code: str, out: Path) -> Path:
    """Write one workbook into a folder."""
    form = load_forms()[key]
    path = out / form.file.format(project_code=code)
    write_workbook(form, path, content, master)
    return path


def write_attachments(data: Mapping[str, Any], code: str, out: Path) -> list[Path]:
    """Write a placeholder for every attachment of the project; the same data gives the same bytes."""
    project = next(p for p in data["projects"] if p["code"] == code)
    paths = []
    for attachment in project.get("attachments", ()):
        path = out / attachment["path"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(placeholder(path.suffix.lower(), attachment["title"], int(attachment.get("pages") or 1)))
        paths.append(path)
    return paths


def placeholder(suffix: str, title: str, pages: int) -> bytes:
    """A small file of the kind that its suffix says.

    Args:
        suffix: `.pdf`, `.docx`, `.xlsx`, `.dwg`, `.jpg` or `.png`.
        title: what the real file would be; PDF, DOCX and DWG hold it as text.
        pages: of a PDF.
    """
    if suffix in _PICTURES:
        return base64.b64decode(_PICTURES[suffix])
    if suffix == ".dwg":
        return b"AC1032" + f"\0{title}({_PLACEHOLDER})\n".encode()
    if suffix in _PACKAGES:
        return _package(*_PACKAGES[suffix], f"{title}({_PLACEHOLDER})")
    return _pdf(title, pages)


_PLACEHOLDER = "示例占位文件"
_PICTURES = {
    ".png": "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=",
    ".jpg": "/9j/4AAQSkZJRgABAQEAYABgAAD/2wBDAAgGBgcGBQgHBwcJCQgKDBQNDAsLDBkSEw8UHRofHh0aHBwgJC4nICIsIxwcKDcpLDAxNDQ0"
    "Hyc5PTgyPC4zNDL/wAALCAABAAEBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAACf/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AKp//2Q==",
}
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_PACKAGES = {
    ".docx": (
        "word/document.xml",
        _WORD,
        '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r>'
        "<w:t>{}</w:t></w:r></w:p></w:body></w:document>",
    ),
    ".xlsx": (
        "xl/workbook.xml",
        _SHEET,
        '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><!-- {} --><sheets/></workbook>',
    ),
}


def _package(part: str, kind: str, xml: str, text: str) -> bytes:
    """An Office package with one part."""
    types = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/{part}" ContentType="{kind}"/></Types>'
    )
    office = "http://schemas.openxmlformats.org"
    relations = (
        f'<Relationships xmlns="{office}/package/2006/relationships"><Relationship Id="rId1" '
        f'Type="{office}/officeDocument/2006/relationships/officeDocument" Target="{part}"/></Relationships>'
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as package:
        for name, body in (("[Content_Types].xml", types), ("_rels/.rels", relations), (part, xml.format(text))):
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            package.writestr(entry, '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>' + body)
    return out.getvalue()


def _pdf(title: str, pages: int) -> bytes:
    """A PDF written by hand, so that no library's version is in its bytes; its font is one that readers bring."""
    kids = " ".join(f"{6 + 2 * number} 0 R" for number in range(pages))
    system = "/CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >>"
    fonts = "<< /F 3 0 R /L << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >>"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {pages} /Kids [{kids}] /MediaBox [0 0 595 842] /Resources << /Font {fonts} >> >>",
        "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [4 0 R] >>",
        f"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light {system} /FontDescriptor 5 0 R >>",
        "<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0 "
        "/Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>",
    ]
    for number in range(pages):
        lines = ((16, 760, title), (12, 730, f"{_PLACEHOLDER} 第{number + 1}页 共{pages}页"))
        drawn = "\n".join(
            f"BT /F {size} Tf 72 {y} Td <{text.encode('utf-16-be').hex()}> Tj ET" for size, y, text in lines
        )
        drawn += f"\nBT /L 12 Tf 72 700 Td (Placeholder of a sample, page {number + 1} of {pages}) Tj ET"
        objects.append(f"<< /Type /Page /Parent 2 0 R /Contents {7 + 2 * number} 0 R >>")
        objects.append(f"<< /Length {len(drawn)} >>\nstream\n{drawn}\nendstream")
    out, starts = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", []
    for number, body in enumerate(objects, 1):
        starts.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode("ascii")
    table = "".join(f"{start:010d} 00000 n \n" for start in starts)
    size = len(objects) + 1
    trailer = f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R >>\n"
    return out + f"{trailer}startxref\n{len(out)}\n%%EOF\n".encode("ascii")


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
    rows = cast("dict[str, Any]", content.sheets).setdefault(sheet.key, {} if sheet.kind == "form" else [])
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
    parser.add_argument("--voluntary", action="store_true", help="workbooks 07 to 10, too")
    arguments = parser.parse_args()
    data = load(arguments.data)
    mutation = load(arguments.ops) if arguments.ops else {"ops": []}
    made = contents(data, arguments.code)
    if arguments.voluntary:
        made |= voluntary(data, arguments.code)
    if arguments.ops:
        made = apply(made, mutation["ops"], recalculate=mutation["recalculate"])
    written = write(made, arguments.code, arguments.out)
    written += write_logs(data, arguments.out, mutation["ops"]) if arguments.voluntary else []
    for path in written + write_attachments(data, arguments.code, arguments.out):
        print(path)


if __name__ == "__main__":
    main()
