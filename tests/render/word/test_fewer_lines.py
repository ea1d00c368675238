from __future__ import annotations

from collections import Counter

import pytest

from pipeline.render.word.fewer_lines import Row, fewest_lines, lines_of

EVERY: Row = ((900.0,), (1600.0,))
LONG: Row = ((4000.0,), (300.0,))


def test_a_text_that_wraps_in_every_row_gets_its_line_before_a_long_one_of_a_single_row() -> None:
    rows = Counter({EVERY: 20, LONG: 1})
    widths = fewest_lines([800.0, 800.0], rows, 2600.0)
    assert widths[1] >= 1600.0
    assert sum(widths) <= 2600.0
    assert lines_of(rows, widths) < lines_of(rows, [1800.0, 800.0])


def test_a_long_text_gets_the_room_where_the_others_have_theirs() -> None:
    rows = Counter({((500.0,), (500.0,)): 20, LONG: 1})
    widths = fewest_lines([800.0, 800.0], rows, 3200.0)
    assert widths[0] > 2000.0
    assert widths[1] == 800.0


@pytest.mark.parametrize("total", [1600.0, 1640.0])
def test_what_there_is_no_room_for_is_not_begun(total: float) -> None:
    assert fewest_lines([800.0, 800.0], Counter({EVERY: 1}), total) == [800.0, 800.0]


def test_a_cell_of_several_lines_never_has_fewer() -> None:
    rows = Counter({((300.0, 1000.0), (500.0,)): 3})
    assert fewest_lines([400.0, 600.0], rows, 4000.0) == [1000.0, 600.0]
    assert lines_of(rows, [1000.0, 600.0]) == 6


def test_nothing_is_asked_of_an_empty_list() -> None:
    assert fewest_lines([500.0], Counter(), 900.0) == [500.0]
    assert lines_of(Counter({(): 4}), []) == 4


def test_of_a_long_list_so_many_rows_are_weighed_that_it_still_pays() -> None:
    rows: Counter[Row] = Counter({((900.0 + at % 40,), (1500.0 + at / 50,)): 1 for at in range(2000)})
    widths = fewest_lines([800.0, 800.0], rows, 2500.0)
    assert len(rows) <= lines_of(rows, widths) < 1.1 * len(rows)
