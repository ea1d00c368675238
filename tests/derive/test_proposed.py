"""Proposals follow only from what is there; a definition may name each of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from pipeline.check.case import Case
from pipeline.core.places import Place
from pipeline.core.sheets import Cell, Record
from pipeline.definitions.forms import load_forms
from pipeline.definitions.prefill import FOLLOWING, FOLLOWS, look_up, stage_texts
from pipeline.derive import proposed
from pipeline.derive.proposed import Asked, answered, found, value_for
from tests.cases import load_case

AT = Place("05.xlsx", "表")


def row(number: int = 7, **cells: Any) -> Record:
    found = {key: Cell(AT, value, "" if value is None else str(value)) for key, value in cells.items()}
    return Record(AT, found, number)


def asked(case: Case, *rows: Record) -> Asked:
    return Asked(case.project, case.facts, case.company, rows[0], rows)


def test_every_proposal_has_its_name_in_the_definitions() -> None:
    assert frozenset(proposed._FOLLOWING) == FOLLOWING
    used = {
        f.prefill.removeprefix(FOLLOWS)
        for form in load_forms().values()
        for sheet in form.sheet
        for f in (*sheet.fields, *sheet.header)
        if f.prefill.startswith(FOLLOWS)
    }
    assert used == FOLLOWING


def test_the_types_of_a_stage_with_texts_are_types_of_the_form() -> None:
    kinds = load_forms()["plan"].sheet_form("stages").field("kind").choices
    assert set(kinds) - set(stage_texts()) == {"工程", "其他"}


@pytest.mark.parametrize(
    ("source", "cells", "wanted"),
    [
        ("follows.scope", {"stage": "G2"}, "工程"),
        ("follows.scope", {"stage": None}, None),
        ("follows.no_price", {"mode": "借用"}, Decimal(0)),
        ("follows.no_price", {"mode": "外购"}, None),
        ("follows.material_tax", {"mode": "自产", "category": "软件"}, Decimal(0)),
        ("follows.material_tax", {"mode": "外购", "category": "软件"}, Decimal(13)),
        ("follows.material_tax", {"mode": "外购", "category": None}, None),
        ("follows.account_tax", {"acc": "4002"}, Decimal(9)),
        ("follows.account_tax", {"acc": "9999"}, None),
        ("follows.month", {"stage": "S3"}, None),  # June to July
        ("follows.month", {"stage": "S5"}, "2026-07"),
        ("follows.core", {"emp_no": "E203"}, "是"),
        ("follows.core", {"emp_no": "E101"}, "否"),  # leads, but does not belong to the group
        ("follows.core", {"emp_no": "待定"}, None),
        ("follows.day_rate", {"emp_no": "E203", "start": date(2026, 6, 4)}, Decimal(1000)),
        ("follows.day_rate", {"emp_no": "E203", "start": None}, None),
        ("follows.superior", {"role": "售前项目经理"}, "E101"),
        ("follows.superior", {"role": "领导小组"}, None),
        ("follows.superior", {"role": "售前工程师", "emp": "E203"}, "E106"),
        ("follows.superior", {"role": "售前工程师", "emp": "E106"}, None),
        ("follows.stage_name", {"code": "S2", "kind": ("跟踪", "其他")}, None),
        ("follows.stage_owner", {"code": "S1", "kind": ("立项",)}, "E103"),
        ("follows.revenue_tax", {"kind": "其他"}, None),
        ("find.plan.stages.code.stage.end", {"stage": "S4"}, date(2026, 7, 8)),
        ("find.plan.stages.code.stage.end", {"stage": "S9"}, None),
        ("survey.items.A01", {}, "华澄理工大学"),
    ],
)
def test_what_follows_for_a_row(source: str, cells: dict[str, Any], wanted: object) -> None:
    assert value_for(source, asked(load_case(), row(**cells))) == wanted


def test_days_are_halves_and_never_more_than_there_are() -> None:
    case = load_case()
    cells = {"start": date(2026, 6, 4), "end": date(2026, 6, 12), "alloc": Decimal(60)}
    assert value_for("follows.days", asked(case, row(**cells))) == Decimal(4)  # 7 days x 60 % = 4.2
    assert value_for("follows.days", asked(case, row(**{**cells, "alloc": None}))) is None


def test_numbers_go_on_where_people_stopped() -> None:
    rows = [row(7, no=Decimal(4)), row(8, no=None), row(9, no=None)]
    numbers = [value_for("follows.number", replace(asked(load_case(), *rows), record=one)) for one in rows[1:]]
    assert numbers == [Decimal(5), Decimal(6)]
    codes = [row(7, no=None), row(8, no="IF-03")]
    assert value_for("follows.interface_no", asked(load_case(), *codes)) == "IF-04"


def test_a_stage_begins_on_the_working_day_after_the_one_before() -> None:
    before, after = row(7, end=date(2026, 9, 30)), row(8, start=None, parallel=None)
    assert value_for("follows.stage_start", replace(asked(load_case(), before, after), record=after)) == date(
        2026, 10, 8
    )
    beside = row(8, start=None, parallel="是")
    assert value_for("follows.stage_start", replace(asked(load_case(), before, beside), record=beside)) is None


def test_what_fits_twice_is_not_found_and_what_is_unclear_is_no_answer() -> None:
    case = load_case()
    assert found(look_up("find.plan.interfaces.kind.=内部.no"), asked(case, row())) is None
    unclear = {"op": "set", "workbook": "survey", "sheet": "items", "match": {"no": "A01"}}
    case = load_case(
        [{**unclear, "field": "value", "value": "不明确"}, {**unclear, "field": "status", "value": "不明确"}]
    )
    assert answered("A01", case.project) is None
