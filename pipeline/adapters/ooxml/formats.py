"""The styles part of a workbook while it is edited: new cell formats are clones of present ones, each made once."""

from __future__ import annotations

import copy
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product

from lxml import etree

from pipeline.adapters.ooxml.package import CannotEdit, Package, insert_in_order, local_name, own, unset
from pipeline.adapters.ooxml.parts import members
from pipeline.adapters.ooxml.tables import BUILTIN_FORMATS

_ORDER = (
    "numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs", "tableStyles", "colors",
    "extLst",
)  # fmt: skip
_XF_ORDER = ("alignment", "protection", "extLst")
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"
_FIRST_OWN_FORMAT = 164
_BUILT_IN = {code: number for number, code in BUILTIN_FORMATS.items()}
_SOLID = "<patternFill patternType='solid'><fgColor rgb='FF{}'/><bgColor indexed='64'/></patternFill>"
_MINIMAL = (
    "<fonts><font><sz val='11'/><name val='Calibri'/></font></fonts>",
    "<fills><fill><patternFill patternType='none'/></fill><fill><patternFill patternType='gray125'/></fill></fills>",
    "<borders><border><left/><right/><top/><bottom/><diagonal/></border></borders>",
    "<cellXfs><xf numFmtId='0' fontId='0' fillId='0' borderId='0'/></cellXfs>",
)


@dataclass(frozen=True, slots=True)
class Look:
    """How a cell of an added sheet looks; colours as RRGGBB, sizes in points.

    Attributes:
        fill: background; empty for none.
        border: colour of a thin line all round; empty for none.
        align: `left`, `center` or `right`.
    """

    font: str = "微软雅黑"
    size: int = 10
    bold: bool = False
    underline: bool = False
    colour: str = "000000"
    fill: str = ""
    border: str = ""
    align: str = "left"
    valign: str = "top"
    wrap: bool = True


@dataclass
class Styles:
    """Cell formats (`s` of a cell) of one workbook."""

    package: Package
    _known: dict[str, dict[str, int]] = field(default_factory=dict)
    _alike: dict[str, list[int]] = field(default_factory=dict)
    _looks: dict[Look, int] = field(default_factory=dict)

    def with_fill(self, xf: int, fill: str) -> int:
        """The format `xf` with another fill; the same index when it has that fill.

        Args:
            xf: present format; one that is not there counts as the first.
            fill: RRGGBB, empty for none, or what `fill` gave.
        """
        if self.fill(xf) == fill:
            return xf
        present = self._fill_numbers().get(fill, [])
        return self._clone(xf, "fillId", present or [self._new_fill(fill)], "applyFill")

    def _new_fill(self, fill: str) -> int:
        number = self._put("fills", f"<fill>{fill_xml(fill)}</fill>")
        self._fill_numbers().setdefault(fill, []).append(number)
        return number

    def _fill_numbers(self) -> dict[str, list[int]]:
        """Numbers of the fills that look alike, by their text; the empty one has number 0."""
        if not self._alike:
            self._alike[""] = [0]
            for number, node in enumerate(self._list("fills")):
                text = _fill_text(node[0]) if len(node) else ""
                if number not in self._alike.setdefault(text, []):
                    self._alike[text].append(number)
        return self._alike

    def with_format(self, xf: int, code: str) -> int:
        """The format `xf` with another number format such as `yyyy-mm-dd`."""
        number = _BUILT_IN.get(code)
        return self._clone(xf, "numFmtId", [self._own_format(code) if number is None else number], "applyNumberFormat")

    def fill(self, xf: int) -> str:
        """Fill of a format: empty for none, RRGGBB when it is plainly solid, else its XML without a namespace."""
        fills = self._list("fills")
        number = int(self._xf(xf).get("fillId") or 0)
        if number >= len(fills) or not len(fills[number]):
            return ""
        return _fill_text(fills[number][0])

    def __len__(self) -> int:
        """How many cell formats there are."""
        return len(self._list("cellXfs"))

    def fills(self) -> dict[int, str]:
        """Fill of every format that has one."""
        return {n: text for n in range(len(self._list("cellXfs"))) if (text := self.fill(n))}

    def format_of(self, xf: int) -> str | None:
        """Own number format of a format; None for a built-in one."""
        wanted = self._xf(xf).get("numFmtId") or "0"
        own_formats = self._list("numFmts") if self._root().find("{*}numFmts") is not None else ()
        return next((str(node.get("formatCode")) for node in own_formats if node.get("numFmtId") == wanted), None)

    def built_in(self, xf: int) -> int:
        """Number of a format's number format, own or built in."""
        return int(self._xf(xf).get("numFmtId") or 0)

    def look(self, look: Look) -> int:
        """A format made from nothing."""
        if look not in self._looks:
            self._looks[look] = self._made(look)
        return self._looks[look]

    def _made(self, look: Look) -> int:
        marks = ("<b/>" if look.bold else "") + ("<u/>" if look.underline else "")
        font = f"<font>{marks}<sz val='{look.size}'/><color rgb='FF{look.colour}'/><name val='{look.font}'/></font>"
        line = f" style='thin'><color rgb='FF{look.border}'/></" if look.border else ""
        sides = "".join(f"<{s}{line}{s}>" if line else f"<{s}/>" for s in ("left", "right", "top", "bottom"))
        numbers = {
            "fontId": self._put("fonts", font),
            "fillId": self._put("fills", f"<fill>{fill_xml(look.fill)}</fill>") if look.fill else 0,
            "borderId": self._put("borders", f"<border>{sides}<diagonal/></border>"),
        }
        ids = " ".join(f"{key}='{number}'" for key, number in numbers.items())
        wrap = " wrapText='1'" if look.wrap else ""
        return self._put(
            "cellXfs",
            f"<xf numFmtId='0' {ids}{self._parent()} applyFont='1' applyFill='1' applyBorder='1' applyAlignment='1'>"
            f"<alignment horizontal='{look.align}' vertical='{look.valign}'{wrap}/></xf>",
        )

    def _parent(self) -> str:
        """Reference to the normal style, where the workbook has styles."""
        return " xfId='0'" if self._root().find("{*}cellStyleXfs/{*}xf") is not None else ""

    # -- parts of the part ------------------------------------------------------------------------------------

    @property
    def part(self) -> str:
        """Name of the styles part; one is made where the workbook has none."""
        found = self.package.related(self.package.workbook, "styles")
        if found is None:
            found = self.package.free_name("xl/styles{}.xml").replace("styles1", "styles")
            namespace = etree.QName(self.package.root(self.package.workbook)).namespace
            text = f"<styleSheet xmlns='{namespace}'>{''.join(_MINIMAL)}</styleSheet>"
            self.package.put(found, text.encode(), _TYPE)
            self.package.relate(self.package.workbook, "styles", found)
        return found

    def _root(self) -> etree._Element:
        return self.package.root(self.part)

    def _group(self, name: str) -> etree._Element:
        """Collection such as `fills`; one with its first members is made where it is missing."""
        root = self._root()
        found = root.find(f"{{*}}{name}")
        if found is None:
            text = next((t for t in _MINIMAL if t.startswith(f"<{name}>")), f"<{name}/>")
            found = self._element(text)
            insert_in_order(root, found, _ORDER)
            self.package.touch(self.part)
        return found

    def _list(self, name: str) -> list[etree._Element]:
        """Members of a collection in the order of their indices, those in alternatives too."""
        return members(self._group(name))

    def _element(self, text: str) -> etree._Element:
        """Element in the namespace of the styles."""
        namespace = etree.QName(self._root()).namespace
        return etree.fromstring(f"<x xmlns='{namespace}'>{text}</x>")[0]

    def _xf(self, number: int) -> etree._Element:
        formats = self._list("cellXfs")
        if not len(formats):
            raise CannotEdit("no cell formats")
        return formats[number] if 0 <= number < len(formats) else formats[0]

    def _put(self, group: str, element: str | etree._Element) -> int:
        """Index of a member that is the same, a new one where there is none."""
        node = self._element(element) if isinstance(element, str) else element
        known = self._members(group)
        text = _canonical(node)
        if text not in known:
            parent = self._group(group)
            parent.append(node)
            count = len(self._list(group))
            known[text] = count - 1
            if parent.get("count") is not None:
                parent.set("count", str(count))
            self.package.touch(self.part)
        return known[text]

    def _members(self, group: str) -> dict[str, int]:
        """Indexes by canonical text, first one first."""
        if group not in self._known:
            found: dict[str, int] = {}
            for number, node in enumerate(self._list(group)):
                found.setdefault(_canonical(node), number)
            self._known[group] = found
        return self._known[group]

    def _clone(self, xf: int, key: str, numbers: Sequence[int], flag: str) -> int:
        """A format like `xf` with another number for one of its parts.

        A present one with any of the numbers, that differs in nothing but the flag, is taken as it is: so a change
        that is undone leads back to the first format.
        """
        node = copy.deepcopy(self._xf(xf))
        node.tail = None
        spelled = [str(number) for number in numbers] + ([""] if 0 in numbers else [])  # what is left out is 0
        for number, value in product(spelled, ("1", "", "0")):
            unset(node, key, flag)
            if number:
                node.set(key, number)
            if value:
                node.set(flag, value)
            known = self._members("cellXfs").get(_canonical(node))
            if known is not None:
                return known
        node.set(key, str(numbers[0]))
        node.set(flag, "1")
        return self._put("cellXfs", node)

    def _own_format(self, code: str) -> int:
        group = self._group("numFmts")
        taken = {str(node.get("formatCode")): int(node.get("numFmtId") or 0) for node in members(group)}
        if code not in taken:
            taken[code] = max([_FIRST_OWN_FORMAT - 1, *taken.values()]) + 1
            etree.SubElement(group, own(group, "numFmt"), numFmtId=str(taken[code]), formatCode=code)
            group.set("count", str(len(members(group))))
            self.package.touch(self.part)
        return taken[code]


def fill_xml(fill: str) -> str:
    """XML of a fill as `Styles.fill` words it."""
    return fill if fill.startswith("<") else _SOLID.format(fill)


def _fill_text(node: etree._Element) -> str:
    if node.get("patternType", "none") == "none" and local_name(node) == "patternFill":
        return ""
    colour = node.find("{*}fgColor")
    if node.get("patternType") == "solid" and colour is not None and list(colour.attrib) == ["rgb"]:
        return str(colour.get("rgb"))[-6:].upper()
    text = etree.tostring(node, encoding="unicode", with_tail=False)
    return re.sub(r"\s?xmlns(:\w+)?=\"[^\"]*\"", "", text).replace('"', "'")


def _canonical(node: etree._Element) -> str:
    """Text that is equal for equal elements: no declarations of namespaces, attributes sorted, no usual numbers."""
    inner = "".join(_canonical(child) for child in node if isinstance(child.tag, str))
    stated = sorted((str(key), str(value)) for key, value in node.attrib.items())
    attributes = "".join(f" {key}={value}" for key, value in stated if not (key.endswith("Id") and value == "0"))
    return f"<{local_name(node)}{attributes}>{inner}{(node.text or '').strip()}</>"
