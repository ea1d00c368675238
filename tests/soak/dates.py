"""Run the tests as if it were next month, a 29 February, and two years on: none of them hangs on the day of the run."""

from __future__ import annotations

import argparse
import calendar
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
LIBRARIES = "*/faketime/libfaketimeMT.so.1"
MISSING = "libfaketime is not here; as root: apt-get install --no-install-recommends libfaketime"

# Only the calendar is moved. CPython sleeps until a moment of the monotonic clock, which libfaketime 0.9.10 takes
# for one of its own and refuses (EINVAL), so that Python sleeps on `select`, which counts from now. Times of files are
# the kernel's: libfaketime moves some of the calls that read them and not the others, so that none is moved.
FAKED = {"FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_DONT_RESET": "1", "NO_FAKE_STAT": "1"}
SLEEP = "import select, time\ntime.sleep = lambda seconds: select.select((), (), (), seconds) and None\n"


def dates(today: date) -> list[date]:
    """The days on which the tests must be clean: next month, the next 29 February, two years on."""
    leap = next(year for year in range(today.year, today.year + 9) if calendar.isleap(year) and _leap(year) > today)
    month = (today.replace(day=1) + timedelta(days=32)).replace(day=min(today.day, 28))
    return [month, _leap(leap), today.replace(year=today.year + 2, day=min(today.day, 28))]


def _leap(year: int) -> date:
    return date(year, 2, calendar.monthrange(year, 2)[1])


def parts() -> list[str]:
    """The suite in pieces: each folder of tests, and the modules beside them."""
    folders = sorted(path.name for path in TESTS.iterdir() if list(path.glob("test_*.py")))
    return [*folders, *sorted(path.name for path in TESTS.glob("test_*.py"))]


def environment(library: Path, day: date, today: date, shim: Path) -> Mapping[str, str]:
    """What makes every program that a test starts believe that it is another day, at the same time of day."""
    path = os.pathsep.join(filter(None, (str(shim), os.environ.get("PYTHONPATH", ""))))
    offset = f"{(day - today).days:+d}d"
    return {**os.environ, **FAKED, "LD_PRELOAD": str(library), "FAKETIME": offset, "PYTHONPATH": path}


def run(part: str, env: Mapping[str, str], more: Sequence[str]) -> bool:
    """Run one piece; True when it is clean."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(TESTS / part), *more]
    return subprocess.run(command, env=env, cwd=TESTS.parent, check=False).returncode == 0


def main() -> int:
    """Run the pieces at the dates; returns 1 when a test failed, 2 when libfaketime is not installed."""
    parser = argparse.ArgumentParser(prog="scripts/soak dates", description=__doc__)
    parser.add_argument("parts", nargs="*", default=[], help="folders or modules of tests; all of them")
    parser.add_argument("--day", type=date.fromisoformat, action="append", help="another day than the three")
    parser.add_argument("--pytest", default="-n auto --dist loadfile", help="more words for pytest")
    request = parser.parse_args()
    today, wrong = datetime.now(UTC).date(), []
    library = next(iter(sorted(Path("/usr/lib").glob(LIBRARIES))), None)
    if library is None:
        print(MISSING, file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="presales-dates-") as folder:
        (Path(folder) / "sitecustomize.py").write_text(SLEEP, encoding="utf-8")
        for day in request.day or dates(today):
            env = environment(library, day, today, Path(folder))
            for part in request.parts or parts():
                print(f"== {day} {part}", flush=True)
                if not run(part, env, request.pytest.split()):
                    wrong.append(f"{day} {part}")
    print("\n".join(["not clean:", *wrong] if wrong else ["clean"]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
