"""Made tables of every height and plans of thousands of lines go through LibreOffice: no line lost, none refused."""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from benchmarks.many_rows import LISTS, source
from pipeline.adapters.office.libreoffice import LibreOffice
from pipeline.core.errors import PipelineError
from pipeline.render.maker import Maker, wanted
from tests.render.cuts import sample
from tests.render.made_tables import TABLES, go_through


class _Tally(logging.Handler):
    """Counts how often a document had to be laid out another way."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.seen: Counter[str] = Counter()

    def emit(self, record: logging.LogRecord) -> None:
        self.seen[record.getMessage().rsplit(" ", 1)[-1]] += 1


PLAN = ("PPR", "PP1", "PP2", "PP3")  # the papers that print whole lists of 03, 04 and 05


def long_plan(lines: int, office: LibreOffice) -> int:
    """Make the papers of a plan whose lists have so many lines each; returns how many were refused."""
    grown, wrong = source(lines, LISTS), 0
    with tempfile.TemporaryDirectory(prefix="presales-soak-") as folder:
        maker = Maker(grown, Path(folder), office)
        for order in [one for one in wanted(grown, blocked=False, draft=False) if one.form.code in PLAN]:
            start = time.perf_counter()
            try:
                said = f"{maker.make(order).pages} pages"
            except PipelineError as fault:
                said, wrong = str(fault), wrong + 1
            print(f"{order.form.code} with {lines} lines: {said}, {time.perf_counter() - start:.0f} s", flush=True)
    return wrong


def main() -> int:
    """Make the tables and the plan; returns 1 when a line was lost or a document refused."""
    parser = argparse.ArgumentParser(prog="scripts/soak rows", description=__doc__)
    parser.add_argument("--tables", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1000, help="number of the first document")
    parser.add_argument("--lines", type=int, default=2000, help="of each list of the plan; 0 leaves it out")
    request = parser.parse_args()
    tally, wrong, made_of = _Tally(), 0, sample()
    logging.getLogger("presales").addHandler(tally)
    documents = -(-request.tables // TABLES)
    with LibreOffice() as office:
        for number in range(request.seed, request.seed + documents):
            with tempfile.TemporaryDirectory(prefix="presales-soak-") as folder:
                made = go_through(number, made_of, office, Path(folder))
            if made.fault:
                wrong += 1
                print(f"document {number}: {made.fault}", flush=True)
        wrong += long_plan(request.lines, office) if request.lines else 0
    print(f"{documents * TABLES} tables, {wrong} documents went wrong; other layouts tried: {dict(tally.seen)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
