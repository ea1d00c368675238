"""A small project of another shape grows from its plan to the archive in one folder: what was issued stays.

By consultation instead of a tender, without tests, agreements and problems; with one survey update, one version of the
plan more by an approved change, one correction.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path

import docx as word
import pytest

from pipeline.adapters.files import sha256
from pipeline.adapters.office.libreoffice import LibreOffice
from pipeline.core.documents import ProjectResult
from pipeline.deliver.issued.register import Issue
from pipeline.project_run import RunRequest, issuing, plan_jobs, run_project
from pipeline.render.word import fill
from pipeline.render.word.contents import UNKNOWN_PAGE
from pipeline.settings import Settings
from tests.cases import ROOT, SCHOOL
from tests.e2e.built import pdf_text
from tests.e2e.third_rounds import ROUNDS
from tests.project_run.grown import Edit, Grown, cell, said

# What is corrected on the way, and in which round (from 0).
CORRECTED, IN_ROUND = "SAF", 5
NEW_TEMPLATE_FROM = 3
EDITS: tuple[Edit, ...] = tuple(edit for one in ROUNDS for edit in one.edits)


@dataclass(frozen=True)
class Course:
    """The project after its last round, and the records after each: hash by file name."""

    project: Grown
    seen: tuple[Mapping[str, str], ...]

    def issues(self, code: str, part: str = "") -> list[Issue]:
        return [issue for issue in self.project.issues(code) if issue.part == part]


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Templates of which those of the early records say something else."""
    folder = Path(shutil.copytree(ROOT / "output_templates", tmp_path_factory.mktemp("new") / "templates"))
    for code in ("PAF", "PIA", "PAR", "CSR", "UTR"):
        template = word.Document(str(folder / f"{code}.docx"))
        template.add_paragraph("新母版")
        template.save(str(folder / f"{code}.docx"))
    return folder


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory, templates: Path) -> Iterator[Course]:
    project, seen, edits = Grown(tmp_path_factory.mktemp("third"), (), code=SCHOOL), [], list[Edit]()
    with pytest.MonkeyPatch.context() as patch:
        for number, one in enumerate(ROUNDS):
            if number == NEW_TEMPLATE_FROM:
                issuing.template_hash.cache_clear()
                patch.setattr(fill, "data_folder", lambda _: templates)
                patch.setattr(issuing, "data_folder", lambda _: templates)
            edits += one.edits
            result = project.build(one.last, *edits, day=one.day)
            assert not result.blocked, [(f.rule.code, str(f.at)) for f in result.findings if f.blocks]
            assert result.failure is None
            seen.append(_records(result))
        yield Course(project, tuple(seen))
    issuing.template_hash.cache_clear()


def _records(result: ProjectResult) -> dict[str, str]:
    return {d.docx.name: sha256(d.docx) for d in result.documents if d.state == "记录"}


def test_what_was_issued_stays_byte_for_byte(course: Course) -> None:
    """Though survey, plan, templates and people change; only what was corrected is another paper."""
    for number, (before, after) in enumerate(pairwise(course.seen), 1):
        changed = {name for name, was in before.items() if after.get(name) != was}
        assert {name.split("_")[1] for name in changed} == ({CORRECTED} if number == IN_ROUND else set())
    assert len(course.seen[-1]) > 35


def test_only_the_correction_is_one(course: Course) -> None:
    kinds = {(issue.code, issue.kind) for issue in course.project.register.issues if issue.signed}
    assert {code for code, kind in kinds if kind not in {"首次", "登记"}} == {CORRECTED}
    assert [issue.kind for issue in course.issues(CORRECTED)] == ["首次", "更正"]
    texts = [course.project.text(issue, "records.scheme.check_date") for issue in course.issues(CORRECTED)]
    assert texts == ["2026-08-27", "2026-08-26"]


def test_nothing_contradicts_on_its_way(course: Course) -> None:
    rules = ("X250", "X251", "X252")
    assert [said(result, *rules) for result in course.project.runs if said(result, *rules)] == []


def test_versions_stand_side_by_side_and_records_name_theirs(course: Course) -> None:
    last = course.project.runs[-1].documents
    assert [(d.version, d.state) for d in last if d.code == "PPR"] == [("A/1", "记录"), ("A/0", "记录")]
    assert [(d.version, d.state) for d in last if d.code == "CSR"] == [("V1.1", "记录"), ("V1.0", "记录")]
    assert {d.version for d in last if d.code in {"PAF", "PIA", "PAR", "SAF", "MEM"}} == {"A/0"}
    assert {d.version for d in last if d.code in {"BRV", "CRV", "SGN", "HND"}} == {"A/1"}


@pytest.mark.parametrize(("part", "percent"), [("2026-W33", "13.4%"), ("2026-W35", "59.0%")])
def test_a_report_is_held_against_the_plan_of_its_day_for_ever(course: Course, part: str, percent: str) -> None:
    [report] = course.issues("SRP", part)
    assert (report.kind, course.project.text(report, "report.cost_pct")) == ("首次", percent)


def test_what_is_done_later_changes_no_memo(course: Course) -> None:
    [memo] = course.issues("MEM", "HY-01")
    assert [p.text for p in course.project.shelf.values(memo) if p.text in {"进行中", "已完成"}] == []


@pytest.fixture
def archived(course: Course, tmp_path: Path) -> Grown:
    """A copy of what the last round left."""
    shutil.copytree(course.project.out, tmp_path / "out")
    return Grown(tmp_path, {"PAF", "PIA", "PAN", "SRP"}, code=SCHOOL)


def test_a_record_of_an_older_plan_is_corrected_with_what_was_signed(archived: Grown) -> None:
    """The workbooks hold A/1 now: what A/0 said is on the signed paper, and is printed again."""
    result = archived.build(
        "handover",
        *EDITS,
        cell("records", "countersign", "sign_date", "2026-08-06", dept="网络产品部"),
        cell("records", "application", "reason", "更正后的理由"),
        cell("records", "notice", "notice_no", "LX-2026-032"),
        cell("records", "reports", "issues", "更正", period="2026-W33"),
        day=date(2027, 3, 2),
    )
    assert said(result, "X250", "X251") == []
    for code, kind, part in (
        ("PAF", "更正", ""),
        ("PIA", "更正", ""),
        ("PAN", "更正", ""),
        ("SRP", "更正", "2026-W33"),
    ):
        former, now = [issue for issue in archived.issues(code) if issue.part == part][-2:]
        assert (code, now.kind, now.version) == (code, kind, "A/0")
        assert _texts(archived, now) - _texts(archived, former) <= {
            *("2026-08-06", "更正后的理由", "LX-2026-032", "更正"),
        }
        assert len(_texts(archived, now)) >= len(_texts(archived, former))


def _texts(project: Grown, issue: Issue) -> set[str]:
    return {p.text for p in project.shelf.values(issue) if p.cells and p.text}


def test_papers_issued_without_pdf_get_one_with_page_numbers(archived: Grown, office: LibreOffice) -> None:
    archived.codes = {"PPR"}
    request = RunRequest(date(2027, 3, 2), archived.out)
    (job,) = plan_jobs([archived.input("handover", *EDITS)], None, Settings(), request).jobs
    with archived.few():
        result = run_project(job, office)
    assert result
    plans = [d for d in result.documents if d.code == "PPR"]
    assert [d.version for d in plans] == ["A/1", "A/0"]
    for plan in plans:
        assert plan.pdf
        assert UNKNOWN_PAGE not in pdf_text(plan.pdf)[:3000]
