"""Made tables of every height go through LibreOffice: no line is lost, no document refused."""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
from collections import Counter
from pathlib import Path

from pipeline.adapters.office.libreoffice import LibreOffice
from tests.render.cuts import sample
from tests.render.made_tables import TABLES, go_through


class _Tally(logging.Handler):
    """Counts how often a document had to be laid out another way."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.seen: Counter[str] = Counter()

    def emit(self, record: logging.LogRecord) -> None:
        self.seen[record.getMessage().rsplit(" ", 1)[-1]] += 1


def main() -> int:
    """Make the tables; returns 1 when a line was lost or a document refused."""
    parser = argparse.ArgumentParser(prog="scripts/soak rows", description=__doc__)
    parser.add_argument("--tables", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1000, help="number of the first document")
    request = parser.parse_args()
    tally, wrong, source = _Tally(), 0, sample()
    logging.getLogger("presales").addHandler(tally)
    documents = -(-request.tables // TABLES)
    with LibreOffice() as office:
        for number in range(request.seed, request.seed + documents):
            with tempfile.TemporaryDirectory(prefix="presales-soak-") as folder:
                made = go_through(number, source, office, Path(folder))
            if made.fault:
                wrong += 1
                print(f"document {number}: {made.fault}", flush=True)
    print(f"{documents * TABLES} tables, {wrong} documents went wrong; other layouts tried: {dict(tally.seen)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
