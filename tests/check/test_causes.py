"""One cause, one finding: what only follows from another is among its cells (rules B415, B412, F008, F026, F056)."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.check.judge import judge
from pipeline.core.documents import ProjectResult
from pipeline.core.findings import Finding, Severity
from pipeline.project_run.order import Job, RunRequest, run_project
from tests.cases import AS_OF, DORM, load_case, write_sample
from tests.check.followed import Edit, followed, recorded, typed, with_files
from tests.check.reported import cells, table


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
