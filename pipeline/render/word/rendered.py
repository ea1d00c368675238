"""A part of a template with its values in their places, parsed piece by piece as it is printed.

The text of a list of ten thousand lines never exists as a whole: what Jinja prints goes straight into the parser, and
what comes out are elements as python-docx knows them, so that nothing is written and read again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from docx.oxml.ns import qn
from docx.oxml.parser import element_class_lookup
from docxtpl import DocxTemplate
from jinja2 import Environment
from lxml import etree

from pipeline.render.word.package import W

# How an end of a line and a tab inside of a value stand in a run, by their codes.
BREAKS = {ord(char): f'</w:t><w:{name}/><w:t xml:space="preserve">' for char, name in (("\n", "br"), ("\t", "tab"))}
_CHUNK = 1 << 16  # characters that go to the parser at a time
_FIRST_ID = 1001  # of the pictures, behind those that a template may have


def rendered(template: DocxTemplate, part: Any, context: Mapping[str, Any], environment: Environment) -> Any:
    """The root of a part, filled.

    Args:
        template: the open template; pictures that are printed become parts of it.
        part: body, header or footer of it, as a python-docx part.
        context: what is printed.
        environment: compiles the tags.

    Raises:
        etree.XMLSyntaxError: what was printed is not well-formed.
        TemplateError: a tag cannot be printed.
    """
    template.current_rendering_part = part
    source = _patched(etree.tostring(part.element, encoding="unicode"))
    parser = etree.XMLParser(remove_blank_text=True, resolve_entities=False, no_network=True, huge_tree=True)
    parser.set_element_class_lookup(element_class_lookup)
    for chunk in _chunks(environment.from_string(source).generate(context)):
        parser.feed(chunk.encode())
    return parser.close()


@lru_cache(maxsize=128)
def _patched(xml: str) -> str:
    """The XML of a template as Jinja can read it: tags in one piece, those of rows and cells around them."""
    return str(DocxTemplate.patch_xml(None, xml))


def _chunks(pieces: Iterator[str]) -> Iterator[str]:
    waiting, length = list[str](), 0
    for piece in pieces:
        waiting.append(piece)
        length += len(piece)
        if length >= _CHUNK:
            yield "".join(waiting)
            waiting, length = [], 0
    yield "".join(waiting)


def number_pictures(root: etree._Element) -> None:
    """Give every picture a number of its own."""
    for number, picture in enumerate(root.iter(qn("wp:docPr")), _FIRST_ID):
        picture.set("id", str(number))


def fit_grids(root: etree._Element) -> None:
    """Let every table have as many columns as its rows have cells, in the same width, where a loop went across."""
    for table in root.iter(f"{W}tbl"):
        rows = [row.findall(f"{W}tc") for row in table.findall(f"{W}tr")]
        grid = table.find(f"{W}tblGrid")
        if rows and grid is not None:
            _fit_grid(grid, max(map(len, rows)), max(sum(map(_span, cells)) for cells in rows))


def _fit_grid(grid: etree._Element, cells: int, spanned: int) -> None:
    widths = [int(float(column.get(f"{W}w", "0"))) for column in grid.findall(f"{W}gridCol")]
    count = max(cells, min(spanned, len(widths)))
    if not widths or not count or count == len(widths):
        return
    if count > len(widths):
        fitted = [width * len(widths) // count for width in widths]
        fitted += [sum(widths) // count] * (count - len(widths))
    else:
        fitted = [width + sum(widths[count:]) // count for width in widths[:count]]
    grid[:] = [grid.makeelement(f"{W}gridCol", {f"{W}w": str(width)}) for width in fitted]


def _span(cell: etree._Element) -> int:
    span = cell.find(f"{W}tcPr/{W}gridSpan")
    return 1 if span is None else int(span.get(f"{W}val", "1"))
