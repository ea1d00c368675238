from __future__ import annotations

from typing import Any

from pipeline.core.places import Place
from pipeline.render.context.plan import plan, survey
from tests.render.made_up import book, source, survey_facts
from tests.render.made_up import plan as plan_book

AT = Place("01.xlsx", "调查表", "E10")


def test_sheets_of_the_plan_are_records_by_field_key() -> None:
    found = plan(source(plan_book(background="x")))
    assert (found["basics"]["contract_amount"].form("wan"), found["basics"]["author"]) == ("640.00", "许知行")
    assert found["narrative"]["background"] == ""
    assert [found[key] for key in ("stages", "risks", "revisions", "tests")] == [[], [], [], []]


def test_figures_of_the_plan() -> None:
    made = book(
        "plan",
        revenue=[{"kind": "其他", "amount": "1130", "amount_excl": "1000", "tax_rate": 13}],
        stages=[{"code": "S1", "person_days": "2.5", "budget": "19800"}, {"code": "S2", "person_days": "1"}],
    )
    cost = book("cost", lines=[{"amount": "828", "amount_excl": "828", "acc": "1001"}])
    found = plan(source(made, cost))
    keys = ("revenue_total", "revenue_excl", "gross_profit", "gross_margin", "stage_days", "stage_budget")
    assert [found[key] for key in keys] == ["1,130.00", "1,000.00", "172.00", "17.20%", "3.5", "19,800.00"]
    assert found["revenue"][0]["tax_rate"] == "13%"


def test_a_margin_without_both_sides_is_blank_not_zero() -> None:
    assert plan(source(plan_book()))["gross_margin"] == ""


def items(*rows: dict[str, Any]) -> Any:
    versions = [{"version": "V1.2", "date": "2026-03-24", "by": "E102", "change": "更新"}]
    return book("survey", items=list(rows), versions=versions)


ROWS = (
    {"no": "A01", "section": "客户", "label": "客户单位全称", "value": "R&D <台>"},
    {"no": "B05", "section": "概况", "label": "客户预算", "value": 6800000, "unit": "元"},
    {"no": "C03", "section": "现状", "label": "端口数", "value": 480, "unit": "个"},
    {"no": "C04", "section": "现状", "label": "可利旧", "status": "不明确", "clarify_plan": "询问"},
)
STATES = {"A01": ("明确", AT), "B05": ("明确", AT), "C03": ("明确", AT), "C04": ("不明确", AT)}


def test_items_stand_in_sections_with_the_status_that_counts_and_their_units() -> None:
    found = survey(source(items(*ROWS), **survey_facts(STATES)))
    assert [(s["name"], [(i["no"], i["value"], i["status"]) for i in s["items"]]) for s in found["sections"]] == [
        ("客户", [("A01", "R&D <台>", "明确")]),
        ("概况", [("B05", "6,800,000.00 元", "明确")]),
        ("现状", [("C03", "480 个", "明确"), ("C04", "", "不明确")]),
    ]
    assert found["sections"][0]["items"][0]["updated"] == "2026-03-24"


def test_a_share_has_one_per_cent_sign() -> None:
    row = {"no": "I03", "section": "商务", "label": "履约保证金比例", "value": 5, "unit": "%"}
    found = survey(source(items(row), **survey_facts({"I03": ("明确", AT)})))
    assert found["sections"][0]["items"][0]["value"] == "5%"


def test_unclear_items_and_counts() -> None:
    found = survey(source(items(*ROWS), **survey_facts(STATES)))
    assert [(u["no"], u["clarify_plan"]) for u in found["unclear"]] == [("C04", "询问")]
    keys = ("items", "clear", "unclear_count", "completeness", "clear_rate", "version")
    assert [found[key] for key in keys] == ["4", "3", "1", "100.00%", "66.67%", "V1.2"]
    assert found["date"].form("cn") == "2026年3月24日"
    assert found["versions"][0]["by"] == "许知行"


def test_no_survey_is_not_present_and_blank() -> None:
    found = survey(source())
    assert (found["present"], found["items"], found["sections"]) == (False, "", [])
