from __future__ import annotations

from importlib import import_module
from pathlib import Path

import docx
import pytest
from click.testing import CliRunner, Result

from pipeline.core.errors import DefinitionError, UsageProblem

command = import_module("pipeline.cli.templates")  # the package gives the name to the command


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command.templates, arguments)


def test_check_says_that_all_is_right_and_counts_what_nobody_prints() -> None:
    done = run("check")
    assert done.exit_code == 0
    assert "模板正确" in done.output
    assert "--unused" in done.output


def test_check_lists_what_nobody_prints() -> None:
    assert "没有模板使用：" in run("check", "--unused").output


def test_fields_on_the_screen_and_in_files(tmp_path: Path) -> None:
    assert "* project.name  项目名称(文字)" in run("fields", "PPR").output
    assert run("fields", "PPR", "--format", "csv", "-o", str(tmp_path / "a.csv")).exit_code == 0
    assert (tmp_path / "a.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert run("fields", "PPR", "--format", "md", "-o", str(tmp_path / "a.md")).exit_code == 0
    assert (tmp_path / "a.md").read_text("utf-8").startswith("| 写法 |")


def test_an_unknown_document_and_a_place_that_cannot_be_written_are_named(tmp_path: Path) -> None:
    for arguments in (("fields", "PPRR"), ("preview", "PPRR", "-o", str(tmp_path))):
        assert isinstance(run(*arguments).exception, UsageProblem)
    (tmp_path / "file").write_text("x")
    assert isinstance(run("fields", "PPR", "-o", str(tmp_path / "file" / "a")).exception, UsageProblem)
    assert isinstance(run("preview", "PPR", "-o", str(tmp_path / "file")).exception, UsageProblem)


def test_preview_writes_beside_each_other_what_it_made(tmp_path: Path) -> None:
    done = run("preview", "pan", "-o", str(tmp_path / "新"), "--no-pdf")
    assert done.exit_code == 0
    assert [path.name for path in (tmp_path / "新").iterdir()] == ["PAN_预览.docx"]


def test_a_wrong_template_is_not_previewed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document = docx.Document()
    document.add_paragraph("{{ cycler.__init__ }}")
    document.save(str(tmp_path / "PPR.docx"))
    monkeypatch.setattr(command, "data_folder", lambda _: tmp_path)
    done = run("preview", "PPR", "-o", str(tmp_path / "out"))
    assert isinstance(done.exception, DefinitionError)
    assert "not allowed" in str(done.exception)
    assert not (tmp_path / "out").exists()
