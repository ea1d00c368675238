"""What LibreOffice 7.4 leaves undone for PDF/UA-1 is mended in the finished PDF, and the claim made where it is true.

Lines of page headers are painted outside of every artifact, pages with links have no order of tabs, form tables whose
labels stand at the left of their values have no heads, boxes of one cell are called tables, and the claim itself
breaks that of PDF/A. The styles of the templates say what is a label, a title, a box.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from pikepdf import Array, Dictionary, Name, Pdf, Stream, String

from pipeline.adapters.pdf_file import faults_of
from pipeline.adapters.pdf_ua import (
    UNTAGGED,
    against_catalog,
    against_tags,
    attributes,
    content_of,
    kids,
    rows,
    strays,
)
from pipeline.adapters.pdf_xmp import claim_pdf_ua, claims_pdf_a

_NUMBERED = re.compile(r"^(（?[一二三四五六七八九十]+[、）])\s+")
_TITLES = ("/表单标题", "/公文标题")
_LABELS = ("/表单标签",)
_LAID_OUT = ("/封面信息",)


def finish(path: Path) -> bool:
    """Mend a PDF as LibreOffice wrote it, and let it claim PDF/UA-1 beside PDF/A-2b only when nothing is missing.

    Returns:
        Whether it is a sound PDF/A-2b; one that is not stays as it was.

    Raises:
        OSError, pikepdf.PdfError, ValueError: it cannot be read.
    """
    mended = path.with_suffix(".mended")
    with Pdf.open(path) as pdf:
        if not claims_pdf_a(pdf) or faults_of(pdf):
            return False
        claim_pdf_ua(pdf, claim=not mend(pdf))
        pdf.save(mended)
    mended.replace(path)
    return True


def mend(pdf: Pdf) -> list[str]:
    """Mark stray lines as artifacts, give pages their order of tabs, tables their heads, forms their title.

    In a bookmark no blank stands between its number and its text: 一、项目概述, as it is printed.

    Returns:
        What it still lacks to be PDF/UA-1, a sentence each.
    """
    untagged = False
    for page in pdf.pages:
        if "/Annots" in page.obj:
            page.obj.Tabs = Name.S
        content = content_of(page)
        found = list(strays(content))
        untagged = untagged or any(real for _, _, real in found)
        if found:
            page.obj.Contents = pdf.make_indirect(Stream(pdf, _as_artifacts(content, found)))
    roles = pdf.Root.get("/StructTreeRoot", Dictionary()).get("/RoleMap", Dictionary())
    for style in _TITLES:
        if style in roles:
            roles[style] = Name.H1
    _close_up(pdf.Root.get("/Outlines", Dictionary()).get("/First"))
    return [*against_catalog(pdf), *([UNTAGGED] if untagged else []), *against_tags(pdf, _mend_table)]


def _close_up(bookmark: Any) -> None:
    """Take the blank after the number out of a bookmark, its younger ones and those below."""
    while bookmark is not None:
        bookmark.Title = String(_NUMBERED.sub(r"\1", str(bookmark.get("/Title", ""))))
        _close_up(bookmark.get("/First"))
        bookmark = bookmark.get("/Next")


def _as_artifacts(content: bytes, found: list[tuple[int, int, bool]]) -> bytes:
    """The page with its stray lines marked; stray text and pictures stay as they are."""
    pieces, done = [], 0
    for begin, end in [(begin, end) for begin, end, real in found if not real]:
        pieces += [content[done:begin], b"\n/Artifact BMC\n", content[begin:end], b"\nEMC\n"]
        done = end
    return b"".join([*pieces, content[done:]])


# -- tables -----------------------------------------------------------------------------------------------------------


def _mend_table(table: Any) -> None:
    lines = [kids(row) for row in rows(table)]
    cells = [cell for line in lines for cell in line]
    for line in lines:
        for cell in line:
            if cell.S == Name.TD and _styles(cell) & set(_LABELS):
                _make_head(cell, Name.Column if len(line) == 1 else Name.Row)
    if not any(cell.S == Name.TH for cell in cells) and _is_box(lines, cells):
        _call_boxes(table)


def _is_box(lines: list[list[Any]], cells: list[Any]) -> bool:
    """Whether what is called a table only lays out text: one row, one column, or the lines of a cover."""
    laid_out = all(_styles(cell) <= set(_LAID_OUT) for cell in cells)
    return len(lines) <= 1 or all(len(line) == 1 for line in lines) or laid_out


def _styles(cell: Any) -> set[str]:
    return {str(kid.S) for kid in kids(cell)}


def _make_head(cell: Any, scope: Name) -> None:
    cell.S = Name.TH
    known = attributes(cell)
    for said in known:
        if said.get("/O") == Name.Table:
            said.Scope = scope
            return
    cell.A = Array([*known, Dictionary(O=Name.Table, Scope=scope)])


def _call_boxes(table: Any) -> None:
    lines = list(rows(table))
    for element in [*(cell for line in lines for cell in kids(line)), *kids(table), *lines, table]:
        element.S = Name.Div
