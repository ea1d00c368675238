from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.audit.docx_rows import laid
from pipeline.audit.figures import figures_of
from pipeline.audit.frames import AT
from pipeline.audit.heads import heads_hold
from pipeline.audit.papers import Paper, PrintedField
from pipeline.audit.printed import Grounds
from tests.audit.made import opened, sample
from tests.audit.test_docx_rows import written

BOOKS = opened(sample())
GROUNDS = Grounds(BOOKS, *figures_of(BOOKS))
LINES = GROUNDS.books.lines("cost", "lines")
ROW = LINES.frame.iloc[0]
NAME, QTY, PRICE = ROW["account"], str(ROW["qty"]), f"{ROW['unit_price']:,.2f}"
HEADS = ["费用名称", "数量", "单价(含税)"]


def paper(*keys: str, kept: frozenset[str] = frozenset()) -> Paper:
    """A paper that prints the first line of the sample's cost plan, its fields in this order."""
    fields = [PrintedField(f"l[0].{key}", _text(key), str(ROW[key]), (LINES.place(ROW[key + AT]),)) for key in keys]
    return Paper("PP1", "pp1.docx", fields, kept=kept)


def _text(key: str) -> str:
    return {"account": str(NAME), "qty": QTY, "unit_price": PRICE}.get(key, str(ROW[key]))


def faults(tmp_path: Path, given: Paper, heads: list[str], row: list[str], *before: list[str]) -> list[str]:
    document = laid(written(tmp_path / "pp1.docx", [*before, heads, row]))
    return [line.what for line in heads_hold(given, document, GROUNDS)]


PLAIN = paper("account", "qty", "unit_price")


def test_two_columns_that_changed_places_are_named_by_their_heads(tmp_path: Path) -> None:
    found = faults(tmp_path, paper("account", "unit_price", "qty"), HEADS, [NAME, PRICE, QTY])
    assert found == ["表格“数量”一栏", "表格“单价(含税)”一栏"]


def test_what_stands_under_its_own_head_is_right(tmp_path: Path) -> None:
    assert faults(tmp_path, PLAIN, HEADS, [NAME, QTY, PRICE]) == []


def test_a_text_of_another_field_is_named(tmp_path: Path) -> None:
    given = paper("desc", "account", "qty")
    assert faults(tmp_path, given, ["费用名称", "说明", "数量"], [ROW["desc"], NAME, QTY]) != []


@pytest.mark.parametrize(
    ("given", "heads", "row"),
    [
        (paper("account", "unit_price", "qty"), ["费用名称", "件数、箱数", "每件"], [NAME, PRICE, QTY]),
        (PLAIN, HEADS, [NAME, f"约 {QTY} 套", f"{PRICE} 元"]),
        (paper("account", "qty"), ["费用名称", "数量", "单价(万元)"], [NAME, QTY, "0.18"]),
        (paper("desc", "account", "qty"), ["科目名称", "费用说明", "数量"], [ROW["desc"], NAME, QTY]),
    ],
    ids=["heads of the template's own", "words around the number", "in 万元", "an alias says nothing of a text"],
)
def test_what_the_workbooks_cannot_tell_is_no_fault(
    tmp_path: Path, given: Paper, heads: list[str], row: list[str]
) -> None:
    assert faults(tmp_path, given, heads, row) == []


@pytest.mark.parametrize(("note", "wrong"), [("计划", True), ("单位:万元", False)])
def test_an_amount_in_wan_says_so(tmp_path: Path, note: str, wrong: bool) -> None:
    given = paper("account", "qty")
    assert bool(faults(tmp_path, given, HEADS, [NAME, QTY, "0.18"], [note, "", ""])) is wrong


def test_the_nearest_heads_above_count(tmp_path: Path) -> None:
    other = ["单价(含税)", "费用名称", "数量"]
    assert faults(tmp_path, PLAIN, HEADS, [NAME, QTY, PRICE], other) == []


def test_what_was_signed_is_not_held_against_the_workbooks_of_today(tmp_path: Path) -> None:
    kept = paper("account", "unit_price", "qty", kept=frozenset(["l[0].qty"]))
    assert faults(tmp_path, kept, HEADS, [NAME, PRICE, QTY]) == []


def test_a_sum_of_one_line_is_no_line_though_a_line_holds_its_texts(tmp_path: Path) -> None:
    cells = (LINES.place(ROW["amount" + AT]),)
    fields = [PrintedField("m[0].name", NAME, NAME), PrintedField("m[0].total", QTY, "1", cells)]
    assert faults(tmp_path, Paper("PP1", "pp1.docx", fields), HEADS, [NAME, f"{QTY}2", PRICE]) == []
