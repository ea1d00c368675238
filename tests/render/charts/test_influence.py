"""The map of who decides at the customer's."""

from __future__ import annotations

import pytest

from pipeline.render.charts.data import stakeholders
from pipeline.render.charts.influence import MOST, Person, influence, influence_alt
from tests.cases import load_case, voluntary_case
from tests.render.context.test_interview import context, source
from tests.render.pictures import grey, height_mm, ink

CHIEF = Person("孔维安", "决策", "支持", "信息化中心 主任")
LONG = "阿卜杜拉·买买提·吐尔逊江·艾合买提"


def under(number: int, stance: str = "中立", above: str = "孔维安") -> Person:
    return Person(f"{LONG}{number}", "技术把关", stance, "信息化建设与网络安全管理处 副处长", above)


def test_the_words_name_everybody_with_role_and_stance() -> None:
    people = (CHIEF, Person("鲍舒", "技术把关", "中立", "信息化中心 科长", "孔维安"))
    assert influence_alt(people) == (
        "决策成员的汇报关系和立场：共2人；孔维安 决策，支持；鲍舒 技术把关，中立（向孔维安汇报）。"
    )


@pytest.mark.parametrize("count", [3, 12, 30, 200])
def test_any_number_of_people_fits_the_page(count: int) -> None:
    people = (CHIEF, *(under(number) for number in range(1, count)))
    assert height_mm(influence(people)) < 235
    assert (f"；另有{count - MOST}人。" in influence_alt(people)) == (count > MOST)


def test_a_long_chain_and_a_circle_are_drawn_with_everybody() -> None:
    chain = (CHIEF, under(1), *(under(number, above=f"{LONG}{number - 1}") for number in range(2, 12)))
    circle = (Person("甲", "决策", "支持", "", "乙"), Person("乙", "影响", "", "", "甲"))
    for people in (chain, circle):
        assert ink(influence(people)) > 0.01


def test_stances_differ_when_they_are_copied_in_black_and_white() -> None:
    pictures = [influence((CHIEF, under(1, stance))) for stance in ("支持", "中立", "反对", "不明")]
    darkness = [round(float(1 - grey(picture).mean()), 5) for picture in pictures]
    assert len(set(darkness)) == len(darkness)


def test_nobody_is_no_picture_of_people() -> None:
    assert influence(()).startswith(b"\x89PNG")


def test_the_people_are_those_of_workbook_08_and_one_alone_is_no_map() -> None:
    case = voluntary_case()
    assert [(one.name, one.stance, one.post, one.above) for one in stakeholders(source(case))] == [
        ("孔维安", "支持", "信息化中心 主任", ""),
        ("鲍舒", "中立", "信息化中心 网络科科长", "孔维安"),
    ]
    assert stakeholders(source(load_case())) == ()


def test_our_paper_has_it_and_no_paper_for_the_customer() -> None:
    case = voluntary_case()
    assert context(case, "DEC")["charts"]["F19"].alt.startswith("决策成员的汇报关系和立场：共2人")
    for code in ("PRP", "RQC", "EXP"):
        assert "F19" not in context(case, code)["charts"]
