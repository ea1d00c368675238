from __future__ import annotations

import re
import shutil
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.core.errors import DefinitionError
from pipeline.definitions.forms import load_forms
from pipeline.intake.company import find_company, read_company, unique_names
from tests.cases import sample_data
from tests.intake import made_files as made

FORMS = load_forms()
NAME = "00_公司基础资料.xlsx"


@pytest.fixture
def share(tmp_path: Path, dorm: Path) -> Path:
    """A share with workbook 00 on top and a project in a folder below it."""
    (tmp_path / "2026" / "LY-SQ-2026-015").mkdir(parents=True)
    shutil.copy(dorm / NAME, tmp_path / "2026")
    for path in dorm.glob("03_*"):
        shutil.copy(path, tmp_path / "2026" / "LY-SQ-2026-015")
    return tmp_path / "2026"


def test_it_is_found_beside_and_above(share: Path) -> None:
    project = share / "LY-SQ-2026-015"
    (cost,) = project.glob("03_*")
    for start in (share, project, cost):
        assert find_company(None, [start], None, FORMS) == share / NAME


def test_the_nearest_one_counts(share: Path, dorm: Path) -> None:
    near = share / "LY-SQ-2026-015" / "00_本项目.xlsx"
    shutil.copy(dorm / NAME, near)
    assert find_company(None, [share / "LY-SQ-2026-015"], None, FORMS) == near


def test_the_given_file_counts_before_all(share: Path, dorm: Path) -> None:
    assert find_company(dorm / NAME, [share], share / NAME, FORMS) == dorm / NAME


def test_a_given_file_that_is_not_there_is_named(share: Path) -> None:
    with pytest.raises(DefinitionError, match=r"elsewhere\.xlsx"):
        find_company(share / "elsewhere.xlsx", [share], None, FORMS)


def test_a_file_that_is_only_called_00_does_not_count(share: Path, dorm: Path) -> None:
    project = share / "LY-SQ-2026-015"
    shutil.copy(next(dorm.glob("03_*")), project / "00_费用.xlsx")
    (project / "00_坏.xlsx").write_bytes(b"PK\x03\x04")
    (project / "~$00_公司基础资料.xlsx").write_bytes(b"owner")
    assert find_company(None, [project], None, FORMS) == share / NAME


def test_the_setting_counts_where_nothing_lies_near(tmp_path: Path) -> None:
    assert find_company(None, [tmp_path], tmp_path / "set.xlsx", FORMS) == tmp_path / "set.xlsx"


def test_without_any_the_places_are_named(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match="--company") as problem:
        find_company(None, [tmp_path / "a.xlsx"], None, FORMS)
    assert str(tmp_path) in str(problem.value)
    assert problem.value.exit_code == 5


def test_every_sheet_becomes_typed(dorm: Path) -> None:
    company = read_company(dorm / NAME, FORMS)
    data = sample_data()["master"]
    assert company.details["name"] == data["company"]["name"]
    assert [d.name for d in company.departments.values()] == [row["dept_name"] for row in data["departments"]]
    assert [p.no for p in company.persons.values()] == [row["emp_no"] for row in data["persons"]]
    assert [rate for _, rate, _ in company.rates] == [Decimal(row["day_rate"]) for row in data["rate_card"]]
    assert company.tax_rates == {Decimal(str(row["rate"])) for row in data["tax_rates"]}
    assert set(company.accounts) == {row["acc_code"] for row in data["cost_accounts"]}
    assert len(company.steps) == len(data["approval_matrix"])
    assert len(company.parameters) == len(data["parameters"])
    assert not company.calendar.is_workday(date(2026, 10, 1))
    assert company.calendar.is_workday(date(2026, 10, 10))


def test_a_name_that_two_people_share_is_no_key(dorm: Path, tmp_path: Path) -> None:
    company = read_company(dorm / NAME, FORMS)
    assert unique_names(company)["卢海峰"] == "E302"
    twin = read_company(
        made.edited(dorm / NAME, tmp_path / NAME, {"xl/sharedStrings.xml": [("<t>卢海峰</t>", "<t>许知行</t>")]}), FORMS
    )
    assert "许知行" not in unique_names(twin)
    assert "卢海峰" not in unique_names(twin)


@pytest.mark.parametrize(
    ("content", "message"), [(b"", "0 字节"), (made.old_xls(), "另存为"), (made.good(), "不是 00"), (None, "无法打开")]
)
def test_what_is_no_workbook_00_stops_the_run(tmp_path: Path, content: bytes | None, message: str) -> None:
    if content is not None:
        (tmp_path / NAME).write_bytes(content)
    with pytest.raises(DefinitionError, match=message) as problem:
        read_company(tmp_path / NAME, FORMS)
    assert str(tmp_path / NAME) in str(problem.value)


def sheet_entry(path: Path, name: str) -> str:
    with zipfile.ZipFile(path) as package:
        found = re.search(f'<sheet name="{name}"[^>]*/>', package.read("xl/workbook.xml").decode())
    assert found
    return found[0]


def test_a_renamed_sheet_is_found_and_a_missing_one_stops_the_run(dorm: Path, tmp_path: Path) -> None:
    entry = sheet_entry(dorm / NAME, "参数")
    renamed = {"xl/workbook.xml": [(entry, entry.replace("参数", "阈值"))]}
    assert read_company(made.edited(dorm / NAME, tmp_path / NAME, renamed), FORMS).parameters
    with pytest.raises(DefinitionError, match=r"缺少工作表“参数”"):
        read_company(made.edited(dorm / NAME, tmp_path / NAME, {"xl/workbook.xml": [(entry, "")]}), FORMS)


def test_a_workbook_00_that_cannot_be_read_is_named_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "00_公司基础资料.xlsx").write_bytes(b"PK\x03\x04 half")
    with pytest.raises(DefinitionError, match=r"没有读取的:.*00_公司基础资料\.xlsx:文件不完整.*找不到 00"):
        find_company(None, [tmp_path], None, FORMS)
