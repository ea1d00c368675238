"""From the survey to the archive: documents, states and packs of both samples, and of 015 cut at each stage."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipeline.check.case import Case
from pipeline.check.judge import judge
from pipeline.cli import run
from pipeline.core.attachments import scans_of
from pipeline.core.documents import ProjectResult
from pipeline.definitions.forms import load_forms
from pipeline.definitions.values import Content, Master00
from pipeline.definitions.writer import write_workbook
from pipeline.deliver.verify import verify
from pipeline.render.context.shown import Source
from pipeline.render.maker import pack_forms, wanted
from tests.cases import (
    DORM,
    ROOT,
    TV,
    expected,
    load_case,
    read_case,
    sample_builder,
    sample_data,
    write_sample,
)
from tests.e2e.built import Built, build, sample

Rebuilt = tuple[ProjectResult, ProjectResult]
SNAPSHOTS = json.loads((ROOT / "tests" / "data" / "snapshots.json").read_text(encoding="utf-8"))
ORDER = (
    "countersign",
    "application",
    "approval",
    "notice",
    "tracking",
    "req_review",
    "scheme",
    "test_results",
    "bidding",
    "creview",
    "problems",
    "signing",
    "closing",
    "handover",
)


def cut_after(last: str) -> list[Mapping[str, Any]]:
    """Edits that leave the record sheets up to one; what belongs to later gates goes too."""
    kept = ORDER[: ORDER.index(last) + 1] if last else ()
    gone = [sheet for sheet in ORDER if sheet not in kept]
    also = {
        "countersign": ["plan_approval"],
        "signing": ["agreements"],
        "scheme": ["changes", "reports", "memos", "actions"],
    }
    gone += [extra for sheet, extras in also.items() if sheet in gone for extra in extras]
    return [{"op": "clear_sheet", "workbook": "records", "sheet": sheet} for sheet in gone]


@pytest.fixture(scope="module", params=[TV, DORM])
def whole(request: pytest.FixtureRequest) -> Built:
    return sample(request.param)


def test_every_document_of_the_procedure_is_made(whole: Built) -> None:
    made = Counter(d.code for d in whole.result.documents)
    made["PKG"] = 1
    wanted = expected(whole.result.code)["documents"]
    assert {code: made[code] for code in wanted} == dict(wanted)
    assert set(made) - set(wanted) == {"XCK", "VAL", "AUD", "CSC", "STC"}


def test_recorded_documents_say_so(whole: Built) -> None:
    states = {d.state for d in whole.result.documents if d.code not in {"XCK", "VAL", "AUD", "CSR"}}
    assert states <= {"记录", "待签", ""}
    assert whole.document("PIA").state == "记录"


def test_three_packs_and_each_proves_itself(whole: Built) -> None:
    assert [p.name.split("_")[1] for p in whole.result.packs] == ["计划包", "评审包", "移交包"]
    for pack in whole.result.packs:
        assert verify(pack.folder) == []
        assert verify(pack.archive) == []


def test_the_reference_validator_accepts_the_bundle(whole: Built) -> None:
    bag = whole.pack("移交包").folder
    done = subprocess.run([str(Path(sys.executable).with_name("bagit.py")), "--validate", str(bag)], check=False)
    assert done.returncode == 0


def test_the_bundle_holds_workbooks_and_attachments(whole: Built) -> None:
    with zipfile.ZipFile(whole.pack("移交包").archive) as archive:
        names = [name.split("/", 2)[2] for name in archive.namelist() if "/data/" in name]
    assert sum(name.startswith("工作簿/") for name in names) == 7
    assert any(name.startswith("附件/销售合同") for name in names)


def test_what_the_customer_signs_shows_no_costs(whole: Built) -> None:
    papers = [d for d in whole.result.documents if d.docx.parent.name == "customer"]
    assert {d.code for d in papers} == {"OAC", "CSC", "STC"}
    assert whole.result.facts
    cost = f"{whole.result.facts.figure('cost', 'total').value:,.2f}"
    texts = {d.code: "\n".join(p.text for p in d.printed) for d in papers}
    for word in (cost, "内部", "Q/DY", "JL-", "A/0", "A/1", "登记", "待签", "记录编号", whole.result.code):
        assert {code: text for code, text in texts.items() if word in text} == {}
    assert not re.search(r"竞争对手|口头意向|跟踪计划|预计合同额", texts["CSC"])


def due(case: Case) -> dict[str, str]:
    """The documents that are made of a project without errors, and their states, by code."""
    assert [(f.rule.code, str(f.at)) for f in judge(case)[0] if f.blocks] == []
    here = Source(case.project, case.company, case.facts, case.forms)
    return {order.form.code: order.state for order in wanted(here, blocked=False, draft=False)}


@pytest.mark.parametrize("row", expected(DORM)["states_by_cut"][2:], ids=lambda row: row["cut"])
def test_state_next_gate_and_missing_at_each_cut(row: Mapping[str, str]) -> None:
    last = row["cut"].lstrip("+")
    case = load_case(cut_after(last))
    assert case.facts.state == row["state"]
    if last != "handover":
        assert case.facts.next_gate
        assert case.facts.missing


@pytest.mark.parametrize(
    ("last", "waiting", "recorded", "absent"),
    [
        ("", {"PPR", "PAF"}, set(), {"PIA", "PAR", "RRV", "HND"}),
        ("countersign", {"PIA"}, {"PAF"}, {"PAN", "RRV", "HND"}),
        ("approval", {"PAN"}, {"PIA", "PAR"}, {"SAF", "HND"}),
        ("problems", {"SGN"}, {"CRV", "RRV", "SAF"}, {"HND"}),
        ("signing", {"ACC", "CLO"}, {"SGN"}, {"IDX"}),
    ],
)
def test_paper_is_there_before_the_signature(
    last: str, waiting: set[str], recorded: set[str], absent: set[str]
) -> None:
    states = due(load_case(cut_after(last)))
    assert {code for code, state in states.items() if state == "待签"} >= waiting
    assert {code for code, state in states.items() if state == "记录"} >= recorded
    assert not absent & set(states)


def test_bid_lost_is_archived_without_handover() -> None:
    gone = ("creview", "problems", "signing", "agreements", "handover")
    edits: list[Mapping[str, Any]] = [{"op": "clear_sheet", "workbook": "records", "sheet": s} for s in gone]
    edits += [
        {
            "op": "set",
            "workbook": "records",
            "sheet": "bidding",
            "part": "header",
            "field": "result",
            "value": "未中标",
        },
        {"op": "set", "workbook": "records", "sheet": "closing", "field": "close_type", "value": "未中标终止"},
        {"op": "set", "workbook": "records", "sheet": "closing", "field": "accept_date", "value": None},
        {"op": "set", "workbook": "records", "sheet": "closing", "field": "accept_by", "value": None},
        {"op": "set", "workbook": "records", "sheet": "closing", "field": "accept_result", "value": None},
        *(
            {"op": "set", "workbook": "records", "sheet": "archive", "field": field, "value": value}
            for field, value in (
                ("archive_dept", "市场销售部"),
                ("archive_date", "2026-08-05"),
                ("retention_years", 15),
                ("retention_until", "2041-08-05"),
            )
        ),
    ]
    case = load_case(edits)
    assert (case.facts.state, case.facts.next_gate) == ("未中标结束", "")
    states = due(case)
    assert states["IDX"] == states["CLO"] == "记录"
    assert not {"SGN", "ACC", "HND", "CRV"} & set(states)


def blanked(sheet: str, *fields: str, part: str = "") -> list[Mapping[str, Any]]:
    """Edits that clear labelled cells of a record sheet."""
    where = {"part": part} if part else {}
    return [
        {"op": "set", "workbook": "records", "sheet": sheet, "field": field, "value": None, **where} for field in fields
    ]


CLOSE = (
    "close_date",
    "close_type",
    "summary_goal",
    "summary_experience",
    "summary_lesson",
    "actual_cost",
    "actual_days",
)
ARCHIVE = ("archive_dept", "archive_date", "retention_years", "retention_until")


@pytest.mark.parametrize(
    ("edits", "state", "missing"),
    [
        ([*cut_after("closing"), *blanked("closing", *CLOSE)], "已签订", "项目结束申请"),
        (blanked("handover", *ARCHIVE, part="header"), "已移交", "归档登记"),
        (
            [*cut_after("bidding"), *blanked("bidding", "result", "result_date", part="header")],
            "执行中",
            "投标（洽谈）结果",
        ),
        (
            [*cut_after("scheme"), *blanked("scheme", "checker", "check_date", "approver", "approve_date")],
            "执行中",
            "系统方案审批单（批准）",
        ),
    ],
    ids=["accepted, not closed", "handed over, not archived", "bid, no result yet", "scheme written, not approved"],
)
def test_half_a_sheet_is_early_and_no_error(edits: list[Mapping[str, Any]], state: str, missing: str) -> None:
    case = load_case(edits)
    assert (case.facts.state, case.facts.missing) == (state, (missing,))
    assert [f for f in judge(case)[0] if f.blocks] == []


def test_initiation_rejected_then_approved_in_the_second_round(tmp_path: Path) -> None:
    rows = load_case().project.rows("records", "approval")
    first = [
        {
            "op": "set",
            "workbook": "records",
            "sheet": "approval",
            "match": {"step": "2"},
            "field": "decision",
            "value": "不批准",
        },
        {
            "op": "set",
            "workbook": "records",
            "sheet": "approval",
            "match": {"step": "2"},
            "field": "date",
            "value": "2026-06-02",
        },
        {
            "op": "set",
            "workbook": "records",
            "sheet": "approval",
            "match": {"step": "1"},
            "field": "date",
            "value": "2026-06-02",
        },
    ]
    again = [
        {
            "op": "add_row",
            "workbook": "records",
            "sheet": "approval",
            "row": {
                "step": int(row.text("step")),
                "role": row.text("role"),
                "approver": row.text("approver"),
                "opinion_text": row.text("opinion_text"),
                "decision": row.text("decision"),
                "date": "2026-06-03",
                "round": 2,
            },
        }
        for row in rows
    ]
    rejected = [*first, *({"op": "clear_sheet", "workbook": "records", "sheet": sheet} for sheet in ORDER[3:])]
    assert load_case(rejected).facts.state == "立项未批准"
    case = read_case(write_sample(tmp_path, [*first, *again]))
    assert case.facts.state == "已归档"
    assert len(case.project.rows("records", "approval")) == 4


def test_archived_project_is_frozen(whole: Built) -> None:
    before = {path: path.stat().st_mtime_ns for path in whole.out.rglob("*") if path.is_file()}
    again = build(ROOT / "samples" / whole.result.code, whole.out)
    assert "冻结" in again.notes[0]
    assert {path: path.stat().st_mtime_ns for path in whole.out.rglob("*") if path.is_file()} == before


SNEAKY = {"op": "set", "workbook": "plan", "sheet": "risks", "match": {"no": "R01"}, "field": "desc", "value": "改过"}


@pytest.fixture(scope="module", params=["countersign", ""], ids=["countersigned", "not countersigned"])
def twice(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Rebuilt]:
    """One plan built, changed without a new version, and built again: when countersigned, and before."""
    folder: Path = tmp_path_factory.mktemp("twice")
    edits = cut_after(request.param)
    codes = {form.code for form in pack_forms("计划包")}
    first = build(write_sample(folder / "one", edits), folder / "out", *codes)
    return request.param, (first, build(write_sample(folder / "two", [*edits, SNEAKY]), folder / "out", *codes))


def test_plan_changed_under_its_version(twice: tuple[str, Rebuilt]) -> None:
    """Once it is countersigned an error (X230) that removes nothing issued; before, the next version of the pack."""
    countersigned, (first, second) = twice
    if countersigned:
        assert [f.rule.code for f in second.findings if f.blocks] == ["X230"]
        issued = {d.docx.name: d for d in first.documents if d.state == "记录"}
        assert {d.code for d in issued.values()} >= {"PPR", "PP1", "PP2", "PP3", "PAF"}
        assert {d.code for d in second.documents if d.docx.name not in issued} == {"XCK", "VAL"}
        assert {d.docx.name for d in second.documents} >= set(issued)
        return
    assert [p.version for p in (*first.packs, *second.packs)] == [1, 2]
    annex = (second.packs[0].folder / "变更对照.csv").read_text(encoding="utf-8-sig")
    assert "改过" in annex
    assert "暑假施工窗口短" in annex


def test_flip_one_byte_and_verify_names_the_file(whole: Built, tmp_path: Path) -> None:
    pack = Path(shutil.copytree(whole.pack("评审包").folder, tmp_path / whole.pack("评审包").name))
    victim = next(pack.rglob("*_CRV_*.docx"))
    content = bytearray(victim.read_bytes())
    content[len(content) // 2] ^= 1
    victim.write_bytes(content)
    assert any(victim.name in problem for problem in verify(pack))


def test_tv_project_at_its_approval_is_plan_a0_and_clean(tmp_path: Path) -> None:
    snapshot = next(s for s in SNAPSHOTS if s["project"] == TV)
    folder = write_sample(tmp_path, snapshot["ops"], TV)
    case = read_case(folder, date.fromisoformat(snapshot["as_of"]))
    found, _ = judge(case)
    assert case.project.head("plan", "basics").text("plan_version") == "A/0"
    assert case.facts.state == "已立项"
    assert [(f.rule.code, str(f.at)) for f in found if f.blocks] == []


@pytest.mark.parametrize(("valid_from", "hit"), [("2026-08-01", True), ("2027-01-01", False)])
def test_longer_retention_needs_one_row_in_workbook_00(valid_from: str, hit: bool) -> None:
    row = {"key": "retention_years", "value": "20", "valid_from": valid_from}
    case = load_case([{"op": "add_row", "workbook": "master", "sheet": "parameters", "row": row}])
    found, _ = judge(case)
    assert ({f.rule.code for f in found} == {"W190"}) is hit


def test_two_departments_write_in_their_own_workbook_06(tmp_path: Path) -> None:
    folder = write_sample(tmp_path)
    whole = next(folder.glob("06_*"))
    other = folder / f"06_过程记录_{DORM}_网络工程部.xlsx"
    builder, forms = sample_builder(), load_forms()
    made = builder.contents(sample_data(), DORM)
    records, master = made["records"], Master00(made["master"].sheets)
    mine = [row for row in records.sheets["countersign"] if row["dept"] == "网络工程部"]
    rest = [row for row in records.sheets["countersign"] if row["dept"] != "网络工程部"]
    others = {key: rows for key, rows in records.sheets.items() if key != "countersign"}
    write_workbook(forms["records"], whole, replace(records, sheets={**others, "countersign": rest}), master)
    write_workbook(forms["records"], other, Content(records.head, {"countersign": mine}), master)
    case = read_case(folder)
    rows = case.project.rows("records", "countersign")
    assert {row.at("dept").workbook for row in rows} == {whole.name, other.name}
    assert len(rows) == 5
    assert case.facts.state == "已归档"
    assert [f for f in judge(case)[0] if f.blocks] == []


def test_signed_scan_is_matched_and_kept(tmp_path: Path) -> None:
    source = write_sample(tmp_path / "in", cut_after("countersign"))
    scan = source / "签字件" / f"{DORM}_PAF_A0.pdf"
    scan.parent.mkdir()
    shutil.copy(next((source / "附件").glob("*.pdf")), scan)
    case = read_case(source)
    assert scans_of(case.project.attachments, "PAF")
    assert not scans_of(case.project.attachments, "PPR")


def test_explain_names_every_summed_cell(whole: Built, capsys: pytest.CaptureFixture[str]) -> None:
    pack = whole.pack("计划包").folder
    assert run(["explain", str(pack), "cost.total"]) == 0
    shown = capsys.readouterr().out
    assert whole.result.facts
    added = {str(place.cell) for place in whole.result.facts.figure("cost", "total").from_}
    assert added - _cells_of(shown) == set()
    assert "费用明细" in shown


def _cells_of(shown: str) -> set[str]:
    """Cells that are named, also within a run as K7:K9."""
    found = re.findall(r"\b([A-Z]+)([0-9]+)(?::\1([0-9]+))?", shown)
    return {f"{column}{row}" for column, first, last in found for row in range(int(first), int(last or first) + 1)}


def test_procedure_leads_from_clause_to_paper(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["procedure"]) == 0
    shown = capsys.readouterr().out
    for word in ("6.2.2", "批准通知书", "G304", "PAN"):
        assert word in shown
