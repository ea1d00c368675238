from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from pipeline.core.company import Parameter
from pipeline.core.errors import DefinitionError
from pipeline.derive.classification import classify, modifies_software
from tests.cases import DORM, TV, expected, load_case
from tests.derive.drawn import ERROR, project

DAY = date(2026, 3, 24)
COMPANY = load_case().company


def basics(amount: Any = 920000, mature: Any = "有", modify: Any = "否") -> dict[str, Any]:
    return {"contract_amount": amount, "mature_case": mature, "rd_modify": modify}


def survey(mature: str | None = None, modify: str | None = None) -> list[dict[str, Any]]:
    return [{"no": "B15", "value": mature}, {"no": "B17", "value": modify}]


@pytest.mark.parametrize("code", [TV, DORM])
def test_class_of_the_samples(code: str) -> None:
    facts, wanted = load_case(code=code).facts, expected(code)
    assert facts.project_class is not None
    assert facts.project_class.value == wanted["class"]
    assert list(facts.class_because) == wanted["class_because"]
    assert len(facts.class_reasons) == 3
    assert [str(cell.sheet) for cell in facts.project_class.from_] == ["基本信息"] * 3 + ["调查表"] * 2


@pytest.mark.parametrize(
    ("plan", "answers", "project_class", "because"),
    [
        (basics(), survey(), "一般项目", ()),
        (basics(4999999.99), survey(), "一般项目", ()),
        (basics(5000000), survey(), "重大项目", ("amount",)),  # 以上 includes the number itself
        (basics(mature="无"), survey(), "重大项目", ("mature_case",)),
        (basics(modify="是"), survey(), "重大项目", ("rd_modify",)),
        (basics(), survey("无"), "重大项目", ("mature_case",)),  # the stricter answer counts
        (basics(), survey("有", "是"), "重大项目", ("rd_modify",)),
        (basics(6400000, "无", "是"), survey(), "重大项目", ("amount", "mature_case", "rd_modify")),
    ],
)
def test_any_one_test_makes_a_major_project(
    plan: dict[str, Any], answers: list[dict[str, Any]], project_class: str, because: tuple[str, ...]
) -> None:
    found = classify(project(plan_basics=plan, survey_items=answers), COMPANY, DAY)
    assert found is not None
    assert (found.project_class.value, found.because) == (project_class, because)


def test_reasons_say_each_test_with_the_threshold() -> None:
    found = classify(project(plan_basics=basics(5000000, modify="是")), COMPANY, DAY)
    assert found is not None
    assert found.reasons == ("合同额 5,000,000.00 元≥5,000,000.00 元", "有成熟案例", "需研发中心修改软件")


@pytest.mark.parametrize("plan", [basics(None), basics(ERROR), basics(mature=None), basics(modify=None), {}])
def test_while_an_input_is_missing_there_is_no_class(plan: dict[str, Any]) -> None:
    assert classify(project(plan_basics=plan), COMPANY, DAY) is None


def test_the_threshold_of_the_day_counts() -> None:
    rows = [Parameter("major_amount", "5000000", None), Parameter("major_amount", "900000", date(2026, 7, 1))]
    company = replace(COMPANY, parameters=rows)
    drawn = project(plan_basics=basics(920000))
    before, after = (classify(drawn, company, day) for day in (date(2026, 6, 30), date(2026, 7, 1)))
    assert before is not None
    assert after is not None
    assert (before.project_class.value, after.project_class.value) == ("一般项目", "重大项目")


def test_a_threshold_that_workbook_00_lacks_is_the_definitions() -> None:
    drawn = project(plan_basics=basics(5000000))
    assert classify(drawn, replace(COMPANY, parameters=[]), DAY) == classify(drawn, COMPANY, DAY)


def test_a_threshold_that_is_no_number_is_the_companys_mistake() -> None:
    wrong = replace(COMPANY, parameters=[Parameter("major_amount", "五百万", None)])
    with pytest.raises(DefinitionError, match=r"major_amount.*五百万"):
        classify(project(plan_basics=basics()), wrong, DAY)


def test_software_is_modified_when_either_says_so() -> None:
    assert modifies_software(project(plan_basics=basics(modify="是")))
    assert modifies_software(project(survey_items=survey(modify="是")))
    assert not modifies_software(project(plan_basics=basics()))
    assert not modifies_software(project())
