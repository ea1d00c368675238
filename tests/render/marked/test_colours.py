from __future__ import annotations

import colorsys

import pytest

from pipeline.definitions.styles import LOCKED, REQUIRED
from pipeline.render.marked.colours import ERROR, INFO, WARNING, Origins, before, shade, shade_number

OTHER = "<patternFill patternType='solid'><fgColor theme='4'/></patternFill>"


@pytest.mark.parametrize("colour", [ERROR, WARNING, INFO])
@pytest.mark.parametrize("number", [0, 1, 15, 16, 255])
def test_the_shade_tells_its_number(colour: tuple[int, int, int], number: int) -> None:
    assert shade_number(shade(colour, number)) == number


@pytest.mark.parametrize("fill", ["", "FFFFFF", "FFC7CE", "FFEB9C", "C6EFCE", "FF0000", "FFC000", "9BC2E6", OTHER])
def test_colours_of_people_are_no_marks(fill: str) -> None:
    assert shade_number(fill) is None
    assert before(fill, {}) is None


@pytest.mark.parametrize("colour", [ERROR, WARNING, INFO])
def test_black_text_is_easy_to_read_on_every_shade(colour: tuple[int, int, int]) -> None:
    for number in (0, 255):
        text = shade(colour, number)
        lightness = colorsys.rgb_to_hls(*(int(text[n : n + 2], 16) / 255 for n in (0, 2, 4)))[1]
        assert lightness > 0.6


def test_what_a_cell_had_before_comes_back() -> None:
    origins = Origins()
    fills = ["", REQUIRED[1:], LOCKED[1:], "123456", OTHER, "123456"]
    shades = [shade(ERROR, origins.number(fill)) for fill in fills]
    assert [before(one, origins.others) for one in shades] == fills
    assert len(origins.others) == 2
    assert before(shades[3], {}) == ""  # the list was lost: no colour rather than a wrong one


def test_fills_too_long_or_too_many_to_keep_count_as_none() -> None:
    origins = Origins()
    numbers = [origins.number(f"{n:06X}") for n in range(1, 400)] + [origins.number("<" + "x" * 300)]
    assert max(numbers) == 255
    assert before(shade(WARNING, numbers[-1]), origins.others) == ""
