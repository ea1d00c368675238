"""A context and a template become a .docx; every value that was printed must be found in it, or there is none."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

from docx.document import Document as Word
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml.ns import qn
from docx.shared import Mm
from docxtpl import DocxTemplate
from jinja2 import TemplateError
from lxml import etree

from pipeline.adapters.files import write_atomic
from pipeline.adapters.jinja import SINK, Drawing, Sandbox
from pipeline.core.documents import Printed
from pipeline.core.errors import DefinitionError, DocumentFailed
from pipeline.core.leaves import Shown, xml_text
from pipeline.definitions.documents import DocumentForm
from pipeline.definitions.forms import data_folder
from pipeline.render.context.charts import Picture
from pipeline.render.context.shown import Node
from pipeline.render.word.added_up import add_up, mark
from pipeline.render.word.columns import fit_columns
from pipeline.render.word.contents import insert_contents
from pipeline.render.word.long_tables import split_long_tables
from pipeline.render.word.package import repair, same_bytes, text_of
from pipeline.render.word.rendered import BREAKS, fit_grids, number_pictures, rendered
from pipeline.render.word.row_heights import hold_rows
from pipeline.render.word.safe_package import package_faults
from pipeline.render.word.watermark import mark_draft

if TYPE_CHECKING:
    from docx.document import Document

CHART_WIDTH = Mm(156)


def render(
    form: DocumentForm,
    context: Node,
    target: Path,
    *,
    draft: bool,
    pages: Sequence[int] | None = None,
    folder: Path | None = None,
    adds_up: bool = True,
) -> tuple[Printed, ...]:
    """Write a document; `target` appears whole or not at all.

    Args:
        form: kind of document.
        context: as `build_context` makes it; under `SIGNED` it may hold, by name, values that are printed as signed.
        target: the .docx; its folder exists.
        draft: print the diagonal mark on every page.
        pages: pages of the headings for the table of contents; None on the first pass.
        folder: where the templates lie.
        adds_up: every table must add up to its printed total; not so while lines are known to be wrong.

    Returns:
        Every value that was printed, in the order of the document.

    Raises:
        DefinitionError: the template is wrong.
        DocumentFailed: a value did not arrive, a table does not add up, or the file cannot be written.
    """
    source = template_of(form, folder)
    try:
        document, printed = _fill(source, context)
    except TemplateError as error:
        raise DefinitionError(f"{source.name}:{error.message}(请运行 presales templates check)") from error
    except DefinitionError as error:
        raise DefinitionError(f"{source.name}:{error}") from error
    _finish(document, f"{form.title}({form.code})", adds_up=adds_up)
    number_captions(document.element.body)
    insert_contents(document, pages)
    if draft:
        mark_draft(document)
    _properties(document, context)
    _write(target, same_bytes(document))
    return tuple(printed)


def template_of(form: DocumentForm, folder: Path | None = None) -> Path:
    """Where the template of a document lies."""
    return (folder or data_folder("output_templates")) / form.template


@cache
def _sandbox() -> Sandbox:
    return Sandbox(BREAKS)


# -- filling ------------------------------------------------------------------------------------------------------


def _fill(source: Path, context: Node) -> tuple[Document, list[Printed]]:
    """Render body, headers and footers one by one, and look for every value in the part that printed it."""
    if unsafe := package_faults(source):
        raise DefinitionError(f"母版不能使用(template refused): {';'.join(unsafe[:3])}")
    try:
        template = DocxTemplate(source)
        template.render_init()
        mark(template.docx.element.body)
    except (OSError, KeyError, ValueError, BadZipFile, etree.XMLSyntaxError, PackageNotFoundError) as error:
        raise DefinitionError(f"读不出母版(cannot read template): {error}") from error
    context = {**context, "charts": _drawings(template, context.get("charts", {}))}
    printed: list[Printed] = []
    for part in (template.docx.part, *_edges(template)):
        printed += _fill_part(template, part, context)
    document = Word(template.docx.part.element, template.docx.part)
    return document, printed


def _edges(template: Any) -> Iterator[Any]:
    """Headers, then footers."""
    return (part for uri in (template.HEADER_URI, template.FOOTER_URI) for _, part in template.get_headers_footers(uri))


def _fill_part(template: Any, part: Any, context: Node) -> list[Printed]:
    values: list[Printed] = []
    try:
        root = rendered(template, part, {**context, SINK: values}, _sandbox())
    except etree.XMLSyntaxError as error:
        raise DocumentFailed(f"文档内容不是合法的 XML(not well-formed): {error}") from error
    _all_there(values, text_of(root))
    fit_grids(root)
    number_pictures(root)
    part._element = root
    return values


def _all_there(values: Iterable[Printed], text: str) -> None:
    lost = next(missing(values, text), None)
    if lost:
        places = "、".join(str(place) for place in lost.cells[:3])
        raise DocumentFailed(f"值“{lost.text}”没有印到文档里(value lost): {lost.name} {places}")


def missing(values: Iterable[Printed], text: str) -> Iterator[Printed]:
    """Values that are not in the text, letter for letter and in their order."""
    start = 0
    for value in values:
        at = text.find(value.text, start)
        if at < 0:
            yield value
        else:
            start = at + len(value.text)


def _drawings(template: Any, charts: Node) -> Node:
    return {key: _drawing(template, value) if isinstance(value, Picture) else value for key, value in charts.items()}


def _drawing(template: Any, picture: Picture) -> Drawing:
    return Drawing(_inline(template, picture))


def _inline(template: Any, picture: Picture) -> Callable[[], str]:
    def xml() -> str:
        inline = template.current_rendering_part.new_pic_inline(io.BytesIO(picture.png()), CHART_WIDTH)
        inline.docPr.set("descr", picture.alt)
        for side in "TBLR":  # LibreOffice takes an eighth of an inch where nothing is said: out of the margin
            inline.set(f"dist{side}", "0")
        drawing = f"<w:drawing>{inline.xml}</w:drawing>"
        return f'</w:t></w:r><w:r>{drawing}</w:r><w:r><w:t xml:space="preserve">'

    return xml


# -- finishing ----------------------------------------------------------------------------------------------------


def _finish(document: Document, title: str, *, adds_up: bool) -> None:
    """Repair a filled document, add it up, and lay out its tables."""
    repair(document.element.body)
    faults = add_up(document.element.body)
    if faults and adds_up:
        raise DocumentFailed(f"{title}:表格与印出的合计不符(table does not add up): {';'.join(faults[:5])}")
    fit_columns(document)
    split_long_tables(document.element.body)
    hold_rows(document)
    for relation in document.part.rels.values():
        if relation.reltype.endswith(("/header", "/footer")):
            repair(relation.target_part._element)


def _properties(document: Document, context: Node) -> None:
    """Title, project, company and date; nothing of the machine or of the template's author."""
    doc, day = context["doc"], context["doc"]["date"].value
    moment = datetime.combine(day if isinstance(day, date) else date(2000, 1, 1), time(), UTC)
    properties = document.core_properties
    # A paper for the customer bears neither our number nor our code.
    ours = bool(doc.get("standard", True))
    subject, code = (_property(context["project"]["code"]), _property(doc["code"])) if ours else ("", "")
    properties.title, properties.subject = _property(doc["title"]), subject
    properties.author = properties.last_modified_by = _property(context["company"]["short_name"])
    properties.created = properties.modified = moment
    properties.keywords, properties.comments, properties.category = code, "", ""
    properties.version, properties.revision = _property(doc["version"]), 1


def _property(value: Shown) -> str:
    return xml_text(str(value))[:255]


def _write(target: Path, content: bytes) -> None:
    try:
        write_atomic(target, content, lasting=False)
    except OSError as error:
        raise DocumentFailed(f"{target}:写不进去(cannot write): {error.strerror}") from error


# -- numbers of tables and figures ----------------------------------------------------------------------------------

# A caption may be left out (a figure without data), so the numbers are counted once everything is filled in.
_SEQ = re.compile(r"\s*SEQ\s+(\S+)")
_RUN = (qn("w:fldChar"), qn("w:instrText"), qn("w:t"))


def number_captions(body: Any) -> None:
    """Count every SEQ field of the body by its label, from 1, and store the count as its result."""
    counted: Counter[str] = Counter()
    for label, result in _fields(body):
        counted[label] += 1
        result.text = str(counted[label])


def _fields(body: Any) -> Iterator[tuple[str, Any]]:
    """Label and text node of the result of every SEQ field, in order."""
    label, stored = "", False
    for node in body.iter(*_RUN):
        if node.tag == qn("w:instrText"):
            found = _SEQ.match(node.text or "")
            label = found[1] if found else ""
        elif node.tag == qn("w:fldChar"):
            stored = node.get(qn("w:fldCharType")) == "separate"
        elif stored and label:
            yield label, node
            label = ""
