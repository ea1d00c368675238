"""What is printed does not depend on the day of the run: the DOCX of both samples are equal on three days."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from pipeline.adapters.files import sha256
from pipeline.project_run import RunRequest, plan_jobs, run_jobs
from pipeline.settings import Settings
from tests.cases import DORM, ROOT, TV

# Before, on and after the day of the other tests; all of them after the last record.
DAYS = tuple(map(date.fromisoformat, ("2026-11-23", "2026-12-31", "2027-08-15")))
# It says what is late today, and that it was looked at today.
OF_TODAY = "VAL"


def papers(name: str, day: date, out: Path) -> dict[str, str]:
    """SHA-256 of every DOCX of a sample that was built on a day, by name."""
    run, failures = run_jobs(
        plan_jobs([ROOT / "samples" / name], None, Settings(), RunRequest(day, out, pdf=False)).jobs, 1
    )
    assert failures == []
    return {d.docx.name: sha256(d.docx) for d in run.projects[0].documents if d.code != OF_TODAY}


@pytest.mark.parametrize("name", [TV, DORM])
def test_documents_are_the_same_on_any_day(name: str, tmp_path: Path) -> None:
    first, *later = [papers(name, day, tmp_path / str(day)) for day in DAYS]
    assert len(first) > 30
    for others in later:
        assert {paper for paper in first | others if first.get(paper) != others.get(paper)} == set()
