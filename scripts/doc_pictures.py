"""Make the pictures of the guides again: docs/图/*.png.

Workbooks (blank ones and samples) and made documents go through LibreOffice to PDF and through pdftoppm to PNG.
Usage: doc_pictures.py [NAME ...]     (default: all; a name is a file name without .png)
Needs what scripts/setup --test installs. The pictures are committed; look at them before you do.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
from PIL import Image, ImageChops, ImageOps
from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from pipeline.adapters.office.libreoffice import LibreOffice, probe
from pipeline.adapters.ooxml.cells import SHEET_ORDER
from pipeline.adapters.ooxml.edit import Editor
from pipeline.adapters.ooxml.package import insert_in_order, own
from pipeline.adapters.ooxml.sheets import sheet_parts
from pipeline.cli import run
from pipeline.definitions.catalogue import load_catalogue
from pipeline.service.runs.portfolio import PortfolioRequest, make_portfolio
from tests import made_portfolio, made_projects
from tests.browser import launch

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "图"
SAMPLES = ROOT / "samples"
AS_OF = "2026-11-23"
NEW = ("LY-SQ-2026-021", "某某学院数据中心网络改造项目")
LARGEST = 200_000
MARGIN = 12
COLOURS = 128
REDS = ((192, 0, 0), (204, 64, 64), (216, 128, 128), (240, 200, 200))  # too few pixels to be frequent


@dataclass(frozen=True)
class SheetPicture:
    """A part of one sheet as Excel shows it, with column letters and row numbers.

    Attributes:
        source: `blank`, or the folder of a sample.
        book: number of the workbook, 01 to 06.
        columns: first and last column.
        rows: row ranges that are shown, both ends included; what lies between is hidden.
        edits: cells to change before, as an example.
        width: pixels.
    """

    source: str
    book: str
    sheet: str
    columns: tuple[str, str]
    rows: tuple[tuple[int, int], ...]
    edits: Mapping[str, Any] = field(default_factory=dict)
    width: int = 1600


@dataclass(frozen=True)
class PagePicture:
    """Pages of a PDF beside each other.

    Attributes:
        source: sample that is built; empty: a Word template.
        pattern: file below the output folder, or in output_templates.
        pages: numbers from 1.
        width: pixels.
    """

    source: str
    pattern: str
    pages: tuple[int, ...]
    width: int = 1200


@dataclass(frozen=True)
class PreviewPicture:
    """Pages of a template filled with made-up data.

    Attributes:
        code: document.
        pages: numbers from 1.
        width: pixels.
    """

    code: str
    pages: tuple[int, ...]
    width: int = 1500


@dataclass(frozen=True)
class ScreenPicture:
    """The status page of a made-up portfolio in a browser.

    Attributes:
        clicks: what is clicked before the picture is taken.
        height: pixels of the window; `width` those of the picture.
    """

    clicks: tuple[str, ...] = ()
    height: int = 900
    width: int = 1440


@dataclass(frozen=True)
class ReportPicture:
    """Pages of the daily report of the same portfolio."""

    pages: tuple[int, ...]
    width: int = 1500


@dataclass(frozen=True)
class MarkedPicture:
    """A sheet of the marked copy of a workbook.

    Attributes:
        source: sample that is checked.
        book: number of the workbook.
        sheet: name of the sheet.
        comment: row and column (from 0) of the cell whose comment is open.
        width: pixels.
    """

    source: str
    book: str
    sheet: str
    comment: tuple[int, int] | None = None
    width: int = 1600


_UNCLEAR = {
    "E58": "不明确",
    "G58": "不明确",
    "I58": "请信息化中心确认可停网时段",
    "J58": date(2026, 6, 10),
}
Picture = SheetPicture | PagePicture | PreviewPicture | MarkedPicture | ScreenPicture | ReportPicture
PICTURES: dict[str, Picture] = {
    "颜色": SheetPicture("blank", "02", "基本信息", ("B", "D"), ((1, 27),), width=1200),
    "调查表": SheetPicture("LY-SQ-2026-015", "01", "调查表", ("A", "L"), ((1, 5), (49, 74)), _UNCLEAR),
    "阶段计划": SheetPicture("LY-SQ-2026-015", "02", "阶段计划", ("A", "O"), ((1, 18), (26, 27))),
    "费用明细": SheetPicture("LY-SQ-2026-015", "03", "费用明细", ("A", "P"), ((1, 12), (19, 30), (106, 110))),
    "物资明细": SheetPicture("LY-SQ-2026-015", "04", "物资明细", ("A", "U"), ((1, 21), (506, 507))),
    "人员需求": SheetPicture("LY-SQ-2026-015", "05", "人员需求", ("A", "T"), ((1, 20), (106, 107))),
    "评审意见": SheetPicture("LY-SQ-2026-015", "06", "合同评审意见", ("A", "J"), ((1, 22),)),
    "校验报告": PagePicture("wrong-015", "check/*_VAL_*.pdf", (1,)),
    "总额核对表": PagePicture("wrong-015", "check/*_XCK_*.pdf", (1,)),
    "校验结果": MarkedPicture("wrong-015", "02", "校验结果"),
    "标注": MarkedPicture("wrong-015", "02", "基本信息", comment=(31, 2), width=1200),
    "文档包": PagePicture("LY-SQ-2026-015", "pack/*_计划包_*/*.pdf", (1, 2, 3, 5), width=1500),
    "母版": PagePicture("", "PP1.docx", (1,)),
    "模板预览": PreviewPicture("PP2", (1, 2)),
    "项目状态": ScreenPicture(("#p-LY-SQ-2026-103",), 860),
    "人员负荷": ScreenPicture(("#tab-people",), 700),
    "批次日报": ReportPicture((1, 5)),
}


def picture(wanted: Picture, work: Path) -> Image.Image:
    """Draw one picture in a private folder."""
    if isinstance(wanted, ScreenPicture):
        return _screen(wanted, work)
    if isinstance(wanted, ReportPicture):
        pages = _pages(_portfolio(work)[1][1], wanted.pages, work)
    elif isinstance(wanted, SheetPicture):
        pages = _pages(_as_pdf(_shown_part(wanted, work), work), (1,), work)
    elif isinstance(wanted, MarkedPicture):
        pages = _pages(_as_pdf(_marked_copy(wanted, work), work), (1,), work)
    elif isinstance(wanted, PreviewPicture):
        _presales("templates", "preview", wanted.code, "-o", str(work))
        pages = _pages(work / f"{wanted.code}_预览.pdf", wanted.pages, work)
    elif wanted.source:
        out = work / "out"
        _presales("build", str(SAMPLES / wanted.source), "-o", str(out), "--as-of", AS_OF)
        pages = _pages(next(out.glob(f"*/{wanted.pattern}")), wanted.pages, work)
    else:
        pdf = work / "template.pdf"
        with LibreOffice() as office:
            office.to_pdf(ROOT / "output_templates" / wanted.pattern, pdf)
        pages = _pages(pdf, wanted.pages, work)
    image = _cropped(pages[0]) if len(pages) == 1 else _beside([_framed(page) for page in pages])
    return image.resize((wanted.width, round(image.height * wanted.width / image.width)), Image.Resampling.LANCZOS)


def _portfolio(work: Path) -> tuple[Path, tuple[Path, ...]]:
    """Status page and daily report (DOCX, PDF, XLSX) of the portfolio on which the tests try them."""
    known = made_portfolio.many(40)
    request = PortfolioRequest(date.fromisoformat(AS_OF), work, made_portfolio.MADE, True, made_portfolio.night(known))
    with LibreOffice() as office:
        made = make_portfolio(known, made_projects.company(), load_catalogue(), request, office)
    return made.page, made.reports


def _screen(wanted: ScreenPicture, work: Path) -> Image.Image:
    page, _ = _portfolio(work)
    with sync_playwright() as play:
        window = launch(play).new_page(viewport={"width": wanted.width, "height": wanted.height})
        window.goto(page.as_uri())
        for selector in wanted.clicks:
            window.click(selector)
        return Image.open(io.BytesIO(window.screenshot())).convert("RGB")


def _presales(*arguments: str) -> None:
    """Run the command line without its words; findings (3) are expected of the wrong sample."""
    with contextlib.redirect_stdout(io.StringIO()):
        code = run(list(arguments))
    if code not in (0, 3):
        raise SystemExit(f"doc_pictures: presales {' '.join(arguments)}: exit code {code}")


def _shown_part(wanted: SheetPicture, work: Path) -> Path:
    """A copy of the workbook that prints nothing but the wanted part, on one page."""
    folder = SAMPLES / wanted.source
    if wanted.source == "blank":
        folder = work / "blank"
        company = next((SAMPLES / "LY-SQ-2026-015").glob("00_*.xlsx"))
        code, name = NEW
        head = ("--project", code, "--name", name, "--company", str(company))
        _presales("forms", "blank", str(folder), *head, "--as-of", AS_OF)
    book = openpyxl.load_workbook(next(folder.glob(f"{wanted.book}_*.xlsx")), rich_text=True)
    for sheet in book.worksheets:
        if sheet.title != wanted.sheet:
            sheet.sheet_state, sheet.print_area = "hidden", None  # a hidden sheet with an area of its own is printed
    _set_page(book[wanted.sheet], wanted)
    book.active = book.sheetnames.index(wanted.sheet)
    path = work / "part.xlsx"
    book.save(path)
    return path


def _marked_copy(wanted: MarkedPicture, work: Path) -> Path:
    """The marked copy, printing one sheet with column letters and row numbers."""
    _presales("check", str(SAMPLES / wanted.source), "--annotate", str(work / "marked"), "--as-of", AS_OF)
    book = Editor(next((work / "marked").glob(f"*/{wanted.book}_*.xlsx")).read_bytes())
    package = book.package
    for node in package.root(package.workbook).iterfind("{*}sheets/{*}sheet"):
        node.set("state", "visible" if node.get("name") == wanted.sheet else "hidden")
    book.open_on(wanted.sheet)
    part = sheet_parts(package)[wanted.sheet]
    root = package.root(part)
    for node in (*root.findall("{*}headerFooter"), *root.findall("{*}printOptions")):
        root.remove(node)
    insert_in_order(root, root.makeelement(own(root, "printOptions"), {"headings": "1"}), SHEET_ORDER)
    package.touch(part)
    if wanted.comment and (drawing := package.related(part, "vmlDrawing")):
        package.put(drawing, _opened(package.read(drawing).decode(), *wanted.comment).encode())
    path = work / "part.xlsx"
    path.write_bytes(book.to_bytes())
    return path


def _opened(vml: str, row: int, column: int) -> str:
    """The drawing with the comment of one cell open."""
    place = f"<x:Row>{row}</x:Row><x:Column>{column}</x:Column>"

    def opened(shape: re.Match[str]) -> str:
        if place not in shape[0]:
            return shape[0]
        return shape[0].replace("visibility:hidden", "visibility:visible").replace(place, f"<x:Visible/>{place}")

    return re.sub(r"<v:shape .*?</v:shape>", opened, vml, flags=re.DOTALL)


def _set_page(sheet: Any, wanted: SheetPicture) -> None:
    for cell, value in wanted.edits.items():
        sheet[cell] = value
    first, last = wanted.rows[0][0], wanted.rows[-1][1]
    shown = {row for start, end in wanted.rows for row in range(start, end + 1)}
    for row in range(first, last + 1):
        if row not in shown:
            sheet.row_dimensions[row].hidden = True
    sheet.print_title_rows = None
    sheet.print_area = f"{wanted.columns[0]}{first}:{wanted.columns[1]}{last}"
    sheet.print_options.headings = True
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A3
    sheet.page_setup.fitToHeight = 1
    sheet.oddFooter.center.text = sheet.oddFooter.right.text = None


def _as_pdf(workbook: Path, work: Path) -> Path:
    command = [str(probe().program / "soffice"), "--headless", f"-env:UserInstallation={(work / 'profile').as_uri()}"]
    fonts = {"FONTCONFIG_FILE": str(ROOT / "pipeline" / "adapters" / "fonts.conf")}
    command += ["--convert-to", "pdf", "--outdir", str(work), str(workbook)]
    subprocess.run(command, check=True, capture_output=True, timeout=180, env=os.environ | fonts)
    return workbook.with_suffix(".pdf")


def _pages(pdf: Path, numbers: tuple[int, ...], work: Path) -> list[Image.Image]:
    found = []
    for number in numbers:
        stem = work / f"page{number}"
        page = ["-f", str(number), "-l", str(number), "-singlefile"]
        subprocess.run(["pdftoppm", "-r", "200", "-png", *page, str(pdf), str(stem)], check=True, timeout=120)
        found.append(Image.open(f"{stem}.png").convert("RGB"))
    return found


def _cropped(image: Image.Image) -> Image.Image:
    """The picture without the white around it."""
    box = ImageChops.difference(image, Image.new("RGB", image.size, "white")).getbbox() or (0, 0, *image.size)
    left, top, right, bottom = box
    wide = (left - MARGIN, top - MARGIN, right + MARGIN, bottom + MARGIN)
    return image.crop((max(wide[0], 0), max(wide[1], 0), min(wide[2], image.width), min(wide[3], image.height)))


def _framed(page: Image.Image) -> Image.Image:
    """The whole page with a grey edge."""
    return ImageOps.expand(ImageOps.crop(page, 4), 4, "#A0A0A0")


def _beside(images: list[Image.Image]) -> Image.Image:
    gap = 40
    size = (sum(image.width + gap for image in images) - gap, max(image.height for image in images))
    joined, left = Image.new("RGB", size, "white"), 0
    for image in images:
        joined.paste(image, (left, 0))
        left += image.width + gap
    return joined


def _save(image: Image.Image, path: Path) -> int:
    """Write the picture with its most frequent colours and the red of the stars; returns its bytes."""
    counted = sorted(image.getcolors(image.width * image.height) or [], reverse=True)
    frequent = [colour for _, colour in counted[: COLOURS - len(REDS)]]
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for colour in (*frequent, *REDS) for part in colour])
    image.quantize(palette=palette, dither=Image.Dither.NONE).save(path, optimize=True)
    if (size := path.stat().st_size) >= LARGEST:
        raise SystemExit(f"doc_pictures: {path.name} is larger than {LARGEST} bytes; make it narrower")
    return size


def main(names: list[str]) -> int:
    """Make the named pictures, all without names."""
    unknown = [name for name in names if name not in PICTURES]
    if unknown:
        raise SystemExit(f"doc_pictures: no such picture: {'、'.join(unknown)}; there are {'、'.join(PICTURES)}")
    TARGET.mkdir(exist_ok=True)
    for name in names or PICTURES:
        with tempfile.TemporaryDirectory(prefix="doc-pictures-") as work:
            size = _save(picture(PICTURES[name], Path(work)), TARGET / f"{name}.png")
        print(f"{TARGET.relative_to(ROOT)}/{name}.png {size // 1000} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
