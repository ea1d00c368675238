"""Running page numbers of a pack: `卷内第3页 共120页` on every page of the merged PDF, beside the page's own number."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache as once
from pathlib import Path
from typing import Any

from pikepdf import Array, Dictionary, Name, Pdf, Stream, String

from pipeline.adapters.fonts import installed
from pipeline.adapters.kept_files import kept
from pipeline.core.errors import DependencyMissing
from pipeline.definitions.program import program_hash

FAMILY = "Noto Sans CJK SC"
_LETTERS = "卷内第页共0123456789 "
_SIZE = 8.0
_MARGIN = 28.0
_NAME = "/RunningNumber"


@dataclass(frozen=True)
class Font:
    """A subset of a font: its CFF program, and for every letter its number in it and its width (1/1000 em)."""

    program: bytes
    numbers: dict[str, int]
    widths: dict[str, int]


def running_numbers(pdf: Pdf, cache: Path | None = None) -> None:
    """Print `卷内第N页 共M页` at the top right of every page; what is on the page stays as it is.

    Args:
        pdf: takes the numbers.
        cache: folder that keeps the letters of the font between runs; None takes them from the font.

    Raises:
        DependencyMissing: the font is not installed.
    """
    font = load_font(cache)
    reference = _embed(pdf, font)
    total = len(pdf.pages)
    for number, page in enumerate(pdf.pages, 1):
        text = f"卷内第{number}页 共{total}页"
        width = sum(font.widths[letter] for letter in text) * _SIZE / 1000
        _, _, right, top = (float(edge) for edge in page.cropbox)
        x, y = right - _MARGIN - width, top - _MARGIN + 6
        codes = "".join(f"{font.numbers[letter]:04X}" for letter in text)
        # An artifact: no part of what the document says, and so none of its tags.
        drawn = f"\nQ\n/Artifact BMC q 0.35 g BT {_NAME} {_SIZE} Tf 1 0 0 1 {x:.2f} {y:.2f} Tm <{codes}> Tj ET Q EMC\n"
        page.contents_add(Stream(pdf, b"q\n"), prepend=True)
        page.contents_add(Stream(pdf, drawn.encode()))
        page.add_resource(reference, Name.Font, Name(_NAME))


@once
def load_font(cache: Path | None) -> Font:
    """Subset of the installed font with just our letters, which costs half a second to make.

    Args:
        cache: as of `running_numbers`.

    Raises:
        DependencyMissing: the font is not installed.
    """
    path, index = _find_font()
    decide = (installed(), program_hash(), str(path), index)
    key = hashlib.sha256(repr(decide).encode()).hexdigest()
    told: dict[str, Any] = json.loads(kept(cache, key, ".json", lambda: _as_json(_subset(path, index))))
    return Font(base64.b64decode(told["program"]), told["numbers"], told["widths"])


def _as_json(font: Font) -> bytes:
    program = base64.b64encode(font.program).decode()
    return json.dumps({"program": program, "numbers": font.numbers, "widths": font.widths}).encode()


def _subset(path: Path, index: int) -> Font:
    """Our letters of a font in a file, by its number there."""
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

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
    return Font(program.getvalue(), numbers, widths)


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


def _embed(pdf: Pdf, font: Font) -> Any:
    """Put the subset into the PDF as a composite font whose codes are the font's own glyph numbers."""
    name = Name("/PSLYAA+NotoSansCJKsc-Regular")
    program = Stream(pdf, font.program, Subtype=Name.CIDFontType0C)
    descriptor = Dictionary(
        Type=Name.FontDescriptor,
        FontName=name,
        Flags=4,
        FontBBox=Array([-1002, -1048, 2928, 1808]),
        ItalicAngle=0,
        Ascent=880,
        Descent=-120,
        CapHeight=733,
        StemV=90,
        FontFile3=pdf.make_indirect(program),
    )
    pairs = sorted((number, font.widths[letter]) for letter, number in font.numbers.items())
    descendant = Dictionary(
        Type=Name.Font,
        Subtype=Name.CIDFontType0,
        BaseFont=name,
        CIDSystemInfo=Dictionary(Registry=String("Adobe"), Ordering=String("Identity"), Supplement=0),
        FontDescriptor=pdf.make_indirect(descriptor),
        DW=1000,
        W=Array([item for number, width in pairs for item in (number, Array([width]))]),
    )
    composite = Dictionary(
        Type=Name.Font,
        Subtype=Name.Type0,
        BaseFont=name,
        Encoding=Name("/Identity-H"),
        DescendantFonts=Array([pdf.make_indirect(descendant)]),
        ToUnicode=pdf.make_indirect(Stream(pdf, _to_unicode(font))),
    )
    return pdf.make_indirect(composite)


def _to_unicode(font: Font) -> bytes:
    """Table from glyph number to letter, so that the text can be found and copied."""
    pairs = "\n".join(f"<{number:04X}> <{ord(letter):04X}>" for letter, number in font.numbers.items())
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CMapName /RunningNumber def\n/CMapType 2 def\n"
        "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
        f"{len(font.numbers)} beginbfchar\n{pairs}\nendbfchar\n"
        "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
    ).encode()
