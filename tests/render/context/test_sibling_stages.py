from __future__ import annotations

from dataclasses import replace
from datetime import date

from pipeline.core.facts import View
from pipeline.render.context.document import common
from pipeline.render.context.shown import Node, Source
from pipeline.render.context.views import seen
from tests.cases import load_case, voluntary_case


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
