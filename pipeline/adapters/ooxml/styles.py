"""Cell styles of a package: number formats, and whether text has the colour of the ground it stands on."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from lxml import etree

from pipeline.adapters.ooxml.tables import BUILTIN_FORMATS, CHINESE_FORMATS, INDEXED_COLOURS
from pipeline.core.number_formats import sections

# The theme's colours in the order in which cells refer to them: light and dark are swapped (ECMA-376 20.1.6.2).
_THEME_ORDER = ("lt1", "dk1", "lt2", "dk2", "accent1", "accent2", "accent3", "accent4", "accent5", "accent6")
_THEME = {"lt1": "FFFFFF", "dk1": "000000", "lt2": "E7E6E6", "dk2": "44546A"}
_NEAR = 24  # of 255, on each channel: nobody reads FFFFF0 on white
_PALE, _LEAST_CONTRAST = 64, 1.25  # nor FFFFFF on FFF9DB or DDEBF7; grey hints such as A6A6A6 on EDEDED have 2.0

T = TypeVar("T")
Colour = tuple[int, int, int]
_BLACK, _WHITE = (0, 0, 0), (255, 255, 255)


@dataclass(frozen=True, slots=True)
class CellStyle:
    """What a cell format means for reading.

    Attributes:
        unseen: ink and ground have one colour.
        struck: the font is struck out.
    """

    number_format: str = "General"
    unseen: bool = False
    struck: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """What a format of conditions (`dxf`) makes of cells.

    Attributes:
        styles: cell formats that it makes unreadable.
        code: number format that it gives to cells, empty for none.
        struck: it strikes them out.
    """

    styles: frozenset[int] = frozenset()
    code: str = ""
    struck: bool = False


def cell_styles(styles: etree._Element, theme: etree._Element | None = None) -> tuple[CellStyle, ...]:
    """The cell formats of a package by their index.

    Args:
        styles: root of `styles.xml`, its alternatives settled.
        theme: root of the theme part; without one the usual colours count.
    """
    own = {n.get("numFmtId"): n.get("formatCode") or "" for n in styles.iterfind("{*}numFmts/{*}numFmt")}
    looks = _looks(styles, _theme(theme))
    struck = [is_on(node.find("{*}strike")) for node in styles.iterfind("{*}fonts/{*}font")]
    return tuple(
        CellStyle(
            own.get(xf.get("numFmtId")) or _builtin(xf.get("numFmtId")),
            _near(ink, ground),
            _at(struck, xf.get("fontId"), False),
        )
        for xf, (ink, ground) in zip(styles.iterfind("{*}cellXfs/{*}xf"), looks, strict=True)
    )


def veiling(styles: etree._Element, theme: etree._Element | None = None) -> dict[int, Condition]:
    """What each format of conditions (`dxf`) makes of cells, by its index; only those that change what is read.

    Args:
        styles: root of `styles.xml`.
        theme: root of the theme part.
    """
    found: dict[int, Condition] = {}
    colours = _theme(theme)
    for index, node in enumerate(styles.iterfind("{*}dxfs/{*}dxf")):
        ink, ground, given = node.find("{*}font/{*}color"), node.find("{*}fill/{*}patternFill"), node.find("{*}numFmt")
        struck, code = is_on(node.find("{*}font/{*}strike")), "" if given is None else given.get("formatCode") or ""
        if ink is None and ground is None and given is None and not struck:
            continue
        own = None if ink is None else _ink(ink, colours)
        below = None if ground is None else _ground_of_condition(ground, colours)
        empty = given is not None and not any(part.placeholders for part in sections(code))
        looks = list(enumerate(_looks(styles, colours)))
        hidden = frozenset(n for n, look in looks if empty or _near(own or look[0], below or look[1]))
        if hidden or code or struck:
            found[index] = Condition(hidden, "" if empty else code, struck)
    return found


def _looks(styles: etree._Element, colours: list[Colour]) -> list[tuple[Colour, Colour]]:
    """Ink and ground of the cell formats."""
    inks = [_ink(node.find("{*}color"), colours) for node in styles.iterfind("{*}fonts/{*}font")]
    grounds = [_ground(node, colours) for node in styles.iterfind("{*}fills/{*}fill")]
    formats = styles.iterfind("{*}cellXfs/{*}xf")
    return [(_at(inks, xf.get("fontId"), _BLACK), _at(grounds, xf.get("fillId"), _WHITE)) for xf in formats]


def _builtin(code: str | None) -> str:
    number = int(code or 0)
    return CHINESE_FORMATS.get(number) or BUILTIN_FORMATS.get(number, "General")


def _theme(theme: etree._Element | None) -> list[Colour]:
    found = dict(_THEME)
    for node in theme.iterfind(".//{*}clrScheme/*") if theme is not None else ():
        for colour in node:
            found[etree.QName(node).localname] = str(colour.get("lastClr") or colour.get("val") or "")
    return [_rgb(found.get(name, "")) or _BLACK for name in _THEME_ORDER]


def _ink(node: etree._Element | None, theme: Sequence[Colour]) -> Colour:
    return _BLACK if node is None else _colour(node, theme, _BLACK)


def _ground(fill: etree._Element, theme: Sequence[Colour]) -> Colour:
    """Colour of a solid fill; a pattern or gradient leaves white in sight."""
    pattern = fill.find("{*}patternFill")
    if pattern is None or pattern.get("patternType") != "solid":
        return _WHITE
    node = pattern.find("{*}fgColor")
    return _WHITE if node is None else _colour(node, theme, _WHITE)


def _ground_of_condition(pattern: etree._Element, theme: Sequence[Colour]) -> Colour | None:
    """Colour that a condition puts behind the text; in its fill, unlike in a cell's, the background is the colour."""
    node = pattern.find("{*}bgColor")
    return None if node is None or pattern.get("patternType") == "none" else _colour(node, theme, _WHITE)


def _colour(node: etree._Element, theme: Sequence[Colour], automatic: Colour) -> Colour:
    if found := _rgb(node.get("rgb", "")):
        colour = found
    elif node.get("theme") is not None:
        colour = _at(theme, node.get("theme"), automatic)
    elif (index := node.get("indexed", "")).isdecimal() and int(index) < len(INDEXED_COLOURS):
        colour = _rgb(INDEXED_COLOURS[int(index)]) or automatic
    else:
        colour = automatic
    return _tinted(colour, float(node.get("tint") or 0))


def _rgb(text: str) -> Colour | None:
    try:
        return (int(text[-6:-4], 16), int(text[-4:-2], 16), int(text[-2:], 16)) if len(text) in {6, 8} else None
    except ValueError:
        return None


def _tinted(colour: Colour, tint: float) -> Colour:
    """Lighter for a tint above 0, darker below (ECMA-376 18.8.19)."""
    if not tint:
        return colour
    hue, light, saturation = colorsys.rgb_to_hls(*(channel / 255 for channel in colour))
    light = light * (1 + tint) if tint < 0 else light * (1 - tint) + tint
    red, green, blue = (round(255 * c) for c in colorsys.hls_to_rgb(hue, min(max(light, 0), 1), saturation))
    return red, green, blue


def is_on(node: etree._Element | None) -> bool:
    """Whether a property such as `strike` is there and not switched off."""
    return node is not None and (node.get("val") or "1") not in {"0", "false"}


def _at(members: Sequence[T], index: str | None, otherwise: T) -> T:
    number = int(index) if index and index.isdecimal() else -1
    return members[number] if 0 <= number < len(members) else otherwise


def _near(ink: Colour, ground: Colour) -> bool:
    """Whether nobody can read the ink: one colour, or a pale one on another, as white on the light yellow of a form."""
    apart = max(abs(a - b) for a, b in zip(ink, ground, strict=True))
    return apart <= _NEAR or (apart <= _PALE and _contrast(ink, ground) < _LEAST_CONTRAST)


def _contrast(one: Colour, other: Colour) -> float:
    """Contrast of two colours, 1 to 21 (WCAG 2.1); texts are wanted at 4.5 and above."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Colour) -> float:
    linear = [c / 3294.6 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour]
    return sum(weight * channel for weight, channel in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
