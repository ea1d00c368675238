"""A project that grows stage by stage through one output folder: what was issued stays byte for byte."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from pipeline.adapters.files import sha256
from pipeline.adapters.office.converters import Awaited, Converter
from pipeline.adapters.office.libreoffice import LibreOffice
from pipeline.definitions.documents import load_documents
from pipeline.project_run import RunRequest, plan_jobs, run_project
from pipeline.settings import Settings
from tests.cases import AS_OF, DORM
from tests.e2e.built import sample
from tests.project_run.grown import Edit, Grown, cell, paper, row

# The rounds of the office: what was handed in since, and on which day.
ROUNDS: tuple[tuple[str, date, tuple[Edit, ...]], ...] = (
    ("", date(2026, 11, 23), ()),
    ("approval", date(2026, 11, 30), ()),
    (
        "scheme",
        date(2026, 12, 31),
        (
            cell("master", "persons", "name", "沈嘉和", emp_no="E101"),
            cell("survey", "items", "value", "另一种说法", no="A05"),
        ),
    ),
    ("handover", date(2027, 3, 1), (cell("master", "company", "short_name", "新简称"),)),
)
# A survey that is mended under its version is a record that is corrected.
SURVEY = "CSR"
CODES = {form.code for form in load_documents().values() if form.state}


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Grown, list[dict[str, str]]]:
    """The project after its last round, and the hashes of the records after each."""
    project, seen = Grown(tmp_path_factory.mktemp("grown"), CODES), []
    later: list[Edit] = []
    for last, day, edits in ROUNDS:
        later += edits
        result = project.build(last, *later, day=day)
        assert not result.blocked, [(f.rule.code, str(f.at)) for f in result.findings if f.blocks]
        assert result.failure is None
        seen.append({d.docx.name: sha256(d.docx) for d in result.documents if d.state == "记录" and d.code != SURVEY})
    return project, seen


def test_what_was_issued_stays_byte_for_byte(grown: tuple[Grown, list[dict[str, str]]]) -> None:
    _, seen = grown
    assert [len(records) for records in seen] == sorted(len(records) for records in seen)
    assert len(seen[-1]) > 30
    for before, after in pairwise(seen):
        assert {name: after.get(name) for name in before} == before


def test_nothing_was_corrected_and_nothing_contradicts(grown: tuple[Grown, list[dict[str, str]]]) -> None:
    """The neighbour of all rules: a project that goes its way."""
    project, _ = grown
    records = [issue for issue in project.register.issues if issue.signed]
    assert {issue.kind for issue in records if issue.code != SURVEY} == {"首次", "登记"}
    assert [issue.kind for issue in records if issue.code == SURVEY] == ["首次", "更正"]
    found = [(f.rule.code, f.message()) for result in project.runs for f in result.findings]
    assert [one for one in found if one[0] in {"X250", "X251"}] == []


def test_the_folder_holds_what_the_register_says(grown: tuple[Grown, list[dict[str, str]]]) -> None:
    project, _ = grown
    for issue in project.register.standing():
        kind = "customer" if load_documents()[issue.code].folder else "docx"
        assert sha256(project.output / kind / f"{issue.file}.docx") == issue.docx


@pytest.fixture
def waiting(tmp_path: Path) -> Grown:
    """The scheme is approved, the tests are still to be recorded."""
    project = Grown(tmp_path, {"SAF", "STR"})
    project.build("scheme")
    return project


def test_both_cells_are_named_and_the_signed_value_is_printed(waiting: Grown) -> None:
    result = waiting.build("test_results", cell("plan", "tests", "item", "改过的项目", no="T01"))
    [finding] = [f for f in result.findings if f.rule.code == "X250"]
    assert (finding.at.sheet, finding.at.cell, finding.related) == ("测试活动", "B7", ())
    assert "样板间信号强度 → 改过的项目" in finding.message()
    assert waiting.text(waiting.issues("STR")[-1], "plan.tests[0].item") == "样板间信号强度"


def test_a_row_more_keeps_the_signed_paper(waiting: Grown) -> None:
    days = {"start": "2026-07-08", "end": "2026-07-08"}
    planned = {"no": "T04", "item": "漫游", "criteria": "≤1秒", "resource": "终端", "basis": "网络系统方案V1.1", **days}
    done = {"no": "T04", "criteria": "≤1秒", "actual": "0.2秒", "verdict": "通过", "tester": "E106", "lead": "E106"}
    signed = waiting.issues("STR")[-1]
    result = waiting.build(
        "test_results",
        row("plan", "tests", **planned),
        row("records", "test_results", **done, date="2026-07-08", witness="孔维安"),
    )
    [finding] = [f for f in result.findings if f.rule.code == "X251"]
    assert (finding.at.sheet, len(finding.related) > 0) == ("测试活动", True)
    assert sha256(paper(result, "STR").docx) == signed.docx


@dataclass
class Counting:
    """A converter that says what it converted."""

    real: Converter
    converted: list[str] = field(default_factory=list)

    @property
    def identity(self) -> str:
        return self.real.identity

    def begin(self) -> None:
        self.real.begin()

    def expect(self, source: Path) -> None:
        """Nothing ahead."""

    def work_until(self, other: Awaited) -> None:
        """Nothing ahead."""

    def ready(self, source: Path) -> bool:
        return False

    def to_pdf(self, source: Path, target: Path) -> None:
        self.converted.append(source.name.split("_")[1])
        self.real.to_pdf(source, target)


def test_what_stands_is_not_converted_again(tmp_path: Path, office: LibreOffice) -> None:
    """Signed or not: the PDF of the same bytes is that of the first time; a paper without one gets it."""
    project, counting = Grown(tmp_path, {"SAF", "STR"}), Counting(office)
    project.build("scheme")
    assert [bool(issue.pdf) for issue in project.register.issues] == [False, False]
    (job,) = plan_jobs([project.input("scheme")], None, Settings(), RunRequest(AS_OF, project.out)).jobs
    pdfs = []
    for wanted in ({"SAF", "STR"}, set()):
        counting.converted.clear()
        with project.few():
            result = run_project(job, counting)
        assert result
        assert set(counting.converted) - {"VAL", "XCK", "AUD"} == wanted
        pdfs.append({d.code: d.pdf.read_bytes() for d in result.documents if d.state and d.pdf})
    assert pdfs[0] == pdfs[1]
    assert set(pdfs[1]) == {"SAF", "STR"}
    assert all(issue.pdf and issue.pages for issue in project.register.issues)


def test_lists_that_were_made_without_pdf_say_the_pages_once_they_are_known(
    tmp_path: Path, office: LibreOffice
) -> None:
    """The pages of others are nothing that was signed: the handover list and the index are completed, once."""
    project = Grown(tmp_path, {"CRV", "HND", "IDX"})
    project.build("handover")
    (job,) = plan_jobs([project.input("handover")], None, Settings(), RunRequest(AS_OF, project.out)).jobs
    results = []
    for _ in range(2):
        with project.few():
            results.append(run_project(job, office))
    assert results[0]
    review = next(d for d in results[0].documents if d.code == "CRV")
    for code in ("HND", "IDX"):
        first, last = project.issues(code)
        assert (first.kind, last.kind, first.pdf, bool(last.pdf)) == ("首次", "补登", "", True)
        pages = {p.text for p in project.shelf.values(last) if p.name.endswith(".pages")}
        assert str(review.pages) in pages
    assert [issue.kind for issue in project.issues("CRV")] == ["首次"]


@pytest.mark.parametrize("kind", ["folder", "zip"])
def test_a_bundle_hands_its_papers_on(kind: str, tmp_path: Path) -> None:
    """Another machine, another day, no output folder: the handover bundle has all that was issued."""
    whole = sample(DORM)
    bundle = whole.pack("移交包")
    project = Grown(tmp_path, {"SAF", "MEM", "OAC"})
    result = project.build(
        "handover",
        cell("survey", "items", "value", "另一种说法", no="A05"),
        day=date(2027, 8, 1),
        issued=[bundle.folder if kind == "folder" else bundle.archive],
    )
    papers = {d.docx.name: sha256(d.docx) for d in result.documents if d.state}
    issued = {d.docx.name: sha256(d.docx) for d in whole.result.documents if d.state}
    assert papers.items() <= issued.items()
    assert {d.code for d in result.documents if d.state and d.pdf and d.pdf.is_file()} >= {"SAF", "MEM", "OAC", "PPR"}
    assert {issue.code for issue in project.register.standing()} >= {"SAF", "MEM", "OAC", "PPR", "HND"}
