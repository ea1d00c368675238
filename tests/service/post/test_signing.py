"""Who is asked to sign what: the very papers, when they are there, and anew when they have changed."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from pipeline.core.company import Company
from pipeline.core.documents import Document, ProjectResult
from pipeline.core.entries import Awaited, Entries
from pipeline.core.facts import Facts
from pipeline.definitions.procedure import load_procedure
from pipeline.service.post.people import People
from pipeline.service.post.sections import NewsItem
from pipeline.service.post.signing import mark_of, signers
from pipeline.settings import Settings
from pipeline.workspace.outbox import Topic
from tests.service.stage import company as sample_company

CODE, DAY = "LY-SQ-2026-021", date(2026, 6, 1)
SETTINGS = Settings(mail_from="presales@lanyu.example")


@pytest.fixture(scope="module")
def company() -> Company:
    return sample_company()


def paper(folder: Path, code: str, part: str = "", text: str = "a", state: str = "待签") -> Document:
    path = folder / f"{code}{part}.docx"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("word/document.xml", text)
        package.writestr("docProps/core.xml", str(path.stat().st_mtime_ns))
    return Document(code, f"文件{code}", "A/0", state, DAY, path, part=part)


def asked(company: Company, step: str, papers: Sequence[Document], before: dict[str, Topic]) -> dict[str, NewsItem]:
    """Papers that each head of two departments is asked to sign."""
    awaited = (Awaited("会签", "网络产品部", "", "E201"), Awaited("会签", "网络工程部", "", "E301"))
    label = load_procedure().steps[step].label
    facts = Facts(CODE, "项目", DAY, DAY, "计划编制", label, (), entries=Entries(awaited=awaited))
    result = ProjectResult(CODE, "项目", facts, documents=tuple(papers))
    return {one.topic: one for one in signers(result, People(company, SETTINGS, facts), before)}


def test_each_is_asked_for_the_papers_of_the_step_and_gets_them(company: Company, tmp_path: Path) -> None:
    papers = [paper(tmp_path, "PPR"), paper(tmp_path, "PAF"), paper(tmp_path, "PIA"), paper(tmp_path, "CSR")]
    found = asked(company, "countersign", papers, {})
    assert set(found) == {"待办签字:E201", "待办签字:E301"}
    for item in found.values():
        assert [path.name for path in item.links] == ["PPR.docx", "PAF.docx"], "PIA is signed one gate later"
        assert item.files == item.links
        assert item.section["todo"] == "[请会签]"


def test_nothing_is_asked_before_its_papers_are_there(company: Company, tmp_path: Path) -> None:
    assert asked(company, "countersign", [paper(tmp_path, "PIA")], {}) == {}
    assert asked(company, "countersign", [paper(tmp_path, "PPR", state="记录")], {}) == {}
    assert asked(company, "application", [paper(tmp_path, "PIA")], {}) != {}


def test_a_department_is_asked_for_its_own_copy(company: Company, tmp_path: Path) -> None:
    papers = [paper(tmp_path, "CRO", "网络产品部"), paper(tmp_path, "CRO", "网络工程部"), paper(tmp_path, "CRV")]
    found = asked(company, "creview", papers, {})
    assert [path.stem for path in found["待办签字:E201"].links] == ["CRO网络产品部", "CRV"]
    assert [path.stem for path in found["待办签字:E301"].links] == ["CRO网络工程部", "CRV"]


def test_who_was_asked_hears_that_the_paper_has_changed(company: Company, tmp_path: Path) -> None:
    first = asked(company, "countersign", [paper(tmp_path, "PPR"), paper(tmp_path, "PAF")], {})
    before = {topic: Topic(item.content, said=item.said) for topic, item in first.items()}
    same = asked(company, "countersign", [paper(tmp_path, "PPR"), paper(tmp_path, "PAF")], before)
    assert [item.content for item in same.values()] == [item.content for item in first.values()]
    other = asked(company, "countersign", [paper(tmp_path, "PPR", text="b"), paper(tmp_path, "PAF")], before)
    for topic, item in other.items():
        assert item.content != first[topic].content
        assert "《文件PPR》有改动" in item.section["intro"]
        assert "文件PAF" not in item.section["intro"]


def test_the_time_of_making_does_not_count(tmp_path: Path) -> None:
    mark = mark_of(paper(tmp_path, "PPR").docx)
    with zipfile.ZipFile(tmp_path / "PPR.docx", "w") as package:
        package.writestr("docProps/core.xml", "another day")
        package.writestr("word/document.xml", "a")
    assert mark_of(tmp_path / "PPR.docx") == mark
    assert mark_of(tmp_path / "no such.docx") == ""


def test_who_has_left_is_not_asked(company: Company, tmp_path: Path) -> None:
    gone = {**company.persons, "E201": replace(company.persons["E201"], active=False)}
    found = asked(replace(company, persons=gone), "countersign", [paper(tmp_path, "PPR")], {})
    assert set(found) == {"待办签字:E301"}
