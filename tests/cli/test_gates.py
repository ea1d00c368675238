"""`presales gates`: each step, when and by whom it was done, or what is missing and which cell to fill."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pipeline.cli import run
from pipeline.definitions import procedure
from tests.cases import write_sample

CUT = [{"op": "clear_sheet", "workbook": "records", "sheet": sheet} for sheet in ("approval", "notice", "tracking")]
DAY = ["--as-of", "2026-11-23"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """015, whose approval, notice and tracking nobody has written down."""
    return write_sample(tmp_path_factory.mktemp("gates") / "p", CUT)


def test_every_step_says_how_it_stands(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["gates", str(folder), *DAY]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("LY-SQ-2026-015 ")
    records = "[06_过程记录_LY-SQ-2026-015.xlsx]"
    assert f"  立项申请(6.2.1)  已完成  2026-06-02  田一诺  {records}立项申请!C8" in lines
    assert "  立项审批(6.2.2)  下一关口" in lines
    assert f"      立项审批：COO  填 {records}立项审批  COO 梁书珩 E002" in lines
    assert f"      批准通知书日期  填 {records}批准通知书!C9  质量文档管理员 苏晴 E702" in lines


def test_one_step_in_english(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("approval", "立项审批", "6.2.2"):
        assert run(["gates", str(folder), "--step", name, "--lang", "en", *DAY]) == 0
        assert "  立项审批(6.2.2)  next gate" in capsys.readouterr().out.splitlines()


def test_a_step_that_does_not_exist_is_told_with_the_nearest(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["gates", str(folder), "--step", "approvel", *DAY]) == 2
    assert "没有步骤“approvel”(no such step),是否应为“approval”" in capsys.readouterr().err


def test_a_wrong_procedure_exits_5(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "procedure.toml"
    shutil.copy(procedure.FILE, own)
    own.write_text(own.read_text("utf-8").replace('fills = ["会签部门"]', 'fills = ["会签的部门"]'), encoding="utf-8")
    monkeypatch.setattr(procedure, "FILE", own)
    assert run(["gates", str(folder), *DAY]) == 5
    said = capsys.readouterr().err
    assert "procedure.toml:countersign.fills:没有“会签的部门”" in said
    assert "是否应为“会签部门”" in said
