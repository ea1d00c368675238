"""What is written into copies, what is left alone, and that the copies check as if people had typed it."""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner

from pipeline.check.judge import judge
from pipeline.cli.forms import forms as forms_command
from pipeline.core.errors import UsageProblem
from pipeline.core.findings import Finding
from pipeline.definitions.blanks import write_set
from pipeline.definitions.forms import load_forms
from pipeline.derive.formulas import master_columns
from pipeline.derive.known import known
from pipeline.intake.company import read_company
from pipeline.project_run.prefill import Prefilled, prefill
from tests.cases import AS_OF, DORM, load_case, read_case, sample_data, write_sample

D = Decimal
ROLLED_UP = ("1001", "1002", "1003", "1004", "1005", "1006", "2001")
COPIED = ("planned_total_cost", "presales_budget", "engineering_estimate", "materials_total", "total_person_days")


def cleared() -> list[dict[str, Any]]:
    """The edits that take out of the sample everything that people copied from one workbook into another."""
    project = next(p for p in sample_data()["projects"] if p["code"] == DORM)["workbooks"]
    base = {"op": "set", "value": None}
    plan = [{**base, "workbook": "plan", "sheet": "basics", "field": field} for field in COPIED]
    plan += [
        {**base, "workbook": "plan", "sheet": "stages", "match": {"code": row["code"]}, "field": field}
        for row in project["plan"]["stages"]
        for field in ("person_days", "budget")
    ]
    heads = [
        {**base, "workbook": form, "part": "head", "sheet": "_head", "field": field}
        for form in ("cost", "materials", "staffing")
        for field in ("project_code", "project_name", "version")
    ]
    lines = [
        {"op": "delete_row", "workbook": "cost", "sheet": "lines", "match": {"acc": acc}}
        for acc in {row["acc"] for row in project["cost"]["lines"]} & set(ROLLED_UP)
    ]
    pages = [
        {**base, "workbook": "records", "sheet": "handover", "match": {"doc_name": row["doc_name"]}, "field": "pages"}
        for row in project["records"]["handover"]["rows"]
        if any("附件/" in str(file) for file in row["file"] or ())
    ]
    beside = [
        {**base, "workbook": "records", "sheet": sheet, "field": field}
        for sheet, fields in (("countersign", ("total", "margin")), ("application", ("total", "margin", "amount")))
        for field in fields
    ]
    return [*plan, *heads, *lines, *pages, *beside]


def filled(folder: Path, out: Path) -> Prefilled:
    return prefill(folder, out, None, None, AS_OF)


def checked(originals: Path, copies: Path, into: Path) -> list[Finding]:
    """Findings of the project with the copies in the place of the originals."""
    shutil.copytree(originals, into)
    for path in copies.glob("*.xlsx"):
        shutil.copyfile(path, into / path.name)
    return judge(read_case(into))[0]


def hashes(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.xlsx")}


@pytest.fixture(scope="module")
def emptied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sample(tmp_path_factory.mktemp("emptied"), cleared(), DORM)


@pytest.fixture(scope="module")
def done(emptied: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Prefilled, dict[str, str]]:
    """The copies, what was said, and the hashes of the originals before."""
    before = hashes(emptied)
    out = tmp_path_factory.mktemp("out")
    return out, filled(emptied, out), before


def sheet_of(folder: Path, no: str, name: str, *, formulas: bool = False) -> Any:
    return openpyxl.load_workbook(next(folder.glob(f"{no}_*.xlsx")), data_only=not formulas)[name]


def test_the_originals_stay_as_they_are(emptied: Path, done: tuple[Path, Prefilled, dict[str, str]]) -> None:
    assert hashes(emptied) == done[2]


def test_nothing_was_in_the_way(done: tuple[Path, Prefilled, dict[str, str]]) -> None:
    assert done[1].told == ()
    written = {path.name[:2]: count for path, count in done[1].files.items()}
    assert written["02"] > 10
    assert written["03"] > 50
    assert written["04"] == 3


def test_copies_check_as_the_sample_that_people_typed(
    emptied: Path, done: tuple[Path, Prefilled, dict[str, str]], tmp_path: Path
) -> None:
    """The cross-check stays: had a wrong sum been written, X203-X212 would say so."""
    before = {f.rule.code for f in judge(read_case(emptied))[0] if f.blocks}
    assert "F058" in before
    after = checked(emptied, done[0], tmp_path / "case")
    assert [(f.rule.code, str(f.at)) for f in after if not f.pending and f.rule.severity != "info"] == []


def test_roll_up_lines_stand_in_prepared_rows_with_what_their_formulas_give(
    done: tuple[Path, Prefilled, dict[str, str]],
) -> None:
    shown, formulas = (sheet_of(done[0], "03", "费用明细", formulas=f) for f in (False, True))
    rows = [row for row in shown.iter_rows(min_row=7, max_row=106, values_only=True) if row[1] in ROLLED_UP]
    assert {row[1] for row in rows} >= {"1001", "2001"}
    labour = next(row for row in rows if row[1] == "2001" and row[5] == "S1")
    assert labour[3].startswith("S1人工费,")
    assert (labour[6], labour[7], labour[14]) == (1, "项", "相关部门")
    assert labour[10] == labour[8] > 0  # the amount, calculated
    assert labour[2] == "人工费"  # the name, looked up
    number = next(cell.row for cell in shown["B"] if cell.value == "2001")
    assert str(formulas.cell(number, 11).value).startswith("=")
    assert formulas.cell(number, 9).fill.fgColor.rgb[-6:] == "DDEBF7"
    total = next(cell.row for cell in shown["A"] if cell.value == "合计")
    assert shown.cell(total, 11).value == sum(r[10] for r in shown.iter_rows(7, 106, values_only=True) if r[10])
    assert str(formulas.cell(total, 11).value).startswith("=")


def test_sums_of_the_plan_follow_from_the_lines_just_written(done: tuple[Path, Prefilled, dict[str, str]]) -> None:
    basics = {row[0]: row[2] for row in sheet_of(done[0], "02", "基本信息").iter_rows(values_only=True) if row[0]}
    total = next(row[10] for row in sheet_of(done[0], "03", "费用明细").iter_rows(values_only=True) if row[0] == "合计")
    assert basics["planned_total_cost"] == total
    assert basics["total_person_days"] > 0


def test_what_the_pipeline_writes_into_untouched_records_is_no_step_that_was_begun(tmp_path: Path) -> None:
    """Workbook 06 is blank but for the versions that are known: nobody has applied, nobody has reviewed."""
    sheets = [sheet.key for sheet in load_forms()["records"].sheet]
    nothing = [{"op": "clear_sheet", "workbook": "records", "sheet": key} for key in sheets]
    folder = write_sample(tmp_path / "blank", nothing, DORM)
    said = {(f.rule.code, str(f.at)) for f in judge(read_case(folder))[0]}
    filled(folder, tmp_path / "out")
    after = {(f.rule.code, str(f.at)) for f in checked(folder, tmp_path / "out", tmp_path / "case")}
    application = sheet_of(tmp_path / "out", "06", "立项申请")
    written = {row[0]: row[2] for row in application.iter_rows(values_only=True)}
    assert (written["att_plan"], written["total"], written["margin"]) == ("A/0", 712346, 21.69)
    assert after <= said


def test_what_stands_beside_a_plan_version_is_written_only_for_the_version_at_hand() -> None:
    """The figures of A/1 are not what was countersigned as A/0."""
    for version, expected in (("A/0", D("712346.00")), ("A/1", None)):
        case = load_case()
        row = case.project.rows("records", "countersign")[0]
        row = replace(row, cells={**row.cells, "plan_version": replace(row.cell("plan_version"), value=version)})
        assert known("version.plan_version.total", case.project, case.facts, row) == expected
    application = case.project.head("records", "application")
    found = [
        known(f"version.att_plan.{figure}", case.project, case.facts, application) for figure in ("margin", "amount")
    ]
    assert found == [D("21.69"), D("920000.00")]


def test_only_the_cells_that_were_filled_or_follow_have_changed(
    emptied: Path, done: tuple[Path, Prefilled, dict[str, str]]
) -> None:
    """Drop-downs, protection, comments and print settings lie in parts and elements that nobody touches."""
    name = next(emptied.glob("03_*.xlsx")).name
    with zipfile.ZipFile(emptied / name) as old, zipfile.ZipFile(done[0] / name) as new:
        gone = set(old.namelist()) - set(new.namelist())
        same = {n for n in old.namelist() if n in new.namelist() and old.read(n) == new.read(n)}
    assert gone <= {"xl/calcChain.xml"}
    assert {n for n in same if "comments" in n or "drawing" in n or "sharedStrings" in n}


def test_what_staff_filled_is_left_and_said(tmp_path: Path) -> None:
    other = {"op": "set", "workbook": "plan", "sheet": "basics", "field": "materials_total", "value": "1.00"}
    wrong = {"op": "set", "workbook": "cost", "sheet": "lines", "match": {"acc": "2001", "stage": "S1"}}
    edits = [other, {**wrong, "field": "unit_price", "value": "5.00"}]
    folder = write_sample(tmp_path / "in", edits, DORM)
    done = filled(folder, tmp_path / "out")
    said = [str(told) for told in done.told]
    assert any("基本信息!C" in text and "已填“1”" in text for text in said)
    assert any("费用明细!K" in text and "已填5" in text for text in said)
    kept = sheet_of(tmp_path / "out", "02", "基本信息")
    assert 1 in [row[2] for row in kept.iter_rows(values_only=True)]


def test_a_second_run_finds_nothing_to_do(done: tuple[Path, Prefilled, dict[str, str]], tmp_path: Path) -> None:
    master = next((Path(__file__).parents[2] / "samples").glob("*/00_*.xlsx"))
    again = prefill(done[0], tmp_path / "again", master, None, AS_OF)
    assert sum(count for path, count in again.files.items() if path.name[:2] != "06") == 0


def test_a_sample_that_is_complete_gets_only_its_hashes(tmp_path: Path) -> None:
    folder = write_sample(tmp_path / "in", (), DORM)
    done = filled(folder, tmp_path / "out")
    assert done.told == ()
    assert {path.name[:2] for path, count in done.files.items() if count} == {"06"}
    found = checked(folder, tmp_path / "out", tmp_path / "case")
    clean = judge(read_case(folder))[0]
    assert {(f.rule.code, str(f.at)) for f in found} == {(f.rule.code, str(f.at)) for f in clean}
    told = [text for row in sheet_of(tmp_path / "out", "06", "移交清单").iter_rows(values_only=True) for text in row]
    assert any(str(text).startswith("SHA-256 ") and len(str(text)) == 72 for text in told)


def test_a_project_that_begins_with_blanks_checks_cleanly(tmp_path: Path) -> None:
    """Only 02 carries code and name; the other heads are filled from it, and nothing else is made up."""
    forms = load_forms()
    sample = write_sample(tmp_path / "sample", (), DORM)
    company = read_company(next(sample.glob("00_*.xlsx")), forms)
    start = tmp_path / "start"
    head = {"project_code": DORM, "project_name": "学生宿舍无线覆盖"}
    for name, values in (("named", head), ("bare", {})):
        write_set(forms, tmp_path / name, values, master_columns(company), date(2026, 1, 5))
    start.mkdir()
    for form in ("01", "03", "04", "05", "06"):
        shutil.copy(next((tmp_path / "bare").glob(f"{form}_*.xlsx")), start)
    for no, source in (("02", tmp_path / "named"), ("00", sample)):
        shutil.copy(next(source.glob(f"{no}_*.xlsx")), start)
    done = filled(start, tmp_path / "out")
    assert done.told == ()
    shutil.copy(next(sample.glob("00_*.xlsx")), tmp_path / "out")
    found = judge(read_case(tmp_path / "out"))[0]
    assert [(f.rule.code, str(f.at), f.message()) for f in found if f.blocks] == []
    assert sheet_of(tmp_path / "out", "05", "人员需求").cell(2, 1).value is not None


def test_the_command(tmp_path: Path) -> None:
    folder = write_sample(tmp_path / "in", (), DORM)
    run = CliRunner().invoke(forms_command, ["prefill", str(folder), "--as-of", "2026-11-23"])
    assert run.exit_code == 0, run.output
    assert "预填/06_过程记录" in run.output
    with pytest.raises(UsageProblem, match="文件已存在"):
        filled(folder, folder / "预填")
    with pytest.raises(UsageProblem):
        prefill(tmp_path / "nothing", tmp_path / "out", None, None, AS_OF)
