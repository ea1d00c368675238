"""A revised plan against the version before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from pipeline.core.facts import View
from pipeline.core.places import Derived, Place
from pipeline.render.context.revision import revised
from pipeline.render.context.shown import Node, Source
from tests.render.made_up import book, source

AT = (Place("03.xlsx", "费用明细", "K7"),)
FIRST = {"version": "A/0", "total": "5016595.40"}
SECOND = {"version": "A/1", "change_no": "CR-01", "total": "5186545.40"}
CHANGES = [{"no": "CR-01", "delta_cost": "169950", "delta_days": 0}, {"no": "CR-02", "delta_cost": "1"}]
SIGNED = {"att_plan": "A/0", "total": "5016595.40", "margin": "19.85", "amount": "6400000"}


def made(*revisions: dict[str, Any], version: str = "A/1", applied: Mapping[str, Any] = SIGNED) -> Source:
    basics = {"plan_version": version, "contract_amount": "6400000", "plan_sign": "2026-07-24"}
    figures = {
        ("cost", "total"): Derived(Decimal("5186545.40"), AT),
        ("gross_margin",): Derived(Decimal("17.20"), AT),
        ("staffing", "days"): Derived(Decimal("347.5"), AT),
    }
    books = (
        book("plan", basics=basics, revisions=list(revisions)),
        book("records", changes=CHANGES, application=applied),
    )
    return source(*books, figures=figures)


def lines(found: Node) -> list[tuple[str, str, str]]:
    return [(str(one["before"]), str(one["after"]), str(one["difference"])) for one in found["lines"]]


def test_what_both_versions_say_and_where_the_rest_of_the_older_one_stands() -> None:
    found = revised(made(FIRST, SECOND))
    assert (found["before"], found["after"]) == ("A/0", "A/1")
    assert lines(found) == [
        ("6,400,000.00", "6,400,000.00", "不变"),
        ("5,016,595.40", "5,186,545.40", "+169,950.00"),
        ("19.85%", "17.20%", "-2.65个百分点"),
        ("见A/0版计划包", "347.5", ""),
        ("见A/0版计划包", "2026-07-24", ""),
        ("见A/0版计划包", "", ""),
    ]
    assert [one["no"] for one in found["changes"]] == ["CR-01"]


def test_what_nobody_registered_is_never_worked_out() -> None:
    found = lines(revised(made({"version": "A/0"}, SECOND, applied={})))
    assert [before for before, _, _ in found] == ["见A/0版计划包"] * 6


def test_a_first_version_has_nothing_to_be_held_against() -> None:
    found = revised(made(FIRST, version="A/0"))
    assert (found["before"], found["lines"], found["changes"]) == ("", [], [])


def test_revisions_that_do_not_end_with_the_plan_say_nothing() -> None:
    assert revised(made(FIRST, SECOND, version="A/2"))["lines"] == []


def test_a_view_of_an_older_plan_has_no_revision() -> None:
    older = replace(made(FIRST, SECOND), view=View(plan="A/0", current=False))
    assert revised(older)["lines"] == []


def test_a_revision_before_the_initiation_names_no_change() -> None:
    assert revised(made(FIRST, {**SECOND, "change_no": None}))["changes"] == []
