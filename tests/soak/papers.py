"""Build the samples on two days, each from nothing: every page but those of the check report is the same picture."""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

from pipeline.core.documents import ProjectResult
from pipeline.project_run import RunRequest, plan_jobs, run_jobs
from pipeline.settings import Settings
from tests.cases import DORM, ROOT, TV

# What says on which day it was looked at.
OF_TODAY = {"VAL"}
DAYS = (date(2026, 11, 23), date(2027, 3, 1))


def build(code: str, out: Path, day: date) -> ProjectResult:
    """A sample with its PDFs, as of a day."""
    jobs = plan_jobs([ROOT / "samples" / code], None, Settings(), RunRequest(day, out)).jobs
    run, failures = run_jobs([replace(job, cache=None) for job in jobs], 1)
    if failures:
        raise failures[0][1]
    return run.projects[0]


def pages(pdf: Path, dpi: int) -> tuple[str, ...]:
    """Hash of the picture of every page."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["pdftoppm", "-r", str(dpi), "-png", str(pdf), f"{folder}/p"], check=True)
        return tuple(hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(Path(folder).glob("p*.png")))


def papers(code: str, out: Path, day: date, dpi: int) -> Mapping[str, tuple[str, ...]]:
    """The pages of every document and pack by file name."""
    result = build(code, out, day)
    files = [document.pdf for document in result.documents if document.code not in OF_TODAY]
    files += [pack.pdf for pack in result.packs]
    return {path.name: pages(path, dpi) for path in files if path}


def differences(code: str, work: Path, dpi: int) -> Iterator[str]:
    """What is not the same on both days: a file, or pages of one."""
    one, two = (papers(code, work / f"{code}-{day}", day, dpi) for day in DAYS)
    yield from (f"{name}: only on one of the days" for name in sorted(one.keys() ^ two.keys()))
    for name in sorted(one.keys() & two.keys()):
        if one[name] != two[name]:
            yield f"{name}: {len(one[name])} and {len(two[name])} pages, not the same pictures"
    print(f"{code}: {len(one)} PDFs, {sum(map(len, one.values()))} pages")


def main() -> int:
    """Compare; returns 1 where a page differs."""
    parser = argparse.ArgumentParser(prog="scripts/soak papers", description=__doc__)
    parser.add_argument("--dpi", type=int, default=60, help="size of the pictures (60)")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = [line for code in (DORM, TV) for line in differences(code, Path(folder), asked.dpi)]
    print("\n".join(found) or "the same on both days")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
