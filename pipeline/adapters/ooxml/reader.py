"""Read the cells of an .xlsx package straight from its parts: values, formulas, errors, formats, merges, hidden rows.

One pass over the XML tells what no library tells in one pass: whether a formula was ever calculated, whether a cell
holds an error, and the number as it is stored. Cells are kept sparsely, so that a stray cell far away costs nothing.
Transitional and strict namespaces are read alike. The caller has made sure that the package is harmless
(`pipeline.intake.gate`). Only lxml is imported: a child process reads, and starts anew after every accident.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from html import unescape
from typing import BinaryIO

from lxml import etree

from pipeline.adapters.ooxml.parts import PartNames, part_name, rels_name, settle_alternatives, target_of
from pipeline.adapters.ooxml.raw import (
    MissingPart,
    NotAWorkbook,
    RawBook,
    RawCell,
    RawSheet,
    TooMuch,
    column_letter,
    column_number,
)
from pipeline.adapters.ooxml.remote import reaches_outside
from pipeline.adapters.ooxml.rows import MAX_CELLS, elements, fewest_cells, item_text, parsed, read_sheet, tolerant
from pipeline.adapters.ooxml.styles import CellStyle, Condition, cell_styles, veiling

__all__ = [
    "MissingPart",
    "NotAWorkbook",
    "RawBook",
    "RawCell",
    "RawSheet",
    "TooMuch",
    "column_letter",
    "column_number",
    "read_book",
]

MAX_SHEETS = 256
_LINK_LENGTH = 200
_PROPERTIES, _NAME_LENGTH = "docProps/app.xml", 60
_APPLICATION = re.compile(rb"<(?:\w+:)?Application>([^<]*)<")


def read_book(stream: BinaryIO) -> RawBook:
    """Read a package.

    Args:
        stream: the bytes of the .xlsx file, positioned anywhere.

    Raises:
        MissingPart: a sheet, the styles, the strings or the theme is named and not there.
        NotAWorkbook: a needed part is missing or broken.
        TooMuch: more sheets, cells or merges than a form can have.
    """
    try:
        with zipfile.ZipFile(stream) as package:
            return _book(_Parts(package))
    except (zipfile.BadZipFile, KeyError, etree.XMLSyntaxError, ValueError, EOFError) as error:
        if isinstance(error, TooMuch | NotAWorkbook):
            raise
        raise NotAWorkbook(str(error)) from error


class _Parts:
    """Parts of a package by their names, which compare without case."""

    def __init__(self, package: zipfile.ZipFile) -> None:
        self._package = package
        self.names = PartNames(package.namelist())

    def read(self, name: str) -> bytes:
        """Bytes of a part.

        Raises:
            MissingPart: it is not there.
        """
        stored = self.names.find(name)
        if stored is None:
            raise MissingPart(name)
        return self._package.read(stored)

    def stored(self) -> list[str]:
        """Names of all parts as they are stored."""
        return self._package.namelist()


def _book(package: _Parts) -> RawBook:
    root = _related(package, "", "officeDocument")[0]
    tree = parsed(package.read(root))
    properties = tree.find("{*}workbookPr")
    date1904 = properties is not None and properties.get("date1904") in {"1", "true"}
    styles, veils = _styles(package, root)
    remote = tuple(name for name, formula in _names(tree) if reaches_outside(formula))
    return RawBook(
        tuple(_sheets(package, root, tree, veils)),
        date1904,
        dict(_one_cell_names(tree)),
        styles,
        tuple(dict.fromkeys(link[:_LINK_LENGTH] for link in _links(package))),
        remote,
        _is_stale(tree.find("{*}calcPr")),
        _program(package),
    )


def _program(package: _Parts) -> str:
    """What the file says of the program that wrote it."""
    found = _APPLICATION.search(package.read(_PROPERTIES)) if _PROPERTIES in package.names else None
    return unescape(found[1].decode("utf-8", "replace")).strip()[:_NAME_LENGTH] if found else ""


def _is_stale(settings: etree._Element | None) -> bool:
    """Whether calculation is manual and was not done before the workbook was saved."""
    if settings is None or settings.get("calcMode") != "manual":
        return False
    return settings.get("calcCompleted") in {"0", "false"}


def _sheets(package: _Parts, root: str, tree: etree._Element, veils: Mapping[int, Condition]) -> Iterator[RawSheet]:
    nodes = tree.findall("{*}sheets/{*}sheet")
    if len(nodes) > MAX_SHEETS:
        raise TooMuch("parts", f"{len(nodes)} sheets")
    parts = list(_worksheets(package, root, nodes))
    if (least := sum(fewest_cells(package.read(part)) for _, part in parts)) > MAX_CELLS:
        raise TooMuch("grid_cells", str(least))
    strings, count = _strings(package, root), 0
    for node, part in parts:
        hidden = (node.get("state") or "visible") != "visible"
        addresses = {key: address for key, (_, address) in _relations(package, part).items()}
        name = str(node.get("name"))
        sheet = read_sheet(package.read(part), name, strings, addresses, hidden=hidden, veiling=veils)
        count += len(sheet.cells)
        if count > MAX_CELLS:
            raise TooMuch("grid_cells", str(count))
        yield sheet


def _worksheets(package: _Parts, root: str, nodes: list[etree._Element]) -> Iterator[tuple[etree._Element, str]]:
    """Parts of the worksheets; sheets of charts and dialogs hold no cells, but they must be there as well.

    Raises:
        MissingPart: a sheet is listed and has no part.
    """
    relations = _relations(package, root)
    for node in nodes:
        kind, part = relations.get(_attribute(node, "id"), ("", ""))
        if part not in package.names:
            raise MissingPart(f"{node.get('name')}: {part}")
        if "worksheet" in kind:
            yield node, part


def _attribute(node: etree._Element, local: str) -> str:
    """Attribute by its local name, whatever its namespace."""
    return next((str(v) for k, v in node.attrib.items() if etree.QName(str(k)).localname == local), "")


def _relations(package: _Parts, part: str) -> dict[str, tuple[str, str]]:
    """Relations of a part: id -> (type, target part or outside address)."""
    rels = rels_name(part)
    if rels not in package.names:
        return {}
    found = {}
    for node in parsed(package.read(rels)).iterfind("{*}Relationship"):
        target = str(node.get("Target", ""))
        if node.get("TargetMode") != "External":
            target = target_of(part, target)
        found[str(node.get("Id"))] = (str(node.get("Type", "")), target)
    return found


def _related(package: _Parts, part: str, kind: str) -> list[str]:
    found = [target for type_, target in _relations(package, part).values() if type_.endswith(f"/{kind}")]
    if not found and kind == "officeDocument":
        raise NotAWorkbook("no workbook part")
    return found


def _strings(package: _Parts, root: str) -> list[str]:
    parts = _related(package, root, "sharedStrings")
    if not parts:
        return []
    return tolerant(lambda part: [item_text(item) for item in elements(part, "si")], package.read(parts[0]))


def _styles(package: _Parts, root: str) -> tuple[tuple[CellStyle, ...], Mapping[int, Condition]]:
    """The cell formats, and what the formats of conditions make of them."""
    parts = _related(package, root, "styles")
    if not parts:
        return (), {}
    themes = _related(package, root, "theme")
    styles = settle_alternatives(parsed(package.read(parts[0])))
    theme = parsed(package.read(themes[0])) if themes else None
    return cell_styles(styles, theme), veiling(styles, theme)


def _names(tree: etree._Element) -> Iterator[tuple[str, str]]:
    for node in tree.iterfind("{*}definedNames/{*}definedName"):
        yield str(node.get("name")), (node.text or "").strip()


def _one_cell_names(tree: etree._Element) -> Iterator[tuple[str, tuple[str, str]]]:
    """Defined names that point at one cell of one sheet."""
    for name, formula in _names(tree):
        match = re.fullmatch(r"(?:'((?:[^']|'')+)'|([^'!]+))!\$?([A-Z]{1,3})\$?(\d+)", formula)
        if match:
            yield name, ((match[1] or match[2]).replace("''", "'"), f"{match[3]}{match[4]}")


def _links(package: _Parts) -> Iterator[str]:
    """What the parts point at outside the package, links of cells left out; DDE and data connections too."""
    for name in package.stored():
        low = part_name(name).lower()
        if low.endswith(".rels"):
            yield from _outside_targets(parsed(package.read(name)), package.names)
        elif low.startswith("xl/externallinks/") and low.endswith(".xml"):
            for node in parsed(package.read(name)).iterfind("{*}ddeLink"):
                yield f"DDE {node.get('ddeService')}|{node.get('ddeTopic')}"
        elif low == "xl/connections.xml":
            for node in parsed(package.read(name)).iterfind("{*}connection"):
                yield str(node.get("name") or node.get("id"))


def _outside_targets(relations: etree._Element, names: PartNames) -> Iterator[str]:
    for node in relations.iterfind("{*}Relationship"):
        kind, target = str(node.get("Type")), str(node.get("Target"))
        if node.get("TargetMode") == "External" and not kind.endswith("/hyperlink"):
            yield target
        elif kind.endswith("/externalLink") and f"xl/{target}" not in names and target.lstrip("/") not in names:
            yield target  # the part that would say where to is missing
