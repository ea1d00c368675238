from __future__ import annotations

import pytest

from pipeline.core.texts import half_width, on_paper, without_unseen


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\uff11\uff0c\uff12\uff13\uff14\uff0e\uff15", "1,234.5"),
        ("\uff25\uff13\uff10\uff12", "E302"),
        ("\uffe512\u3000\u00a0", "\u00a512  "),
        ("\u200b12\ufeff", "12"),
        ("\u22125", "-5"),
        ("10\u00b2", "10\u00b2"),  # NFKC would make it 102
        ("\u2460", "\u2460"),
        ("青岚台", "青岚台"),
    ],
)
def test_half_width(text: str, expected: str) -> None:
    assert half_width(text) == expected


def test_unseen_characters_go_and_blanks_stay() -> None:
    assert without_unseen("LY\u200b-SQ \u202e\u3000") == "LY-SQ \u3000"


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("先核对,再改;见表:甲", "先核对，再改；见表：甲"),
        ("硬件设备(工程、外购)小计", "硬件设备（工程、外购）小计"),
        ("{a}≠{b},差{d}", "{a}≠{b}，差{d}"),
        ("金额 12,345.00 元(含税)", "金额 12,345.00 元（含税）"),
        ("6.3.1 a)至 d)", "6.3.1 a)至 d)"),
        ("03 费用明细!K7:K23", "03 费用明细!K7:K23"),
        ("X(W130)", "X(W130)"),
        ("核对(W130)", "核对（W130）"),
        ("plain, text; (here)", "plain, text; (here)"),
    ],
)
def test_a_sentence_of_ours_on_paper(text: str, printed: str) -> None:
    assert on_paper(text) == printed
    assert on_paper(printed) == printed
