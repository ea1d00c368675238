"""In which state a document is made, and of which day (design: paper comes before the signature)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.core.documents import PARTLY, RECORDED, UNSIGNED
from pipeline.core.sheets import Cell, Record, Sheet
from pipeline.definitions.documents import load_documents
from pipeline.derive.facts import derive
from pipeline.render.context.document import common
from pipeline.render.context.shown import Source
from pipeline.render.orders import lacking, newest, orders
from tests.cases import AS_OF, DORM, TV
from tests.render.cuts import changed, sample


def made(source: Source, code: str) -> tuple[str, str]:
    (order,) = orders(source, [load_documents()[code]])
    return order.state, f"{newest(source, order)[0]}"


def without(source: Source, *keys: str) -> Source:
    """The bid without some of its labelled values."""

    def cut(sheet: Sheet) -> Sheet:
        cells = {key: Cell(cell.at) if key in keys else cell for key, cell in sheet.head.cells.items()}
        return replace(sheet, head=Record(sheet.head.sheet, cells))

    return replace(source, project=changed(source.project, "bidding", cut))


def test_the_review_of_a_bid_is_of_the_day_of_the_review_not_of_its_result() -> None:
    assert made(sample(TV), "BRV") == (RECORDED, "2026-07-06")


def test_a_bid_that_nobody_has_reviewed_waits_for_its_signature_though_it_was_handed_in() -> None:
    state, _ = made(without(sample(TV), "conclusion", "conclusion_date"), "BRV")
    assert state == UNSIGNED


def test_a_survey_is_a_record_by_the_row_of_its_version() -> None:
    source = sample(TV)
    assert made(source, "CSR")[0] == RECORDED
    assert source.facts.survey
    newer = replace(source, facts=replace(source.facts, survey=replace(source.facts.survey, version="V9.9")))
    assert made(newer, "CSR")[0] == UNSIGNED


def test_changes_of_a_bid_name_who_was_asked_and_who_approved_as_their_change_record_says() -> None:
    rows = common(sample(TV))["bid_changes"]
    said = [[str(row[key]) for key in ("change_no", "consulted", "approver", "approve_date")] for row in rows]
    assert said == [["CR-01", "姜远", "韩牧之", "2026-07-01"], ["CR-02", "邹维", "宋雅岚", "2026-07-03"]]
    assert [place.sheet for place in rows[0]["approver"].cells] == ["变更"]


def test_a_record_that_some_have_filled_says_who_is_missing() -> None:
    source = sample(TV, without=("countersign", "dept", "财务部"))
    (order,) = orders(source, [load_documents()["PAF"]])
    assert order.state == PARTLY
    assert lacking(source, order.form) == ["计划会签：财务部"]
    nobody = sample(TV, cleared=("countersign", "plan_approval"))
    assert made(nobody, "PAF")[0] == UNSIGNED


def test_a_scheme_with_its_author_alone_is_partly_registered() -> None:
    source = sample(TV)

    def cut(sheet: Sheet) -> Sheet:
        keys = ("checker", "check_date", "approver", "approve_date")
        cells = {key: Cell(cell.at) if key in keys else cell for key, cell in sheet.head.cells.items()}
        return replace(sheet, head=Record(sheet.head.sheet, cells))

    project = changed(source.project, "scheme", cut)
    facts = derive(project, source.company, source.forms, AS_OF)
    (order,) = orders(replace(source, project=project, facts=facts), [load_documents()["SAF"]])
    assert order.state == PARTLY


# -- a review that found nothing --------------------------------------------------------------------------------------


def agreed(conclusion: str) -> Source:
    """The sample of a small project with a contract review to which all agreed, concluded like this."""
    source = sample(DORM, cleared=("problems",))

    def typed(sheet: Sheet) -> Sheet:
        head = {**sheet.head.cells, "conclusion": Cell(sheet.head.at("conclusion"), conclusion or None, conclusion)}
        rows = [
            replace(row, cells={**row.cells, "opinion": Cell(row.at("opinion"), "同意", "同意")}) for row in sheet.rows
        ]
        return replace(sheet, head=Record(sheet.head.sheet, head), rows=tuple(rows))

    project = changed(source.project, "creview", typed)
    return replace(source, project=project, facts=derive(project, source.company, source.forms, AS_OF))


def test_a_review_without_problems_leaves_nothing_to_register() -> None:
    source = agreed("评审通过")
    assert made(source, "CPM")[0] == RECORDED
    assert str(common(source)["problems"]["none"]) == "无"


@pytest.mark.parametrize("conclusion", ["", "问题解决后通过", "不通过"])
def test_a_review_that_did_not_end_so_still_waits_for_its_problems(conclusion: str) -> None:
    assert made(agreed(conclusion), "CPM")[0] != RECORDED


def test_problems_that_were_registered_are_the_record() -> None:
    assert made(sample(DORM), "CPM")[0] == RECORDED
    assert str(common(sample(DORM))["problems"]["none"]) == ""
