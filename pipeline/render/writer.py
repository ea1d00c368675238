"""A template becomes a checked document: filled under limits, every glyph there, page numbers right, no value lost."""

from __future__ import annotations

import hashlib
import logging
import shutil
import zipfile
from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial
from pathlib import Path

import docx as word

from pipeline.adapters.fonts import RARE, installed, named, unprintable
from pipeline.adapters.kept_files import is_kept, kept
from pipeline.adapters.limited import Limited, OverLimitError
from pipeline.adapters.office.converters import Awaited, Converter
from pipeline.adapters.pdf_text import pdf_text
from pipeline.core.documents import Printed
from pipeline.core.errors import DefinitionError, DocumentFailed
from pipeline.definitions.documents import DocumentForm
from pipeline.definitions.forms import data_folder
from pipeline.render.word.arrived import lost_in_pdf
from pipeline.render.word.contents import has_contents, heading_pages, number_contents
from pipeline.render.word.layouts import LAYOUTS, lay_out
from pipeline.render.word.package import parse
from pipeline.render.word.rows_arrived import TableRow, lost_rows, rows_of

LOG = logging.getLogger("presales.render")

Fill = Callable[..., tuple[Printed, ...]]
# Writes the pages of its headings into the document, which is first filled anew where its layout was changed.
Again = Callable[[Sequence[int] | None, bool], object]
_COPY = "for the PDF"


class Writer:
    """Writes documents of one kind of context; templates are edited by hand, so a child process fills them.

    Args:
        fill: called in the child as `fill(form, docx, pages, *about)`; writes the .docx and returns what it printed.
        office: converter; None leaves out the PDFs.
        cache: folder that keeps PDFs between runs by what they are made of; None converts everything.

    Attributes:
        spare: what else is to be done, once, while the next document is filled.
    """

    def __init__(self, fill: Fill, office: Converter | None, cache: Path | None = None) -> None:
        self._fill, self._office, self._cache = Limited(fill), office, cache
        self._early: list[tuple[DocumentForm, Path, Sequence[Printed], tuple[object, ...]]] = []
        self._pages: dict[Path, Sequence[int]] = {}
        self._made: dict[Path, Path] = {}
        self.spare: list[Callable[[], object]] = []

    def __call__(self, form: DocumentForm, docx: Path, *about: object) -> tuple[tuple[Printed, ...], Path | None]:
        """Fill and convert.

        Args:
            form: kind of document.
            docx: the file to write; its folder exists.
            about: what tells this document from others of the same context; it is pickled.

        Returns:
            What was printed, and the PDF beside the .docx; None without a converter.

        Raises:
            DefinitionError: the template is wrong, or was stopped by a limit.
            DocumentFailed: a row or a value was lost in every layout, or the conversion failed.
        """
        printed = self.fill(form, docx, *about)
        return printed, self.convert(form, docx, printed, *about)

    def fill(self, form: DocumentForm, docx: Path, *about: object) -> tuple[Printed, ...]:
        """The .docx, as yet without the page numbers of a contents; arguments and errors as when called."""
        self._pages.pop(docx, None)
        self._made.pop(docx, None)
        self._early = [early for early in self._early if early[1] != docx]
        return self._filled(form, docx, None, *about)

    def convert(self, form: DocumentForm, docx: Path, printed: Sequence[Printed], *about: object) -> Path | None:
        """The PDF of a .docx just filled, which is filled again with the page numbers where there is a contents."""
        if self._office is None:
            return None
        _printable(form, printed)

        if made := self._made.pop(docx, None):
            return made

        def again(pages: Sequence[int] | None, anew: bool) -> None:
            if anew or pages is None:
                self._filled(form, docx, pages, *about)
            else:
                _number(form, docx, pages)

        return self._arrived(self._office, form, docx, printed, again)

    def expect(self, form: DocumentForm, docx: Path, printed: Sequence[Printed], *about: object) -> None:
        """Let a .docx just filled be converted meanwhile; `convert` will ask for it with the same arguments."""
        if self._office:
            self._announce(self._office, docx)
            self._early.append((form, docx, printed, about))

    def _announce(self, office: Converter, docx: Path) -> None:
        if not (self._cache and is_kept(self._cache, self._key(office, docx), ".pdf")):
            office.expect(docx)

    def go_on(self) -> None:
        """Look at what was announced and is converted; errors as of `convert`.

        One with a contents is given its page numbers, and converted again meanwhile.
        """
        for early in list(self._early):
            form, docx, printed, about = early
            if self._office and self._office.ready(docx):
                if _wants_contents(form.template) and docx not in self._pages:
                    self._number_early(self._office, form, docx)
                    continue
                self._early.remove(early)
                if pdf := self.convert(form, docx, printed, *about):
                    self._made[docx] = pdf

    def number(self) -> None:
        """Give the page numbers to the contents of all that was announced, so that every .docx is as it will be."""
        for form, docx, _, _ in self._early:
            if self._office and _wants_contents(form.template) and docx not in self._pages:
                self._number_early(self._office, form, docx)

    def _number_early(self, office: Converter, form: DocumentForm, docx: Path) -> None:
        pdf = docx.with_suffix(".pdf")
        self._to_pdf(office, docx, pdf)
        self._pages[docx] = heading_pages(pdf)
        _number(form, docx, self._pages[docx])
        self._announce(office, docx)

    def add_pdf(self, form: DocumentForm, docx: Path, printed: Sequence[Printed]) -> Path | None:
        """The PDF of a .docx whose bytes stand; page numbers that its contents lacks are in the PDF alone.

        Raises:
            DocumentFailed: a row or a value would be lost in every layout, or the conversion failed.
        """
        if self._office is None:
            return None
        copy = docx.parent / _COPY / docx.name
        copy.parent.mkdir(exist_ok=True)
        again = partial(_copied, docx, copy)
        again(None, True)
        return self._arrived(self._office, form, copy, printed, again).replace(docx.with_suffix(".pdf"))

    def _arrived(
        self, office: Converter, form: DocumentForm, docx: Path, printed: Sequence[Printed], again: Again
    ) -> Path:
        """The PDF of a document just filled, in which every row and value stands, laid out another way if need be."""
        pdf = docx.with_suffix(".pdf")
        pages = self._converted(office, form, docx, self._pages.pop(docx, None), None, again)
        text = pdf_text(pdf)
        lost = missing = _lost_rows(docx, text)
        for layout in LAYOUTS if missing else ():
            LOG.warning("%s:%d 行没有印到 PDF,换排法 %s", form.code, len(missing), layout.__name__)
            pages = self._converted(office, form, docx, pages, partial(lay_out, layout=layout, lost=lost), again)
            text = pdf_text(pdf)
            if not (missing := _lost_rows(docx, text)):
                break
            lost = [*lost, *missing]
        _all_arrived(form, printed, missing, text)
        return pdf

    def _converted(
        self,
        office: Converter,
        form: DocumentForm,
        docx: Path,
        pages: Sequence[int] | None,
        lay: Callable[[Path], None] | None,
        again: Again,
    ) -> Sequence[int] | None:
        """Convert, and once more where the headings stand on other pages than the contents says; returns the pages."""
        pdf = docx.with_suffix(".pdf")
        for turn in range(2):
            if turn or lay:
                again(pages, bool(lay))
            if lay:
                lay(docx)
            self._to_pdf(office, docx, pdf)
            found = heading_pages(pdf) if _wants_contents(form.template) else pages
            if found == pages:
                break
            pages = found
        return pages

    def _to_pdf(self, office: Converter, docx: Path, pdf: Path) -> None:
        """Convert, or take what the same bytes gave before by the same program and fonts."""
        if self._cache is None:
            office.to_pdf(docx, pdf)
            return
        pdf.write_bytes(
            kept(self._cache, self._key(office, docx), ".pdf", partial(_converted_bytes, office, docx, pdf))
        )

    def _key(self, office: Converter, docx: Path) -> str:
        return hashlib.sha256(f"{office.identity}\n{installed()}\n".encode() + docx.read_bytes()).hexdigest()

    def _filled(
        self, form: DocumentForm, docx: Path, pages: Sequence[int] | None, *about: object
    ) -> tuple[Printed, ...]:
        try:
            self._fill.begin(form, docx, pages, *about)
            printed: tuple[Printed, ...] = self._fill.result(self._meanwhile)
        except OverLimitError as problem:
            raise DefinitionError(
                f"{form.template}:填母版时{problem}。请检查母版里的循环；工作簿的行特别多时，合并或减少行"
                "(template stopped by a limit)"
            ) from problem
        return printed

    def _meanwhile(self, filling: Awaited) -> None:
        """What is done while a document is filled: something that is to spare, and conversions."""
        while self.spare:
            self.spare.pop()()
        if self._office:
            self._office.work_until(filling)


def _converted_bytes(office: Converter, docx: Path, pdf: Path) -> bytes:
    office.to_pdf(docx, pdf)
    return pdf.read_bytes()


def _number(form: DocumentForm, docx: Path, pages: Sequence[int]) -> None:
    if not number_contents(docx, pages):
        raise DocumentFailed(f"{form.title}({form.code}):目录和 PDF 的标题不是同样多(headings and outline differ)。")


def _copied(docx: Path, copy: Path, pages: Sequence[int] | None, _anew: bool) -> None:
    shutil.copyfile(docx, copy)
    if pages is not None:
        number_contents(copy, pages)


def _printable(form: DocumentForm, printed: Iterable[Printed]) -> None:
    """Every character has a glyph in some font: an empty box on paper would be a loss in silence.

    Raises:
        DocumentFailed: names the characters and their cells.
    """
    values = list(printed)
    unknown = unprintable("".join(value.text for value in values))
    if not unknown:
        return
    said = []
    for char in unknown[:5]:
        holder = next(value for value in values if char in value.text)
        said.append(f"{named(char)} {'、'.join(map(str, holder.cells[:3])) or holder.name}")
    raise DocumentFailed(
        f"{form.title}({form.code}):没有字体能印这些字,请改用能印的字,或安装含有它们的字体(如 {RARE})后重做"
        f"(no font has a glyph): {';'.join(said)}"
    )


def _all_arrived(form: DocumentForm, printed: Iterable[Printed], missing: Sequence[TableRow], pdf_text: str) -> None:
    """Every table row and every printed value is in the PDF.

    Raises:
        DocumentFailed: names the first ones that are not.
    """
    if missing:
        said = ";".join(row.shown for row in missing[:5])
        raise DocumentFailed(
            f"{form.title}({form.code}):LibreOffice 丢了 {len(missing)} 行表格,{len(LAYOUTS)} 种排法都试过"
            f"(table rows lost in the PDF, in every layout): {said}。请换一个版本的 LibreOffice 重做,"
            f"或在母版 {form.template} 里给这张表的题注设“段前分页”"
        )
    if lost := lost_in_pdf(printed, pdf_text):
        said = ";".join(f"{value.text[:40]} {'、'.join(map(str, value.cells[:2])) or value.name}" for value in lost[:5])
        raise DocumentFailed(f"{form.title}({form.code}):有 {len(lost)} 个值没有印到 PDF 里(lost in the PDF): {said}")


def _lost_rows(docx: Path, pdf_text: str) -> list[TableRow]:
    """Table rows of the .docx that do not stand in the text of the PDF."""
    with zipfile.ZipFile(docx) as package:
        body, styles = (parse(package.read(f"word/{part}.xml")) for part in ("document", "styles"))
    return lost_rows(rows_of(body, styles), pdf_text)


@cache
def _wants_contents(template: str) -> bool:
    return has_contents(word.Document(str(data_folder("output_templates") / template)))
