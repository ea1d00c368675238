from __future__ import annotations

import struct
from datetime import date
from decimal import Decimal

from pipeline.core.places import Place, Sourced
from pipeline.core.portfolio import Advance, Load, MonthSum, RuleCount, Week
from pipeline.core.stages import Coverage, Stage
from pipeline.derive.load import mondays
from pipeline.render.charts.portfolio import heat_chart, months_chart, rules_chart, stages_chart, states_chart
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


def test_a_project_is_one_bar_of_cells() -> None:
    day = Sourced(date(2026, 6, 22), Place("07.xlsx"))
    begun = Coverage("six", "六个阶段", (Stage("1", "接触", begun=day, ended=day), Stage("2", "咨询", begun=day)))
    ahead = Coverage("six", "六个阶段", (Stage("1", "接触"), Stage("2", "咨询")))
    one, other = Advance("LY-SQ-2026-015", "宿舍", (begun,)), Advance("LY-SQ-2026-015", "宿舍", (ahead,))
    assert stages_chart([one]) == stages_chart([one])
    assert stages_chart([one]) != stages_chart([other])
    assert size(stages_chart([one]))[1] < size(stages_chart([one] * 9))[1]
    assert size(stages_chart([])) == size(states_chart([]))
