from __future__ import annotations

import struct
from decimal import Decimal

from pipeline.core.portfolio import Load, MonthSum, RuleCount, Week
from pipeline.derive.load import mondays
from pipeline.render.charts.portfolio import heat_chart, months_chart, rules_chart, states_chart
from tests.cases import AS_OF

WEEKS = mondays(AS_OF)
FULL = Load("E1", "白露", "产品部", Decimal(100), tuple(Week(Decimal(10 * n), ("A",), n > 10) for n in range(16)))


def size(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def test_all_are_as_wide_as_the_paper_and_grow_with_their_rows() -> None:
    few, many = states_chart([("执行中", 3)]), states_chart([(f"状态{n}", n) for n in range(1, 12)])
    assert size(few)[0] == size(many)[0] == 1228
    assert size(few)[1] < size(many)[1]
    assert size(heat_chart([FULL], WEEKS))[0] == 1228


def test_the_same_data_give_the_same_picture_and_other_data_another() -> None:
    assert heat_chart([FULL], WEEKS) == heat_chart([FULL], WEEKS)
    calm = Load("E1", "白露", "产品部", Decimal(100), (Week(),) * 16)
    assert heat_chart([FULL], WEEKS) != heat_chart([calm], WEEKS)
    rules = [RuleCount("B404", "协调人员或调整时间", "error", 3, 2)]
    assert rules_chart(rules) == rules_chart(rules)
    assert rules_chart(rules) != rules_chart([RuleCount("B404", "协调人员或调整时间", "warning", 3, 2)])
    month = MonthSum("2026-11", Decimal(10000), Decimal(20000), Decimal(5000))
    assert months_chart([month]) != months_chart([MonthSum("2026-11", Decimal(20000), Decimal(10000), Decimal(5000))])


def test_nothing_to_show_is_said() -> None:
    empty = states_chart([])
    assert size(empty)[0] == 1228
    assert rules_chart([]) == heat_chart([], WEEKS) == months_chart([MonthSum("2026-11")]) == empty
