"""One answer a step: what everybody says of it follows from that, also for a step that is new."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipeline.check import gates
from pipeline.check.case import Case
from pipeline.cli.procedure import show_procedure
from pipeline.core.errors import DefinitionError, PipelineError
from pipeline.core.procedure import Answer, Missing
from pipeline.definitions import forms, procedure
from pipeline.definitions.procedure import StepForm
from pipeline.derive.procedure import Ground, registry, step
from pipeline.render.charts import data as chart_data
from pipeline.render.charts.flow import flow_of, flowchart
from pipeline.render.context.results import RESULTS
from pipeline.render.context.shown import Source
from pipeline.render.orders import orders
from pipeline.render.step_lines import step_lines
from tests import cases
from tests.cases import DORM, load_case, read_case, write_sample
from tests.check.followed import Edit, followed, recorded, removed, typed
from tests.check.reported import found_by
from tests.made_portfolio import remembered, surveyed
from tests.made_projects import made
from tests.render.page.test_status import shown

BLOCK = """[[step]]
key = "rehearsal"
title = "讲标演练"
clause = "6.4.5"
kind = "must"
after = ["tests"]
state = "演练中"
tone = 3
sheets = ["records.rehearsal"]
begun_by = ["records.rehearsal.date"]
opened_by = "notice"
days = ["records.rehearsal.date"]
dated = "讲标演练"
paper = "讲标演练记录"
fills = ["项目经理"]

"""
SHEET = """
[[sheet]]
key = "rehearsal"
name = "讲标演练"
kind = "form"
clause = "6.4.5"
fields = [{key = "date", label = "日期", type = "date", required = "Y"}]
"""


def answered(g: Ground, form: StepForm) -> Answer:
    day = g.records.day("rehearsal", "date")
    cell = g.where("records", "rehearsal", "date")
    return g.answer(form, [] if day else [Missing("讲标演练", cell, g.filler(form))], (), day)


@pytest.fixture
def rehearsed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Case]:
    """The dormitory sample in a company that also rehearses its bids: one block, one function, one sheet."""
    real, folder = forms.data_folder, tmp_path / "input_templates"
    shutil.copytree(real("input_templates"), folder)
    records = next(folder.glob("06_*.toml"))
    records.write_text(records.read_text(encoding="utf-8") + SHEET, encoding="utf-8")
    text = procedure.FILE.read_text(encoding="utf-8")
    before_bid = text.index('[[step]]\nkey = "bid"')
    own = tmp_path / "procedure.toml"
    own.write_text(text[:before_bid] + BLOCK + text[before_bid:], encoding="utf-8")
    monkeypatch.setattr(forms, "data_folder", lambda name: folder if name == "input_templates" else real(name))
    monkeypatch.setattr(procedure, "FILE", own)
    monkeypatch.setattr(registry, "ASKED", dict(registry.ASKED))
    monkeypatch.setattr(cases, "_WRITTEN", {})
    step("rehearsal")(answered)
    forms.load_forms.cache_clear()
    yield read_case(write_sample(tmp_path / "sample"))
    forms.load_forms.cache_clear()


def source(case: Case) -> Source:
    return Source(case.project, case.company, case.facts, case.forms)


def test_a_step_is_added_by_one_block_one_function_and_one_sheet(rehearsed: Case) -> None:
    later = ("bidding", "creview", "problems", "signing", "closing", "handover")
    facts = followed(rehearsed, [edit for sheet in later for edit in (emptied(sheet), removed(sheet))]).facts
    assert (facts.state, facts.next_gate, facts.missing) == ("执行中", "讲标演练(6.4.5)", ("讲标演练",))
    assert [(one.what, one.person) for one in facts.entries.awaited] == [("讲标演练记录", "秦川")]
    waiting = step_lines(facts, wanted="rehearsal")
    assert waiting[0] == "讲标演练(6.4.5)  下一关口"
    assert "讲标演练!C7" in waiting[1]
    assert waiting[1].endswith("项目经理 秦川 E106")


def test_its_day_counts_wherever_days_count(rehearsed: Case) -> None:
    late = followed(rehearsed, [recorded("rehearsal", "head", date=date(2026, 7, 20))])
    (finding,) = found_by([gates.in_order], late)
    assert finding.message() == "流程日期顺序错误:投标递交 2026-07-14早于讲标演练 2026-07-20。"
    last = followed(
        late,
        [
            edit
            for sheet in ("bidding", "creview", "problems", "signing", "closing", "handover")
            for edit in (emptied(sheet), removed(sheet))
        ],
    )
    assert last.facts.state == "演练中"


def test_it_stands_on_the_chart_the_page_and_in_the_procedure(rehearsed: Case) -> None:
    flow = flow_of(rehearsed.facts.steps)
    assert [stop.box.name for stop in flow.stops][10:13] == ["系统测试和评审", "讲标演练", "与客户洽谈、投标"]
    assert flow.states[11] == "进行中"
    assert flowchart(flow).startswith(b"\x89PNG")
    assert {"step": "讲标演练", "clause": "6.4.5", "state": "进行中"} in [
        {key: str(value) for key, value in line.items()} for line in RESULTS["flow"](source(rehearsed))
    ]
    page = shown(surveyed([remembered(made(1, "演练中"))], quiet=True))
    assert '<i class="dot s3" aria-hidden="true"></i>演练中 <b>1</b>' in page
    printed = CliRunner().invoke(show_procedure).stdout
    assert "  步骤  讲标演练（rehearsal，必须）" in printed


def test_a_block_without_its_function_is_named(rehearsed: Case) -> None:
    del registry.ASKED["rehearsal"]
    with pytest.raises(DefinitionError, match="步骤“rehearsal”没有函数"):
        followed(rehearsed, [])


def test_a_function_that_fails_is_named_and_no_finding(rehearsed: Case) -> None:
    registry.ASKED["rehearsal"] = lambda g, form: g.company.nothing  # type: ignore[attr-defined]
    with pytest.raises(PipelineError, match=r"步骤 讲标演练\(6.4.5\).*自身出错"):
        followed(rehearsed, [])


# -- the steps ---------------------------------------------------------------------------------------------------------


def emptied(sheet: str) -> Edit:
    """Labelled cells of a sheet of workbook 06 as nobody has filled them."""

    def edit(case: Case) -> Case:
        head = case.project.head("records", sheet)
        return recorded(sheet, "head", **dict.fromkeys(head.cells))(case) if head.cells else case

    return edit


def failed_again(case: Case) -> Case:
    """015: T02 was repeated and passed; a third row, lower down, is of an earlier day and failed."""
    return added(case, date=date(2026, 7, 6), verdict="不通过")


def added(case: Case, **values: object) -> Case:
    """One more result of T02 below the others."""
    sheet = case.project.sheet("records", "test_results")
    row = next(row for row in reversed(sheet.rows) if row.text("no") == "T02")
    more = replace(sheet, rows=(*sheet.rows, replace(row, number=60)))
    book = case.project.workbooks["records"]
    book = replace(book, sheets={**book.sheets, "test_results": more})
    project = replace(case.project, workbooks={**case.project.workbooks, "records": book})
    return recorded("test_results", 60, **values)(replace(case, project=project))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("day", "verdict", "passed"),
    [
        pytest.param(date(2026, 7, 10), "不通过", False, id="failed last, by date"),
        pytest.param(date(2026, 7, 10), "复测通过", True, id="passed once more"),
        pytest.param(date(2026, 7, 1), "不通过", True, id="an earlier failure, written down later"),
        pytest.param(None, "不通过", False, id="without a date the lower row is the last"),
    ],
)
def test_a_test_that_failed_last_is_passed_nowhere(day: date | None, verdict: str, passed: bool) -> None:
    case = followed(load_case(), [lambda case: added(case, date=day, verdict=verdict)])
    rules = {finding.rule.code for finding in found_by(gates.CHECKS, case)} & {"G309", "W194"}
    assert ("tests" in case.facts.passed) == passed
    assert rules == (set() if passed else {"W194"})
    assert (case.facts.next_gate, case.facts.missing) == (
        ("", ()) if passed else ("系统测试(6.4.4)", ("测试记录 T02",))
    )
    counted = {row.name: row.parts[0] for row in chart_data.tests(source(case))}
    assert counted.get("不通过", 0) == (0 if passed else 1)


@pytest.mark.parametrize(("days", "followed_up"), [(0, True), (-1, False), (1, True)])
def test_tracking_on_the_very_day_of_the_notice_counts(days: int, followed_up: bool) -> None:
    """6.4.2: the notice of 015 is of 3 June; everything else was before it."""
    rows = load_case().project.rows("records", "tracking")
    edits = [recorded("tracking", row.number, date=date(2026, 5, 1)) for row in rows]
    case = followed(load_case(), [*edits, recorded("tracking", rows[0].number, date=date(2026, 6, 3 + days))])
    assert ("tracking" in case.facts.passed) == followed_up
    assert case.facts.missing == (() if followed_up else ("用户跟踪情况报告",))


def test_an_objection_is_settled_by_name_result_and_day_everywhere() -> None:
    settled = {"cxo": "E002", "cxo_result": "按调整后的工期同意", "cxo_date": date(2026, 6, 1)}
    objected = {"opinion": "不同意", "opinion_text": "工期过短"}
    for lacking in settled:
        case = followed(load_case(), [recorded("countersign", 8, **objected, **{**settled, lacking: None})])
        assert case.facts.missing == ("CXO协调：网络工程部",)
        assert {f.rule.code for f in found_by(gates.CHECKS, case)} == {"G301", "W193"}
    case = followed(load_case(), [recorded("countersign", 8, **objected, **settled)])
    assert (case.facts.missing, found_by(gates.CHECKS, case)) == ((), [])


def test_what_the_project_does_not_need_is_missing_nowhere() -> None:
    case = followed(load_case(), [removed("test_results"), typed("plan", "basics", "head", needs_test="否")])
    answer = case.facts.steps["tests"]
    assert (answer.needed, answer.done, answer.passed, answer.missing) == (False, False, True, ())
    assert step_lines(case.facts, wanted="6.4.4") == ["系统测试(6.4.4)  不需要"]
    made_of = [order.form.code for order in orders(source(case), cases_documents())]
    assert "STR" not in made_of


def cases_documents() -> list[object]:
    from pipeline.definitions.documents import load_documents

    return list(load_documents().values())


def test_every_step_says_when_and_by_whom() -> None:
    lines = {line.split("(")[0]: line for line in step_lines(load_case(code=DORM).facts)}
    assert lines["签订合同"].startswith(
        "签订合同(6.5)  已完成  2026-07-29  秦川  [06_过程记录_LY-SQ-2026-015.xlsx]合同签订!C7"
    )
    assert lines["变更"] == "变更(6.4.8)  未开展"
