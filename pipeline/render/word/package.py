"""The bytes of a .docx: its text as a reader finds it, repairs after templating, and a zip that is always the same."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from lxml import etree

if TYPE_CHECKING:
    from docx.document import Document

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
SPACE = "{http://www.w3.org/XML/1998/namespace}space"
PARAGRAPH_END = "\0"
_BREAKS = {f"{W}br": "\n", f"{W}cr": "\n", f"{W}tab": "\t", f"{W}noBreakHyphen": "-", f"{W}p": PARAGRAPH_END}
_ALWAYS = (1980, 1, 1, 0, 0, 0)


def parse(xml: str | bytes) -> etree._Element:
    """Parse strictly.

    Raises:
        etree.XMLSyntaxError: it is not well-formed; docxtpl's own parser would drop text in silence.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    return etree.fromstring(xml.encode() if isinstance(xml, str) else xml, parser)


def text_of(root: etree._Element) -> str:
    """Text in reading order; line breaks and tabs as characters, paragraphs begin with NUL."""
    return "".join(_pieces(root))


def _pieces(root: etree._Element) -> Iterator[str]:
    for node in root.iter(f"{W}t", *_BREAKS):
        if node.tag == f"{W}t":
            yield node.text or ""
        elif node.tag == f"{W}p" or _in_run(node):
            yield _BREAKS[str(node.tag)]


def _in_run(node: etree._Element) -> bool:
    parent = node.getparent()
    return parent is not None and parent.tag == f"{W}r"


def repair(root: etree._Element) -> None:
    """Make a rendered part valid for Word: blanks kept, no table without rows, no cell without a paragraph."""
    for text in root.iter(f"{W}t"):
        if text.text and (text.text != text.text.strip() or "  " in text.text):
            text.set(SPACE, "preserve")
    for row in list(root.iter(f"{W}tr")):
        if row.find(f"{W}tc") is None and row.find(f"{W}sdt") is None:
            _remove(row)
    for table in list(root.iter(f"{W}tbl")):
        if table.find(f"{W}tr") is None and table.find(f"{W}sdt") is None:
            _remove(table)
    for cell in root.iter(f"{W}tc"):
        if not len(cell) or cell[-1].tag not in (f"{W}p", f"{W}sdt"):
            etree.SubElement(cell, f"{W}p")


def _remove(node: etree._Element) -> None:
    parent = node.getparent()
    if parent is not None:
        parent.remove(node)


def same_bytes(document: Document) -> bytes:
    """The document as a zip whose bytes depend on nothing but its parts."""
    written = io.BytesIO()
    document.save(written)
    with zipfile.ZipFile(written) as source:
        return zipped({name: source.read(name) for name in source.namelist()})


def zipped(parts: Mapping[str, bytes]) -> bytes:
    """The parts of a document as `same_bytes` puts them together."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        # Word and the file command look for the content types first.
        for name in sorted(parts, key=lambda n: (n != "[Content_Types].xml", n != "_rels/.rels", n)):
            info = zipfile.ZipInfo(name, _ALWAYS)
            info.compress_type, info.external_attr, info.create_system = zipfile.ZIP_DEFLATED, 0o600 << 16, 3
            target.writestr(info, parts[name])
    return out.getvalue()
