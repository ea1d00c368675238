from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import docx
import pytest

from pipeline.core.documents import Document
from pipeline.definitions.documents import DocumentForm, load_documents
from pipeline.definitions.procedure import load_procedure
from pipeline.render.context.document import DocumentInfo
from pipeline.render.context.shown import Source
from pipeline.render.maker import FRONT, SYSTEM, Maker, wanted
from pipeline.render.orders import Order, file_part, newest, orders, reached, state_of
from pipeline.render.word import fill as rendering
from tests.cases import DORM, TV, expected, load_case
from tests.render.cuts import sample

ORDER = list(load_procedure().gates)


def source(edits: list[dict[str, Any]]) -> Source:
    case = load_case(edits)
    return Source(case.project, case.company, case.facts, case.forms)


def form(**given: Any) -> DocumentForm:
    return DocumentForm(**{"code": "TST", "title": "测试", "template": "TST.docx", "state": "待签", **given})


APPLICATION = form(code="PIA", due="countersign", record="records.application.apply_date")
APPROVAL = form(code="PAR", due="application", record="records.approval")
REVIEW = form(
    code="CRO",
    due="bid",
    record="records.creview.date",
    per="records.creview",
    row_name="dept",
    day=("records.creview.date",),
)
MEMO = form(code="MEM", per="records.memos", row_name="no", day=("records.memos.start",))
ORAL = form(
    code="OAC",
    per="records.agreements",
    row_name="no",
    record="records.agreements.coo_date",
    when="records.agreements.origin=口头",
)
TESTS = form(code="STR", due="scheme", record="records.test_results.date", when="plan.basics.needs_test=是")
LATER = ["creview", "problems", "signing", "closing", "handover"]


def made(found: list[Order]) -> list[tuple[str, str, str]]:
    return [(order.form.code, order.part, order.state) for order in found]


# -- which documents, in which state ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cleared", "document", "states"),
    [
        ((), APPLICATION, ["记录"]),
        (("application",), APPLICATION, ["待签"]),
        (("application", "countersign"), APPLICATION, []),
        (("countersign",), APPLICATION, ["记录"]),
        ((), APPROVAL, ["记录"]),
        (("approval",), APPROVAL, ["待签"]),
        (("approval", "application"), APPROVAL, []),
        ((*LATER,), REVIEW, ["待签"] * 6),
        ((*LATER, "bidding"), REVIEW, []),
        ((), REVIEW, ["记录"] * 6),
        (("test_results", *LATER, "bidding"), TESTS, ["待签"]),
        ((), TESTS, ["记录"]),
    ],
)
def test_paper_comes_when_the_step_before_is_done_and_is_a_record_once_filled(
    cleared: tuple[str, ...], document: DocumentForm, states: list[str]
) -> None:
    """Design 7.7; what was recorded is printed even where the step before it is missing."""
    assert [order.state for order in orders(sample(cleared=cleared), [document])] == states


def test_a_cleared_sheet_of_a_real_workbook_reads_the_same() -> None:
    edits = [{"op": "clear_sheet", "workbook": "records", "sheet": sheet} for sheet in ("approval", *LATER)]
    assert made(orders(source(edits), [APPROVAL, REVIEW])) == [("PAR", "", "待签")]


def test_a_chain_of_approvals_is_a_record_when_all_have_decided() -> None:
    found = orders(sample(without=("approval", "role", "COO")), [APPROVAL])
    assert [order.state for order in found] == ["部分登记"]


def test_a_chain_that_ends_with_a_refusal_is_a_record_too() -> None:
    edit = {
        "op": "set",
        "workbook": "records",
        "sheet": "approval",
        "match": {"role": "部门经理"},
        "field": "decision",
        "value": "不批准",
    }
    assert [order.state for order in orders(source([edit]), [APPROVAL])] == ["记录"]
    assert not reached(source([edit]).facts, "survey")


def test_departments_that_have_not_answered_get_their_own_paper() -> None:
    found = {part: state for _, part, state in made(orders(sample(without=("creview", "dept", "财务部")), [REVIEW]))}
    assert found["财务部"] == "待签"
    assert Counter(found.values()) == {"记录": 5, "待签": 1}


def test_one_document_a_row_that_fits() -> None:
    assert made(orders(sample(), [MEMO])) == [("MEM", "HY-01", "记录")]
    assert made(orders(sample(TV), [ORAL])) == [("OAC", "AG-02", "记录"), ("OAC", "AG-03", "记录")]
    assert orders(sample(cleared=("memos",)), [MEMO]) == []


def test_rows_of_the_same_name_do_not_share_a_file() -> None:
    by_place = form(per="records.memos", row_name="place")
    again = {
        "op": "add_row",
        "workbook": "records",
        "sheet": "memos",
        "row": {"no": "HY-02", "title": "会", "place": "公司302会议室"},
    }
    assert [order.part for order in orders(source([again]), [by_place])] == ["公司302会议室", "公司302会议室.2"]


@pytest.mark.parametrize(
    ("when", "count"),
    [
        ("plan.basics.needs_test=是", 1),
        ("plan.basics.needs_test=否", 0),
        ("plan.basics.needs_test!=否", 1),
        ("records.bidding.result=中标|成交", 1),
        ("records.bidding.result!=未中标|废标", 1),
        ("records.problems", 1),
        ("records.changes", 0),
        ("records.problems; records.changes", 0),
        ("records.problems.kind=商务", 1),
        ("records.problems.kind=法律", 0),
        ("records.notice.notify=网络产品部", 1),
        ("records.changes|records.problems", 1),
        ("records.changes.no|records.problems.kind=商务", 1),
        ("records.changes|records.changes.no", 0),
    ],
)
def test_conditions(when: str, count: int) -> None:
    assert len(orders(sample(), [form(when=when)])) == count


def test_only_the_systems_own_documents_while_errors_are_open() -> None:
    assert {order.form.code for order in wanted(sample(), blocked=True, draft=False)} == {"XCK", "VAL"}
    assert len(wanted(sample(), blocked=True, draft=True)) > len(SYSTEM)


@pytest.mark.parametrize("code", [TV, DORM])
def test_the_samples_make_every_document_that_is_expected(code: str) -> None:
    counted = Counter(order.form.code for order in wanted(sample(code), blocked=False, draft=False))
    due = {key: count for key, count in expected(code)["documents"].items() if key != FRONT and count}
    copies = {"CSC": 1, "STC": 1}  # what the customer gets of CSR and STR
    assert {key: count for key, count in counted.items() if key not in SYSTEM} == due | copies


@pytest.mark.parametrize("code", [TV, DORM])
def test_signed_documents_of_finished_projects_are_records(code: str) -> None:
    recorded = [order for order in wanted(sample(code), blocked=False, draft=False) if order.form.record]
    assert {order.state for order in recorded} <= {"记录", ""}


def test_a_gate_is_reached_when_all_before_it_are_passed() -> None:
    facts = sample(cleared=("req_review",)).facts
    assert [key for key in ORDER if not reached(facts, key)] == ORDER[ORDER.index("req_review") :]


# -- names, versions, dates ---------------------------------------------------------------------------------------


def test_the_newest_filled_date_dates_the_document() -> None:
    here = sample()
    assert newest(here, orders(here, [MEMO])[0])[0] == date(2026, 6, 18)
    both = form(day=("records.application.apply_date", "records.scheme.approve_date"))
    found, at = newest(here, Order(both))
    assert (found, at and at.sheet) == (date(2026, 7, 2), "方案审批")


def test_before_its_record_a_document_is_of_the_day_of_the_step_before() -> None:
    gone = ("approval", "notice", "tracking", "req_review", "scheme", "test_results", "bidding", *LATER)
    here = sample(cleared=gone)
    assert newest(here, Order(form(day=("records.approval.date",))))[0] == date(2026, 6, 2)


@pytest.mark.parametrize(
    ("part", "name"), [("HY-01", "HY01"), ("2026-W15", "2026W15"), ("网络/产品 部_", "网络产品部"), ("/", "X")]
)
def test_a_part_in_a_file_name(part: str, name: str) -> None:
    assert file_part(part) == name


def test_files_are_named_by_code_part_version_and_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    docx.Document().save(str(tmp_path / "TST.docx"))
    monkeypatch.setattr(rendering, "data_folder", lambda _: tmp_path)
    here, work = sample(), tmp_path / "work"
    work.mkdir()
    maker = Maker(here, work, None)
    memo = maker.make(orders(here, [MEMO])[0])
    assert (memo.docx.name, memo.code, memo.part) == ("LY-SQ-2026-015_MEM-HY01_A0_20260618.docx", "MEM", "HY-01")
    assert (memo.state, memo.version) == ("记录", "A/0")
    alone = maker.make(orders(here, [form(code="SAF", day=("records.scheme.approve_date",))])[0])
    assert (alone.docx.name, alone.part) == ("LY-SQ-2026-015_SAF_A0_20260702.docx", "")
    early = [
        {"op": "set", "workbook": "records", "sheet": "memos", "match": {"no": "HY-01"}, "field": key, "value": value}
        for key, value in (("start", "2026-01-05T10:00"), ("end", "2026-01-05T11:00"))
    ]
    of_no_version = orders(source(early), [replace(MEMO, about="record")])[0]
    before = Maker(source(early), work, None).make(of_no_version)
    assert before.docx.name == "LY-SQ-2026-015_MEM-HY01_20260105.docx"


def test_a_document_without_a_record_waits_and_one_without_signers_has_no_state() -> None:
    assert state_of(sample(), form()) == "待签"
    assert state_of(sample(), form(state="")) == ""


def test_every_document_of_the_catalogue_that_is_due_by_a_gate_names_a_record_or_rows() -> None:
    assert [f.code for f in load_documents().values() if f.due and not (f.record or f.per)] == []


def test_a_lost_bid_needs_no_paper_of_the_contract() -> None:
    edits = [{"op": "clear_sheet", "workbook": "records", "sheet": sheet} for sheet in LATER]
    lost = {
        "op": "set",
        "workbook": "records",
        "sheet": "bidding",
        "part": "header",
        "field": "result",
        "value": "未中标",
    }
    here = source([*edits, lost])
    ending = form(code="CLO", due="signing", record="records.closing.close_date")
    assert made(orders(here, [REVIEW, ending])) == [("CLO", "", "待签")]
    codes = {order.form.code for order in wanted(here, blocked=False, draft=False)}
    assert not {"CRO", "CRV", "CPM", "SGN", "ACC", "HND"} & codes
    assert {"SUM", "CLO", "BRV"} <= codes


def test_either_of_two_records_is_enough() -> None:
    either = form(record="records.handover.archive_date|records.archive.archive_date", due="handover")
    assert [order.state for order in orders(sample(), [either])] == ["记录"]
    assert orders(sample(cleared=("handover",)), [either]) == []


def test_the_contents_of_a_pack_tell_papers_of_one_kind_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = list[DocumentInfo]()

    def write(_: DocumentForm, docx: Path, info: DocumentInfo) -> tuple[Path, None]:
        found.append(info)
        return docx, None

    maker = Maker(sample(DORM), tmp_path, None)
    monkeypatch.setattr(maker, "write", write)
    papers = [
        Document(code, title, "A/0", "记录", date(2026, 7, 1), tmp_path, pages=1, part=part)
        for code, title, part in (
            ("CRO", "评审意见表", "财务部"),
            ("CRO", "评审意见表", "质量管理部"),
            ("PPR", "计划报告", ""),
        )
    ]
    maker.front("评审包", date(2026, 7, 1), papers, "X_评审包_V1_20260701", 2)
    assert [part.title for part in found[0].pack.parts] == ["评审意见表 财务部", "评审意见表 质量管理部", "计划报告"]
