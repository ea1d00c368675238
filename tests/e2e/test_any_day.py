"""What is printed does not depend on the day of the run: the DOCX of both samples are equal on two days.

Without PDFs, which also shows what is made then.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from pipeline.adapters.files import sha256
from pipeline.core.documents import ProjectResult
from tests.cases import DORM, ROOT, TV
from tests.e2e.built import build, docx_text

# Before and after the day of the other tests, in two years; both of them after the last record.
DAYS = tuple(map(date.fromisoformat, ("2026-11-23", "2027-08-15")))
# It says what is late today, and that it was looked at today.
OF_TODAY = "VAL"


def papers(result: ProjectResult) -> dict[str, str]:
    """SHA-256 of every DOCX, by name."""
    return {d.docx.name: sha256(d.docx) for d in result.documents if d.code != OF_TODAY}


@pytest.fixture(scope="module", params=[(TV, 59, "5,186,545.40"), (DORM, 45, "712,346.00")], ids=[TV, DORM])
def built(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[list[ProjectResult], int, str]:
    """A sample built on both days; how many documents it has, and its total."""
    name, count, total = request.param
    out: Path = tmp_path_factory.mktemp(name)
    return [build(ROOT / "samples" / name, out / str(day), pdf=False, day=day) for day in DAYS], count, total


def test_without_pdf_all_docx_and_no_pack(built: tuple[list[ProjectResult], int, str]) -> None:
    (result, _), count, total = built
    assert len(result.documents) == count
    assert all(d.pdf is None for d in result.documents)
    assert total in docx_text(next(d.docx for d in result.documents if d.code == "PPR"))
    assert result.packs == ()


def test_documents_are_the_same_on_any_day(built: tuple[list[ProjectResult], int, str]) -> None:
    first, later = map(papers, built[0])
    assert len(first) > 30
    assert {paper for paper in first | later if first.get(paper) != later.get(paper)} == set()
