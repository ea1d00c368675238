"""The text of a PDF in the order in which it was drawn, by PDFium: 24 pages in 0.1 s, where others take seconds."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pypdfium2

from pipeline.core.errors import DocumentFailed

# PDFium's sign for a hyphen at the end of a line, which it takes for one of hyphenation; LibreOffice adds none here.
_LINE_END_HYPHEN = "\x02"
_MOST = 64  # texts that are kept: the papers of a project are read when they are made, when audited, and in a pack
_known: dict[str, str] = {}


def pdf_text(path: Path) -> str:
    """All text; what belongs to one cell or paragraph stays together, pages are parted by a form feed.

    Raises:
        DocumentFailed: the file cannot be read.
    """
    try:
        content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        text = _known.pop(digest, None)
        _known[digest] = text = _read(content) if text is None else text
    except (OSError, pypdfium2.PdfiumError) as problem:
        raise DocumentFailed(f"{path.name}:读不出文字(no text can be read): {problem}") from problem
    while len(_known) > _MOST:
        del _known[next(iter(_known))]
    return text


def _read(content: bytes) -> str:
    with pypdfium2.PdfDocument(content) as document:
        text = "\f".join(page.get_textpage().get_text_bounded() for page in document)
    return text.replace(_LINE_END_HYPHEN, "-")
