from __future__ import annotations

import shutil
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from pipeline.cli.packs import _by_sheet, explain_value, verify_pack
from pipeline.core.documents import Pack
from pipeline.core.errors import UsageProblem
from pipeline.deliver.pack import HANDOVER, PLAN
from tests.deliver import made_up as made


@pytest.fixture(scope="module")
def packs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Pack]:
    return {kind: made.made_pack(tmp_path_factory.mktemp("packs"), kind) for kind in (PLAN, HANDOVER)}


def run(command: click.Command, *words: object) -> Result:
    return CliRunner().invoke(command, [str(word) for word in words])


def test_verify_of_a_whole_pack(packs: dict[str, Pack]) -> None:
    for pack in packs.values():
        for path in (pack.folder, pack.archive):
            done = run(verify_pack, path)
            assert done.exit_code == 0
            assert "完好" in done.stdout


def test_verify_names_each_file_and_exits_with_3(packs: dict[str, Pack], tmp_path: Path) -> None:
    folder = Path(shutil.copytree(packs[HANDOVER].folder, tmp_path / "bag"))
    (folder / "data" / made.CONTRACT).write_bytes(b"%PDF other")
    (folder / "data" / made.SCAN).unlink()
    (folder / "data" / "多.txt").write_text("x")
    done = run(verify_pack, folder)
    assert done.exit_code == 3
    assert sorted(done.stdout.splitlines()) == [
        "data/多.txt:多余(extra)",
        f"data/{made.SCAN}:缺少(missing)",
        f"data/{made.CONTRACT}:内容有改动(changed)",
    ]


def test_verify_of_nothing(tmp_path: Path) -> None:
    done = run(verify_pack, tmp_path / "nowhere")
    assert isinstance(done.exception, UsageProblem)


@pytest.mark.parametrize("wanted", ["cost.total", "total", "1,234.50", "1234.50", "1,234"])
def test_explain_names_field_text_cells_and_hash(packs: dict[str, Pack], wanted: str) -> None:
    for pack in packs.values():
        for path in (pack.folder, pack.archive):
            done = run(explain_value, path, wanted)
            assert done.exit_code == 0, done.stderr
            lines = done.stdout.splitlines()
            assert lines[:4] == [
                f"PPR 项目计划报告({made.CODE}_PPR_V1.0_20260301.docx)",
                "  字段：cost.total",
                "  印作：1,234.50",
                "  值：1234.50",
            ]
            assert f"    [{made.BOOK}]费用明细!K12:K13" in lines
            assert f"  文件：{made.BOOK} SHA-256 {made.sha(b'PK workbook')}" in lines


def test_explain_of_a_value_without_cells(packs: dict[str, Pack]) -> None:
    done = run(explain_value, packs[PLAN].folder, "全媒体")
    assert done.exit_code == 0
    assert "单元格：无" in done.stdout


def test_nothing_found(packs: dict[str, Pack]) -> None:
    done = run(explain_value, packs[PLAN].folder, "没有这个")
    assert done.exit_code == 3
    assert "没有找到“没有这个”" in done.stderr


def test_explain_without_provenance(tmp_path: Path) -> None:
    (tmp_path / "no.zip").write_bytes(b"PK")
    for path in (tmp_path, tmp_path / "no.zip", tmp_path / "nowhere"):
        assert isinstance(run(explain_value, path, "x").exception, UsageProblem)


def test_cells_below_each_other_are_named_as_a_range() -> None:
    cells = [f"[03_费用.xlsx]费用明细!{cell}" for cell in ("K7", "K8", "K9", "K12", "L13")]
    assert _by_sheet(cells) == {"[03_费用.xlsx]费用明细": ["K7:K9", "K12", "L13"]}
