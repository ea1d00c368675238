"""`presales reissue` and `presales build --issued`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.cli import run
from tests.cases import DORM
from tests.project_run.grown import Grown, cell

DAY = ["--as-of", "2026-11-23", "--no-pdf"]
TYPO = cell("survey", "items", "value", "别的", no="A05")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Grown]:
    grown = Grown(tmp_path, {"SAF", "RRV"})
    grown.build("scheme")
    with grown.few():
        yield grown


def test_a_paper_is_issued_anew_with_its_reason(project: Grown, capsys: pytest.CaptureFixture[str]) -> None:
    folder = project.input("scheme")
    assert run(["reissue", str(folder), "SAF", "-o", str(project.out), "--reason", "母版改正", *DAY]) == 0
    last = project.issues("SAF")[-1]
    assert (last.kind, last.reason) == ("重出", "母版改正")
    assert "母版改正" in (project.output / "issued" / "签发登记.csv").read_text("utf-8-sig")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("document", "said"),
    [("XYZ", "没有这种要签字的文档"), ("VAL", "没有这种要签字的文档"), ("MEM-HY-77", "没有重出")],
)
def test_what_cannot_be_issued_anew_is_said(
    project: Grown, capsys: pytest.CaptureFixture[str], document: str, said: str
) -> None:
    folder = project.input("scheme")
    assert run(["reissue", str(folder), document, "-o", str(project.out), "--reason", "x", *DAY]) == 2
    assert said in capsys.readouterr().err


def test_with_open_errors_nothing_is_issued_anew(project: Grown, capsys: pytest.CaptureFixture[str]) -> None:
    register, folder = project.register, project.input("scheme", cell("plan", "basics", "pm", "E999"))
    assert run(["reissue", str(folder), "SAF", "-o", str(project.out), "--reason", "x", *DAY]) == 3
    assert "没有重出" in capsys.readouterr().err
    assert project.register == register


@pytest.mark.parametrize("where", [[], ["-o", "a", "-w", "b"]])
def test_one_place_must_be_named(where: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["reissue", "P", "SAF", "--reason", "x", *where]) == 2
    assert "只写一个" in capsys.readouterr().err


def test_build_takes_papers_over_and_refuses_those_of_another_project(
    project: Grown, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = project.input("scheme", TYPO), tmp_path / "new"
    assert run(["build", str(folder), "-o", str(out), "--issued", str(project.out), *DAY]) == 0
    [record] = project.issues("SAF")
    assert (out / DORM / "issued" / "files" / f"{record.docx}.docx").is_file()
    (tmp_path / "empty").mkdir()
    assert run(["build", str(folder), "-o", str(tmp_path / "x"), "--issued", str(tmp_path / "empty"), *DAY]) == 7
    assert "没有签发登记" in capsys.readouterr().err
    assert not (tmp_path / "x" / DORM).exists()
