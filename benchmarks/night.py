"""A night with many small projects: all of them, then nothing changed, then one workbook changed.

    scripts/bench night [--projects 100] [--jobs 2] [--no-pdf]

Prints seconds, projects run, the memory of the process that leads (first and last third of the projects) and the most
that any process below it took. Bars: a night in which nothing changed takes under 1 % of the full one, memory stays
flat, one changed workbook runs one project and the portfolio.
"""

from __future__ import annotations

import argparse
import io
import resource
import tempfile
import time
import zipfile
from datetime import date, timedelta
from pathlib import Path

from pipeline.check.codes import check_digit
from pipeline.service.batch import BatchLog, BatchResult, batch
from pipeline.service.clock import Clock
from pipeline.service.runs.executor import Done
from pipeline.service.unattended import Options, unattended
from pipeline.settings import Settings

SAMPLE = Path(__file__).resolve().parent.parent / "samples" / "LY-SQ-2026-015"
CODE = "LY-SQ-2026-015"
NAME, CUSTOMER, CREDIT = "9号至14号学生宿舍无线网络覆盖项目", "华澄理工大学", "12340700MA00000H3F"
DAY = date(2026, 11, 23)
PROJECTS_A_CUSTOMER = 20


def code_of(number: int) -> str:
    """Code of the project of this number."""
    return f"LY-SQ-{2030 + number // 1000}-{number % 1000:03d}"


def renamed(path: Path, number: int) -> bytes:
    """A sample workbook of another project: its code and name, and one customer for every 20 of them."""
    customer = number // PROJECTS_A_CUSTOMER
    first = f"12340700MA{customer:07d}"
    texts = {
        CODE: code_of(number),
        NAME: f"{number}号楼网络改造项目",
        CUSTOMER: f"华澄{customer}大学",
        CREDIT: first + check_digit(first),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            content = old.read(entry)
            for before, after in texts.items():
                content = content.replace(before.encode(), after.encode())
            new.writestr(entry.filename, content)
    return out.getvalue()


def fill(inbox: Path, count: int) -> None:
    """Drop the survey and the plan of so many projects."""
    books = [next(SAMPLE.glob(f"{number}_*.xlsx")) for number in ("01", "02")]
    for number in range(count):
        for book in books:
            (inbox / book.name.replace(CODE, code_of(number))).write_bytes(renamed(book, number))


def resident() -> float:
    """Memory of this process now, in MiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def night(options: Options, settings: Settings, title: str) -> float:
    """One night; prints what it took."""
    samples: list[float] = []

    def done(_: Done) -> None:
        samples.append(resident())

    began = time.perf_counter()
    with unattended(options, settings, Clock()) as opened:
        result: BatchResult = batch(opened, told=BatchLog(done=done))
    took = time.perf_counter() - began
    third = max(1, len(samples) // 3)
    first, last = max(samples[:third], default=resident()), max(samples[-third:], default=resident())
    below = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**10
    print(
        f"{title:12} {took:9.1f} s  ran {result.tally.ran:5}  skipped {result.tally.skipped:5}  "
        f"failed {result.tally.failed:3}  memory {first:6.0f} -> {last:6.0f} MiB, below {below:.0f} MiB",
        flush=True,
    )
    return took


def main() -> None:
    """Run the three nights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--projects", type=int, default=100)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--no-pdf", action="store_true")
    request = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="presales-bench-") as folder:
        root = Path(folder)
        inbox, workspace = root / "inbox", root / "ws"
        inbox.mkdir()
        fill(inbox, request.projects)
        settings, master = Settings(publish_dir=str(root / "share"), stable_s=1), next(SAMPLE.glob("00_*.xlsx"))
        base = (inbox, workspace, master)
        full = night(Options(*base, DAY, request.jobs, not request.no_pdf), settings, "full")
        quiet = night(Options(*base, DAY + timedelta(days=1), request.jobs, not request.no_pdf), settings, "unchanged")
        cost = next(SAMPLE.glob("05_*.xlsx"))
        (inbox / "changed.xlsx").write_bytes(renamed(cost, 0))
        night(Options(*base, DAY + timedelta(days=1), request.jobs, not request.no_pdf), settings, "one changed")
        print(f"unchanged / full = {quiet / full:.2%}")


if __name__ == "__main__":
    main()
