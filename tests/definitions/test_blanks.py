from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from pipeline.core.errors import UsageProblem
from pipeline.definitions.blanks import blank_path, numbered_forms, stale_blanks, write_log, write_set
from pipeline.definitions.forms import data_folder, load_forms
from pipeline.definitions.values import Master00, content_from_json
from pipeline.derive.worklog import logs_of
from pipeline.intake.gate import Refusal
from pipeline.intake.workbooks import open_file, read_workbook
from tests.cases import sample_data

DAY = date(2026, 11, 23)
HEAD = {"project_code": "LY-SQ-2026-031", "project_name": "澄江医院“智慧病房”网络 & 布线"}


def master() -> Master00:
    return Master00(content_from_json(load_forms()["master"], sample_data()["master"]).sheets)


def test_the_committed_blanks_are_what_the_definitions_give() -> None:
    assert stale_blanks(load_forms().values(), data_folder("input_templates")) == []


def test_a_touched_or_missing_blank_is_named(tmp_path: Path) -> None:
    forms = load_forms()
    cost, staffing = forms["cost"], forms["staffing"]
    for form in (cost, staffing):
        shutil.copy(blank_path(form, data_folder("input_templates")), tmp_path)
    blank_path(staffing, tmp_path).unlink()
    assert stale_blanks([cost, staffing], tmp_path) == [blank_path(staffing, tmp_path)]
    book = openpyxl.load_workbook(blank_path(cost, tmp_path))
    book.save(blank_path(cost, tmp_path))
    assert blank_path(cost, tmp_path) in stale_blanks([cost, staffing], tmp_path)


def test_a_set_for_a_project_carries_code_and_name_everywhere(tmp_path: Path) -> None:
    forms = {key: form for key, form in load_forms().items() if key in {"master", "plan", "cost"}}
    paths = write_set(forms, tmp_path / "neu", HEAD, master(), DAY)
    assert [path.name for path in paths] == [
        "02_项目计划基本信息_LY-SQ-2026-031.xlsx",
        "03_项目费用计划明细表_LY-SQ-2026-031.xlsx",
    ]
    for path in paths:
        opened = open_file(path, forms)
        assert not isinstance(opened, Refusal)
        assert opened.form is not None
        assert opened.meta["project_code"] == HEAD["project_code"]
        assert opened.meta["generated_at"] == "2026-11-23"
        for sheet in read_workbook(opened, opened.form, {}).sheets.values():
            assert sheet.stamp.text("project_code") == HEAD["project_code"]
            assert sheet.stamp.text("project_name") == HEAD["project_name"]


def test_what_is_known_from_the_start_stands_in_the_survey_too(tmp_path: Path) -> None:
    forms = {key: form for key, form in load_forms().items() if key in {"survey", "plan"}}
    basics = {"customer_name": "澄江医院", "sales_rep": "E102"}
    survey, plan = write_set(forms, tmp_path / "neu", HEAD, master(), DAY, basics)
    rows = openpyxl.load_workbook(survey)["调查表"].iter_rows(min_row=7, values_only=True)
    answers = {row[0]: row[4] for row in rows if row[4]}
    assert answers == {"A01": "澄江医院", "A13": "E102 许知行", "B01": HEAD["project_name"]}
    labelled = {row[0]: row[2] for row in openpyxl.load_workbook(plan)["基本信息"].iter_rows(values_only=True)}
    assert (labelled["customer_name"], labelled["sales_rep"]) == ("澄江医院", "E102 许知行")


def test_the_months_of_a_set_begin_with_its_day(tmp_path: Path) -> None:
    cost = load_forms()["cost"]
    (path,) = write_set({"cost": cost}, tmp_path, HEAD, master(), DAY)
    rows = openpyxl.load_workbook(path)["汇总"].iter_rows(min_row=7, max_col=2, values_only=True)
    months = [code for dim, code in rows if dim == "月份"]
    assert months[:3] == ["2026-11", "2026-12", "2027-01"]
    assert len(months) == 18


def test_a_set_overwrites_nothing(tmp_path: Path) -> None:
    forms = {key: form for key, form in load_forms().items() if key in {"cost", "staffing"}}
    there = tmp_path / "05_项目人员需求一览表_LY-SQ-2026-031.xlsx"
    there.write_bytes(b"filled in by somebody")
    with pytest.raises(UsageProblem, match=r"05_.*不覆盖"):
        write_set(forms, tmp_path, HEAD, master(), DAY)
    assert there.read_bytes() == b"filled in by somebody"
    assert list(tmp_path.iterdir()) == [there]  # nothing half written beside it


def test_without_a_code_workbook_00_belongs_to_the_set(tmp_path: Path) -> None:
    forms = {key: form for key, form in load_forms().items() if key in {"master", "staffing"}}
    paths = write_set(forms, tmp_path, {}, Master00({}), DAY)
    assert [path.name for path in paths] == ["00_公司基础资料.xlsx", "05_项目人员需求一览表_空白.xlsx"]


def test_the_log_of_a_person_and_month_says_so_in_its_name_and_on_top(tmp_path: Path) -> None:
    form = load_forms()["worklog"]
    path = write_log(form, tmp_path / "neu", "E203", "2026-06", master(), DAY)
    assert path.name == "10_工作日志_E203_2026-06.xlsx"
    opened = open_file(path, load_forms())
    assert not isinstance(opened, Refusal)
    assert opened.form is not None
    (log,) = logs_of([read_workbook(opened, opened.form, {})])
    assert (log.emp_no, log.month) == log.named == ("E203", "2026-06")
    with pytest.raises(UsageProblem, match="不覆盖"):
        write_log(form, tmp_path / "neu", "E203", "2026-06", master(), DAY)


@pytest.mark.parametrize("month", ["2026-13", "六月", "2026-6"])
def test_a_month_that_is_none_writes_nothing(tmp_path: Path, month: str) -> None:
    with pytest.raises(UsageProblem, match="2026-06"):
        write_log(load_forms()["worklog"], tmp_path, "E203", month, master(), DAY)
    assert list(tmp_path.iterdir()) == []


def test_forms_are_chosen_by_their_number() -> None:
    assert list(numbered_forms(load_forms(), ["09", "10"])) == ["library", "worklog"]
    with pytest.raises(UsageProblem, match="11"):
        numbered_forms(load_forms(), ["11"])
