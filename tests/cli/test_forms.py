"""`presales forms blank`: the workbooks that a folder gets."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from pipeline.cli.forms import forms
from pipeline.core.errors import UsageProblem
from tests.cases import ROOT

COMPANY = ROOT / "samples" / "LY-SQ-2026-015" / "00_公司基础资料.xlsx"


def blank(folder: Path, *options: str) -> list[str]:
    """Names of the files that the command says it has written; all of them are there."""
    command = ["blank", str(folder), "--company", str(COMPANY), "--as-of", "2026-06-30", *options]
    result = CliRunner().invoke(forms, command, catch_exceptions=False)
    assert result.exit_code == 0
    paths = [Path(line) for line in result.output.splitlines()]
    assert all(path.is_file() for path in paths)
    return [path.name for path in paths]


def test_the_library_alone_goes_beside_workbook_00(tmp_path: Path) -> None:
    (tmp_path / "00_公司基础资料.xlsx").write_bytes(COMPANY.read_bytes())
    assert blank(tmp_path, "--only", "09") == ["09_资源库.xlsx"]


@pytest.mark.parametrize(
    ("options", "name"),
    [
        (["--person", "E203", "--month", "2026-05"], "10_工作日志_E203_2026-05.xlsx"),
        (["--person", "E106"], "10_工作日志_E106_2026-06.xlsx"),
    ],
)
def test_a_log_is_of_a_person_and_month(tmp_path: Path, options: list[str], name: str) -> None:
    assert blank(tmp_path, *options) == [name]


def test_a_month_without_a_person_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="--person"):
        blank(tmp_path, "--month", "2026-06")
    assert list(tmp_path.iterdir()) == []


def test_a_project_gets_its_own_workbooks(tmp_path: Path) -> None:
    options = ("--project", "LY-SQ-2026-031", "--only", "07", "--only", "08")
    assert blank(tmp_path, *options) == ["07_售前支持_LY-SQ-2026-031.xlsx", "08_报价与投标_LY-SQ-2026-031.xlsx"]
