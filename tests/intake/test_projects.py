from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from pipeline.core.company import Company
from pipeline.definitions.catalogue import load_catalogue
from pipeline.definitions.forms import load_forms
from pipeline.intake.company import read_company
from pipeline.intake.projects import ProjectInput, read_project
from tests.cases import DORM, TV
from tests.intake import made_files as made

FORMS, RULES = load_forms(), load_catalogue()
COST = f"03_项目费用计划明细表_{DORM}.xlsx"


@pytest.fixture(scope="module")
def company(dorm: Path) -> Company:
    return read_company(dorm / "00_公司基础资料.xlsx", FORMS)


@pytest.fixture
def folder(tmp_path: Path, dorm: Path) -> Path:
    """A folder of its own with the workbooks 02, 03 and 05 of the ordinary sample."""
    target = tmp_path / "新项目"
    target.mkdir()
    for no in ("02", "03", "05"):
        shutil.copy(next(dorm.glob(f"{no}_*")), target)
    return target


def read(path: Path, company: Company) -> ProjectInput:
    return read_project(path, company, FORMS, RULES)


def found(taken: ProjectInput) -> list[tuple[str, str, Sequence[str]]]:
    """Rule, place and related places of the findings."""
    return [(f.rule.code, str(f.at), [str(place) for place in f.related]) for f in taken.findings]


def verdicts(taken: ProjectInput) -> dict[str, str]:
    return {Path(verdict.path).name: verdict.verdict for verdict in taken.verdicts}


def test_a_clean_folder_is_one_project(dorm: Path, company: Company) -> None:
    taken = read(dorm, company)
    assert taken.project.code == DORM
    assert list(taken.project.workbooks) == ["survey", "plan", "cost", "materials", "staffing", "records"]
    assert taken.findings == ()
    brought = {path.relative_to(dorm).as_posix() for path in (dorm / "附件").iterdir()}
    assert {attachment.path for attachment in taken.project.attachments} == brought
    assert len(brought) == 3
    assert sorted(verdicts(taken).values()) == ["accepted"] * (6 + len(brought)) + ["company"]


def test_one_file_is_a_project_too(folder: Path, company: Company) -> None:
    taken = read(folder / COST, company)
    assert taken.project.code == DORM
    assert list(taken.project.workbooks) == ["cost"]
    assert verdicts(taken) == {COST: "accepted"}


def test_every_finding_can_be_worded(folder: Path, company: Company) -> None:
    (folder / "04_坏.xlsx").write_bytes(made.encrypted())
    (folder / "05_无名.xlsx").write_bytes(made.good())
    (folder / "03_旧.xlsx").write_bytes(_touched(folder / COST))
    for finding in read(folder, company).findings:
        assert finding.message()
        assert finding.message("en")
        assert finding.remedy()


def _touched(path: Path) -> bytes:
    """The same workbook in other bytes."""
    return path.read_bytes() + b"\n"


@pytest.mark.parametrize("newer", ["03_副本.xlsx", COST])
def test_of_two_workbooks_of_a_kind_the_later_one_counts(folder: Path, company: Company, newer: str) -> None:
    other = folder / "03_副本.xlsx"
    other.write_bytes(_touched(folder / COST))
    (older,) = {other.name, COST} - {newer}
    os.utime(folder / older, (1_000_000, 1_000_000))
    os.utime(folder / newer, (2_000_000, 2_000_000))
    taken = read(folder, company)
    assert taken.project.workbooks["cost"].name == newer
    assert found(taken) == [("B402", f"[{older}]", [f"[{newer}]"])]


def test_of_equal_times_nothing_is_said_to_be_newer(folder: Path, company: Company) -> None:
    other = folder / "03_副本.xlsx"
    other.write_bytes(_touched(folder / COST))
    for name in (other.name, COST):
        os.utime(folder / name, (1_000_000, 1_000_000))
    (finding,) = read(folder, company).findings
    assert "文件时间相同,分不出新旧" in finding.message()
    assert "较新" not in finding.message()


def test_the_same_bytes_twice_are_one_workbook(folder: Path, company: Company) -> None:
    shutil.copy(folder / COST, folder / "03_副本.xlsx")
    assert read(folder, company).findings == ()


def test_a_foreign_workbook_is_named_and_left_out(folder: Path, company: Company, tv: Path) -> None:
    foreign = folder / "03_外来.xlsx"
    shutil.copy(next(tv.glob("03_*")), foreign)
    os.utime(foreign, (4_000_000_000, 4_000_000_000))  # later, yet it does not count
    taken = read(folder, company)
    assert taken.project.workbooks["cost"].name == COST
    assert found(taken) == [("X201", "[03_外来.xlsx]费用明细!H2", [])]
    assert TV in taken.findings[0].message()
    assert DORM in taken.findings[0].message()


def test_a_foreign_workbook_alone_of_its_kind_is_read_for_the_checks_to_name(
    folder: Path, company: Company, tv: Path
) -> None:
    (folder / COST).unlink()
    shutil.copy(next(tv.glob("03_*")), folder)
    project = read(folder, company).project
    assert project.code == DORM
    assert project.workbooks["cost"].head.text("project_code") == TV


def test_the_code_is_that_of_the_plan_then_of_the_most(folder: Path, company: Company, tv: Path) -> None:
    shutil.copy(next(tv.glob("04_*")), folder)
    shutil.copy(next(tv.glob("01_*")), folder)
    (folder / COST).unlink()
    assert read(folder, company).project.code == DORM  # one plan against two others
    next(folder.glob("02_*")).unlink()
    assert read(folder, company).project.code == TV


def test_without_any_code_the_folder_gives_the_name(tmp_path: Path, company: Company) -> None:
    (tmp_path / "报价").mkdir()
    (tmp_path / "报价" / "x.xlsx").write_bytes(made.good())
    taken = read(tmp_path / "报价", company)
    assert taken.project.code == "报价"
    assert taken.project.workbooks == {}


@pytest.mark.parametrize(
    ("name", "content", "verdict", "rule"),
    [
        ("04_物资.xlsx", made.encrypted(), "refused", "B415"),
        ("物资.xls", made.old_xls(), "refused", "B415"),
        ("物资.csv", b"a,b\n", "refused", "B415"),
        ("04_物资.xlsx", made.good(), "unknown", "F028"),
        ("04 物资.xlsx", made.good(), "unknown", "F028"),
        ("我的报价.xlsx", made.good(), "unknown", ""),
        ("07_其他.xlsx", made.good(), "unknown", ""),
    ],
)
def test_other_files_are_told_never_dropped_in_silence(
    folder: Path, company: Company, name: str, content: bytes, verdict: str, rule: str
) -> None:
    (folder / name).write_bytes(content)
    taken = read(folder, company)
    (entry,) = [v for v in taken.verdicts if Path(v.path).name == name]
    assert (entry.verdict, entry.rule) == (verdict, rule)
    assert entry.message
    assert found(taken) == ([(rule, f"[{name}]", [])] if rule else [])
    assert set(taken.project.workbooks) == {"plan", "cost", "staffing"}


def test_a_form_of_ours_in_an_unknown_version_of_the_family_is_an_error(folder: Path, company: Company) -> None:
    meta = made.parts({"_meta": f"<sheetData>{made.rows_of('| template_id | presales.budget')}</sheetData>"})
    (folder / "预算.xlsx").write_bytes(made.zipped(meta))
    (finding,) = read(folder, company).findings
    assert finding.rule.code == "F028"
    assert finding.values["found"] == "presales.budget"


def test_owner_files_and_other_suffixes_are_not_looked_at(folder: Path, company: Company) -> None:
    for name in (f"~${COST}", f".~lock.{COST}#", "合同.docx", "说明.txt", "图.png"):
        (folder / name).write_bytes(b"x")
    taken = read(folder, company)
    assert taken.findings == ()
    assert len(taken.verdicts) == 3


def test_another_workbook_00_is_told_and_not_used(folder: Path, company: Company) -> None:
    (folder / "00_旧.xlsx").write_bytes(_touched(company.book.path))
    (entry,) = [v for v in read(folder, company).verdicts if Path(v.path).name == "00_旧.xlsx"]
    assert entry.verdict == "ignored"
    assert str(company.book.path) in entry.message
