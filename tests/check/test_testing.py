"""Tests as they were made, against the plan (W208, W241, W242, W245, W246)."""

from __future__ import annotations

from datetime import date

import pytest

from pipeline.check import testing
from pipeline.core.findings import Finding
from tests.cases import DORM, TV, load_case
from tests.check.followed import Edit, added, followed, recorded, removed, typed
from tests.check.reported import cells, found_by, table, without


def found(*edits: Edit, code: str = DORM) -> list[Finding]:
    return found_by(testing.CHECKS, followed(load_case(code=code), edits))


@pytest.mark.parametrize("code", [TV, DORM])
def test_the_samples_are_clean(code: str) -> None:
    assert found(code=code) == []


@pytest.mark.parametrize("text", ["≥20Mbps/终端", "≤30Mbps/终端", "满足要求", "≥30Mbps/终端,丢包≤1%"])
def test_a_criterion_with_other_figures_than_the_plan_s(text: str) -> None:
    (one,) = found(recorded("test_results", 8, criteria=text, actual="符合"))
    assert table([one]) == {("测试记录!B8", "W241")}
    assert cells(one) == {"测试活动!C8"}
    assert one.message() == f"测试T02的要求写的是“{text}”,计划的合格标准是“≥30Mbps/终端”。"


@pytest.mark.parametrize("text", ["每终端不低于 30 Mbps", ">=30Mbps", "≥30.0Mbps/台", "至少30Mbps", None])
def test_the_same_figures_in_other_words(text: str | None) -> None:
    assert found(recorded("test_results", 8, criteria=text)) == []


def test_a_criterion_without_figures_is_not_compared() -> None:
    edits = [typed("plan", "tests", 8, criteria="满足招标文件要求"), recorded("test_results", 8, criteria="≥30Mbps")]
    assert found(*edits) == []
    assert found(recorded("test_results", 8, no="T09")) == []  # W208 says that the plan has none


def test_ranges_and_thousands() -> None:
    assert testing.figures("20-30℃、6,000MB/s") == testing.figures("20~30 度,6000MB/s")
    assert testing.figures("≥-65dBm") != testing.figures("≥65dBm")


TEAM = [
    added("changes", no="CR-01", kind="人员", status="已批准", after="E404 石磊", approve_date=date(2026, 7, 3)),
    recorded("notice", "head", team=("E106", "E103", "E203", "E302", "E404")),
    added("organisation", "plan", role="测试", emp="E404"),
    added("lines", "staffing", emp_no="E404", role="测试"),
    removed("test_results"),
]


def test_a_tester_from_elsewhere() -> None:
    (one,) = found(recorded("test_results", 7, tester="E404"), recorded("test_results", 9, lead="E404"))
    assert table([one]) == {("测试记录!E7", "W208")}
    assert {"测试记录!G9", "人员需求!"} >= {cell.replace("None", "") for cell in cells(one)}
    assert one.message() == "测试记录“测试人”E404 石磊在项目组(05、项目组织、批准通知书)里没有(6.2.3)。"


@pytest.mark.parametrize("edit", TEAM, ids=["by a change", "by the notice", "in the organisation", "in 05", "no tests"])
def test_a_tester_of_the_team(edit: Edit) -> None:
    assert found(recorded("test_results", 7, tester="E404"), edit) == []


def test_nobody_is_outside_of_a_team_that_nobody_knows() -> None:
    case = followed(load_case(), [recorded("test_results", 7, tester="E404")])
    assert found_by(testing.CHECKS, without(case, "staffing")) == []


def test_who_tests_has_no_days_then() -> None:
    (one,) = found(typed("plan", "tests", 8, resource="AP样机4台、石磊"))
    assert table([one]) == {("测试活动!D8", "W245")}
    assert one.message() == "测试T02要石磊做,05里石磊在2026-07-07—2026-07-07没有投入。"
    (late,) = found(typed("plan", "tests", 8, resource="AP样机4台、秦川", start=date(2026, 9, 7), end=date(2026, 9, 8)))
    assert late.rule.code == "W245"
    assert len(cells(late)) > 1  # his rows in 05


@pytest.mark.parametrize("resource", ["秦川等3人", "客户网管", "石磊科技的测试仪", None])
def test_who_has_days_and_who_is_none_of_ours(resource: str | None) -> None:
    assert found(typed("plan", "tests", 8, resource=resource)) == []


def test_a_thing_that_comes_after_the_test() -> None:
    edits = [typed("plan", "tests", 9, resource="认证测试终端2台、秦川")]
    late = added("lines", "materials", name="认证测试终端", category="工具仪器", need_date=date(2026, 7, 20))
    (one,) = found(*edits, late)
    assert table([one]) == {("测试活动!D9", "W246")}
    assert len(cells(one)) == 1  # its day in 04
    assert one.message() == "测试T03在2026-07-08开始,要用的“认证测试终端”在04里2026-07-20才到。"
    soon = added("lines", "materials", name="认证测试终端", category="工具仪器", need_date=date(2026, 7, 1))
    assert found(*edits, soon) == []
    assert found(*edits, late, soon) == []  # the one for the test comes in time


@pytest.mark.parametrize("actual", ["12Mbps", "29.9 Mbps", "平均12Mbps", "12MBPS/终端"])
def test_a_result_outside_its_limit_has_not_passed(actual: str) -> None:
    (one,) = found(recorded("test_results", 8, actual=actual))
    assert table([one]) == {("测试记录!C8", "W242")}
    assert cells(one) == {"测试记录!B8", "测试记录!D8"}
    assert one.message() == f"测试T02结论是“通过”,结果“{actual}”却没有达到要求“≥30Mbps/终端”。"


def test_an_upper_limit_is_one_too() -> None:
    assert table(found(recorded("test_results", 9, actual="3.1秒"))) == {("测试记录!C9", "W242")}
    assert table(found(recorded("test_results", 7, actual="-66dBm"))) == {("测试记录!C7", "W242")}


@pytest.mark.parametrize("actual", ["30Mbps", "46", "0.05Gbps", "上行12Mbps、下行46Mbps", "满足要求", ">30Mbps", None])
def test_what_holds_or_cannot_be_known_is_not_doubted(actual: str | None) -> None:
    """In another unit, of several figures or in words: nobody but the tester knows."""
    assert found(recorded("test_results", 8, actual=actual)) == []


def test_what_has_not_passed_is_outside_its_limit_as_it_should() -> None:
    assert found(recorded("test_results", 8, actual="12Mbps", verdict="不通过")) == []
