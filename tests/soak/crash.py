"""Kill the service at every durable step, and at random moments; after a rerun all must be as if nothing had been."""

from __future__ import annotations

import argparse
import logging
import random
import shutil
import sys
import tempfile
from pathlib import Path

from tests.e2e.built import sharing
from tests.service.crash import Steps, cycle, faults, in_child, killed_at, lay_out, picture, steps_of


def main() -> int:
    """Run the trials; returns 1 when one of them left a trace."""
    parser = argparse.ArgumentParser(prog="scripts/soak crash", description=__doc__)
    parser.add_argument("--moments", type=int, default=1000, help="random moments")
    parser.add_argument("--every-step", action="store_true", help="every durable step as well")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", type=Path, default=None, help="where to work (a disk whose sync costs something)")
    request = parser.parse_args()
    logging.getLogger("presales").addHandler(logging.NullHandler())
    chance, wrong = random.Random(request.seed), 0
    with sharing(), tempfile.TemporaryDirectory(prefix="presales-soak-", dir=request.folder) as folder:
        root = Path(folder) / "stage"
        _fresh(root)
        steps = steps_of(root)
        expected = picture(root)
        trials = [("step", step) for step in range(1, len(steps) + 1)] if request.every_step else []
        trials += [("moment", moment) for moment in range(request.moments)]
        for kind, number in trials:
            _fresh(root)
            if kind == "step":
                killed_at(root, number)
            else:
                for _ in range(chance.randint(1, 3)):
                    in_child(root, Steps(), chance.uniform(0.001, 0.5))
            cycle(root)
            if picture(root) != expected or faults(root):
                wrong += 1
                print(f"{kind} {number}: {faults(root)}", flush=True)
        print(f"{len(trials)} trials, {wrong} left a trace")
    return 1 if wrong else 0


def _fresh(root: Path) -> None:
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
    lay_out(root)


if __name__ == "__main__":
    sys.exit(main())
