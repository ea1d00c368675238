from __future__ import annotations

from dataclasses import replace
from datetime import date

from pipeline.check.case import Case
from pipeline.core.facts import View
from pipeline.render.context.document import common
from pipeline.render.context.shown import Node, Source
from pipeline.render.context.views import seen
from tests.cases import load_case, voluntary_case
from tests.check.followed import followed, typed


def shown(day: date | None = None, *, voluntary: bool = True) -> list[Node]:
    case = voluntary_case() if voluntary else load_case()
    source = Source(case.project, case.company, case.facts, case.forms)
    found = common(seen(source, replace(View(), day=day)), frozenset({"sibling_stages"}))
    rows: list[Node] = found["sibling_stages"]
    return rows


def test_a_report_tells_the_stages_as_they_were_at_the_end_of_its_period() -> None:
    four = next(row for row in shown(date(2026, 7, 2)) if str(row["model"]) == "四个阶段")
    assert [str(four[key]) for key in ("ended", "under_way", "ahead")] == ["立项、论证", "招标", "投标"]
    now = next(row for row in shown() if str(row["model"]) == "四个阶段")
    assert [str(now[key]) for key in ("ended", "under_way", "ahead")] == ["立项、论证、招标、投标", "无", "无"]


def test_a_project_without_the_workbooks_has_no_such_table() -> None:
    assert shown(voluntary=False) == []


def paper_steps(case: Case) -> list[Node]:
    source = Source(case.project, case.company, case.facts, case.forms)
    rows: list[Node] = common(source, frozenset({"steps", "outputs", "there"}))["steps"]
    return rows


def test_the_steps_tell_who_until_when_and_what_is_there() -> None:
    first, second, *_ = paper_steps(voluntary_case())
    keys = ("no", "limit", "taken", "verdict", "executor", "executed", "supervisor")
    assert [str(first[key]) for key in keys] == ["1", "1 小时", "0.5 小时", "按时", "技术部主管", "骆明远", "运营中心"]
    assert [str(second[key]) for key in ("begun", "ended", "taken")] == ["2026-06-22", "2026-06-24", "2 工作日"]
    assert [f"{one['there']}{one['name']}" for one in second["outputs"]] == ["■需求整理文件", "■需求范围"]


def test_the_step_that_the_text_lacks_keeps_its_number_and_says_nothing_more() -> None:
    third = paper_steps(voluntary_case())[2]
    assert [str(third[key]) for key in ("no", "name", "verdict", "limit", "begun")] == ["3", "原文缺失", "", "", ""]


def test_an_output_without_its_record_is_not_ticked_and_a_late_step_says_so() -> None:
    edits = [typed("support", "req_confirm", "head", scope=None, review_date=date(2026, 6, 30))]
    second = paper_steps(followed(voluntary_case(), edits))[1]
    assert [str(one["there"]) for one in second["outputs"]] == ["■", "□"]
    assert str(second["verdict"]) == "超时"


def test_a_step_that_is_under_way_has_no_verdict_yet() -> None:
    edits = [typed("support", "req_confirm", "head", review_date=None)]
    second = paper_steps(followed(voluntary_case(), edits))[1]
    assert [str(second[key]) for key in ("verdict", "taken", "ended")] == ["进行中", "", ""]


def test_without_the_workbooks_there_are_no_steps() -> None:
    assert paper_steps(load_case()) == []
