from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.core.facts import Facts
from pipeline.core.sheets import Project
from pipeline.definitions.blanks import blank_path
from pipeline.definitions.forms import data_folder, load_forms
from pipeline.derive.facts import derive
from pipeline.intake.gate import Refusal
from pipeline.intake.projects import read_project
from pipeline.intake.workbooks import open_file
from tests.cases import AS_OF, DORM, TV, expected, load_case
from tests.derive.drawn import part_of_sample

PLAN = ("survey", "plan", "cost", "materials", "staffing")


def cut(keys: Sequence[str], code: str = DORM) -> Facts:
    """Facts of a sample of which only some workbooks are there."""
    case = load_case(code=code)
    project = replace(case.project, workbooks={key: case.project.workbooks[key] for key in keys})
    return derive(project, case.company, case.forms, AS_OF)


@pytest.mark.parametrize("code", [TV, DORM])
@pytest.mark.parametrize(("name", "keys"), [("01", ("survey",)), ("01-05", PLAN)])
def test_the_state_follows_from_what_is_there(code: str, name: str, keys: Sequence[str]) -> None:
    wanted = next(step["state"] for step in expected(code)["states_by_cut"] if step["cut"] == name)
    assert cut(keys, code).state == wanted


def test_a_survey_without_a_version_is_a_draft() -> None:
    facts = part_of_sample([{"op": "clear_sheet", "workbook": "survey", "sheet": "versions"}], "survey").facts
    assert (facts.state, facts.next_gate) == ("草稿", "客户需求调查(6.1)")
    assert "调查表“版本与确认”至少一行" in facts.missing
    assert facts.survey is not None
    assert facts.survey.version == ""


@pytest.fixture
def blank_survey(tmp_path: Path) -> Project:
    """A project with nothing but the survey as it is handed out."""
    forms, case = load_forms(), load_case()
    path = tmp_path / "01_客户需求调查表_.xlsx"
    path.write_bytes(blank_path(forms["survey"], data_folder("input_templates")).read_bytes())
    assert not isinstance(open_file(path, forms), Refusal)
    return read_project(tmp_path, case.company, forms, case.rules).project


def test_the_blank_survey_is_a_draft_that_wants_its_version(blank_survey: Project) -> None:
    case = load_case()
    facts = derive(blank_survey, case.company, case.forms, AS_OF)
    assert (facts.state, facts.next_gate) == ("草稿", "客户需求调查(6.1)")
    assert facts.missing == ("调查表“版本与确认”至少一行",)
    assert not {"survey", "plan"} & set(facts.passed)


def test_the_plan_wants_every_item_of_the_survey(blank_survey: Project) -> None:
    """6.2.1, note: a survey with a version and no answer passes its own gate, yet no item may stay blank."""
    case = load_case()
    book = blank_survey.workbooks["survey"]
    sheets = {**book.sheets, "versions": case.project.sheet("survey", "versions")}
    project = replace(blank_survey, workbooks={"survey": replace(book, sheets=sheets)})
    facts = derive(project, case.company, case.forms, AS_OF)
    blank = [text for text in facts.missing if text.startswith("调查表空项")]
    always = [i.no for i in case.forms["survey"].sheet_form("items").items if i.required == "Y" and i.applies == "ALL"]
    assert (facts.state, facts.next_gate) == ("调查中", "编制项目计划(6.3.1)")
    assert blank == [f"调查表空项 {no}" for no in always]
    assert "survey" in facts.passed
    assert "plan" not in facts.passed


def test_nothing_at_all_is_a_draft_that_names_the_survey() -> None:
    facts = cut(())
    assert facts.state == "草稿"
    assert facts.survey is None
    assert facts.project_class is None
    assert facts.next_gate == "客户需求调查(6.1)"
    assert facts.missing == ("缺少工作簿 01《网络工程客户需求调查表》",)
    assert not {"survey", "plan"} & set(facts.passed)


def test_after_the_survey_the_plan_is_missing() -> None:
    facts = cut(("survey",))
    assert facts.next_gate == "编制项目计划(6.3.1)"
    assert facts.missing == (
        "缺少工作簿 02《项目计划基本信息》",
        "缺少工作簿 03《项目费用计划明细表》",
        "缺少工作簿 04《项目所需物资明细表》",
        "缺少工作簿 05《项目人员需求一览表》",
    )


def test_a_plan_without_its_date_is_still_being_surveyed() -> None:
    blank = {"op": "set", "workbook": "plan", "sheet": "basics", "field": "author_date", "value": None}
    facts = part_of_sample([blank], *PLAN).facts
    assert facts.state == "调查中"
    assert facts.missing == ("《项目计划基本信息》编制日期",)


@pytest.mark.parametrize("code", [TV, DORM])
def test_the_plan_waits_for_those_who_must_countersign(code: str) -> None:
    facts = cut(PLAN, code)
    wanted = expected(code)["countersign_depts"]
    assert facts.next_gate == "部门会签(6.3.2)"
    assert facts.countersigners == tuple(wanted)
    assert facts.missing == tuple(f"计划会签：{name}" for name in wanted)


def test_a_plan_is_a_plan_though_workbooks_are_missing() -> None:
    """The state follows its date; the next gate is the first that still wants something."""
    alone, surveyed = cut(("plan",)), cut(("survey", "plan"))
    assert alone.state == surveyed.state == "计划编制"
    assert alone.next_gate == "客户需求调查(6.1)"
    assert alone.missing == ("缺少工作簿 01《网络工程客户需求调查表》",)
    assert not {"survey", "plan"} & set(alone.passed)
    assert surveyed.next_gate == "编制项目计划(6.3.1)"
    assert surveyed.missing == tuple(
        f"缺少工作簿 {load_forms()[key].no}《{load_forms()[key].name}》" for key in PLAN[2:]
    )
