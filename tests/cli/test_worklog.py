"""`presales worklog`: logs are checked, and become reports of weeks and months."""

from __future__ import annotations

import shutil
from pathlib import Path

import docx
import pytest

from pipeline.cli import run
from pipeline.definitions.values import content_from_json
from pipeline.definitions.writer import write_workbook
from tests.cases import DORM, ROOT, sample_builder, sample_data

DAY = ["--as-of", "2026-11-23"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Workbook 00 with the logs beside it."""
    shutil.copy(ROOT / "samples" / DORM / "00_公司基础资料.xlsx", tmp_path)
    sample_builder().write_logs(sample_data(), tmp_path)
    return tmp_path


def test_a_week_becomes_a_report_for_each_person(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["worklog", str(folder), "-o", str(folder / "out"), "--period", "2026-W26", "--no-pdf", *DAY]
    assert run(asked) == 0
    assert sorted(path.name for path in (folder / "out").iterdir()) == [
        "售前周报_E106_2026-W26.docx",
        "售前周报_E203_2026-W26.docx",
    ]
    made = docx.Document(str(folder / "out" / "售前周报_E203_2026-W26.docx"))
    assert [cell.text for cell in made.tables[1].rows[-1].cells] == ["合计", "5", "31.5", "13.5"]
    assert "没有问题" in capsys.readouterr().out


def test_with_an_error_in_a_log_nothing_is_made(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = sample_data()["logs"][0]["worklog"]
    wrong = {**log, "log": {**log["log"], "rows": [{**log["log"]["rows"][0], "date": "2026-05-29"}]}, "trips": []}
    form = sample_builder().load_forms()["worklog"]
    master = sample_builder().Master00({})
    write_workbook(form, folder / "10_工作日志_E106_2026-06.xlsx", content_from_json(form, wrong), master)
    assert run(["worklog", str(folder), "-o", str(folder / "out"), "--no-pdf", *DAY]) == 3
    assert "错误 P540 [10_工作日志_E106_2026-06.xlsx]日志!A" in capsys.readouterr().out
    assert not (folder / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["--period", "2026年6月"], "不是周或月"), ([], "没有找到工作日志")],
)
def test_what_is_asked_wrongly_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    shutil.copy(ROOT / "samples" / DORM / "00_公司基础资料.xlsx", tmp_path)
    assert run(["worklog", str(tmp_path), *arguments, *DAY]) == 2
    assert said in capsys.readouterr().err
