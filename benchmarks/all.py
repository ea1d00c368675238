"""Everything in one run, on one machine, with the same inputs; the tables are kept in benchmarks/results/.

    scripts/bench              # less than ten minutes on two idle cores; the rest is extrapolated and called so
    scripts/bench all --whole  # 100 projects with PDFs and 1,000 without, measured

The ways of others take part where they are installed, see `benchmarks/papers.py`.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks import again, cluster, night, papers, reading
from benchmarks.tables import Table, keep, machine, show


@dataclass(frozen=True)
class Size:
    """How much is measured.

    Attributes:
        rounds: of papers, checks and builds.
        few: projects of the smaller night with PDFs.
        many: of the larger one.
        plain: of the night without PDFs.
        shared: of the nights by workers.
    """

    rounds: int
    few: int
    many: int
    plain: int
    shared: int


SHORT, WHOLE = Size(1, 5, 20, 100, 6), Size(3, 10, 100, 1000, 20)
_MOST_PDF, _MOST_PLAIN = 1000, 10_000


def tables(size: Size) -> Iterator[Table]:
    """One after the other."""
    yield reading.measure()
    yield again.checks(5)
    yield again.builds(size.rounds)
    yield papers.measure("LY-SQ-2026-015", size.rounds)
    yield cluster.measure(size.shared)
    for count in (size.few, size.many):
        yield (last := night.nights(count, 2, pdf=True))
    yield night.extrapolated(last, size.many, _MOST_PDF)
    yield (plain := night.nights(size.plain, 2, pdf=False))
    yield night.extrapolated(plain, size.plain, _MOST_PLAIN)


def main() -> None:
    """Measure, print and keep."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--whole", action="store_true")
    size, found, known = (WHOLE if options.parse_args().whole else SHORT), list[Table](), machine()
    for one in tables(size):
        show(one)
        found.append(one)
    print(f"kept in {keep(known, found)}")


if __name__ == "__main__":
    main()
