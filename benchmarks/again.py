"""The same project again: a check cold and warm, a build of which nothing or one cell has changed.

    scripts/bench again [--rounds 3]

Cold is a process of its own, warm the second check in one process. The builds are of the sample before its handover is
archived: what is archived is not written any more, whatever changes.
"""

from __future__ import annotations

import argparse
import io
import json
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from contextlib import redirect_stdout
from functools import partial
from pathlib import Path

from benchmarks.tables import ROOT, Table, show, table

SAMPLE = ROOT / "samples" / "LY-SQ-2026-015"
BEFORE, AFTER = "借用勘测仪完成宿舍勘测", "借用勘测仪完成宿舍楼勘测"
DAY = "2026-11-23"
_ARCHIVED = ("archive_dept", "archive_date", "retention_years", "retention_until")
_NOT_YET = {"op": "set", "workbook": "records", "sheet": "handover", "part": "header", "value": None}
_PRESALES = str(ROOT / ".venv/bin/presales")


def presales(*arguments: str) -> None:
    """A command in a process of its own."""
    subprocess.run([_PRESALES, *arguments], check=True, stdout=subprocess.DEVNULL)


def seconds(work: Callable[[], None]) -> float:
    """Time of one round."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def warm(rounds: int) -> list[float]:
    """Checks after the first one in this process."""
    from pipeline.cli import run

    def check() -> None:
        with redirect_stdout(io.StringIO()):
            run(["check", str(SAMPLE), "--as-of", DAY])

    check()
    return [seconds(check) for _ in range(rounds)]


def not_archived(folder: Path) -> Path:
    """The project of the sample before its handover is archived, in a folder of its own."""
    edits = folder / "edits.json"
    edits.write_text(json.dumps({"recalculate": True, "ops": [{**_NOT_YET, "field": key} for key in _ARCHIVED]}))
    made = folder / SAMPLE.name
    builder = [sys.executable, str(ROOT / "samples/build.py"), str(ROOT / "samples/data.json"), SAMPLE.name, str(made)]
    subprocess.run([*builder, "--ops", str(edits)], check=True, stdout=subprocess.DEVNULL, cwd=ROOT)
    return made


def change(folder: Path) -> None:
    """One text of one cell of workbook 06."""
    book = next(folder.glob("06_*.xlsx"))
    before = book.read_bytes()
    with zipfile.ZipFile(io.BytesIO(before)) as old, zipfile.ZipFile(book, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            new.writestr(entry.filename, old.read(entry).replace(BEFORE.encode(), AFTER.encode()))
    with zipfile.ZipFile(book) as now:
        if not any(AFTER.encode() in now.read(name) for name in now.namelist()):
            raise SystemExit(f"{book.name}: the cell is not there any more")


def checks(rounds: int) -> Table:
    """The commands that only look."""
    found = {
        "presales check, cold": [seconds(lambda: presales("check", str(SAMPLE))) for _ in range(rounds)],
        "presales check, warm": warm(rounds),
        "presales --help": [seconds(lambda: presales("--help")) for _ in range(rounds)],
    }
    return table("A check of LY-SQ-2026-015", found)


def builds(rounds: int) -> Table:
    """The first build, and those after it."""
    found: dict[str, list[float]] = {"first build": [], "nothing changed": [], "one cell of 06 changed": []}
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as made:
            project, out = not_archived(Path(made)), str(Path(made) / "out")
            command = ("build", str(project), "-o", out, "--as-of", DAY)
            found["first build"].append(seconds(partial(presales, *command)))
            found["nothing changed"].append(seconds(partial(presales, *command)))
            change(project)
            found["one cell of 06 changed"].append(seconds(partial(presales, *command)))
            if not list(Path(out).glob("*/pack/*移交包_V2_*")):
                raise SystemExit("the changed cell made no other pack")
    return table("A build of LY-SQ-2026-015 into the same folder", found)


def main() -> None:
    """Print the tables."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=3)
    rounds = options.parse_args().rounds
    show(checks(rounds))
    show(builds(rounds))


if __name__ == "__main__":
    main()
