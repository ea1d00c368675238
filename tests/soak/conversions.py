"""Conversions that hang, crash, write nothing, write garbage or lose rows: no wrong PDF, and nothing left behind."""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
from pathlib import Path

from tests.render.faulty import convert, plan


def main() -> int:
    """Convert; returns 1 when something was wrong or left."""
    parser = argparse.ArgumentParser(prog="scripts/soak conversions", description=__doc__)
    parser.add_argument("--conversions", type=int, default=1000)
    parser.add_argument("--share", type=float, default=0.05, help="how many of them fail (0.05)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--timeout-s", type=float, default=20.0, help="of one attempt; each that hangs costs as much")
    parser.add_argument("--jobs", type=int, default=2, help="LibreOffice beside each other")
    request = parser.parse_args()
    logging.getLogger("presales").addHandler(logging.NullHandler())
    words = plan(request.conversions, request.share, request.seed)
    with tempfile.TemporaryDirectory(prefix="presales-soak-") as folder:
        outcome = convert(Path(folder), words, request.timeout_s, request.jobs)
    for line in (*outcome.wrong, *outcome.failed, *outcome.left):
        print(line)
    print(
        f"{request.conversions} conversions, {sum(outcome.planned.values())} faults: {outcome.right} right, "
        f"{len(outcome.failed)} refused, {len(outcome.wrong)} wrong, {len(outcome.left)} left behind"
    )
    return 1 if outcome.wrong or outcome.left else 0


if __name__ == "__main__":
    sys.exit(main())
