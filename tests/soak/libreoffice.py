"""Build the samples with another LibreOffice: as many pages, and nothing lost, in each document and pack.

Then many paragraphs of Chinese with Latin words and signs, so that lines end in everything they may end in.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import docx

from pipeline.adapters.office.libreoffice import LibreOffice, probe
from pipeline.adapters.pdf_file import faults, page_count
from pipeline.adapters.pdf_text import pdf_text
from pipeline.definitions.forms import data_folder
from pipeline.project_run import RunRequest, plan_jobs, run_jobs
from pipeline.render.word.arrived import in_pieces, squeezed
from pipeline.settings import Settings
from tests.cases import DORM, ROOT, TV

DAY = date(2026, 11, 23)
_HAN = "采用宿舍无线覆盖标准方案面板接入双汇聚集中控制器认证计费先在样板测试客户需求调查"
_LATIN = ("AP", "Wi-Fi 6", "POE", "Portal", "V2.1", "412 台", "2 间", " 8:00")
_SIGNS = "、，。；：,;)）”"


def pdfs(code: str, out: Path, program: str) -> Mapping[str, Path]:
    """Every PDF of a sample, by the end of its name."""
    jobs = plan_jobs([ROOT / "samples" / code], None, Settings(libreoffice=program), RunRequest(DAY, out)).jobs
    run, failures = run_jobs([replace(job, cache=None) for job in jobs], 1)
    if failures:
        raise failures[0][1]
    found = [one.pdf for one in (*run.projects[0].documents, *run.projects[0].packs)]
    return {path.name: path for path in found if path}


def differences(code: str, work: Path, program: str) -> Iterator[str]:
    """What the other program makes otherwise: a file that is missing, its pages, its claims."""
    usual, other = pdfs(code, work / f"{code}-usual", ""), pdfs(code, work / f"{code}-other", program)
    yield from (f"{name}: made by one of the two only" for name in sorted(usual.keys() ^ other.keys()))
    for name in sorted(usual.keys() & other.keys()):
        pages = page_count(usual[name]), page_count(other[name])
        if pages[0] != pages[1]:
            yield f"{name}: {pages[0]} and {pages[1]} pages"
        yield from (f"{name}: {fault}" for fault in faults(other[name]))
    print(f"{code}: {len(other)} PDFs, {sum(map(page_count, other.values()))} pages")


def paragraphs(count: int, seed: int) -> list[str]:
    """Text of one to three lines, Latin words and signs strewn in."""
    draw = random.Random(seed)

    def phrase() -> str:
        han = "".join(draw.choice(_HAN) for _ in range(draw.randint(2, 9)))
        latin = draw.choice(_LATIN) if draw.random() < 0.5 else ""
        return han + latin + (draw.choice(_SIGNS) if draw.random() < 0.6 else "")

    return ["".join(phrase() for _ in range(draw.randint(8, 18))) for _ in range(count)]


def lost(texts: list[str], program: str, work: Path) -> list[str]:
    """Paragraphs, in the body style of our templates, that do not stand whole in the PDF."""
    document = docx.Document(str(data_folder("output_templates") / "STYLES.docx"))
    body = document.element.body
    for child in list(body)[:-1]:
        body.remove(child)
    for text in texts:
        document.add_paragraph(text, "Body Text")
    source, target = work / "many.docx", work / "many.pdf"
    document.save(str(source))
    with LibreOffice(probe(Path(program) if program else None)) as office:
        office.to_pdf(source, target)
    found = squeezed(pdf_text(target))
    return [text for text in texts if not in_pieces(squeezed(text), found)]


def main() -> int:
    """Compare; returns 1 where something differs."""
    parser = argparse.ArgumentParser(prog="scripts/soak libreoffice", description=__doc__)
    parser.add_argument("program", help="the other LibreOffice: its program folder, or the soffice in it")
    parser.add_argument("--paragraphs", type=int, default=1000, help="how many (1000)")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    print(probe(Path(asked.program)).version)
    with tempfile.TemporaryDirectory() as folder:
        found = [line for code in (DORM, TV) for line in differences(code, Path(folder), asked.program)]
        texts = paragraphs(asked.paragraphs, asked.seed)
        found += [f"lost: {text}" for text in lost(texts, asked.program, Path(folder))]
    print("\n".join(found) or "nothing differs")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
