"""A record is printed with what held on its day; what is not known of an older plan is referred to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

import pytest

from pipeline.core.facts import View
from pipeline.core.leaves import Shown
from pipeline.definitions.documents import load_documents
from pipeline.render.context.document import DocumentInfo, common, for_document
from pipeline.render.context.shown import Node, Source
from pipeline.render.context.views import seen, version_of, view_of
from pipeline.render.maker import wanted
from pipeline.render.orders import Order
from tests.cases import DORM, TV, load_case

DAY = date(2026, 11, 23)
NEW = re.compile(r"5,186,545\.40|518\.65|979,527\.43|17\.20%")


@cache
def source(code: str = TV, as_of: date = DAY) -> Source:
    case = load_case(code=code)
    return Source(case.project, case.company, replace(case.facts, as_of=as_of), case.forms)


def orders(code: str, kind: str) -> list[Order]:
    return [order for order in wanted(source(code), blocked=False, draft=False) if order.form.code == kind]


@cache
def context(code: str, kind: str, as_of: date = DAY) -> Node:
    order = orders(code, kind)[0]
    view = view_of(source(code, as_of), order)
    at = seen(source(code, as_of), view)
    info = DocumentInfo(
        order.form, version_of(order.form, view), view.day or DAY, order.state, row=order.row, view=view
    )
    return for_document(at, common(at), info)


def leaves(node: Any) -> Iterator[Shown]:
    if isinstance(node, Shown):
        yield node
        yield from filter(None, (node.form(suffix) for suffix in node.forms))
    elif isinstance(node, dict):
        for one in node.values():
            yield from leaves(one)
    elif isinstance(node, list):
        for one in node:
            yield from leaves(one)


@pytest.mark.parametrize(
    ("kind", "view"),
    [
        ("PPR", View(date(2026, 7, 2), "A/1", "V1.5", planned=True)),
        ("PAF", View(date(2026, 3, 27), "A/0", "V1.3", current=False)),
        ("PIA", View(date(2026, 3, 27), "A/0", "V1.3", current=False)),
        ("RRV", View(date(2026, 4, 28), "A/0", "V1.4", current=False)),
        ("ACC", View(date(2026, 7, 28), "A/1", "V1.6", asks="closing")),
        ("CHG", View(date(2026, 7, 1), "A/0", "V1.5", current=False)),
        ("SRP", View(date(2026, 4, 10), "A/0", "V1.3", current=False)),
        ("CSR", View(None, "A/1", "V1.6")),
        ("VAL", View(None, "A/1", "V1.6")),
    ],
)
def test_what_a_document_speaks_of(kind: str, view: View) -> None:
    assert view_of(source(), orders(TV, kind)[0]) == view


@pytest.mark.parametrize("kind", ["PAF", "PIA", "PAR", "PAN", "RRV", "SAF", "STR", "MEM", "SRP"])
def test_no_record_of_an_older_plan_prints_a_newer_figure(kind: str) -> None:
    found = context(TV, kind)
    shown = {one.name: str(one) for key in ("cost", "materials", "staffing", "project") for one in leaves(found[key])}
    shown |= {one.name: str(one) for key in found["plan"] if key != "feasibility" for one in leaves(found["plan"][key])}
    assert {name: text for name, text in shown.items() if NEW.search(text)} == {}


def test_what_is_known_of_the_older_plan_is_printed_and_the_rest_says_where_it_stands() -> None:
    found = context(TV, "PAR")
    assert str(found["cost"]["total"]) == "5,016,595.40"
    assert str(found["cost"]["total"].form("wan")) == "501.66"
    assert str(found["cost"]["presales"]) == "见A/0版计划包"
    assert str(found["cost"]["presales"].form("upper")) == ""
    assert str(found["plan"]["basics"]["plan_start"].form("cn")) == "见A/0版计划包"
    assert str(found["plan"]["basics"]["plan_version"]) == "A/0"
    assert str(found["project"]["name"]) == source().facts.name
    assert len(found["staffing"]["team"]) == 1
    assert not found["charts"]["F12"]


def test_what_an_older_plan_was_to_build_is_not_told_in_the_words_of_a_newer_one() -> None:
    """A/1 of 007 builds two playout servers; the application of A/0 was for one."""
    plan = context(TV, "PIA")["plan"]
    assert {plan["narrative"][key] for key in ("objectives", "scope_in", "solution_brief")} == {"见A/0版计划包"}
    assert {plan["feasibility"][key] for key in ("f_d", "f_e")} == {"见A/0版计划包"}
    assert plan["narrative"]["background"].startswith("青岚市广播电视台")
    assert "见" not in plan["feasibility"]["f_a"]


def test_a_record_of_the_current_plan_prints_it_whole() -> None:
    assert str(context(TV, "SUM")["cost"]["total"]) == "5,186,545.40"
    assert str(context(DORM, "PAR")["cost"]["total"]) == "712,346.00"
    assert str(context(DORM, "PAR")["project"]["contract"]) == "920,000.00"


@pytest.mark.parametrize(
    ("code", "counts"), [(TV, ("105", "1", "99.06%", "V1.4")), (DORM, ("93", "2", "97.89%", "V1.2"))]
)
def test_a_review_counts_the_survey_that_was_reviewed(code: str, counts: tuple[str, ...]) -> None:
    survey = context(code, "RRV")["survey"]
    assert tuple(str(survey[key]) for key in ("clear", "unclear_count", "clear_rate", "version")) == counts


@pytest.mark.parametrize(
    ("kind", "states"), [("ACC", ["本次申请", "未到", "未到"]), ("CLO", ["已完成", "本次申请", "未到"])]
)
def test_an_application_tells_nothing_as_done_that_it_asks_for(kind: str, states: list[str]) -> None:
    flow = [str(step["state"]) for step in context(TV, kind)["flow"]]
    assert flow[-3:] == states
    assert set(flow[:-3]) == {"已完成"}


def test_a_plan_stands_nowhere_and_bears_its_own_registrations_only() -> None:
    found = context(TV, "PPR")
    assert {str(step["state"]) for step in found["flow"]} == {"未到"}
    assert [str(one["name"]) for one in found["countersign"]] == [""] * 6
    changed = found["plan"]["revised"]["changes"][0]
    assert [str(changed[key]) for key in ("no", "approver", "approve_date")] == ["CR-01", "韩牧之", "2026-07-01"]
    assert str(found["plan"]["basics"]["author"]) == "陆子昂"
    assert str(found["survey"]["version"]) == "V1.5"
    assert {str(stage["actual_end"]) for stage in found["plan"]["stages"]} == {""}
    first = context(DORM, "PPR")
    assert all(str(one["name"]) for one in first["countersign"])


@pytest.mark.parametrize("code", [TV, DORM])
def test_nothing_but_the_findings_depends_on_the_day_of_the_run(code: str) -> None:
    def printed(kind: str, as_of: date) -> list[str]:
        return [str(one) for one in leaves(context(code, kind, as_of))]

    kinds = [form.code for form in load_documents().values() if form.by_project and orders(code, form.code)]
    days = date(2026, 9, 1), date(2027, 2, 3)
    assert [kind for kind in kinds if len({tuple(printed(kind, day)) for day in days}) > 1] == []
