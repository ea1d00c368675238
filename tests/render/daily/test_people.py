from __future__ import annotations

from pathlib import Path

from pipeline.derive.worklog import logs_of
from pipeline.render.daily.people import person_reports
from tests.cases import load_case
from tests.logged import ENGINEER, sample_logs


def test_files_are_named_by_person_and_period(tmp_path: Path) -> None:
    logs = logs_of([sample_logs()[ENGINEER]])
    made = person_reports(logs, load_case().company, tmp_path / "out", None, ["2026-06"])
    assert [path.name for path in made] == ["售前月报_E203_2026-06.docx"]
    assert [path.name for path in (tmp_path / "out").iterdir()] == [made[0].name]
