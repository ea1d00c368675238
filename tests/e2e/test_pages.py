"""Pages as people see them: figures inside the margins, no code parted at the end of a line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import docx
import pypdfium2
import pytest
from pypdfium2.raw import FPDF_PAGEOBJ_IMAGE

from tests.cases import DORM, TV
from tests.e2e.built import page_texts, sample
from tests.e2e.test_words import entered

BROKEN = re.compile(r"[\w.-]*[A-Za-z0-9]-\n[A-Za-z0-9][\w.-]*", re.ASCII)  # LY-|SQ-2026-007
ALLOWED = 1.0  # point


def figures(pdf: Path) -> Iterator[tuple[float, float]]:
    """How far the figures of a PDF are from the left and the right edge of their page, in points."""
    with pypdfium2.PdfDocument(pdf) as file:
        for page in file:
            for one in page.get_objects([FPDF_PAGEOBJ_IMAGE]):
                left, _, right, _ = one.get_bounds()
                yield left, page.get_width() - right


def margins(path: Path) -> tuple[float, float]:
    """The narrowest margins of a document, left and right, in points."""
    sections = docx.Document(str(path)).sections
    return min(one.left_margin.pt for one in sections), min(one.right_margin.pt for one in sections)


@pytest.mark.parametrize("code", [TV, DORM])
def test_figures_stay_inside_the_margins(code: str) -> None:
    papers = [one for one in sample(code).result.documents if one.pdf]
    found = [(one.code, figure, margins(one.docx)) for one in papers for figure in figures(one.pdf or Path())]
    assert len(found) > 20
    assert [(name, figure) for name, figure, edge in found if any(_outside(figure, edge))] == []


def _outside(figure: tuple[float, float], edge: tuple[float, float]) -> Iterator[bool]:
    return (room < least - ALLOWED for room, least in zip(figure, edge, strict=True))


@pytest.mark.parametrize("code", [TV, DORM])
def test_no_code_is_parted_at_the_end_of_a_line(code: str) -> None:
    """But within a long text that somebody wrote."""
    papers = [one for one in sample(code).result.documents if one.pdf]
    pages = chain.from_iterable(((one.code, page) for page in page_texts(one.pdf or Path())) for one in papers)
    parted = {(name, found.replace("\n", "")) for name, page in pages for found in BROKEN.findall(page)}
    written = [text for text in entered(code) if len(text) > 20]
    assert {pair for pair in parted if not any(pair[1] in text for text in written)} == set()
