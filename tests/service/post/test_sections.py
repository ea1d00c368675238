"""What sections say of a project: state, next gate, what it wants, and the last day that is known of it."""

from __future__ import annotations

from datetime import date

from pipeline.core.facts import Facts
from pipeline.core.places import Place, Sourced
from pipeline.core.procedure import Answer
from pipeline.service.post.sections import due_lines, latest_day, section

DAY = date(2026, 6, 1)
FACTS = Facts("P", "项目", DAY, DAY, "计划编制", "部门会签(6.3.2)", tuple(f"会签{n}" for n in range(7)))


def test_what_the_next_gate_wants_is_counted_where_it_is_much() -> None:
    lines = {one["label"]: one["value"] for one in due_lines(FACTS)}
    assert lines["下一关口"] == "部门会签（6.3.2）"
    assert lines["还缺"] == "会签0、会签1、会签2、会签3、会签4 等7项"
    assert due_lines(None) == []


def test_the_last_day_is_that_of_the_last_record() -> None:
    signed = Sourced(date(2026, 7, 5), Place("06.xlsx", "会签", "C9"))
    later = Facts("P", "项目", DAY, DAY, "", "", (), steps={"a": Answer("a", ordered=(("会签", signed),))})
    assert (latest_day(FACTS), latest_day(later), latest_day(None)) == (DAY, date(2026, 7, 5), None)


def test_a_section_has_all_that_the_templates_print() -> None:
    assert section("头", more="尾") == {
        "heading": "头", "intro": "", "items": [], "more": "尾", "facts": [], "todo": "",
    }  # fmt: skip
