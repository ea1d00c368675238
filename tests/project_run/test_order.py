from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from pipeline.cli import run
from pipeline.core.documents import Printed
from pipeline.core.errors import DefinitionError, DocumentFailed, PipelineError
from pipeline.render.maker import Drawn, Maker
from pipeline.render.orders import Order
from tests.cases import DORM, write_sample


def failing_on(monkeypatch: pytest.MonkeyPatch, code: str, error: PipelineError) -> None:
    real = Maker.draw

    def draw(maker: Maker, order: Order, signed: Sequence[Printed] = ()) -> Drawn:
        if order.form.code == code:
            raise error
        return real(maker, order, signed)

    monkeypatch.setattr(Maker, "draw", draw)


WARNED = [{"op": "set", "workbook": "plan", "sheet": "feasibility", "field": "f_a", "value": "略"}]


def build(out: Path) -> tuple[int, Any]:
    """Build a sample with a warning without PDFs; exit code, and the project of the JSON."""
    folder = write_sample(out / "in" / DORM, WARNED)
    arguments = ["build", str(folder), "-o", str(out), "--no-pdf", "--as-of", "2026-11-23"]
    code = run([*arguments, "--json", str(out / "run.json")])
    [project] = json.loads((out / "run.json").read_text("utf-8"))["projects"]
    return code, project


@pytest.mark.parametrize(
    ("code", "error", "exit_code", "reports"),
    [
        ("PPR", DocumentFailed("项目计划报告(PPR):丢了 2 行表格"), 6, {"VAL", "XCK"}),
        ("CSR", DefinitionError("CSR.docx:母版坏了"), 5, {"VAL", "XCK"}),
        ("XCK", DocumentFailed("校核表(XCK):丢了"), 6, {"VAL"}),
    ],
)
def test_whatever_document_fails_the_reports_and_marked_workbooks_are_there(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    code: str,
    error: PipelineError,
    exit_code: int,
    reports: set[str],
) -> None:
    failing_on(monkeypatch, code, error)
    got, project = build(tmp_path)
    assert (got, project["error"]) == (exit_code, str(error))
    assert capsys.readouterr().err.count(str(error)) == 1
    assert {one["code"] for one in project["documents"]} == reports
    there = sorted(path.name for path in (tmp_path / DORM / "check").iterdir())
    assert {name.split("_")[1] for name in there if name.endswith(".docx")} == reports
    assert any(name.endswith("_校验.xlsx") for name in there)
    assert not (tmp_path / DORM / "docx").exists()
