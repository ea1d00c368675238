"""Running page numbers of a pack: `卷内第3页 共120页` on every page of the merged PDF, beside the page's own number."""

from __future__ import annotations

import io
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    IndirectObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)

from pipeline.core.errors import DependencyMissing

FAMILY = "Noto Sans CJK SC"
_LETTERS = "卷内第页共0123456789 "
_SIZE = 8.0
_MARGIN = 28.0
_NAME = "/RunningNumber"


@dataclass(frozen=True)
class _Font:
    """A subset of a font: its CFF program, and for every letter its number in it and its width (1/1000 em)."""

    program: bytes
    numbers: dict[str, int]
    widths: dict[str, int]


def running_numbers(writer: PdfWriter) -> None:
    """Print `卷内第N页 共M页` at the top right of every page; what is on the page stays as it is.

    Raises:
        DependencyMissing: the font is not installed.
    """
    font = _load_font()
    reference = _embed(writer, font)
    total = len(writer.pages)
    before = writer._add_object(_stream(b"q\n"))
    for number, page in enumerate(writer.pages, 1):
        text = f"卷内第{number}页 共{total}页"
        width = sum(font.widths[letter] for letter in text) * _SIZE / 1000
        box = page.cropbox
        x, y = float(box.right) - _MARGIN - width, float(box.top) - _MARGIN + 6
        codes = "".join(f"{font.numbers[letter]:04X}" for letter in text)
        drawn = f"\nQ\nq 0.35 g BT {_NAME} {_SIZE} Tf 1 0 0 1 {x:.2f} {y:.2f} Tm <{codes}> Tj ET Q\n"
        after = writer._add_object(_stream(drawn.encode()))
        page[NameObject("/Contents")] = ArrayObject([before, *_contents(page), after])
        _resources(page)[NameObject(_NAME)] = reference


def _stream(content: bytes) -> StreamObject:
    stream = DecodedStreamObject()
    stream.set_data(content)
    return stream


def _contents(page: DictionaryObject) -> list[Any]:
    """Content streams of a page, as they stand there."""
    if "/Contents" not in page:
        return []
    raw = page.raw_get("/Contents")
    found = page["/Contents"]
    return list(found) if isinstance(found, ArrayObject) else [raw]


def _resources(page: DictionaryObject) -> DictionaryObject:
    """The page's own fonts; inherited resources are copied to it first."""
    parent: Any = page
    while "/Resources" not in parent and "/Parent" in parent:
        parent = parent["/Parent"]
    inherited: Any = parent.get("/Resources", DictionaryObject())
    resources = DictionaryObject(inherited.get_object())
    own: Any = resources.get("/Font", DictionaryObject())
    fonts = DictionaryObject(own.get_object())
    resources[NameObject("/Font")] = fonts
    page[NameObject("/Resources")] = resources
    return fonts


@cache
def _load_font() -> _Font:
    """Subset of the installed font with just our letters."""
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

    path, index = _find_font()
    options = Options()
    options.name_IDs, options.notdef_outline, options.layout_features = [], True, []
    with TTFont(path, fontNumber=index, lazy=True) as font:
        subsetter = Subsetter(options)
        subsetter.populate(text=_LETTERS)
        subsetter.subset(font)
        program = io.BytesIO()
        font["CFF "].cff.compile(program, font, isCFF2=False)
        names = font.getBestCmap()
        em = font["head"].unitsPerEm
        widths = {letter: round(font["hmtx"][names[ord(letter)]][0] * 1000 / em) for letter in _LETTERS}
        numbers = {letter: int(names[ord(letter)].removeprefix("cid")) for letter in _LETTERS}
    return _Font(program.getvalue(), numbers, widths)


def _find_font() -> tuple[Path, int]:
    """File of the font and its number in the collection, as fontconfig knows them."""
    fc_list = shutil.which("fc-list")
    pattern = f"{FAMILY}:style=Regular:fontformat=CFF"
    asked = [fc_list or "fc-list", "-f", "%{file}\t%{index}\n", pattern]
    listed = subprocess.run(asked, capture_output=True, text=True, check=False).stdout if fc_list else ""
    found = sorted(line.split("\t") for line in listed.splitlines() if line)
    if not found:
        raise DependencyMissing(f"缺少字体 {FAMILY}(font missing)。安装:sudo apt-get install -y fonts-noto-cjk")
    return Path(found[0][0]), int(found[0][1]) & 0xFFFF


def _embed(writer: PdfWriter, font: _Font) -> IndirectObject:
    """Put the subset into the PDF as a composite font whose codes are the font's own glyph numbers."""
    name = NameObject("/PSLYAA+NotoSansCJKsc-Regular")
    program = _stream(font.program).flate_encode()
    program[NameObject("/Subtype")] = NameObject("/CIDFontType0C")
    descriptor = _dictionary(
        Type=NameObject("/FontDescriptor"),
        FontName=name,
        Flags=NumberObject(4),
        FontBBox=ArrayObject(NumberObject(n) for n in (-1002, -1048, 2928, 1808)),
        ItalicAngle=NumberObject(0),
        Ascent=NumberObject(880),
        Descent=NumberObject(-120),
        CapHeight=NumberObject(733),
        StemV=NumberObject(90),
        FontFile3=writer._add_object(program),
    )
    pairs = sorted((number, font.widths[letter]) for letter, number in font.numbers.items())
    widths = [item for number, width in pairs for item in (NumberObject(number), ArrayObject([FloatObject(width)]))]
    system = _dictionary(
        Registry=TextStringObject("Adobe"), Ordering=TextStringObject("Identity"), Supplement=NumberObject(0)
    )
    descendant = _dictionary(
        Type=NameObject("/Font"),
        Subtype=NameObject("/CIDFontType0"),
        BaseFont=name,
        CIDSystemInfo=system,
        FontDescriptor=writer._add_object(descriptor),
        DW=NumberObject(1000),
        W=ArrayObject(widths),
    )
    composite = _dictionary(
        Type=NameObject("/Font"),
        Subtype=NameObject("/Type0"),
        BaseFont=name,
        Encoding=NameObject("/Identity-H"),
        DescendantFonts=ArrayObject([writer._add_object(descendant)]),
        ToUnicode=writer._add_object(_stream(_to_unicode(font)).flate_encode()),
    )
    return writer._add_object(composite)


def _dictionary(**entries: Any) -> DictionaryObject:
    return DictionaryObject({NameObject(f"/{key}"): value for key, value in entries.items()})


def _to_unicode(font: _Font) -> bytes:
    """Table from glyph number to letter, so that the text can be found and copied."""
    pairs = "\n".join(f"<{number:04X}> <{ord(letter):04X}>" for letter, number in font.numbers.items())
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CMapName /RunningNumber def\n/CMapType 2 def\n"
        "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
        f"{len(font.numbers)} beginbfchar\n{pairs}\nendbfchar\n"
        "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
    ).encode()
