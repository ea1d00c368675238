"""The table of the other procedures names only what is there: sheets, documents, rules, charts, views."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.definitions.catalogue import load_catalogue
from pipeline.definitions.clauses import siblings
from pipeline.definitions.documents import load_documents
from pipeline.definitions.forms import load_forms

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "各程序对照.md").read_text(encoding="utf-8")
BOARD = (ROOT / "docs" / "项目看板.md").read_text(encoding="utf-8")
CHARTS = (ROOT / "output_templates" / "CONTEXT.md").read_text(encoding="utf-8")
MISSING = {"还没有", "不做"}
OPTIONAL = {"07", "08", "09", "10"}
SHEETS = {form.no: {sheet.name for sheet in form.sheet} for form in load_forms().values()}


def rows() -> Iterator[tuple[str, str, str]]:
    """What is asked, where it is, what is said about it."""
    for line in PAGE.splitlines():
        if line.startswith("| ") and not line.startswith("| 原文要求"):
            asked, where, said = line.strip("| ").split(" | ")
            yield asked, where, said


def places(where: str) -> Iterator[tuple[str, str]]:
    """Every thing that a cell names, with its kind: a workbook's number, `图`, `看板`, or nothing for codes."""
    for part in re.sub(r"\]\([^)]*\)|\[", "", where).split("；"):
        kind, _, names = part.rpartition(" ")
        yield from ((kind, name) for name in names.split("、"))


def there(kind: str, name: str) -> bool:
    tables = {"图": CHARTS, "看板": BOARD}
    if kind in tables:
        return f"| {name} |" in tables[kind]
    return name in (SHEETS.get(kind, set()) if kind else load_documents().keys() | load_catalogue().keys())


@pytest.mark.parametrize(("asked", "where", "said"), list(rows()), ids=lambda text: text[:20])
def test_what_a_row_names_exists(asked: str, where: str, said: str) -> None:
    if where in MISSING:
        assert said not in {"", "—"}, "why"
        return
    assert [name for kind, name in places(where) if not there(kind, name)] == []


def test_every_procedure_has_its_part() -> None:
    headings = re.findall(r"^## (.+)$", PAGE, re.MULTILINE)
    assert headings == [title.replace("(", "（").replace(")", "）") for title in siblings()]


def test_every_optional_sheet_is_in_the_table() -> None:
    named = {place for _, where, _ in rows() for place in places(where)}
    assert {(no, name) for no in OPTIONAL for name in SHEETS[no]} <= named


def test_what_is_partly_there_says_what_is_lacking() -> None:
    for asked, _, said in rows():
        assert "部分：" not in said or "没有" in said.split("部分：")[1], asked


@pytest.mark.parametrize("where", ["07 没有的表", "XYZ", "[P999](rules.md#P999)", "图 F99", "看板 没有的视图"])
def test_a_wrong_name_is_found(where: str) -> None:
    assert not any(there(kind, name) for kind, name in places(where))
