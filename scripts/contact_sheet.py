#!/usr/bin/env python3
"""Contact sheets: every page of every PDF below the folders (or the PDFs named), small, several to a picture.

To look at everything that a build made, page by page, before it goes out:

    presales build samples/LY-SQ-2026-007 -o /tmp/look --as-of 2026-11-23
    scripts/contact_sheet.py /tmp/look -o /tmp/look/sheets

The merged packs are left out, since they hold the same pages again; name one to see it. Each page has the file and
its number above it; `index.txt` beside the pictures says which pages lie on which sheet.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

LABEL, GAP = 22, 10  # pixels
GREY, INK, EDGE = "#E8E8E8", "#202020", "#909090"
Page = tuple[str, Image.Image]


def pdfs(paths: Sequence[Path]) -> list[Path]:
    """The PDFs to show, in the order of their names; those in a pack's folder only when they are named."""
    if wrong := [path for path in paths if not path.is_dir() and not (path.is_file() and path.suffix == ".pdf")]:
        raise SystemExit(f"contact_sheet: neither a folder nor a PDF: {'、'.join(map(str, wrong))}")
    found: dict[Path, None] = {}
    for path in paths:
        inside = sorted(path.rglob("*.pdf")) if path.is_dir() else [path]
        found.update(dict.fromkeys(one for one in inside if one == path or "pack" not in one.relative_to(path).parts))
    return list(found)


def pages(pdf: Path, dpi: int) -> Iterator[Page]:
    """Every page with its label, drawn by poppler, since that is not the program that made the PDF."""
    with tempfile.TemporaryDirectory(prefix="contact-sheet-") as work:
        command = ["pdftoppm", "-r", str(dpi), "-png", str(pdf), f"{work}/p"]
        subprocess.run(command, check=True, timeout=600, capture_output=True)
        for number, picture in enumerate(sorted(Path(work).iterdir()), 1):
            yield f"{pdf.stem} {number}", Image.open(picture).convert("RGB")


def sheet(shown: Sequence[Page], columns: int) -> Image.Image:
    """Pages in rows of `columns`, each in a cell as large as the largest."""
    wide = max(page.width for _, page in shown) + GAP
    high = max(page.height for _, page in shown) + LABEL + GAP
    rows = -(-len(shown) // columns)
    made = Image.new("RGB", (wide * min(columns, len(shown)) + GAP, high * rows + GAP), GREY)
    draw, font = ImageDraw.Draw(made), ImageFont.truetype(_font(), 14)
    for place, (label, page) in enumerate(shown):
        left, top = GAP + place % columns * wide, GAP + place // columns * high
        draw.text((left, top), label, fill=INK, font=font)
        made.paste(page, (left, top + LABEL))
        draw.rectangle((left - 1, top + LABEL - 1, left + page.width, top + LABEL + page.height), outline=EDGE)
    return made


def _font() -> str:
    command = ["fc-match", "-f", "%{file}", "Noto Sans CJK SC"]
    return subprocess.run(command, check=True, timeout=20, capture_output=True, text=True).stdout


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="PDFs, or folders that hold some")
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder for the pictures")
    parser.add_argument("--columns", type=int, default=4)
    parser.add_argument("--per-sheet", type=int, default=8)
    parser.add_argument("--dpi", type=int, default=70)
    return parser.parse_args(arguments)


def main(arguments: Sequence[str]) -> int:
    """Write the sheets and say how many there are."""
    options = _options(arguments)
    found = pdfs(options.paths)
    if not found:
        raise SystemExit("contact_sheet: no PDF there")
    options.output.mkdir(parents=True, exist_ok=True)
    every = (page for pdf in found for page in pages(pdf, options.dpi))
    index: list[str] = []
    while shown := list(islice(every, options.per_sheet)):
        name = f"sheet-{len(index) + 1:03d}.png"
        sheet(shown, options.columns).save(options.output / name)
        index.append(f"{name}: {'; '.join(label for label, _ in shown)}")
    (options.output / "index.txt").write_text("\n".join(index) + "\n", encoding="utf-8")
    print(f"{len(found)} PDF, {len(index)} sheets in {options.output}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
