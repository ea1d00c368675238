"""Documents that were announced are there sooner, and are otherwise what they would have been."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pypdf import PdfReader

from pipeline.adapters.office.crew import Crew
from pipeline.adapters.office.libreoffice import LibreOffice, Office
from pipeline.core.errors import DocumentFailed
from tests.adapters.office.test_lok_child import SLEEP, alive_children, assert_gone, stand_in, started, write


def text_of(pdf: Path) -> str:
    return PdfReader(pdf).pages[0].extract_text().replace(" ", "")


@pytest.fixture
def two(temp: Path) -> Iterator[Crew]:
    """Two real ones, which leave nothing behind."""
    before = alive_children()
    with Crew([LibreOffice(), LibreOffice()]) as crew:
        yield crew
    assert alive_children() == before
    assert list(temp.iterdir()) == []


def test_announced_documents_are_converted_beside_each_other_and_each_is_itself(two: Crew, tmp_path: Path) -> None:
    before = alive_children()
    sources = [write(tmp_path / f"{number}.docx", f"第{number}份") for number in range(5)]
    for source in sources:
        two.expect(source)
    assert len(alive_children() - before) == 2
    for number, source in enumerate(sources):
        two.to_pdf(source, tmp_path / f"{number}.pdf")
        assert f"第{number}份" in text_of(tmp_path / f"{number}.pdf")


def test_what_nobody_announced_is_converted_while_others_wait(two: Crew, tmp_path: Path) -> None:
    two.expect(write(tmp_path / "a.docx", "先说的"))
    two.expect(write(tmp_path / "b.docx", "也先说的"))
    two.to_pdf(write(tmp_path / "c.docx", "没说的"), tmp_path / "c.pdf")
    assert "没说的" in text_of(tmp_path / "c.pdf")


@pytest.mark.parametrize("begun", [1, 3], ids=["being converted", "waiting"])
def test_what_changed_after_it_was_announced_is_converted_as_it_is(two: Crew, tmp_path: Path, begun: int) -> None:
    for number in range(begun):
        two.expect(write(tmp_path / f"{number}.docx", f"旧{number}"))
    last = begun - 1
    two.to_pdf(write(tmp_path / f"{last}.docx", "新的"), tmp_path / "a.pdf")
    assert "新的" in text_of(tmp_path / "a.pdf")


def test_the_same_again_is_the_same(two: Crew, tmp_path: Path) -> None:
    source = write(tmp_path / "a.docx", "甲乙丙")
    two.expect(source)
    two.expect(source)
    for name in ("1.pdf", "2.pdf"):
        two.to_pdf(source, tmp_path / name)
        assert "甲乙丙" in text_of(tmp_path / name)


def test_a_document_that_cannot_be_converted_is_told_when_it_is_asked_for(two: Crew, tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_bytes(b"PK\x03\x04")
    two.expect(tmp_path / "a.docx")
    with pytest.raises(DocumentFailed, match=r"a\.docx"):
        two.to_pdf(tmp_path / "a.docx", tmp_path / "a.pdf")
    with pytest.raises(DocumentFailed, match=r"gone\.docx"):
        two.to_pdf(tmp_path / "gone.docx", tmp_path / "a.pdf")
    two.to_pdf(write(tmp_path / "b.docx", "乙"), tmp_path / "b.pdf")
    assert "乙" in text_of(tmp_path / "b.pdf")


def test_a_target_that_cannot_be_written_fails_the_document_only(two: Crew, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    source = write(tmp_path / "a.docx", "甲")
    two.expect(source)
    with pytest.raises(DocumentFailed, match="写不到"):
        two.to_pdf(source, tmp_path / "file" / "a.pdf")
    two.to_pdf(source, tmp_path / "a.pdf")
    assert "甲" in text_of(tmp_path / "a.pdf")


def test_one_that_dies_over_an_announced_document_is_replaced(two: Crew, tmp_path: Path) -> None:
    before = alive_children()
    source = write(tmp_path / "a.docx", "甲乙丙")
    two.expect(source)
    for child in alive_children() - before:
        os.killpg(child, signal.SIGKILL)
    two.to_pdf(source, tmp_path / "a.pdf")
    assert "甲乙丙" in text_of(tmp_path / "a.pdf")


@pytest.mark.parametrize("does", [SLEEP, "os._exit(1)"], ids=["hangs", "dies"])
def test_those_that_hang_or_die_hold_nobody_up(temp: Path, tmp_path: Path, does: str) -> None:
    worker, office = stand_in(tmp_path, does), Office(tmp_path, "0")
    with Crew([LibreOffice(office, timeout_s=0.4, worker=worker) for _ in range(2)]) as crew:
        for name in "abc":
            crew.expect(write(tmp_path / f"{name}.docx", name))
        for name in "abc":
            with pytest.raises(DocumentFailed, match=rf"{name}\.docx"):
                crew.to_pdf(tmp_path / f"{name}.docx", tmp_path / "a.pdf")
    assert list(temp.iterdir()) == []
    assert_gone(*started(tmp_path))


def test_what_nobody_asked_for_ends_with_the_crew(temp: Path, tmp_path: Path) -> None:
    worker, office = stand_in(tmp_path, SLEEP), Office(tmp_path, "0")
    with Crew([LibreOffice(office, worker=worker) for _ in range(2)]) as crew:
        for name in "abc":
            crew.expect(write(tmp_path / f"{name}.docx", name))
    assert list(temp.iterdir()) == []
    assert_gone(*started(tmp_path))


@dataclass
class Awaited:
    """Something whose answer comes when somebody writes it."""

    line: int
    left_s: float = 60.0

    def fileno(self) -> int:
        return self.line


def test_while_something_else_is_awaited_all_that_was_announced_is_converted(two: Crew, tmp_path: Path) -> None:
    sources = [write(tmp_path / f"{number}.docx", f"第{number}份") for number in range(5)]
    for source in sources:
        two.expect(source)
    assert not all(two.ready(source) for source in sources)
    here, there = os.pipe()
    two.work_until(Awaited(here))  # which comes to nothing more to convert
    assert all(two.ready(source) for source in sources)
    os.close(here)
    os.close(there)


@pytest.mark.parametrize(("answer", "left_s"), [(b"done", 60.0), (b"", 0.0)], ids=["answered", "overdue"])
def test_what_is_awaited_is_not_kept_waiting(two: Crew, tmp_path: Path, answer: bytes, left_s: float) -> None:
    source = write(tmp_path / "a.docx", "甲")
    two.expect(source)
    here, there = os.pipe()
    os.write(there, answer)
    two.work_until(Awaited(here, left_s))
    assert not two.ready(source)
    os.close(here)
    os.close(there)


def test_what_was_never_announced_is_not_ready(two: Crew, tmp_path: Path) -> None:
    assert not two.ready(write(tmp_path / "a.docx", "甲"))


def test_the_one_that_is_asked_for_comes_before_those_that_wait(two: Crew, tmp_path: Path) -> None:
    sources = [write(tmp_path / f"{number}.docx", f"第{number}份") for number in range(8)]
    for source in sources:
        two.expect(source)
    two.to_pdf(sources[-1], tmp_path / "last.pdf")
    assert "第7份" in text_of(tmp_path / "last.pdf")
    assert not two.ready(sources[-1])  # taken, and forgotten
    assert not all(two.ready(source) for source in sources[:-1])
