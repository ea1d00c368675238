from __future__ import annotations

from dataclasses import replace

from pipeline.core.marks import MARKER
from pipeline.core.places import Place
from pipeline.render.marked.texts import LONGEST, MANY, WORDS, comment_of, place_text, related, shortened
from tests.render.findings import blank, pending, text_number

BOOK = "03.xlsx"


def test_every_word_in_both_languages() -> None:
    assert set(WORDS["zh"]) == set(WORDS["en"])


def test_a_comment_holds_the_first_findings_and_says_how_many_more() -> None:
    text = comment_of([blank(BOOK, "表", "A1")] * (MANY + 3), "zh")
    assert text.startswith(f"{MARKER}\n【错误 F001】")
    assert text.count("F001") == MANY
    assert text.endswith("还有 3 个问题，见第一张表“校验结果”。")


def test_a_long_value_is_cut() -> None:
    assert len(shortened("长" * 1000)) == LONGEST
    assert shortened("短") == "短"
    assert "…" in comment_of([text_number(BOOK, "表", "A1", "1" * 1000)], "zh")


def test_related_cells_name_their_workbook_only_where_it_is_another() -> None:
    places = (Place(BOOK, "表", "B1"), Place("04.xlsx", "表", "C1"))
    assert related(replace(blank(BOOK, "表", "A1"), related=places), "zh") == "表!B1、[04.xlsx]表!C1"
    sheet = tuple(Place("04.xlsx", "表", cell) for cell in ("C1", "C2", "C3"))
    assert related(replace(blank(BOOK, "表", "A1"), related=sheet), "zh") == "[04.xlsx]表!C1、C2、C3"
    many = replace(blank(BOOK, "表", "A1"), related=places[:1] * 9)
    assert related(many, "zh").endswith(" 等 9 格")


def test_places() -> None:
    findings = [blank(""), blank(BOOK), blank(BOOK, "表"), blank(BOOK, "表", "A1")]
    assert [place_text(f, "zh") for f in findings] == ["整个项目", "整本工作簿", "整张表 表", "表!A1"]
    assert "未到期" in comment_of([pending(BOOK)], "zh")
