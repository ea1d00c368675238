from __future__ import annotations

import pytest

from pipeline.render.charts.tree import Member, boxes, organisation, tree_alt
from tests.render.pictures import height_mm, ink

PEOPLE = [
    Member("领导小组", "梁书珩"),
    Member("售前项目经理", "陆子昂", "梁书珩"),
    Member("销售代表", "许知行", "陆子昂"),
    Member("研发", "冯逸", "陆子昂"),
]


def places(members: list[Member]) -> list[tuple[int, float]]:
    return [(box.column, box.row) for box in boxes(members)]


def test_a_chief_stands_left_of_his_people_in_their_middle() -> None:
    assert places(PEOPLE) == [(0, 0.5), (1, 0.5), (2, 0.0), (2, 1.0)]
    assert ink(organisation(PEOPLE)) > 0.01


@pytest.mark.parametrize(
    "members",
    [
        [Member("甲", "一", "二"), Member("乙", "二", "一")],  # a circle
        [Member("甲", "一", "一")],  # above himself
        [Member("甲", "一", "外人")],  # above is nobody of the list
        [Member("甲", "一"), Member("乙", "一", "一"), Member("丙", "二", "一")],  # two places of one person
    ],
)
def test_odd_answers_are_drawn_with_everybody(members: list[Member]) -> None:
    assert len(set(places(members))) == len(members)
    assert organisation(members).startswith(b"\x89PNG")


def test_forty_people_and_a_long_chain_fit_the_page() -> None:
    wide = [Member("经理", "零"), *(Member("工程师", str(number), "零") for number in range(1, 21))]
    assert height_mm(organisation(wide)) < 235
    chain = [Member("甲", "0"), *(Member("甲", str(number), str(number - 1)) for number in range(1, 12))]
    assert max(column for column, _ in places(chain)) == 5
    assert len(set(places(chain))) == len(chain)  # nobody is drawn over his chief


def test_the_words_name_everybody() -> None:
    assert tree_alt(PEOPLE) == (
        "项目组织图：共4个岗位；领导小组 梁书珩；售前项目经理 陆子昂（向梁书珩汇报）；"
        "销售代表 许知行（向陆子昂汇报）；研发 冯逸（向陆子昂汇报）。"
    )
