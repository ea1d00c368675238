"""Conversions of which some fail in every way that LibreOffice knows, and what is left of them."""

from __future__ import annotations

import random
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

import docx
from pypdf import PdfReader

from pipeline.adapters.office.crew import Crew
from pipeline.adapters.office.libreoffice import LibreOffice
from pipeline.core.documents import Printed
from pipeline.core.errors import DocumentFailed
from pipeline.definitions.documents import load_documents
from pipeline.render.writer import Writer
from tests.adapters.office.test_lok_child import alive_children, is_gone

KINDS = ("hang", "crash", "nothing", "garbage", "lost")
ROWS = 4
_AHEAD = 4


@dataclass
class Outcome:
    """What became of the conversions.

    Attributes:
        planned: how often each fault was to happen.
        right: documents whose PDF holds all that they print.
        failed: why each of the others has no PDF: two faults, or no sound file of one not announced.
        wrong: documents with a PDF that does not.
        left: processes, profiles and files that are there afterwards.
    """

    planned: Counter[str]
    right: int = 0
    failed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


def plan(count: int, share: float, seed: int) -> list[str]:
    """A word for each of so many conversions; each kind of fault at least once."""
    picks = random.Random(seed)
    faults = max(len(KINDS), round(count * share))
    words = [KINDS[number % len(KINDS)] for number in range(faults)] + ["well"] * (count - faults)
    picks.shuffle(words)
    return words


def convert(folder: Path, words: list[str], timeout_s: float, jobs: int = 2) -> Outcome:
    """Convert a document for each word of a plan, as documents of projects are.

    Args:
        folder: an empty folder.
        words: the plan.
        timeout_s: seconds that one attempt may take.
        jobs: LibreOffice beside each other.
    """
    made, temporary, player = folder / "made", folder / "temp", folder / "player"
    for one in (made, temporary, player):
        one.mkdir()
    script = shutil.copy(Path(__file__).with_name("faulty_worker.py"), player)
    (player / "plan").write_text(" ".join(words))
    outcome, before = Outcome(Counter(word for word in words if word != "well")), alive_children()
    with patch.object(tempfile, "tempdir", str(temporary)):
        with Crew([LibreOffice(timeout_s=timeout_s, worker=Path(script)) for _ in range(jobs)]) as office:
            writer = Writer(_never, office)
            for start in range(0, len(words), _AHEAD):
                sources = [_document(made, number) for number in range(start, min(start + _AHEAD, len(words)))]
                for source in sources:
                    writer.expect(load_documents()["MEM"], source, ())
                for source in sources:
                    _one(writer, source, outcome)
        outcome.left += [f"process {number}" for number in alive_children() - before if not is_gone(number)]
    outcome.left += [str(path.relative_to(folder)) for path in temporary.iterdir()]
    kept = {".docx", ".pdf"}
    outcome.left += [path.name for path in made.rglob("*") if path.is_file() and path.suffix not in kept]
    outcome.left += [path.name for path in made.rglob("*/*.pdf")]
    return outcome


def _never(*_: object) -> tuple[Printed, ...]:
    raise AssertionError("the documents are there")


def _document(folder: Path, number: int) -> Path:
    document = docx.Document()
    document.add_paragraph(f"第{number}份")
    table = document.add_table(ROWS, 2)
    for row, text in enumerate(_texts(number)):
        table.rows[row].cells[0].text, table.rows[row].cells[1].text = "行", text
    path = folder / f"{number}.docx"
    document.save(str(path))
    return path


def _texts(number: int) -> list[str]:
    return [f"份{number}行{row}" for row in range(ROWS)]


def _one(writer: Writer, source: Path, outcome: Outcome) -> None:
    """Convert one, and look at what came of it with other eyes than the writer's."""
    texts = _texts(int(source.stem))
    printed = [Printed(f"row{row}", text, text) for row, text in enumerate(texts)]
    try:
        pdf = writer.add_pdf(load_documents()["MEM"], source, printed)
    except DocumentFailed as error:
        outcome.failed.append(str(error))
        return
    assert pdf is not None
    shown = "".join(page.extract_text() for page in PdfReader(pdf).pages).replace(" ", "")
    if all(text in shown for text in texts):
        outcome.right += 1
    else:
        outcome.wrong.append(source.name)
