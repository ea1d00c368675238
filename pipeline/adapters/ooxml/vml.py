"""The boxes of comments: shapes in the legacy VML drawing of a sheet, edited as text.

VML as Excel writes it is not always well-formed, so shapes are found and added without parsing what is around them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import count as count_from

_NAMESPACES = {
    "v": "urn:schemas-microsoft-com:vml",
    "o": "urn:schemas-microsoft-com:office:office",
    "x": "urn:schemas-microsoft-com:office:excel",
}
_SHAPE = re.compile(r"\s*<v:shape\s.*?</v:shape>", re.DOTALL)
_MAP = re.compile(r"(<o:idmap\b[^>]*\bdata=[\"'])([0-9, ]*)([\"'])")
_BLOCK = 1024  # shape numbers come in blocks; a drawing lists the blocks that it uses
_TYPE = (
    '<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
    '<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
_NOTE = (
    '<v:shape id="_x0000_s{id}" type="#_x0000_t202" style="position:absolute;margin-left:{left}pt;margin-top:{top}pt;'
    'width:{width}pt;height:{height}pt;z-index:{z};visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto">'
    '<v:fill color2="#ffffe1"/><v:shadow on="t" color="black" obscured="t"/><v:path o:connecttype="none"/>'
    '<v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>'
    '<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>{anchor}</x:Anchor>'
    "<x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
)
POINTS = 0.75  # points of a pixel


@dataclass(frozen=True, slots=True)
class CommentBox:
    """A comment's box.

    Attributes:
        cell: row and column of its cell, from 0.
        anchor: left column, pixels into it, top row, pixels, right column, pixels, bottom row, pixels; from 0.
        place: left, top, width, height in pixels.
    """

    cell: tuple[int, int]
    anchor: tuple[int, int, int, int, int, int, int, int]
    place: tuple[int, int, int, int]


def decode(content: bytes) -> tuple[str, str]:
    """Text of a VML part and its encoding; bytes that say nothing about it pass through unchanged."""
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "latin-1"
    return content.decode(encoding), encoding


def empty_drawing(block: int) -> str:
    """A drawing without shapes that may use one block of shape numbers."""
    declared = " ".join(f'xmlns:{prefix}="{address}"' for prefix, address in _NAMESPACES.items())
    layout = f'<o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="{block}"/></o:shapelayout>'
    return f"<xml {declared}>{layout}{_TYPE}</xml>"


def blocks(text: str) -> set[int]:
    """Blocks of shape numbers that a drawing says it uses, and those that it does use."""
    listed = {int(n) for found in _MAP.finditer(text) for n in re.findall(r"\d+", found[2])}
    return listed | {number // _BLOCK for number in _numbers(text)}


def _numbers(text: str) -> set[int]:
    return {int(n) for n in re.findall(r"_x0000_s(\d+)", text)}


def add_boxes(text: str, boxes: Sequence[CommentBox], taken: Collection[int]) -> str:
    """A drawing with more boxes.

    Args:
        text: the drawing.
        boxes: what to add.
        taken: blocks of shape numbers of the other drawings of the workbook.

    Raises:
        ValueError: the text has no end tag of a drawing.
    """
    end = text.rfind("</xml>")
    if end < 0:
        raise ValueError("no VML drawing")
    numbers = _free_numbers(text, len(boxes), taken)
    made = "" if "_x0000_t202" in text else _TYPE
    made += "".join(_note(box, number, z) for z, (box, number) in enumerate(zip(boxes, numbers, strict=True), start=1))
    return _declared(_mapped(text[:end] + made + text[end:], {number // _BLOCK for number in numbers}))


def _free_numbers(text: str, count: int, taken: Collection[int]) -> list[int]:
    """Shape numbers from the drawing's own blocks, then from new ones."""
    used, own = _numbers(text), sorted(blocks(text) - {0})
    closed = {*taken, *own}
    fresh = (block for block in count_from(1) if block not in closed)
    found: list[int] = []
    while len(found) < count:
        block = own.pop(0) if own else next(fresh)
        found += [n for n in range(block * _BLOCK + 1, (block + 1) * _BLOCK) if n not in used][: count - len(found)]
    return found


def _mapped(text: str, used: set[int]) -> str:
    """Name the blocks in the drawing's map."""
    match = _MAP.search(text)
    if match is None:
        layout = '<o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="{}"/></o:shapelayout>'
        start = re.search(r"<xml\b[^>]*>", text)
        at = start.end() if start else 0
        return text[:at] + layout.format(",".join(map(str, sorted(used)))) + text[at:]
    listed = sorted({int(n) for n in re.findall(r"\d+", match[2])} | used)
    return text[: match.start(2)] + ",".join(map(str, listed)) + text[match.end(2) :]


def _declared(text: str) -> str:
    """Declare the usual prefixes in the root where they are missing."""
    start = re.search(r"<xml\b[^>]*", text)
    if start is None:
        raise ValueError("no VML drawing")
    missing = [f' xmlns:{p}="{a}"' for p, a in _NAMESPACES.items() if f"xmlns:{p}=" not in start[0]]
    return text[: start.end()] + "".join(missing) + text[start.end() :]


def _note(box: CommentBox, number: int, z: int) -> str:
    left, top, width, height = (f"{pixels * POINTS:g}" for pixels in box.place)
    anchor = ", ".join(map(str, box.anchor))
    row, column = box.cell
    return _NOTE.format(
        id=number, left=left, top=top, width=width, height=height, z=z, anchor=anchor, row=row, column=column
    )


def remove_boxes(text: str, cells: Collection[tuple[int, int]]) -> str:
    """A drawing without the comment boxes of some cells (row and column from 0)."""

    def kept(match: re.Match[str]) -> str:
        return "" if _cell_of(match[0]) in cells else match[0]

    return _SHAPE.sub(kept, text)


def _cell_of(shape: str) -> tuple[int, int] | None:
    """Cell of a comment's box; None for another shape."""
    row, column = (re.search(rf"<x:{name}>\s*(\d+)\s*</x:{name}>", shape) for name in ("Row", "Column"))
    is_note = re.search(r"ObjectType=[\"']Note[\"']", shape)
    return (int(row[1]), int(column[1])) if is_note and row and column else None


def has_shapes(text: str) -> bool:
    """Whether a drawing holds any shape or group."""
    return bool(re.search(r"<v:(?!shapetype\b|shapelayout\b)(shape|group|rect|line|oval|image|roundrect)\b", text))
