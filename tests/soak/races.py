"""A writer races with the inbox: slow, broken off, replaced, deleted, renamed; no wrong content, no lost file."""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
from pathlib import Path

from tests.e2e.built import sharing
from tests.service.races import race


def main() -> int:
    """Run the races; returns 1 when one went wrong."""
    parser = argparse.ArgumentParser(prog="scripts/soak races", description=__doc__)
    parser.add_argument("--races", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0, help="number of the first race")
    request = parser.parse_args()
    logging.getLogger("presales").addHandler(logging.NullHandler())
    wrong = 0
    with sharing():
        for seed in range(request.seed, request.seed + request.races):
            with tempfile.TemporaryDirectory(prefix="presales-soak-") as folder:
                faults = race(Path(folder), seed)
            if faults:
                wrong += 1
                print(f"race {seed}: {faults}", flush=True)
    print(f"{request.races} races, {wrong} went wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
