"""A department that workbook 00 renamed without its former name is known by who signed for it (rule F057)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from pipeline.check import references
from pipeline.check.case import Case
from pipeline.check.judge import judge
from pipeline.core.findings import Severity
from pipeline.derive.facts import derive
from pipeline.derive.former_names import cells_named, with_supposed_names
from tests.cases import DORM, TV, load_case
from tests.check.followed import Edit, followed, recorded, with_files
from tests.check.reported import cells, found_by, table
from tests.mastered import mastered

OLD, NEW, CODE = "商务采购部", "供应链管理部", "D05"


def renamed(case: Case, name: str = NEW, code: str = CODE) -> Case:
    """The case under a workbook 00 that calls a department otherwise, and says of no former name."""
    company = case.company
    offices = tuple(replace(one, name=name) if one.code == code else one for one in company.offices)
    company = replace(company, offices=offices, departments={one.code: one for one in offices})
    company = with_supposed_names(case.project, company)
    return replace(case, company=company, facts=derive(case.project, company, case.forms, case.as_of))


def told(case: Case) -> set[tuple[str, str]]:
    found = judge(with_files(case))[0]
    return table(one for one in found if not one.pending and one.rule.severity is not Severity.INFO)


def test_a_renamed_department_is_one_warning() -> None:
    case = renamed(load_case())
    assert case.company.supposed == ((OLD, CODE),)
    assert told(case) == {("费用明细!O7", "F057")}
    (finding,) = found_by([references.supposed_department], case)
    assert finding.message() == f"00的部门表里没有“{OLD}”;签字的都是{NEW}的人,按它的曾用名处理。"
    assert {"计划会签!A9", "合同评审意见!A17"} <= cells(finding)
    assert len(cells_named(case.project, OLD)) == len(finding.related) + 1


def test_nothing_is_supposed_where_all_names_are_known() -> None:
    case = load_case()
    assert with_supposed_names(case.project, case.company) is case.company
    assert found_by([references.supposed_department], case) == []


def slip(sheet: str, row: int) -> Edit:
    return recorded(sheet, row, dept="商务采购布")


def test_a_slip_of_the_pen_is_no_former_name() -> None:
    """The department's own name stands elsewhere in the project, once or twice makes no difference."""
    for edits in ([slip("countersign", 9)], [slip("countersign", 9), slip("creview", 17)]):
        case = followed(load_case(), edits)
        assert with_supposed_names(case.project, case.company).supposed == ()
        assert ("计划会签!A9", "F021") in told(case)


def test_people_of_several_departments_prove_nothing() -> None:
    case = followed(load_case(), [recorded("creview", 17, reviewer="E601")])
    assert renamed(case).company.supposed == ()
    assert ("计划会签!A9", "F021") in told(renamed(case))


def abolished(case: Case, until: date, code: str, head: str) -> Case:
    """Workbook 00 as the manual says: the row of the department ends, its head goes on in another one."""
    gone, begun = ({"dept_code": code}, {"valid_until": until}), date.fromordinal(until.toordinal() + 1)
    moved = {"emp_no": head, "dept_code": "D09", "entered": begun, "left": None}
    case = mastered("departments", gone)(case)
    case = mastered("persons", ({"emp_no": head}, {"left": until}), more=[moved])(case)
    company = with_supposed_names(case.project, case.company)
    return replace(case, company=company, facts=derive(case.project, company, case.forms, case.as_of))


@pytest.mark.parametrize("code", [DORM, TV])
@pytest.mark.parametrize(("dept", "head"), [("D04", "E401"), ("D05", "E501"), ("D06", "E601")])
def test_a_department_abolished_later_is_no_fault_of_the_records_before(code: str, dept: str, head: str) -> None:
    before = load_case(code=code)
    after = abolished(before, date(2026, 10, 1), dept, head)
    assert after.company.supposed == ()
    assert told(after) == told(before)
    assert after.facts.state == before.facts.state


def test_what_is_signed_for_a_department_that_is_gone_is_told() -> None:
    """Abolished before the countersigning: the row names a department of that day no more."""
    case = abolished(load_case(), date(2026, 5, 1), CODE, "E501")
    assert case.company.supposed == ()
    assert {("计划会签!A9", "F021"), ("合同评审意见!A17", "F021")} <= told(case)
    lines = [one for one in found_by([references.known_department], case) if one.at.sheet == "费用明细"]
    assert lines[0].message() == f"部门“{OLD}”在{case.facts.business_date}已撤销或还没有设立(00的部门表)。"


def test_who_was_renamed_and_moved_on_still_proves_the_former_name() -> None:
    """The signatures count by the department of their own day, not by that of today."""
    moved = {"emp_no": "E501", "dept_code": "D09", "entered": date(2026, 10, 2), "left": None}
    case = mastered("persons", ({"emp_no": "E501"}, {"left": date(2026, 10, 1)}), more=[moved])(load_case())
    assert renamed(case).company.supposed == ((OLD, CODE),)
