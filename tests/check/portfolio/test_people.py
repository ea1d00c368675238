from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from pipeline.core.entries import Request
from pipeline.core.facts import Facts
from pipeline.core.findings import Finding
from tests.cases import DORM, TV, load_case
from tests.made_projects import at, company, judged, made, short, stay

MAY = ("2026-05-18", "2026-06-03")


def two(first: tuple[str, str, int], second: tuple[str, str, int]) -> list[Facts]:
    """E203 in two projects."""
    stays = [stay(cell, "E203", *span) for cell, span in (("L7", first), ("L8", second))]
    return [made(number, stays=(one,)) for number, one in enumerate(stays, 1)]


def test_one_person_in_two_projects_beyond_a_full_day() -> None:
    (found,) = judged(*two(("2026-05-06", "2026-05-29", 100), (*MAY, 50)))
    assert short([found]) == [("L8", "B404", ("L7",))]
    assert found.message() == (
        "白露在2026-05-18~2026-05-29投入合计150%(项目LY-SQ-2026-001、LY-SQ-2026-002)。"  # 30 and 31 May are a week-end
    )
    assert found.values["projects"] == "LY-SQ-2026-002、LY-SQ-2026-001"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("2026-05-06", "2026-05-29", 50), (*MAY, 50)),  # just full
        (("2026-05-06", "2026-05-29", 100), ("2026-06-01", "2026-06-03", 50)),  # one after the other
        (("2026-05-06", "2026-05-31", 100), ("2026-05-30", "2026-06-03", 50)),  # both only on a week-end
        (("2026-10-01", "2026-10-07", 100), ("2026-10-01", "2026-10-07", 50)),  # holidays
        (("2026-05-06", "2026-05-29", None), (*MAY, 150)),  # a share that cannot be read
        (("2026-05-29", "2026-05-06", 100), (*MAY, 150)),  # days out of order (W160)
        (("2026-05-06", "9999-12-31", 100), (*MAY, 50)),  # a mistyped year (F025)
    ],
)
def test_nobody_is_asked_for_too_much(first: tuple[str, str, int], second: tuple[str, str, int]) -> None:
    assert judged(*two(first, second)) == []


def test_a_make_up_saturday_counts() -> None:
    found = judged(*two(("2026-05-09", "2026-05-09", 100), ("2026-05-09", "2026-05-09", 50)))
    assert [f.rule.code for f in found] == ["B404"]


def test_one_project_alone_is_rule_w166() -> None:
    stays = (stay("L7", "E203", *MAY, 100), stay("L8", "E203", *MAY, 50))
    assert judged(made(1, stays=stays)) == []


def test_nobody_yet_is_not_one_person() -> None:
    assert judged(*(made(n, stays=(stay("L7", "待定", *MAY, 100),)) for n in (1, 2))) == []


def test_a_week_end_does_not_part_what_a_working_day_does() -> None:
    long = made(1, stays=(stay("L7", "E203", "2026-06-01", "2026-06-30", 60),))
    week = (stay("L8", "E203", "2026-06-01", "2026-06-05", 50), stay("L9", "E203", "2026-06-08", "2026-06-10", 70))
    later = stay("L10", "E203", "2026-06-12", "2026-06-15", 50)  # the 11th is free
    found = judged(long, made(2, stays=(*week, later)))
    assert [(f.values["s"], f.values["e"], f.values["v"]) for f in found] == [
        ("2026-06-01", "2026-06-10", "130"),
        ("2026-06-12", "2026-06-15", "110"),
    ]


def test_another_project_joining_is_another_finding() -> None:
    spans = {1: ("2026-06-01", "2026-06-12"), 2: ("2026-06-01", "2026-06-12"), 3: ("2026-06-08", "2026-06-09")}
    found = judged(*(made(n, stays=(stay(f"L{n}", "E203", *span, 60),)) for n, span in spans.items()))
    assert sorted((f.values["s"], f.values["e"], f.values["v"]) for f in found) == [
        ("2026-06-01", "2026-06-05", "120"),
        ("2026-06-08", "2026-06-09", "180"),
        ("2026-06-10", "2026-06-12", "120"),
    ]


ASKED = date(2026, 6, 24)  # a Wednesday, in the week of 06-22


def asked(projects: list[Facts], day: date = ASKED, engineer: str = "E203") -> list[Finding]:
    """What P561 says when the second project names somebody for a request on a day."""
    first, second = projects
    request = Request("FW-2026-0031", engineer, day, at(second.code, "J7"))
    entries = replace(second.entries, requests=(request,))
    found = judged(first, replace(second, entries=entries))
    return [one for one in found if one.rule.code == "P561"]


def test_a_request_for_somebody_whose_week_is_full_over_all_projects() -> None:
    (found,) = asked(two(("2026-06-22", "2026-06-26", 60), ("2026-06-24", "2026-06-30", 80)))
    assert short([found]) == [("J7", "P561", ("L7", "L8"))]
    assert {cell.sheet for cell in found.related} == {"人员需求"}
    assert found.message() == (
        "请求FW-2026-0031派给白露,2026-06-22起的一周各项目人员计划已排5.4人天,只有5个工作日"
        "(项目LY-SQ-2026-001、LY-SQ-2026-002)。"
    )
    assert found.values["projects"] == "LY-SQ-2026-002、LY-SQ-2026-001"


HOLIDAY = date(2026, 10, 8)  # a Thursday after the holidays of 10-01 .. 10-07


@pytest.mark.parametrize(
    ("first", "second", "day"),
    [
        pytest.param(("2026-06-22", "2026-06-26", 60), ("2026-06-22", "2026-06-26", 40), ASKED, id="just full"),
        pytest.param(("2026-06-22", "2026-06-23", 100), ("2026-06-23", "2026-06-26", 75), ASKED, id="full as a week"),
        pytest.param(("2026-06-29", "2026-07-03", 100), ("2026-06-29", "2026-07-03", 100), ASKED, id="the next week"),
        pytest.param(("2026-06-27", "2026-06-28", 100), ("2026-06-22", "2026-06-28", 100), ASKED, id="a week-end"),
        pytest.param(("2026-10-01", "2026-10-07", 100), ("2026-10-05", "2026-10-09", 100), HOLIDAY, id="holidays"),
        pytest.param(("2026-06-22", "2026-06-26", None), ("2026-06-22", "2026-06-26", 100), ASKED, id="no share"),
    ],
)
def test_a_request_for_somebody_with_days_left(
    first: tuple[str, str, int], second: tuple[str, str, int], day: date
) -> None:
    assert asked(two(first, second), day) == []


def test_a_week_with_holidays_is_full_sooner() -> None:
    both = two(("2026-10-01", "2026-10-07", 100), ("2026-10-08", "2026-10-09", 100))
    assert asked(both, HOLIDAY) == []
    (found,) = asked(two(("2026-10-08", "2026-10-09", 70), ("2026-10-01", "2026-10-11", 70)), HOLIDAY)
    worked = company().calendar.between(date(2026, 10, 5), date(2026, 10, 11))
    assert (worked < 5, found.values["b"]) == (True, str(worked))


def test_a_request_of_somebody_else_or_of_one_plan_alone_is_not_told() -> None:
    full = two(("2026-06-22", "2026-06-26", 60), ("2026-06-22", "2026-06-26", 80))
    assert asked(full, engineer="E204") == []
    alone = (stay("L7", "E203", "2026-06-22", "2026-06-26", 80), stay("L8", "E203", "2026-06-22", "2026-06-26", 80))
    assert asked([made(1), made(2, stays=alone)]) == []  # W166 says it


def test_project_manager_of_too_many_active_projects() -> None:
    three = [made(n, appointed="E104") for n in (1, 2, 3)]
    assert judged(*three, made(4, appointed="E104", state="已归档")) == []
    (found,) = judged(*three, made(4, appointed="E104"))
    assert short([found]) == [("appointed", "B405", ("appointed",) * 3)]
    assert found.at.workbook == "LY-SQ-2026-004.xlsx"
    assert found.message() == "陆子昂同时担任4个项目的项目经理。"


def test_one_major_project_a_manager() -> None:
    majors = [made(n, kind="重大项目", appointed="E104") for n in (1, 2)]
    assert [f.rule.code for f in judged(*majors)] == ["B405"]
    assert judged(majors[0], made(2, appointed="E104")) == []
    assert judged(majors[0], made(2, kind="重大项目", appointed="E102")) == []
    assert judged(majors[0], made(2, kind="重大项目", pm="E104")) == []  # only proposed so far


@pytest.mark.parametrize("change", [{"name": "白璐"}, {"dept": "网络工程部"}, {"grade": "L4"}])
def test_employee_who_differs_between_files(change: dict[str, str]) -> None:
    day = ("2026-06-01", "2026-06-01", 10)
    same = [made(n, stays=(stay(f"L{n}", "E203", *day),)) for n in (1, 2)]
    assert judged(*same) == []
    (found,) = judged(*same, made(3, stays=(stay("L3", "E203", *day, **change),)))
    assert short([found]) == [("C3", "B409", ("C1",))]
    assert found.message() == "工号E203在各文件中信息不一致。"


def test_blanks_in_a_name_are_no_difference_and_one_file_is_rule_f020() -> None:
    day = ("2026-06-01", "2026-06-01", 10)
    assert (
        judged(*(made(n, stays=(stay("L7", "E203", *day, name=name),)) for n, name in ((1, "白露"), (2, "白 露"))))
        == []
    )
    assert (
        judged(made(1, stays=tuple(stay(f"L{n}", "E203", *day, name=name) for n, name in ((1, "白露"), (2, "白鹭")))))
        == []
    )


def test_the_samples_share_nobody_beyond_a_full_day() -> None:
    assert judged(load_case(code=TV).facts, load_case(code=DORM).facts) == []


def test_mutation_m21_is_found_between_the_samples() -> None:
    row = {"no": 13, "role": "售前工程师", "emp_no": "E203", "scope": "售前", "stage": "S1", "start": "2026-05-18"}
    row |= {
        "end": "2026-06-03",
        "alloc": 50,
        "plan_days": 6.5,
        "day_rate": "1000.00",
        "skill": "网络设计",
        "core": "是",
    }
    dorm = load_case([{"op": "add_row", "workbook": "staffing", "sheet": "lines", "row": row}])
    (found,) = judged(load_case(code=TV).facts, dorm.facts)
    added = dorm.project.sheet("staffing", "lines").find("no", "13")
    assert added
    assert (found.rule.code, found.at) == ("B404", added.at("alloc"))
    assert (found.values["s"], found.values["e"], found.values["v"]) == ("2026-05-18", "2026-05-29", "150")
    assert {place.workbook for place in found.related} == {"05_项目人员需求一览表_LY-SQ-2026-007.xlsx"}
