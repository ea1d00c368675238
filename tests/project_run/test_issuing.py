"""Issued once, rule by rule: real templates and registers, few documents, no PDFs."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import docx as word
import pytest

from pipeline.adapters.files import sha256
from pipeline.deliver.issued.register import Wish
from pipeline.project_run import issuing
from pipeline.render.maker import SYSTEM
from pipeline.render.word import fill
from pipeline.render.writer import Writer
from tests.cases import ROOT
from tests.project_run.grown import Edit, Grown, cell, head, paper, row, said

RULES = ("X250", "X251")
OTHER_SCHEME = cell("records", "scheme", "name", "改名的方案")
DAYS = {"start": "2026-07-08", "end": "2026-07-08"}
OTHER_TEST = row(
    *("plan", "tests"), no="T04", item="漫游", criteria="≤1秒", resource="终端", basis="网络系统方案V1.1", **DAYS
)
TESTED = row(
    *("records", "test_results"),
    **{"no": "T04", "criteria": "≤1秒", "actual": "0.2秒", "verdict": "通过", "tester": "E106", "lead": "E106"},
    **{"date": "2026-07-08", "witness": "孔维安"},
)
RENAMED = [
    cell("plan", "basics", "customer_name", "新客户名"),
    cell("survey", "items", "value", "新客户名", no="A01"),
]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Grown:
    """SAF signed and recorded, STR waiting for its record."""
    grown = Grown(tmp_path_factory.mktemp("kept"), {"SAF", "STR"})
    grown.build("req_review")
    grown.build("scheme")
    return grown


@pytest.fixture
def waiting(kept: Grown, tmp_path: Path) -> Grown:
    """A copy of it."""
    shutil.copytree(kept.out, tmp_path / "out")
    return Grown(tmp_path, kept.codes, list(kept.runs))


# -- first time, renewal, registration --------------------------------------------------------------------------------


def test_a_paper_waits_and_then_stands_as_record(kept: Grown) -> None:
    assert [(i.seq, i.state, i.kind) for i in kept.issues("SAF")] == [(1, "待签", "首次"), (2, "记录", "登记")]
    assert [(i.seq, i.state) for i in kept.issues("STR")] == [(1, "待签")]
    assert said(kept.runs[-1], *RULES) == []


def test_what_waits_is_renewed_until_its_record(waiting: Grown) -> None:
    before = waiting.issues("STR")
    result = waiting.build("scheme", cell("plan", "tests", "item", "样板间信号", no="T01"))
    [renewed] = waiting.issues("STR")
    assert (renewed.seq, renewed.state, renewed.kind) == (before[0].seq, "待签", "续新")
    assert renewed.docx != before[0].docx
    assert waiting.text(renewed, "plan.tests[0].item") == "样板间信号"
    assert said(result, *RULES) == []


def test_nothing_changed_nothing_is_issued(waiting: Grown) -> None:
    register = (waiting.output / "issued" / "register.json").read_bytes()
    waiting.build("scheme", day=date(2027, 3, 1))
    assert (waiting.output / "issued" / "register.json").read_bytes() == register


def test_the_register_knows_what_belongs_to_the_record(kept: Grown) -> None:
    record = kept.issues("SAF")[-1]
    assert (record.plan, record.day, record.on) == (
        "A/0",
        date(2026, 7, 2),
        kept.runs[-1].facts and kept.runs[-1].facts.as_of,
    )
    assert sha256(ROOT / "output_templates" / "SAF.docx") == record.template
    assert sha256(paper(kept.runs[-1], "SAF").docx) == record.docx
    rows = (kept.output / "issued" / "files" / f"{record.values}.json").read_text("utf-8")
    assert '["records.scheme.approve_opinion","同意","同意",[["06_过程记录_LY-SQ-2026-015.xlsx","方案审批",' in rows


def announced(grown: Grown, *edits: Edit, last: str = "scheme") -> list[str]:
    """Codes of the papers that a build has converted ahead, beside those of the system."""
    told: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Writer, "expect", lambda _, form, docx, *about: told.append(docx.name.split("_")[1]))
        grown.build(last, *edits)
    return [code for code in told if code not in SYSTEM]


def test_only_what_will_be_made_is_converted_ahead(waiting: Grown) -> None:
    assert announced(waiting) == []
    changed = (OTHER_SCHEME, cell("plan", "tests", "item", "样板间信号", no="T01"))
    assert announced(waiting, *changed) == ["SAF", "STR"]  # the correction of a record, and what waits for one


# -- a record stands --------------------------------------------------------------------------------------------------


@pytest.fixture
def other_template(tmp_path: Path) -> Iterator[Path]:
    """Templates of which that of SAF says something else."""
    folder = Path(shutil.copytree(ROOT / "output_templates", tmp_path / "templates"))
    template = word.Document(str(folder / "SAF.docx"))
    template.add_paragraph("新母版")
    template.save(str(folder / "SAF.docx"))
    with pytest.MonkeyPatch.context() as patch:
        issuing.template_hash.cache_clear()
        patch.setattr(fill, "data_folder", lambda _: folder)
        patch.setattr(issuing, "data_folder", lambda _: folder)
        yield folder
    issuing.template_hash.cache_clear()


def test_a_record_stands_whatever_plan_survey_template_and_people_become(waiting: Grown, other_template: Path) -> None:
    """The same bytes under the same name, though everything around it changed."""
    before = paper(waiting.runs[-1], "SAF")
    content = before.docx.read_bytes()
    result = waiting.build(
        "scheme",
        *RENAMED,
        cell("survey", "items", "value", "别的", no="A05"),
        cell("master", "persons", "name", "白露露", emp_no="E203"),
        cell("records", "req_review", "opinion_text", "改过", topic="技术可行性"),
        day=date(2026, 12, 1),
    )
    assert not result.blocked
    after = paper(result, "SAF")
    assert after.docx.name == before.docx.name
    assert (waiting.output / "docx" / before.docx.name).read_bytes() == content
    assert [i.seq for i in waiting.issues("SAF")] == [1, 2]


def test_the_register_keeps_which_cells_of_the_record_were_filled(kept: Grown) -> None:
    """Printed or not, so that under another template what was filled later is told from what it prints besides."""
    waiting, record = kept.issues("SAF")
    assert "方案审批!C7" in record.filled
    assert {name.split("!")[0] for name in record.filled} == {"方案审批"}
    assert waiting.filled == ()


def test_the_bytes_come_back_when_the_folder_was_emptied(waiting: Grown) -> None:
    name = paper(waiting.runs[-1], "SAF").docx.name
    content = (waiting.output / "docx" / name).read_bytes()
    shutil.rmtree(waiting.output / "docx")
    waiting.build("scheme", OTHER_TEST)
    assert (waiting.output / "docx" / name).read_bytes() == content


# -- what was signed --------------------------------------------------------------------------------------------------


def test_what_was_signed_is_printed_and_both_values_are_named(waiting: Grown) -> None:
    result = waiting.build("test_results", OTHER_SCHEME)
    record = waiting.issues("STR")[-1]
    assert (record.state, record.kind) == ("记录", "登记")
    assert waiting.text(record, "records.scheme.name") == "网络系统方案"
    assert waiting.text(record, "tests_conclusion") == "全部通过"
    [finding] = [f for f in result.findings if f.rule.code == "X250"]
    assert (finding.values["expected"], finding.values["found"]) == ("网络系统方案", "改名的方案")
    assert (finding.at.sheet, finding.at.cell) == ("方案审批", "C7")
    assert not finding.blocks


def test_the_finding_goes_when_the_signed_value_is_back(waiting: Grown) -> None:
    waiting.build("test_results", OTHER_SCHEME)
    assert said(waiting.build("test_results", OTHER_SCHEME), "X250") != []
    assert said(waiting.build("test_results"), *RULES) == []


def test_a_row_more_cannot_be_printed_as_signed(waiting: Grown) -> None:
    """The signed paper stays, nothing new is issued, and the finding says what came."""
    signed = waiting.issues("STR")[-1]
    result = waiting.build("test_results", OTHER_TEST, TESTED)
    assert waiting.issues("STR") == [signed]
    assert sha256(paper(result, "STR").docx) == signed.docx
    [finding] = [f for f in result.findings if f.rule.code == "X251"]
    assert "漫游" in finding.values["list"]
    assert waiting.build("test_results").documents
    assert waiting.issues("STR")[-1].state == "记录"


# -- corrections ------------------------------------------------------------------------------------------------------


def test_a_corrected_record_keeps_the_rest_and_the_former_paper(waiting: Grown) -> None:
    old = paper(waiting.runs[-1], "SAF").docx
    result = waiting.build(
        "scheme",
        cell("records", "scheme", "approve_date", "2026-07-03"),
        *RENAMED,
    )
    first, second, third = waiting.issues("SAF")
    assert [first.kind, second.kind, third.kind] == ["首次", "登记", "更正"]
    assert waiting.text(third, "records.scheme.approve_date") == "2026-07-03"
    assert waiting.text(third, "project.customer") == waiting.text(second, "project.customer")
    assert old.is_file()
    assert old.name != paper(result, "SAF").docx.name
    assert waiting.shelf.file(second.docx, "docx", second).is_file()


def test_what_is_filled_in_later_completes_a_record(waiting: Grown) -> None:
    waiting.build("scheme", cell("records", "scheme", "check_opinion", None))
    waiting.build("scheme")
    assert [i.kind for i in waiting.issues("SAF")] == ["首次", "登记", "更正", "补登"]


def test_an_emptied_record_is_void_and_kept(waiting: Grown) -> None:
    result = waiting.build("req_review", day=date(2026, 12, 2))
    _, record, again = waiting.issues("SAF")
    assert (record.ended, record.ended_as) == (date(2026, 12, 2), "作废")
    assert (again.state, again.kind) == ("待签", "首次")
    assert paper(result, "SAF").state == "待签"
    assert "作废(2026-12-02)" in (waiting.output / "issued" / "签发登记.csv").read_text("utf-8-sig")


def test_half_an_emptied_record_stands(waiting: Grown) -> None:
    """One cell that somebody cleared is no reason to take the record back."""
    result = waiting.build("scheme", cell("records", "scheme", "approve_date", None))
    assert waiting.issues("SAF")[-1].ended is None
    assert paper(result, "SAF").state == "记录"


def test_a_paper_is_issued_anew_on_request_only(waiting: Grown) -> None:
    waiting.build("scheme", *RENAMED)
    assert len(waiting.issues("SAF")) == 2
    result = waiting.build("scheme", *RENAMED, reissue=[Wish("SAF", "", "客户名印错", date(2026, 12, 1))])
    last = waiting.issues("SAF")[-1]
    assert (last.kind, last.reason, waiting.text(last, "project.customer")) == ("重出", "客户名印错", "新客户名")
    assert "客户名印错" in paper(result, "SAF").reissued
    waiting.build("scheme", *RENAMED)
    assert waiting.issues("SAF")[-1] == last


# -- side by side, errors ---------------------------------------------------------------------------------------------


RAISED = [
    cell("plan", "basics", "plan_version", "A/1"),
    row("plan", "revisions", version="A/1", date="2026-06-02", change="修订", by="E103", total="712346"),
]


def test_versions_stand_side_by_side(tmp_path: Path) -> None:
    """A/0 as record beside A/1 that waits, the last first."""
    project = Grown(tmp_path, {"PP1", "PAF"})
    project.build("countersign")
    first = {d.code: d.docx.read_bytes() for d in project.runs[-1].documents if d.state}
    result = project.build("countersign", *RAISED)
    papers = [(d.code, d.version, d.state) for d in result.documents if d.code == "PP1"]
    assert papers == [("PP1", "A/1", "待签"), ("PP1", "A/0", "记录")]
    assert next(d for d in result.documents if d.version == "A/0" and d.code == "PP1").docx.read_bytes() == first["PP1"]


@pytest.fixture(scope="module")
def raised(tmp_path_factory: pytest.TempPathFactory) -> Grown:
    """The plan of A/0 countersigned, then raised to A/1."""
    project = Grown(tmp_path_factory.mktemp("raised"), {"PPR", "PAF"})
    project.build("countersign")
    project.build("countersign", *RAISED)
    return project


def test_a_countersignature_corrected_later_is_named_beside_the_plan_that_was_signed(raised: Grown) -> None:
    """The approval sheet of A/0 is corrected; the plan of A/0 cannot be made any more, and says the old day."""
    assert said(raised.runs[-1], *RULES, "X252") == []
    other = cell("records", "countersign", "sign_date", "2026-05-31", dept="财务部")
    result = raised.build("countersign", other, *RAISED)
    assert [i.kind for i in raised.issues("PAF") if i.version == "A/0"] == ["首次", "更正"]
    [finding] = [f for f in result.findings if f.rule.code == "X252"]
    assert (finding.values["expected"], finding.values["found"]) == ("2026-06-01", "2026-05-31")
    assert (finding.at.sheet, "PPR A/0" in finding.message()) == ("计划会签", True)
    assert said(raised.build("countersign", other, *RAISED), "X252") != []
    assert said(raised.build("countersign", *RAISED), "X252") == []


# -- a review that found nothing --------------------------------------------------------------------------------------

AGREED = [
    *(
        cell("records", "creview", key, value, dept=dept)
        for dept in ("网络产品部", "网络工程部", "财务部")
        for key, value in (("opinion", "同意"), ("opinion_text", None))
    ),
    head("records", "creview", "conclusion", "评审通过"),
]
PROBLEM = {
    **{"no": "P-01", "dept": "财务部", "raiser": "E601", "desc": "付款条件", "kind": "商务", "status": "已解决"},
    **{"countermeasure": "增加到货款", "owner": "E601", "due": "2026-07-27", "result": "第6.1条增加到货款30%"},
    **{"close_date": "2026-07-27", "verifier": "E701"},
}


def test_a_problem_sheet_with_nothing_is_a_record_and_corrected_when_a_problem_comes(tmp_path: Path) -> None:
    project = Grown(tmp_path, {"CPM"})
    project.build("creview", *AGREED)
    project.build("creview", *AGREED, row("records", "problems", **PROBLEM))
    assert [(i.state, i.kind) for i in project.issues("CPM")] == [("记录", "首次"), ("记录", "更正")]
    assert [project.text(i, "problems.none") for i in project.issues("CPM")] == ["无", ""]


def test_open_errors_stop_new_papers_and_remove_none(waiting: Grown) -> None:
    register = waiting.register
    result = waiting.build("test_results", cell("plan", "basics", "pm", "E999"))
    assert result.blocked
    assert [(d.code, d.state) for d in result.documents if d.code not in {"VAL", "XCK"}] == [("SAF", "记录")]
    assert waiting.register == register
