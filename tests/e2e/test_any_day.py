"""What is printed does not depend on the day of the run: the DOCX of both samples are equal on two days."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from pipeline.adapters.files import sha256
from tests.cases import DORM, ROOT, TV
from tests.e2e.built import build

# Before and after the day of the other tests, in two years; both of them after the last record.
DAYS = tuple(map(date.fromisoformat, ("2026-11-23", "2027-08-15")))
# It says what is late today, and that it was looked at today.
OF_TODAY = "VAL"


def papers(name: str, day: date, out: Path) -> dict[str, str]:
    """SHA-256 of every DOCX of a sample that was built on a day, by name."""
    result = build(ROOT / "samples" / name, out, pdf=False, day=day)
    return {d.docx.name: sha256(d.docx) for d in result.documents if d.code != OF_TODAY}


@pytest.mark.parametrize("name", [TV, DORM])
def test_documents_are_the_same_on_any_day(name: str, tmp_path: Path) -> None:
    first, later = (papers(name, day, tmp_path / str(day)) for day in DAYS)
    assert len(first) > 30
    assert {paper for paper in first | later if first.get(paper) != later.get(paper)} == set()
