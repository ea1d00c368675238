from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from pipeline.core.company import Company, Parameter, normal_name
from pipeline.core.errors import DefinitionError
from tests.cases import load_case

DAY = date(2026, 3, 24)


@pytest.fixture(scope="module")
def company() -> Company:
    return load_case().company


def test_the_parameter_valid_on_the_day_counts(company: Company) -> None:
    rows = [
        Parameter("major_amount", "8000000", date(2026, 7, 1)),
        Parameter("major_amount", "5000000", None),
        Parameter("major_amount", "6000000", date(2025, 1, 1)),
    ]
    changed = replace(company, parameters=rows)
    assert changed.parameter("major_amount", date(2024, 12, 31)) == 5000000
    assert changed.parameter("major_amount", date(2026, 6, 30)) == 6000000
    assert changed.parameter("major_amount", date(2026, 7, 1)) == 8000000


def test_a_parameter_that_workbook_00_lacks_takes_its_default(company: Company) -> None:
    late = replace(company, parameters=[Parameter("min_margin", "14", date(2026, 7, 1))])
    assert (late.parameter("min_margin", DAY), late.parameter("min_margin", date(2026, 7, 1))) == (12, 14)
    assert late.lacking(DAY)["min_margin"] == "12"
    assert "min_margin" not in late.lacking(date(2026, 7, 1))
    assert late.text_parameter("lang", DAY) == "zh-CN"
    assert company.lacking(DAY) == {}


def test_a_parameter_that_nobody_knows_names_workbook_key_and_day(company: Company) -> None:
    with pytest.raises(DefinitionError, match=r"00_公司基础资料.*min_magrin.*2026-03-24"):
        company.parameter("min_magrin", DAY)


def test_a_parameter_that_is_no_number_is_named(company: Company) -> None:
    wrong = replace(company, parameters=[Parameter("min_margin", "约12", None)])
    with pytest.raises(DefinitionError, match=r"min_margin.*约12"):
        wrong.parameter("min_margin", DAY)
    assert wrong.text_parameter("min_margin", DAY) == "约12"


def test_day_rate_is_the_latest_one_valid_then(company: Company) -> None:
    start = date(2026, 1, 1)
    changed = replace(company, rates=[("L3", Decimal(1000), start), ("L3", Decimal(1100), date(2026, 7, 1))])
    assert changed.standard_rate("L3", DAY) == 1000
    assert changed.standard_rate("L3", date(2026, 7, 1)) == 1100
    assert changed.standard_rate("L3", date(2025, 12, 31)) is None
    assert changed.standard_rate("L9", DAY) is None


def test_countersigning_follows_class_and_software(company: Company) -> None:
    always = ["网络产品部", "网络工程部", "商务采购部", "财务部", "质量管理部"]
    rd = replace(company.departments["D04"], countersign="仅涉软件")
    software = replace(company, departments={**company.departments, "D04": rd})

    def signing(where: Company, project_class: str, *, modifies: bool) -> list[str]:
        return sorted(d.name for d in where.countersigning(project_class, modifies))

    assert signing(company, "一般项目", modifies=True) == sorted(always)
    assert signing(company, "重大项目", modifies=False) == sorted([*always, "研发中心"])
    assert signing(software, "重大项目", modifies=False) == sorted(always)
    assert signing(software, "一般项目", modifies=True) == sorted([*always, "研发中心"])


@pytest.mark.parametrize(("project_class", "steps"), [("一般项目", 2), ("重大项目", 5)])
def test_initiation_is_approved_step_by_step(company: Company, project_class: str, steps: int) -> None:
    chain = company.chain("立项", project_class, Decimal("920000"), DAY)
    assert [step.number for step in chain] == list(range(1, steps + 1))
    assert {step.project_class for step in chain} == {project_class}


def test_an_upper_limit_of_the_chain_is_not_included(company: Company) -> None:
    step = replace(company.steps[0], minimum=Decimal(0), maximum=Decimal(100), doc_type="X", project_class="不限")
    limited = replace(company, steps=[step])
    assert limited.chain("X", "一般项目", Decimal("99.99"), DAY)
    assert not limited.chain("X", "一般项目", Decimal(100), DAY)
    assert not limited.chain("Y", "一般项目", Decimal(1), DAY)


def test_people_and_departments(company: Company) -> None:
    assert company.name_of("E302") == "卢海峰"
    assert company.name_of("E999") == "E999"
    department = company.department_of("E302")
    assert department is not None
    assert department.name == "网络工程部"
    assert department.construction
    assert company.department_named("网络工程部") is department
    assert company.department_of("E999") is None
    assert company.department_named("没有这个部门") is None


@pytest.mark.parametrize(
    ("left", "right"),
    [("青岚台\uff08一期\uff09", "青岚台(一期)"), ("卢 海峰", "卢海峰"), ("A\u3000B", "AB"), ("\uff21\uff22", "AB")],
)
def test_names_compare_without_blanks_and_bracket_forms(left: str, right: str) -> None:
    assert normal_name(left) == normal_name(right)
