"""A kept result is that of the same workbooks, figures, papers and program, and of no other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.audit import kept_results
from pipeline.audit.kept_results import from_bytes, kept_result, program, to_bytes
from pipeline.audit.papers import Paper, PrintedField
from pipeline.core.audits import Agreement, Audit, Audited
from pipeline.core.facts import Facts
from pipeline.core.places import Derived
from tests.cases import AS_OF

LINE = Audited("费用 合计", "PP1", "1.00", "2.00", "03 费用明细!K7", Agreement.DIFFERENT, "原因")
FOUND = Audit((LINE,), ("没有 03",), 10, 20, (LINE, replace(LINE, agreement=Agreement.EQUAL)))
FACTS = Facts("x", "y", AS_OF, AS_OF, "", "", (), figures={("cost", "total"): Derived(Decimal("1.00"))})
Given = tuple[dict[str, bytes], Facts, list[Paper]]
Change = Callable[[Given], Given]


@pytest.fixture
def given(tmp_path: Path) -> Given:
    docx = tmp_path / "a.docx"
    docx.write_bytes(b"docx")
    return {"03.xlsx": b"book"}, FACTS, [Paper("PP1", "a.docx", [PrintedField("a", "b", "c")], docx)]


def test_a_result_comes_back_as_it_was() -> None:
    assert from_bytes(to_bytes(FOUND)) == FOUND


def _another_fen(given: Given) -> Given:
    files, facts, papers = given
    return files, replace(facts, figures={("cost", "total"): Derived(Decimal("1.01"))}), papers


def _another_byte(given: Given) -> Given:
    return {"03.xlsx": b"bool"}, *given[1:]


def _another_name(given: Given) -> Given:
    return {"04.xlsx": b"book"}, *given[1:]


def _another_text(given: Given) -> Given:
    [paper] = given[2]
    return *given[:2], [replace(paper, fields=[PrintedField("a", "B", "c")])]


def _another_docx(given: Given) -> Given:
    [paper] = given[2]
    assert paper.docx
    paper.docx.write_bytes(b"docy")
    return given


@pytest.mark.parametrize(
    "change",
    [None, _another_fen, _another_byte, _another_name, _another_text, _another_docx],
    ids=lambda change: change.__name__.lstrip("_") if change else "nothing",
)
def test_only_the_same_is_not_audited_again(
    change: Callable[[Given], Given] | None, given: Given, tmp_path: Path
) -> None:
    kept_result(tmp_path / "cache", *given, lambda: FOUND)
    other = Audit(printed=1)
    again = kept_result(tmp_path / "cache", *(change(given) if change else given), lambda: other)
    assert again == (other if change else FOUND)


def test_what_another_audit_may_find_otherwise_is_not_kept(given: Given, tmp_path: Path) -> None:
    assert kept_result(tmp_path / "cache", *given, lambda: FOUND, lambda: False) == FOUND
    assert kept_result(tmp_path / "cache", *given, Audit) == Audit()


def test_another_program_audits_again(given: Given, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept_result(tmp_path / "cache", *given, lambda: FOUND)
    monkeypatch.setattr(kept_results, "program", lambda: "another")
    assert kept_result(tmp_path / "cache", *given, Audit) == Audit()


def test_the_program_is_told_by_code_conventions_and_forms(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    known = program()
    monkeypatch.setattr(kept_results, "data_folder", lambda _: tmp_path)
    program.cache_clear()
    assert program() != known
    program.cache_clear()


def test_without_a_folder_nothing_is_kept(given: Given) -> None:
    assert kept_result(None, *given, lambda: FOUND) == FOUND
    assert kept_result(None, *given, Audit) == Audit()
