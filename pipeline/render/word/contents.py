"""A real table of contents: a TOC field whose stored result is already right, so that nobody is asked to update it.

The page numbers come from the PDF of a first pass: `render`, convert, `heading_pages`, `render` again.
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cn2an
import pypdfium2
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph
from lxml import etree

from pipeline.core.errors import DocumentFailed
from pipeline.render.word.package import parse, zipped

if TYPE_CHECKING:
    from docx.document import Document

MARK = "[[目录]]"
LEVELS = {"Heading 1": 1, "Heading 2": 2, "附件标题": 1}
_NUMBERS = {1: "{}、", 2: "（{}）"}  # as the shared heading styles number them (GB/T 9704: 一、(一)1.)
UNKNOWN_PAGE = "…"
_TOC = "_Toc"
_BODY = "word/document.xml"
_FIELD = r' TOC \o "1-2" \h \z \u '


@dataclass(frozen=True)
class Heading:
    """A heading of level 1 or 2; the text with the number that its style puts before it."""

    level: int
    text: str
    paragraph: Paragraph


def headings(document: Document) -> list[Heading]:
    """Headings of level 1 and 2 that have a text, in order."""
    found, counts = [], [0] * (max(LEVELS.values()) + 1)
    levels = {style.style_id: LEVELS[name] for style in document.styles if (name := str(style.name)) in LEVELS}
    for node in document.element.body.iter(qn("w:p")):
        level = levels.get(_style_id(node))
        if level and (text := " ".join((paragraph := Paragraph(node, document._body)).text.split())):
            if numbered := _numbered(paragraph):
                counts[level:] = [counts[level] + 1, *[0] * (len(counts) - level - 1)]
            found.append(Heading(level, _number(level, counts[level]) + text if numbered else text, paragraph))
    return found


def _style_id(paragraph: Any) -> str:
    """The style that a paragraph names: a look at the element, because a long list has ten thousands of paragraphs."""
    style = paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
    return "" if style is None else str(style.get(qn("w:val"), ""))


def _numbered(paragraph: Paragraph) -> bool:
    """Whether the paragraph, or else its style or a style under that, has a list number; 0 switches it off."""
    chain = [paragraph._p]
    style: Any = paragraph.style
    while style is not None:
        chain.append(style.element)
        style = style.base_style
    ids = [
        found for node in chain if (found := node.find(f"{qn('w:pPr')}/{qn('w:numPr')}/{qn('w:numId')}")) is not None
    ]
    return bool(ids) and ids[0].get(qn("w:val")) != "0"


def _number(level: int, count: int) -> str:
    return _NUMBERS[level].format(cn2an.an2cn(count))


def has_contents(document: Document) -> bool:
    """Tell whether the document wants a table of contents."""
    return any(paragraph.text.strip() == MARK for paragraph in document.paragraphs)


def insert_contents(document: Document, pages: Sequence[int] | None) -> None:
    """Replace the mark by the field.

    Args:
        document: a rendered document.
        pages: page of each heading (from 1) as `heading_pages` gives them; None prints a placeholder.

    Raises:
        DocumentFailed: there are not as many pages as headings.
    """
    marks = [paragraph for paragraph in document.paragraphs if paragraph.text.strip() == MARK]
    if not marks:
        return
    found = headings(document)
    if pages is not None and len(pages) != len(found):
        raise DocumentFailed(f"目录:标题 {len(found)} 个,PDF 中找到 {len(pages)} 个(headings and outline differ)。")
    texts = [str(page) for page in pages] if pages is not None else [UNKNOWN_PAGE] * len(found)
    names = [_bookmark(heading, number) for number, heading in enumerate(found, _next_id(document))]
    _styles(document)
    _write(marks[0], list(zip(found, names, texts, strict=True)))


def number_contents(path: Path, pages: Sequence[int]) -> bool:
    """Write page numbers into the contents of a finished document; it is then as `insert_contents` makes it with them.

    Args:
        path: the .docx; without a contents, or with one of other headings, it stays as it is.
        pages: as of `insert_contents`.

    Returns:
        Whether they were written.
    """
    with zipfile.ZipFile(path) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    root = parse(parts[_BODY])
    links = [one for one in root.iter(qn("w:hyperlink")) if _leads_to_heading(one)]
    if len(links) != len(pages):
        return False
    for link, page in zip(links, pages, strict=True):
        list(link.iter(qn("w:t")))[-1].text = str(page)
    path.write_bytes(zipped({**parts, _BODY: etree.tostring(root, encoding="UTF-8", standalone=True)}))
    return True


def _leads_to_heading(link: Any) -> bool:
    return str(link.get(qn("w:anchor"), "")).startswith(_TOC)


def _next_id(document: Document) -> int:
    used = [int(node.get(qn("w:id"), "0")) for node in document.element.body.iter(qn("w:bookmarkStart"))]
    return max(used, default=0) + 1


def _bookmark(heading: Heading, number: int) -> str:
    name = f"{_TOC}{number:09d}"
    start, end = _element("w:bookmarkStart", id=str(number), name=name), _element("w:bookmarkEnd", id=str(number))
    properties = heading.paragraph._p.pPr
    heading.paragraph._p.insert(0 if properties is None else 1, start)
    heading.paragraph._p.append(end)
    return name


def _styles(document: Document) -> None:
    """`toc 1` and `toc 2` with a dotted right tab, where the template does not bring its own."""
    section = document.sections[0]
    width = (section.page_width or 0) - (section.left_margin or 0) - (section.right_margin or 0)
    for level in sorted(LEVELS.values()):
        name = f"toc {level}"
        if name not in [style.name for style in document.styles]:
            style: Any = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
            style.element.set(qn("w:styleId"), f"TOC{level}")
            style.paragraph_format.tab_stops.add_tab_stop(width, WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS)


def _write(mark: Paragraph, entries: list[tuple[Heading, str, str]]) -> None:
    """Entries before the mark; the mark's own paragraph ends the field, because a section may end there."""
    for number, (heading, name, page) in enumerate(entries):
        line = mark.insert_paragraph_before(style=f"toc {heading.level}")
        if number == 0:
            _add(line._p, _field("begin"), _instruction(_FIELD), _field("separate"))
        _add(line._p, _entry(heading.text, name, page))
    for run in list(mark._p.iterchildren(qn("w:r"))):
        mark._p.remove(run)
    if not entries:
        _add(mark._p, _field("begin"), _instruction(_FIELD), _field("separate"))
    _add(mark._p, _field("end"))


def _entry(text: str, name: str, page: str) -> Any:
    link = _element("w:hyperlink", anchor=name, history="1")
    tab = _element("w:r")
    tab.append(_element("w:tab"))
    reference = _instruction(rf" PAGEREF {name} \h ")
    _add(link, _run(text), tab, _field("begin"), reference, _field("separate"), _run(page), _field("end"))
    return link


def _add(parent: Any, *children: Any) -> None:
    for child in children:
        parent.append(child)


def _run(text: str) -> Any:
    run, node = _element("w:r"), _element("w:t")
    node.text = text
    run.append(node)
    return run


def _field(kind: str) -> Any:
    run = _element("w:r")
    run.append(_element("w:fldChar", fldCharType=kind))
    return run


def _instruction(text: str) -> Any:
    run, node = _element("w:r"), _element("w:instrText")
    node.set(qn("xml:space"), "preserve")
    node.text = text
    run.append(node)
    return run


def _element(tag: str, **attributes: str) -> Any:
    node = OxmlElement(tag)
    for key, value in attributes.items():
        node.set(qn(f"w:{key}"), value)
    return node


def heading_pages(pdf: Path) -> list[int]:
    """Page (from 1) of every heading of level 1 and 2, from the outline that LibreOffice exports.

    Raises:
        DocumentFailed: the PDF cannot be read.
    """
    try:
        with pypdfium2.PdfDocument(pdf) as document:
            return [_page(entry) for entry in document.get_toc() if entry.level < max(LEVELS.values())]
    except (OSError, pypdfium2.PdfiumError) as error:
        raise DocumentFailed(f"{pdf}:读不出书签(cannot read outline): {error}") from error


def _page(entry: pypdfium2.PdfBookmark) -> int:
    """Page of a bookmark, from 1; -1 where it leads nowhere."""
    target = entry.get_dest()
    page = None if target is None else target.get_index()
    return -1 if page is None else page + 1
