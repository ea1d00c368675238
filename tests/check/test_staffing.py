from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from pipeline.check import references, staffing
from pipeline.check.case import Case
from pipeline.core.sheets import Value
from tests.cases import DORM, TV, load_case
from tests.check.followed import Edit
from tests.check.reported import cells, found_by, retyped, table, typed_in, without
from tests.mastered import mastered

D = Decimal


def line(no: int, **fields: object) -> list[dict[str, object]]:
    return typed_in("staffing", "lines", {"no": no}, **fields)


@pytest.mark.parametrize("code", [TV, DORM])
def test_clean_sample_is_silent(code: str) -> None:
    assert found_by(staffing.CHECKS, load_case(code=code)) == []


def test_rules_of_a_row_at_their_cells() -> None:
    case = load_case(
        [
            *line(1, start="2026-05-15"),  # S1 begins on 05-18
            *line(3, end="2026-06-13"),  # S2 ends on 06-12
            *line(7, plan_days="4"),  # 3 days available, slack 0.5
            *line(9, day_rate="1299.00"),
            *line(8, emp_no="E203", start="2026-07-01"),  # 80 % in S3 and 60 % here
        ]
    )
    assert table(found_by(staffing.CHECKS, case)) == {
        ("人员需求!I7", "W160"),
        ("人员需求!J9", "W160"),
        ("人员需求!I14", "W160"),
        ("人员需求!M13", "W161"),
        ("人员需求!N14", "W163"),  # E203 is L3: 1000 a day
        ("人员需求!N15", "W163"),
        ("人员需求!L14", "W166"),
    }


def test_m08_stage_that_ends_early() -> None:
    """M08: S3 ends before it starts; its staffing rows fall outside."""
    case = load_case(typed_in("plan", "stages", {"code": "S3"}, end="2026-06-03"))
    findings = found_by(staffing.CHECKS, case)
    assert table(findings) == {("人员需求!J10", "W160"), ("人员需求!J11", "W160"), ("人员需求!J12", "W160")}
    assert cells(findings[0]) == {"人员需求!I10", "阶段计划!D9", "阶段计划!E9"}


def test_m22_team_without_site_engineer() -> None:
    """M22: both rows of the construction department's engineer go to a presales engineer."""
    case = load_case([*line(6, emp_no="E204"), *line(10, emp_no="E204")])
    assert table(found_by([staffing.construction_engineer], case)) == {("人员需求", "W165")}


def test_m24_more_days_than_there_are() -> None:
    """M24: 26 person-days in 20 working days."""
    where = {"emp_no": "E305", "stage": "G2"}
    case = load_case(typed_in("staffing", "lines", where, plan_days=26, amount="14000.00"))
    (finding,) = found_by(staffing.CHECKS, case)
    assert table([finding]) == {("人员需求!M17", "W161")}
    assert finding.message() == "第17行计划人天26超过可用20(工作日×投入比例)。"
    assert finding.remedy() == "减少人天、提高投入比例或延长时间。"


def test_a_share_written_as_a_fraction_is_said_to_look_like_one() -> None:
    case = retyped(load_case(), "staffing", "lines", 13, alloc=D("0.3"))
    (finding,) = [f for f in found_by(staffing.CHECKS, case) if f.rule.code == "W161"]
    assert finding.remedy().startswith("投入比例0.3像是写成了小数:30%写30,先改它。")
    assert "write 30 for 30 %" in finding.remedy("en")


def test_m05_software_without_research() -> None:
    """M05: the survey says that software must be changed."""
    case = load_case(typed_in("survey", "items", {"no": "B17"}, value="是"))
    (finding,) = found_by(staffing.CHECKS, case)
    assert table([finding]) == {("人员需求", "W167")}
    item = case.item("B17")
    assert item
    assert {item.at("value"), case.project.head("plan", "basics").at("rd_modify")} == set(finding.related)


@pytest.mark.parametrize(
    ("row", "fields"),
    [
        pytest.param(7, {"start": date(2026, 5, 18)}, id="W160 first day of S1"),
        pytest.param(7, {"start": date(2020, 1, 1), "stage": "S9"}, id="W160 stage unknown (X216)"),
        pytest.param(7, {"start": None, "end": None}, id="W160 unreadable"),
        pytest.param(13, {"plan_days": D("3.5")}, id="W161 within the slack"),
        pytest.param(13, {"plan_days": D(99), "alloc": None}, id="W161 share unreadable"),
        pytest.param(7, {"day_rate": D(1200), "rate_reason": "特聘专家"}, id="W163 with a reason"),
        pytest.param(7, {"day_rate": D(1200), "grade": None}, id="W163 grade unknown"),
        pytest.param(12, {"core": "否"}, id="W165 another one is left"),
        pytest.param(11, {"emp_no": "待定"}, id="W166 undecided"),
    ],
)
def test_silent(row: int, fields: dict[str, Value | None]) -> None:
    assert found_by(staffing.CHECKS, retyped(load_case(), "staffing", "lines", row, **fields)) == []


def test_rate_is_that_of_the_first_day() -> None:
    """The rate card of 2025 counts for a row that begins in 2025."""
    old = retyped(load_case(), "staffing", "lines", 7, start=date(2025, 12, 31), end=date(2025, 12, 31), alloc=D(100))
    old = retyped(old, "staffing", "lines", 7, plan_days=D(1), stage="")
    (finding,) = found_by(staffing.CHECKS, old)
    assert finding.message() == "第7行人天单价1,000.00与L3标准950.00不同且无说明。"
    assert found_by(staffing.CHECKS, retyped(old, "staffing", "lines", 7, day_rate=D(950))) == []


DEARER = D(100)


def dearer(case: Case, since: date) -> Case:
    """Workbook 00 with a rate card that is valid later and dearer for every grade."""
    now = {grade: rate for grade, rate, _ in sorted(case.company.rates, key=lambda one: one[2])}
    more = [(grade, rate + DEARER, since) for grade, rate in now.items()]
    return replace(case, company=replace(case.company, rates=(*case.company.rates, *more)))


def test_a_rate_card_of_after_the_plan_takes_nothing_back() -> None:
    """The plan is of 2026-05-29, its last rows begin in August and September; the project is archived."""
    later = dearer(load_case(), date(2026, 9, 1))
    assert found_by([staffing.standard_rate], later) == []
    known = retyped(later, "staffing", "lines", 18, day_rate=D(700) + DEARER)  # announced when the plan was made
    assert found_by([staffing.standard_rate], known) == []
    (finding,) = found_by([staffing.standard_rate], retyped(later, "staffing", "lines", 18, day_rate=D(750)))
    assert finding.message() == "第18行人天单价750.00与L2标准700.00不同且无说明。"


def test_a_plan_made_anew_has_the_rate_card_of_its_own_day() -> None:
    later = dearer(load_case(), date(2026, 8, 1))
    anew = replace(later, facts=replace(later.facts, business_date=date(2026, 8, 3)))
    assert table(found_by([staffing.standard_rate], anew)) == {("人员需求!N17", "W163"), ("人员需求!N18", "W163")}


def moved(on: date) -> Edit:
    """The site engineer goes to the sales department; workbook 00 has a second row of him."""
    before = {"left": on - timedelta(days=1)}
    after = {"emp_no": "E302", "dept_code": "D01", "entered": on}
    return mastered("persons", ({"emp_no": "E302"}, before), more=[after])


def test_a_move_of_after_the_plan_takes_nothing_back() -> None:
    """W165, F021: who was there when the plan was made was rightly planned."""
    checks = [staffing.construction_engineer, references.known_department]
    assert found_by(checks, moved(date(2026, 6, 10))(load_case())) == []
    early = table(found_by(checks, moved(date(2026, 5, 11))(load_case())))
    assert {("人员需求", "W165"), ("人员需求!E12", "F021"), ("人员需求!E16", "F021")} <= early


def test_a_grade_typed_over_its_formula_sets_no_rate() -> None:
    """E305 is L2 in workbook 00; L3 typed over the formula makes the rate of L3 no standard one."""
    (finding,) = found_by([staffing.standard_rate], load_case(line(11, grade="L3", day_rate="1000.00")))
    assert finding.message() == "第17行人天单价1,000.00与L2标准700.00不同且无说明。"
    assert found_by([staffing.standard_rate], load_case(line(11, grade="L3"))) == []


def test_cabling_engineer_does_not_count() -> None:
    """Of the construction department only E305, a cabling engineer, is a core member."""
    case = retyped(load_case(), "staffing", "lines", 17, core="是")
    for row in (12, 16):
        case = retyped(case, "staffing", "lines", row, core="否")
    assert table(found_by(staffing.CHECKS, case)) == {("人员需求", "W165")}


def test_days_in_order() -> None:
    case = retyped(load_case(), "staffing", "lines", 7, start=date(2026, 5, 28), end=date(2026, 5, 27))
    assert table(found_by(staffing.CHECKS, case)) == {("人员需求!J7", "W160")}


def test_overload_is_reported_once_on_its_first_working_day() -> None:
    """E106: 60 % in S5 (07-09..07-17); now S6 from Saturday 07-11 on, 50 %. The first common working day is Monday."""
    case = retyped(load_case(), "staffing", "lines", 15, start=date(2026, 7, 11))
    (finding,) = found_by([staffing.allocation], case)
    assert table([finding]) == {("人员需求!L15", "W166")}
    assert cells(finding) == {"人员需求!L14"}
    assert finding.message() == "秦川在2026-07-13投入比例合计110%超过100%。"


def test_overload_only_on_a_day_off_is_none() -> None:
    case = retyped(load_case(), "staffing", "lines", 14, end=date(2026, 7, 19))  # Saturday and Sunday before S6
    case = retyped(case, "staffing", "lines", 15, start=date(2026, 7, 18))
    assert found_by([staffing.allocation], case) == []


@pytest.mark.parametrize("year", [2126, 9999])
def test_a_mistyped_year_costs_no_time(year: int) -> None:
    case = retyped(load_case(), "staffing", "lines", 7, end=date(year, 12, 31), plan_days=D(999))
    assert table(found_by(staffing.CHECKS, case)) == {("人员需求!J7", "W160")}


def test_research_member_is_enough() -> None:
    case = retyped(load_case(), "plan", "basics", "head", rd_modify="是")
    assert table(found_by(staffing.CHECKS, case)) == {("人员需求", "W167")}
    assert found_by(staffing.CHECKS, retyped(case, "staffing", "lines", 9, emp_no="E403")) == []


def test_nothing_is_missed_before_it_is_there() -> None:
    case = load_case()
    assert found_by(staffing.CHECKS, without(case, "staffing", "plan", "survey")) == []
    assert found_by(staffing.CHECKS, without(case, "plan", "survey")) == []
