"""One cause, one finding: what only follows from another is among its cells (rules B415, B412, F008, F026, F056)."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.check.judge import judge
from pipeline.core.documents import ProjectResult
from pipeline.core.findings import Finding, Severity
from pipeline.project_run.order import Job, RunRequest, run_project
from tests.cases import AS_OF, DORM, load_case, write_sample
from tests.check.followed import Edit, followed, recorded, removed, typed, with_files
from tests.check.reported import cells, table, with_sheet


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sample(tmp_path_factory.mktemp("clean"), (), DORM)


def checked(folder: Path) -> list[Finding]:
    found = run_project(Job(folder, next(folder.glob("00_*.xlsx")), RunRequest(AS_OF)))
    assert isinstance(found, ProjectResult)
    return [one for one in found.findings if one.rule.severity is not Severity.INFO]


def changed(sample: Path, into: Path, no: str, content: bytes | None) -> Path:
    """The sample with one workbook cut short, or without it."""
    shutil.copytree(sample, into)
    path = next(into.glob(f"{no}_*.xlsx"))
    path.unlink() if content is None else path.write_bytes(content)
    return into


@pytest.mark.parametrize("no", ["01", "02", "03", "04", "05"])
def test_a_workbook_that_was_not_read_is_one_finding(no: str, sample: Path, tmp_path: Path) -> None:
    """The missing workbook, the attachment, the application and the papers of the handover are all its cells."""
    folder = changed(sample, tmp_path / "case", no, next(sample.glob(f"{no}_*.xlsx")).read_bytes()[:3000])
    (finding,) = checked(folder)
    assert finding.rule.code == "B415"
    assert finding.at.workbook.startswith(no)
    assert "立项申请!C8" in cells(finding)


def test_a_workbook_that_nobody_handed_in_is_one_finding(sample: Path, tmp_path: Path) -> None:
    (finding,) = checked(changed(sample, tmp_path / "case", "03", None))
    assert (finding.rule.code, finding.at.workbook) == ("B412", DORM)
    assert cells(finding) == {"立项申请!C8", "移交清单!H25"}


def test_what_else_is_wrong_stays(sample: Path, tmp_path: Path) -> None:
    """An attachment that says something wrong itself does not follow from the workbook that is missing."""
    edits = [
        {"op": "set", "workbook": "records", "sheet": "application", "field": "att_annex", "value": "否"},
        {"op": "delete_row", "workbook": "records", "sheet": "countersign", "match": {"dept": "网络工程部"}},
    ]
    folder = write_sample(tmp_path / "case", edits, DORM)
    next(folder.glob("03_*.xlsx")).unlink()
    assert {"B412", "X225", "G301", "W193"} <= {code for _, code in table(checked(folder))}


def test_what_follows_a_refusal_is_one_finding(tmp_path: Path) -> None:
    edits = [{"op": "set", "workbook": "records", "sheet": "approval", "field": "decision", "value": "不批准",
              "match": {"step": "2"}}]  # fmt: skip
    found = [one for one in checked(write_sample(tmp_path / "case", edits, DORM)) if one.rule.code == "G317"]
    assert [(one.at.sheet, one.at.cell) for one in found] == [("批准通知书", "C9")]
    assert {"合同签订!C7", "需求评审!B6", "方案审批!C17", "洽谈投标!C11", "立项审批!E8"} <= cells(found[0])


_DEPT = {"workbook": "records", "sheet": "countersign", "match": {"dept": "网络工程部"}}
_UNSIGNED = [{**_DEPT, "op": "clear", "field": field} for field in ("signer", "sign_date")]
_OPINION = {"workbook": "records", "sheet": "creview", "match": {"dept": "网络工程部"}}
_NO_REVIEWER = [{**_OPINION, "op": "clear", "field": field} for field in ("reviewer", "date")]
_VERDICT = {"op": "clear", "workbook": "records", "sheet": "bidding", "part": "header"}
_NO_VERDICT = [{**_VERDICT, "field": field} for field in ("conclusion", "conclusion_date")]


@pytest.mark.parametrize(
    ("edits", "rules"),
    [
        (_UNSIGNED, {"W193"}),  # the paper that nobody signed is the one of which the error speaks
        (_NO_VERDICT, {"W230"}),
        (_NO_REVIEWER, {"G340"}),
        ([*_NO_REVIEWER, *_NO_VERDICT], {"G340", "W230"}),  # W230 names one of which nothing else speaks
    ],
    ids=["an error says it", "nothing else says it", "an error of a later step says it", "one of three"],
)
def test_a_paper_in_the_archive_is_told_where_no_error_tells_it(
    edits: list[dict[str, object]], rules: set[str], tmp_path: Path
) -> None:
    assert {code for _, code in table(checked(write_sample(tmp_path / "case", edits, DORM)))} == rules


def test_an_error_value_goes_back_to_the_cell_that_cannot_be_read(tmp_path: Path) -> None:
    """40箱 in a quantity makes the amount, the total and the subtotal of another sheet #VALUE!: one thing to mend."""
    match = {"name": "六类非屏蔽网线"}
    base = {"workbook": "materials", "sheet": "lines", "match": match}
    edits = [
        {**base, "op": "set_raw_text", "field": "qty", "value": "40箱"},
        {**base, "op": "set_error", "field": "amount", "value": "#VALUE!"},
        {"op": "set_error", "workbook": "materials", "sheet": "lines", "part": "totals", "field": "grand_total",
         "value": "#VALUE!"},
    ]  # fmt: skip
    found = [one for one in checked(write_sample(tmp_path / "case", edits, DORM)) if one.rule.code[0] == "F"]
    assert [one.rule.code for one in found] == ["F008"]
    assert any(cell.startswith("物资明细!J") for cell in cells(found[0]))


def test_an_error_that_comes_from_nowhere_is_named_itself(tmp_path: Path) -> None:
    edits = [
        {"op": "set_error", "workbook": "cost", "sheet": "lines", "part": "totals", "field": "grand_total",
         "value": "#REF!"},
    ]  # fmt: skip
    assert "F026" in {one.rule.code for one in checked(write_sample(tmp_path / "case", edits, DORM))}


# -- figures beside a version of the plan (X232) ----------------------------------------------------------------------

REVISED = typed("plan", "revisions", 7, total=Decimal(713346))
PLANNED = typed("plan", "basics", "head", contract_amount=Decimal(930000))
MARGIN = recorded("application", "head", margin=Decimal(1))
NET = typed("cost", "lines", 10, amount_excl=Decimal(1))


def found(*edits: Edit) -> dict[str, set[str]]:
    """Rules of the errors, each with its other cells."""
    errors = (one for one in judge(with_files(followed(load_case(), edits)))[0] if one.blocks)
    return {one.rule.code: cells(one) for one in errors}


@pytest.mark.parametrize(
    ("edit", "root", "cell"),
    [(REVISED, "X220", "立项申请!C14"), (PLANNED, "W121", "立项申请!C16"), (NET, "W131", "立项申请!C15")],
    ids=["the total of a revision", "the amount of the plan", "a line of the costs"],
)
def test_a_figure_beside_a_version_follows_from_its_wrong_source(edit: Edit, root: str, cell: str) -> None:
    told = found(edit)
    assert "X232" not in told
    assert cell in told[root]


@pytest.mark.parametrize(
    "edits",
    [
        [recorded("application", "head", total=Decimal(1))],
        [MARGIN],
        [recorded("application", "head", total=Decimal(1)), typed("cost", "lines", 10, amount=Decimal(24900))],
        [recorded("application", "head", total=Decimal(1)), REVISED],
    ],
    ids=["the figure itself", "the margin itself", "beside another mistake", "beside a wrong source"],
)
def test_a_figure_that_is_wrong_itself_is_told(edits: list[Edit]) -> None:
    assert "X232" in found(*edits)


def test_the_source_of_a_figure_is_among_its_cells() -> None:
    case = followed(load_case(), [recorded("application", "head", total=Decimal(1))])
    (one,) = (one for one in judge(with_files(case))[0] if one.rule.code == "X232")
    assert cells(one) == {"修订记录!F7"}


# -- what nobody filled -------------------------------------------------------------------------------------------


def judged(*edits: Edit) -> dict[str, Finding]:
    found, _ = judge(followed(load_case(), edits))
    return {one.rule.code: one for one in found if one.rule.severity is not Severity.INFO}


UNSIGNED = recorded("countersign", 8, signer=None, sign_date=None)
BLANK: dict[str, tuple[Edit, str, set[str]]] = {
    "a countersignature": (UNSIGNED, "W193", {"立项申请!C8", "计划会签!F8", "计划会签!G8"}),
    "an objection that nobody settled": (
        recorded("countersign", 8, opinion="不同意", opinion_text="工期过短"),
        "W193",
        {"计划会签!H8", "计划会签!I8", "计划会签!J8", "立项申请!C8"},
    ),
    "an opinion on the contract": (
        recorded("creview", 18, reviewer=None, date=None),
        "G340",
        {"合同评审意见!F18", "合同评审意见!E18"},
    ),
    "the day of an approval": (
        recorded("approval", 8, date=None),
        "G303",
        {"立项审批!E7", "立项审批!E8", "批准通知书!C9", "立项审批!F8"},
    ),
    "the approval of the scheme": (recorded("scheme", "head", approve_date=None), "G308", {"方案审批!C17"}),
    "the day of the signature": (recorded("signing", "head", sign_date=None), "G314", {"合同签订!C7"}),
    "the day of the end": (recorded("closing", "head", close_date=None), "G315", {"验收与结束!C10"}),
}


@pytest.mark.parametrize("name", BLANK)
def test_what_nobody_filled_is_one_finding(name: str) -> None:
    edit, rule, beside = BLANK[name]
    found = judged(edit)
    assert list(found) == [rule]
    assert cells(found[rule]) == beside


def test_a_signature_that_is_not_there_is_no_day_of_before() -> None:
    """G314 (6.6)."""
    one = judged(recorded("signing", "head", sign_date=None))["G314"]
    assert one.message() == "2026-07-31已经提出验收申请，合同却没有签订日期。"
    early = judged(recorded("closing", "head", accept_date=date(2026, 7, 28)))["G314"]
    assert early.message() == "项目验收申请2026-07-28早于合同签订2026-07-29。"


def test_a_survey_without_versions_is_not_told_again_by_the_archive() -> None:
    """G301 names the empty sheet; G316 only where the archive lacks something else, too."""
    sheet = load_case().project.sheet("survey", "versions")
    unversioned: Edit = lambda case: with_sheet(case, "survey", "versions", replace(sheet, rows=()))  # noqa: E731
    found = judged(unversioned)
    assert "G316" not in found
    assert "版本与确认" in found["G301"].message()
    assert "移交清单!C10" in cells(found["G301"])
    assert "G316" in judged(unversioned, removed("memos"))


def test_another_blank_stays() -> None:
    found = judged(UNSIGNED, recorded("countersign", 9, scope=None))
    assert {"W193", "F001"} == set(found)
    assert found["F001"].at.cell == "C9"


def test_a_row_that_is_gone_is_told_at_the_sheet_and_at_the_application() -> None:
    assert set(judged(removed("countersign", 8))) == {"G301", "W193"}


def test_what_is_over_one_budget_is_one_finding() -> None:
    one = judged(recorded("notice", "head", approved_budget=Decimal(61480)))
    assert list(one) == ["W211"]
    assert (one["W211"].at.cell, cells(one["W211"])) == ("H16", {"批准通知书!C13", "基本信息!C29"})


def test_the_end_of_a_project_that_was_handed_over() -> None:
    """G315 (6.7)."""
    assert cells(judged(recorded("closing", "head", close_date=None))["G315"]) == {"验收与结束!C10"}


def test_a_day_of_the_handover_that_was_left_out_is_one_finding() -> None:
    """G340 names the blank cell, who signed is named already; F001 says nothing besides."""
    left_out = followed(load_case(), [recorded("handover", "head", handover_date=None)])
    (one,) = (one for one in judge(with_files(left_out))[0] if one.blocks)
    assert table([one]) == {("移交清单!C10", "G340")}
    assert cells(one) == {"移交清单!C8"}
