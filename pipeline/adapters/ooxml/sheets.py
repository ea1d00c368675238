"""The list of sheets of a workbook while it is edited: add a first one, take one out, keep names and tabs right."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from lxml import etree

from pipeline.adapters.ooxml.cells import ref_of, spelled
from pipeline.adapters.ooxml.formats import Look
from pipeline.adapters.ooxml.package import CannotEdit, Package, insert_in_order, local_name, own, unset

BOOK_ORDER = (
    "fileVersion", "fileSharing", "workbookPr", "workbookProtection", "bookViews", "sheets", "functionGroups",
    "externalReferences", "definedNames", "calcPr", "oleSize", "customWorkbookViews", "pivotCaches", "smartTagPr",
    "smartTagTypes", "webPublishing", "fileRecoveryPr", "webPublishObjects", "extLst",
)  # fmt: skip
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_SELECTED = re.compile(rb"\btabSelected\s*=\s*[\"'](1|true)[\"']")
_ILLEGAL = re.compile(r"[\[\]:*?/\\]")


@dataclass(frozen=True, slots=True)
class NewCell:
    """A cell of an added sheet; `link` leads to (sheet, cell) of the same workbook."""

    text: str | int
    look: Look
    link: tuple[str, str] | None = None


@dataclass(frozen=True)
class NewSheet:
    """A sheet to add.

    Attributes:
        rows: cells by column (from 1), row after row.
        heights: heights in points by row (from 1); the others fit their text.
        widths: widths in characters, column after column.
        merges: ranges such as A1:H1.
        frozen: rows on top that stay.
    """

    name: str
    rows: Sequence[Mapping[int, NewCell]]
    heights: Mapping[int, float] = field(default_factory=dict)
    widths: Sequence[float] = ()
    merges: Sequence[str] = ()
    frozen: int = 0
    tab: str = "C00000"


def sheet_parts(package: Package) -> dict[str, str]:
    """Parts of the worksheets by name, in their order; chart sheets are left out."""
    by_id = {r.id: r for r in package.relations(package.workbook)}
    found = {}
    for node in _sheet_nodes(package):
        relation = by_id.get(_id(node))
        if relation is not None and relation.kind == "worksheet" and relation.target in package:
            found[str(node.get("name"))] = relation.target
    return found


def sheet_names(package: Package) -> list[str]:
    """Names of all sheets in their order."""
    return [str(node.get("name")) for node in _sheet_nodes(package)]


def _sheet_nodes(package: Package) -> list[etree._Element]:
    return list(package.root(package.workbook).iterfind("{*}sheets/{*}sheet"))


def _id(node: etree._Element) -> str:
    return next((str(v) for k, v in node.attrib.items() if str(k).endswith("}id")), "")


def free_sheet_name(package: Package, wanted: str) -> str:
    """The wanted name, or with a number where a sheet is called so already (case does not count)."""
    taken = {name.lower() for name in sheet_names(package)}
    names = (wanted, *(f"{wanted} ({n})" for n in range(2, 10_000)))
    return next(name for name in names if name.lower() not in taken)


# -- add ----------------------------------------------------------------------------------------------------------


def add_first_sheet(package: Package, sheet: NewSheet, style: Callable[[Look], int]) -> None:
    """Put a sheet before all others and open the workbook on it.

    Args:
        package: the package.
        sheet: the sheet; its name is free.
        style: gives the cell format of a look.

    Raises:
        CannotEdit: the name cannot be a sheet's, or the workbook part has no list of sheets.
    """
    if not 0 < len(sheet.name) <= 31 or _ILLEGAL.search(sheet.name):
        raise CannotEdit(f"no name for a sheet: {sheet.name}")
    book = package.root(package.workbook)
    listed = book.find("{*}sheets")
    if listed is None:
        raise CannotEdit("no list of sheets")
    part = package.free_name("xl/worksheets/sheet{}.xml")
    package.put(part, _sheet_xml(package, sheet, style), _TYPE)
    number = max((int(node.get("sheetId") or 0) for node in listed), default=0) + 1
    node = listed.makeelement(own(listed, "sheet"), {"name": sheet.name, "sheetId": str(number)})
    node.set(f"{{{package.namespace}}}id", package.relate(package.workbook, "worksheet", part))
    listed.insert(0, node)
    _shift_names(book, lambda index: index + 1)
    _retitle(package, sheet_names(package), added=1)
    package.touch(package.workbook)
    open_on(package, 0)


def _sheet_xml(package: Package, sheet: NewSheet, style: Callable[[Look], int]) -> bytes:
    namespace = etree.QName(package.root(package.workbook)).namespace
    root = etree.fromstring(f"<worksheet xmlns='{namespace}'/>")

    def add(parent: etree._Element, name: str, **attributes: object) -> etree._Element:
        return etree.SubElement(parent, own(root, name), {key: str(value) for key, value in attributes.items()})

    properties = add(root, "sheetPr")
    add(properties, "tabColor", rgb=f"FF{sheet.tab}")
    add(properties, "pageSetUpPr", fitToPage=1)
    view = add(add(root, "sheetViews"), "sheetView", showGridLines=0, workbookViewId=0)
    if sheet.frozen:
        top = f"A{sheet.frozen + 1}"
        add(view, "pane", ySplit=sheet.frozen, topLeftCell=top, activePane="bottomLeft", state="frozen")
        add(view, "selection", pane="bottomLeft", activeCell=top, sqref=top)
    add(root, "sheetFormatPr", defaultRowHeight=15)
    if sheet.widths:
        columns = add(root, "cols")
        for number, width in enumerate(sheet.widths, start=1):
            add(columns, "col", min=number, max=number, width=width, customWidth=1)
    data = add(root, "sheetData")
    for number, cells in enumerate(sheet.rows, start=1):
        height = {"ht": sheet.heights[number], "customHeight": 1} if number in sheet.heights else {}
        _write_row(add(data, "row", r=number, **height), number, cells, style)
    if sheet.merges:
        merges = add(root, "mergeCells", count=len(sheet.merges))
        for ref in sheet.merges:
            add(merges, "mergeCell", ref=ref)
    _write_links(root, sheet, add)
    add(root, "pageMargins", left=0.4, right=0.4, top=0.5, bottom=0.5, header=0.3, footer=0.3)
    add(root, "pageSetup", paperSize=9, orientation="landscape", fitToHeight=0)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))


def _write_row(row: etree._Element, number: int, cells: Mapping[int, NewCell], style: Callable[[Look], int]) -> None:
    for column, cell in sorted(cells.items()):
        node = etree.SubElement(row, own(row, "c"), r=ref_of(number, column), s=str(style(cell.look)))
        if isinstance(cell.text, int):
            etree.SubElement(node, own(row, "v")).text = str(cell.text)
        elif cell.text:
            node.set("t", "inlineStr")
            text = etree.SubElement(etree.SubElement(node, own(row, "is")), own(row, "t"))
            text.text = spelled(cell.text[:32767])
            text.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")


def _write_links(root: etree._Element, sheet: NewSheet, add: Callable[..., etree._Element]) -> None:
    links = [
        (ref_of(row, column), cell.link)
        for row, cells in enumerate(sheet.rows, start=1)
        for column, cell in sorted(cells.items())
        if cell.link
    ]
    if links:
        parent = add(root, "hyperlinks")
        for ref, (name, target) in links:
            quoted = name.replace("'", "''")
            add(parent, "hyperlink", ref=ref, location=f"'{quoted}'!{target}")


# -- take out -----------------------------------------------------------------------------------------------------


def remove_sheet(package: Package, name: str) -> None:
    """Take a sheet out with the parts that it alone uses; the workbook opens on the sheet it would have opened on.

    Raises:
        CannotEdit: there is no such sheet, or it is the only one.
    """
    book = package.root(package.workbook)
    nodes = _sheet_nodes(package)
    index = next((n for n, node in enumerate(nodes) if node.get("name") == name), -1)
    if index < 0 or len(nodes) < 2:
        raise CannotEdit(f"cannot take out sheet {name}")
    relation = next(r for r in package.relations(package.workbook) if r.id == _id(nodes[index]))
    active = active_tab(package)
    _drop_with_parts(package, relation.target)
    package.unrelate(package.workbook, relation.id)
    listed = book.find("{*}sheets")
    if listed is not None:
        listed.remove(nodes[index])
    _shift_names(book, lambda number: None if number == index else number - (number > index))
    _retitle(package, sheet_names(package), added=-1)
    package.touch(package.workbook)
    rest = [node.get("state", "visible") == "visible" for node in nodes if node is not nodes[index]]
    wanted = active - (active > index)
    open_on(package, wanted if active != index and rest[wanted] else rest.index(True) if True in rest else 0)


def _drop_with_parts(package: Package, part: str) -> None:
    """Drop a part and what only it uses (comments, drawings, printer settings)."""
    targets = [relation.target for relation in package.relations(part) if not relation.external]
    package.drop(part)
    for target in targets:
        if target in package and not any(True for _ in package.users(target)):
            _drop_with_parts(package, target)


# -- names, tabs, titles ------------------------------------------------------------------------------------------


def _shift_names(book: etree._Element, moved: Callable[[int], int | None]) -> None:
    """Give names that belong to one sheet the sheet's new number; None removes them."""
    group = book.find("{*}definedNames")
    for node in list(group) if group is not None else ():
        if local_name(node) == "definedName" and (number := node.get("localSheetId")) is not None:
            target = moved(int(number))
            if target is None:
                _take_out(node)
            else:
                node.set("localSheetId", str(target))
    if group is not None and not len(group):
        book.remove(group)


def _take_out(node: etree._Element) -> None:
    parent = node.getparent()
    if parent is not None:
        parent.remove(node)


def active_tab(package: Package) -> int:
    """Index of the sheet that the workbook opens on; the first in sight where it names one that is not there."""
    view = package.root(package.workbook).find("{*}bookViews/{*}workbookView")
    number = int(view.get("activeTab") or 0) if view is not None else 0
    shown = [node.get("state", "visible") == "visible" for node in _sheet_nodes(package)]
    return number if number < len(shown) else shown.index(True) if True in shown else 0


def open_on(package: Package, index: int) -> None:
    """Open the workbook on a sheet and select that one alone: two selected sheets are edited together in Excel."""
    book = package.root(package.workbook)
    view = book.find("{*}bookViews/{*}workbookView")
    if view is None:
        views = book.makeelement(own(book, "bookViews"), {})
        view = etree.SubElement(views, own(book, "workbookView"))
        insert_in_order(book, views, BOOK_ORDER)
    for name, value in (("activeTab", index), ("firstSheet", 0)):
        unset(view, name)
        if value:
            view.set(name, str(value))
    package.touch(package.workbook)
    by_id = {r.id: r.target for r in package.relations(package.workbook)}
    parts = [by_id.get(_id(node), "") for node in _sheet_nodes(package)]
    for number, part in enumerate(parts):
        if part in package:
            _select(package, part, selected=number == index)


def _select(package: Package, part: str, *, selected: bool) -> None:
    if bool(_SELECTED.search(package.read(part))) == selected:
        return
    for node in package.root(part).iterfind("{*}sheetViews/{*}sheetView"):
        unset(node, "tabSelected")
        if selected:
            node.set("tabSelected", "1")
    package.touch(part)


def _retitle(package: Package, names: Sequence[str], *, added: int) -> None:
    """Keep the titles in the document properties right, where they begin with the worksheets as Excel writes them."""
    part = package.related("", "extended-properties")
    if part is None:
        return
    root = package.root(part)
    counts = root.findall("{*}HeadingPairs/{*}vector/{*}variant/{*}i4")
    titles = root.find("{*}TitlesOfParts/{*}vector")
    before = len(names) - added
    if titles is None or not counts or counts[0].text != str(before) or len(titles) < before:
        return
    counts[0].text = str(len(names))
    for node in list(titles)[:before]:
        titles.remove(node)
    for number, name in enumerate(names):
        node = titles.makeelement(own(titles, "lpstr"), {})
        node.text = name
        titles.insert(number, node)
    titles.set("size", str(len(titles)))
    package.touch(part)


# -- hidden names -------------------------------------------------------------------------------------------------


def hidden_texts(package: Package, prefix: str) -> dict[str, str]:
    """Texts kept in defined names that begin with a prefix, by the rest of the name."""
    found = {}
    for node in _names(package):
        name, text = str(node.get("name")), node.text or ""
        if name.startswith(prefix) and len(text) > 1 and text[0] == text[-1] == '"':
            found[name.removeprefix(prefix)] = text[1:-1].replace('""', '"')
    return found


def set_hidden_texts(package: Package, prefix: str, texts: Mapping[str, str]) -> None:
    """Keep short texts (255 characters, what a formula may hold) in hidden defined names; older ones are removed.

    Names outlive every program that saves the file again, which parts of our own do not.
    """
    book = package.root(package.workbook)
    for node in list(_names(package)):
        if str(node.get("name")).startswith(prefix):
            _take_out(node)
            package.touch(package.workbook)
    group = book.find("{*}definedNames")
    if group is not None and not len(group) and not texts:
        book.remove(group)
    if not texts:
        return
    if group is None:
        group = book.makeelement(own(book, "definedNames"), {})
        insert_in_order(book, group, BOOK_ORDER)
    for name, text in texts.items():
        node = etree.SubElement(group, own(group, "definedName"), name=f"{prefix}{name}", hidden="1")
        node.text = '"' + text[:255].replace('"', '""') + '"'
    package.touch(package.workbook)


def _names(package: Package) -> Iterator[etree._Element]:
    return package.root(package.workbook).iterfind("{*}definedNames/{*}definedName")
