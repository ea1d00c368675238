"""The workbooks that a project, or the company, may do without: recognised, merged, and never missed."""

from __future__ import annotations

import shutil
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.check.judge import judge
from pipeline.core.sheets import Cell, Project, Sheet, Workbook
from pipeline.definitions.blanks import due_forms
from pipeline.definitions.catalogue import load_catalogue
from pipeline.definitions.forms import load_forms
from pipeline.derive.figures import all_figures
from pipeline.derive.known import rolled_up
from pipeline.intake.company import beside, of_people, read_company, read_people
from pipeline.intake.merging import merge
from pipeline.intake.projects import read_project
from tests.cases import sample_builder, sample_data, voluntary_case, write_sample
from tests.check.followed import followed, item
from tests.check.reported import without

FORMS = load_forms()
MASTER, LIBRARY = "00_公司基础资料.xlsx", "09_资源库.xlsx"


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dormitory's folder with all its workbooks."""
    return write_sample(tmp_path_factory.mktemp("voluntary"), voluntary=True)


@pytest.mark.parametrize(
    ("name", "claimed"),
    [
        ("07_售前支持_LY-SQ-2026-015.xlsx", ["support"]),
        ("08_报价与投标.xlsx", ["bids"]),
        ("09_资源库.xlsx", ["library"]),
        ("10_工作日志_E203_2026-06.xlsx", ["worklog"]),
        ("10_会议.xlsx", []),
        ("07_会议纪要.xlsx", []),
        ("04_随便.xlsx", ["materials"]),
    ],
)
def test_a_file_that_only_has_the_number_of_a_voluntary_one_is_foreign(name: str, claimed: list[str]) -> None:
    assert [key for key, form in FORMS.items() if form.claimed_by(name)] == claimed


def test_a_set_of_blanks_has_what_every_project_needs() -> None:
    assert [form.no for form in due_forms(FORMS).values()] == ["00", "01", "02", "03", "04", "05", "06"]


def test_the_library_lies_beside_workbook_00(tmp_path: Path, given: Path) -> None:
    shutil.copy(given / MASTER, tmp_path)
    assert read_company(tmp_path / MASTER, FORMS).others == {}
    shutil.copy(given / LIBRARY, tmp_path)
    company = read_company(tmp_path / MASTER, FORMS)
    assert company.sheet("library", "library").find("code", "ZY-001")
    assert beside(tmp_path / MASTER) == [tmp_path / LIBRARY]


def test_a_library_that_cannot_be_read_stops_nobody(tmp_path: Path, given: Path) -> None:
    shutil.copy(given / MASTER, tmp_path)
    (tmp_path / LIBRARY).write_bytes(b"PK\x03\x04")
    company = read_company(tmp_path / MASTER, FORMS)
    assert company.others == {}
    assert list(company.unread) == [LIBRARY]
    case = replace(voluntary_case(), company=company)
    assert [(f.rule.code, f.at.workbook) for f in judge(case)[0]] == [("P533", LIBRARY)]


def test_another_form_under_the_name_of_the_library_is_said(tmp_path: Path, given: Path) -> None:
    shutil.copy(given / MASTER, tmp_path)
    shutil.copy(next(given.glob("02_*")), tmp_path / LIBRARY)
    assert "里面的不是这张表单" in read_company(tmp_path / MASTER, FORMS).unread[LIBRARY][0]


def test_a_library_among_a_projects_files_is_no_part_of_it(tmp_path: Path, given: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    shutil.copy(given / MASTER, tmp_path)
    for name in (LIBRARY, next(given.glob("02_*")).name):
        shutil.copy(given / name, project)
    found = read_project(project, read_company(tmp_path / MASTER, FORMS), FORMS, load_catalogue())
    assert set(found.project.workbooks) == {"plan"}
    assert [(v.verdict, "00 旁边" in v.message) for v in found.verdicts if LIBRARY in v.path] == [("ignored", True)]


def test_two_departments_fill_one_quotation() -> None:
    case = voluntary_case()
    book = case.project.workbooks["bids"]
    costs, prices = (_only(book, key, name) for key, name in (("unit_cost", "a.xlsx"), ("unit_price", "b.xlsx")))
    merged, conflicts = merge([costs, prices], FORMS["bids"], load_catalogue())
    assert conflicts == []
    rows = merged.sheets["quotation"].rows
    assert all(row.money("unit_cost") and row.money("unit_price") for row in rows)
    assert len(rows) == len(book.sheets["quotation"].rows)


def _only(book: Workbook, kept: str, name: str) -> Workbook:
    """The workbook of a department that knows only one of the two prices."""
    lost = {"unit_cost": ("unit_cost", "cost", "margin"), "unit_price": ("unit_price", "price", "margin")}
    gone = lost["unit_cost" if kept == "unit_price" else "unit_price"]
    old: Sheet = book.sheets["quotation"]
    rows = tuple(
        replace(row, cells={key: Cell(cell.at) if key in gone else cell for key, cell in row.cells.items()})
        for row in old.rows
    )
    return replace(book, name=name, sheets={**book.sheets, "quotation": replace(old, rows=rows)})


def test_the_quotation_is_rolled_up_from_what_the_contract_supplies() -> None:
    case = voluntary_case()
    lines = rolled_up("offered", case.project, case.company)
    supplied = [row for row in case.project.rows("materials", "lines") if row.text("scope") == "工程"]
    assert [line["no"] for line in lines] == [row.text("no") for row in supplied]
    assert {line["kind"] for line in lines} == {"产品", "软件"}
    assert lines[0]["amount"] == lines[0]["qty"] == "412"


def test_a_design_starts_from_the_survey_and_gives_the_scheme() -> None:
    case = voluntary_case()
    (known,) = rolled_up("inputs", case.project, case.company)
    assert (known["name"], known["version"], known["complete"]) == ("网络工程客户需求调查表", "V1.3", "是")
    unclear = followed(case, [item("I06", status="不明确")])
    lines = [(line["item"], line["complete"]) for line in rolled_up("inputs", unclear.project, unclear.company)]
    assert lines == [("", "否"), ("I06", "否")]
    (scheme,) = rolled_up("outputs", case.project, case.company)
    assert (scheme["name"], scheme["version"], scheme["by"]) == ("网络系统方案", "V1.1", "E203")
    assert rolled_up("outputs", Project("X", Path(), {}), case.company) == []
    assert rolled_up("inputs", Project("X", Path(), {}), case.company) == []


def test_the_quotation_is_added_up_with_its_cells() -> None:
    figures = all_figures(voluntary_case().project)
    price, ratio = figures["quotation", "price"], figures["quotation", "ratio"]
    assert (price.value, len(price.from_)) == (Decimal("920000.00"), 12)
    assert ratio.value == Decimal("137.58")
    assert ("quotation", "price") not in all_figures(Project("X", Path(), {}))


def test_without_them_nothing_is_said() -> None:
    case = without(voluntary_case(), "support", "bids")
    findings, _ = judge(replace(case, company=replace(case.company, others={})))
    assert findings == []


def test_logs_beside_workbook_00_are_nothing_that_a_project_depends_on(tmp_path: Path, given: Path) -> None:
    shutil.copy(given / MASTER, tmp_path)
    logs = sample_builder().write_logs(sample_data(), tmp_path)
    (tmp_path / "10_工作日志_E204_2026-06.xlsx").write_bytes(b"PK")
    assert beside(tmp_path / MASTER) == []
    company = read_company(tmp_path / MASTER, FORMS)
    assert (company.others, company.unread) == ({}, {})
    files = of_people(tmp_path / MASTER)
    books, unread = read_people(files, company, FORMS)
    assert [book.path for book in books] == logs
    assert list(unread) == ["10_工作日志_E204_2026-06.xlsx"]


def test_a_log_among_a_projects_files_is_no_part_of_it(tmp_path: Path, given: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    for name in ("00", "02"):
        shutil.copy(next(given.glob(f"{name}_*")), project)
    sample_builder().write_logs(sample_data(), project)
    company = read_company(project / MASTER, FORMS)
    found = read_project(project, company, FORMS, load_catalogue())
    assert list(found.project.workbooks) == ["plan"]
    assert {one.verdict for one in found.verdicts if "10_" in one.path} == {"company"}
