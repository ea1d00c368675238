"""Workbooks for the editor, and a checker for what makes Excel offer a repair."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime

import xlsxwriter
from lxml import etree
from PIL import Image

from pipeline.adapters.ooxml.cells import SHEET_ORDER
from pipeline.adapters.ooxml.formats import _ORDER as STYLE_ORDER
from pipeline.adapters.ooxml.parts import part_name
from pipeline.adapters.ooxml.sheets import BOOK_ORDER

X14 = (
    '<extLst><ext xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main" uri="{CCE6A557-97BC-4b89-'
    'ADB6-D9C93CAAB3DF}"><x14:dataValidations xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main" count="1">'
    '<x14:dataValidation type="list" allowBlank="1"><x14:formula1><xm:f>别表!$A$1:$A$3</xm:f></x14:formula1>'
    "<xm:sqref>D2</xm:sqref></x14:dataValidation></x14:dataValidations></ext></extLst>"
)
ORDERS = {"worksheet": SHEET_ORDER, "workbook": BOOK_ORDER, "styleSheet": STYLE_ORDER}


def parts(content: bytes) -> dict[str, bytes]:
    """Parts of a package by name, as Excel knows them: with slashes."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return {part_name(name): package.read(name) for name in package.namelist()}


def zipped(found: dict[str, bytes]) -> bytes:
    """A package of these parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in found.items():
            package.writestr(name, content)
    return out.getvalue()


def same(one: bytes, other: bytes) -> bool:
    """Whether two XML parts say the same."""
    return etree.tostring(etree.fromstring(one), method="c14n") == etree.tostring(
        etree.fromstring(other), method="c14n"
    )


def rich() -> bytes:
    """A workbook with everything that a library drops on save.

    Sheet 表: picture and chart, x14 validation, x14 data bar, comment, printer settings, formulas, merged cells,
    protection, an own name. Sheet 别表: a list and a name of its own. The workbook has custom XML and opens on 别表.
    """
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"created": datetime(2026, 3, 5)})
    sheet, other = book.add_worksheet("表"), book.add_worksheet("别表")
    yellow = book.add_format({"bg_color": "#FFF9DB", "border": 1, "num_format": "#,##0.00", "locked": False})
    sheet.write_row("A1", ["名称", "数量", "单价", "金额"])
    for row in range(1, 5):
        sheet.write(row, 0, f"第{row}项")
        sheet.write(row, 1, row, yellow)
        sheet.write_formula(row, 3, f"=B{row + 1}*2", yellow, row * 2)
    sheet.merge_range("A7:C8", "合并")
    sheet.write_comment("A1", "填表说明", {"author": "质量管理部"})
    sheet.conditional_format("B2:B5", {"type": "data_bar", "data_bar_2010": True})
    sheet.insert_image("F2", "p.png", {"image_data": io.BytesIO(_png())})
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": "=表!$B$2:$B$5"})
    sheet.insert_chart("F10", chart)
    sheet.protect()
    other.write_column("A1", ["甲", "乙", "丙"])
    book.define_name("表!本表", "=表!$A$1")
    book.define_name("别表!别名", "=别表!$A$1")
    other.activate()
    book.close()
    return zipped(_with_rest(parts(out.getvalue())))


def _png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(out, "PNG")
    return out.getvalue()


def _with_rest(found: dict[str, bytes]) -> dict[str, bytes]:
    """Add what XlsxWriter cannot write."""
    before, _, after = found["xl/worksheets/sheet1.xml"].rpartition(b"<extLst>")
    found["xl/worksheets/sheet1.xml"] = before + X14.encode().replace(b"</extLst>", b"") + after
    found["xl/workbook.xml"] = found["xl/workbook.xml"].replace(b' fullCalcOnLoad="1"', b"")
    rels = "xl/worksheets/_rels/sheet1.xml.rels"
    found[rels] = _related(found[rels], "printerSettings", "../printerSettings/printerSettings1.bin")
    found["xl/printerSettings/printerSettings1.bin"] = bytes(range(64))
    found["[Content_Types].xml"] = found["[Content_Types].xml"].replace(
        b"<Default ",
        b'<Default Extension="bin" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.'
        b'printerSettings"/><Default ',
        1,
    )
    rels = "xl/_rels/workbook.xml.rels"
    found[rels] = _related(found[rels], "customXml", "../customXml/item1.xml")
    found["customXml/item1.xml"] = b"<kept/>"
    return found


def _related(rels: bytes, kind: str, target: str) -> bytes:
    base = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    node = f'<Relationship Id="x1" Type="{base}/{kind}" Target="{target}"/></Relationships>'
    return rels.replace(b"</Relationships>", node.encode())


# -- the checker --------------------------------------------------------------------------------------------------


def faults(content: bytes) -> list[str]:
    """What Excel would call damage, in words; nothing for a sound package."""
    found = parts(content)
    roots = {name: etree.fromstring(text) for name, text in found.items() if name.endswith((".xml", ".rels"))}
    checks = (_types, _relations, _order, _book, _sheets)
    return [fault for check in checks for fault in check(found, roots)]


Roots = dict[str, etree._Element]


def _types(found: dict[str, bytes], roots: Roots) -> Iterator[str]:
    types = roots["[Content_Types].xml"]
    overrides = [str(node.get("PartName")) for node in types.iterfind("{*}Override")]
    defaults = {str(node.get("Extension")).lower() for node in types.iterfind("{*}Default")}
    yield from (f"{name}: declared twice" for name in set(overrides) if overrides.count(name) > 1)
    yield from (f"{name}: declared but not there" for name in overrides if name[1:] not in found)
    for name in found:
        if f"/{name}" not in overrides and name.rpartition(".")[2].lower() not in defaults:
            yield f"{name}: no content type"


def _targets(name: str, root: etree._Element) -> dict[str, tuple[str, str]]:
    folder = posixpath.dirname(posixpath.dirname(name))
    return {
        str(n.get("Id")): (
            str(n.get("Type")).rpartition("/")[2],
            posixpath.normpath(posixpath.join("/", folder, str(n.get("Target")))).lstrip("/"),
        )
        for n in root.iterfind("{*}Relationship")
        if n.get("TargetMode") != "External"
    }


def _relations(found: dict[str, bytes], roots: Roots) -> Iterator[str]:
    reached = {"[Content_Types].xml"}
    for name, root in roots.items():
        if not name.endswith(".rels"):
            continue
        ids = [node.get("Id") for node in root]
        yield from (f"{name}: {one} twice" for one in set(ids) if ids.count(one) > 1)
        targets = _targets(name, root)
        reached |= {name, *(target for _, target in targets.values())}
        yield from (f"{name}: {target} is not there" for _, target in targets.values() if target not in found)
        owner = name.replace("_rels/", "").removesuffix(".rels")
        used = {
            str(v)
            for n in roots.get(owner, ())
            for e in n.iter()
            for k, v in e.attrib.items()
            if "relationships}" in str(k)
        }
        yield from (f"{owner}: no relation {one}" for one in used - set(map(str, ids)))
    yield from (f"{name}: nothing leads to it" for name in set(found) - reached)


def _order(found: dict[str, bytes], roots: Roots) -> Iterator[str]:
    for name, root in roots.items():
        order = ORDERS.get(etree.QName(root).localname)
        if order:
            ranks = [order.index(tag) for c in root if (tag := etree.QName(c).localname) in order]
            if ranks != sorted(ranks):
                yield f"{name}: order of {[etree.QName(c).localname for c in root]}"


def _book(found: dict[str, bytes], roots: Roots) -> Iterator[str]:
    book = roots["xl/workbook.xml"]
    sheets = book.findall("{*}sheets/{*}sheet")
    for key in ("name", "sheetId"):
        values = [str(node.get(key)).lower() for node in sheets]
        if len(set(values)) != len(values):
            yield f"{key} twice: {values}"
    locals_ = {int(n.get("localSheetId", 0)) for n in book.iterfind("{*}definedNames/{*}definedName")}
    yield from (f"no sheet {n}" for n in locals_ if n >= len(sheets))
    view = book.find("{*}bookViews/{*}workbookView")
    active = int(view.get("activeTab", 0)) if view is not None else 0
    targets = _targets("xl/_rels/workbook.xml.rels", roots["xl/_rels/workbook.xml.rels"])
    ids = [next(str(v) for k, v in n.attrib.items() if str(k).endswith("}id")) for n in sheets]
    selected = [
        n
        for n, one in enumerate(ids)
        if roots[targets[one][1]].find("{*}sheetViews/{*}sheetView[@tabSelected='1']") is not None
    ]
    if selected != [active]:
        yield f"opens on {active}, selected {selected}"
    if "docProps/app.xml" in roots:
        titles = [n.text for n in roots["docProps/app.xml"].iterfind("{*}TitlesOfParts/{*}vector/{*}lpstr")]
        if titles and titles[: len(sheets)] != [n.get("name") for n in sheets]:
            yield f"titles {titles}"


def _sheets(found: dict[str, bytes], roots: Roots) -> Iterator[str]:
    formats = len(roots["xl/styles.xml"].findall("{*}cellXfs/{*}xf")) if "xl/styles.xml" in roots else 1
    strings = len(roots["xl/sharedStrings.xml"]) if "xl/sharedStrings.xml" in roots else 0
    for name, root in roots.items():
        if etree.QName(root).localname != "worksheet":
            continue
        rows = [int(row.get("r")) for row in root.iterfind("{*}sheetData/{*}row")]
        if rows != sorted(set(rows)):
            yield f"{name}: rows {rows}"
        for cell in root.iterfind("{*}sheetData/{*}row/{*}c"):
            if int(cell.get("s", 0)) >= formats:
                yield f"{name}: {cell.get('r')} has no format"
            if cell.get("t") == "s" and int(cell.findtext("{*}v")) >= strings:
                yield f"{name}: {cell.get('r')} has no string"
        yield from _comments(name, found, roots)


def _comments(name: str, found: dict[str, bytes], roots: Roots) -> Iterator[str]:
    """Every comment has its box, and every box of a comment its comment."""
    rels = posixpath.join(posixpath.dirname(name), "_rels", posixpath.basename(name) + ".rels")
    kinds = dict(_targets(rels, roots[rels]).values()) if rels in roots else {}
    refs: set[str] = set()
    if "comments" in kinds:
        nodes = roots[kinds["comments"]].findall("{*}commentList/{*}comment")
        refs = {str(n.get("ref")) for n in nodes}
        if len(nodes) != len(refs):
            yield f"{name}: two comments at one cell"
        authors = len(roots[kinds["comments"]].findall("{*}authors/{*}author"))
        yield from (f"{name}: comment without author" for n in nodes if int(n.get("authorId")) >= authors)
    boxes: list[str] = []
    if kinds.get("vmlDrawing") in found:
        text = found[kinds["vmlDrawing"]].decode()
        etree.fromstring(text.encode())
        ids = re.findall(r'<v:shape [^>]*\bid="([^"]+)"', text)
        if len(set(ids)) != len(ids):
            yield f"{name}: shape twice"
        for row, column in re.findall(r"<x:Row>(\d+)</x:Row>\s*<x:Column>(\d+)</x:Column>", text):
            boxes.append(xlsxwriter.utility.xl_rowcol_to_cell(int(row), int(column)))
    if sorted(boxes) != sorted(refs):
        yield f"{name}: boxes {boxes}, comments {sorted(refs)}"
