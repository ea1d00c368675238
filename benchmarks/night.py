"""A night with many small projects: all of them, then nothing changed, then one workbook changed.

    scripts/bench night [--projects 100] [--jobs 2] [--no-pdf]

Says seconds, projects run, the memory of the process that leads (first and last third of the projects) and the most
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
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from benchmarks.tables import Row, Table, show, table
from pipeline.check.codes import check_digit
from pipeline.project_run.pool import Engine, engine
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


def night(options: Options, settings: Settings) -> tuple[float, str]:
    """One night: seconds by the clock, and what it did and took."""
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
    tally = result.tally
    ran = f"ran {tally.ran}, skipped {tally.skipped}, failed {tally.failed}"
    return took, f"{ran}; leader {first:.0f} to {last:.0f} MiB, most below it {below:.0f} MiB"


def nights(count: int, jobs: int, *, pdf: bool, where: Engine = engine, only_full: bool = False) -> Table:
    """The full night, one in which nothing changed, one in which one workbook did.

    Args:
        count: projects.
        jobs: projects at the same time.
        pdf: make PDFs and packs.
        where: where they are run.
        only_full: the first one alone.
    """
    found, remarks = dict[str, list[float]](), dict[str, str]()
    with tempfile.TemporaryDirectory(prefix="presales-bench-") as folder:
        root = Path(folder)
        inbox, settings = root / "inbox", Settings(publish_dir=str(root / "share"), stable_s=1)
        inbox.mkdir()
        fill(inbox, count)
        options = Options(inbox, root / "ws", next(SAMPLE.glob("00_*.xlsx")), DAY, jobs, pdf, engine=where)
        for title in ("all of them",) if only_full else ("all of them", "nothing changed", "one workbook changed"):
            if title == "one workbook changed":
                (inbox / "changed.xlsx").write_bytes(renamed(next(SAMPLE.glob("05_*.xlsx")), 0))
            took, remarks[title] = night(options, settings)
            found[title] = [took]
            options = replace(options, as_of=DAY + timedelta(days=1))
    kind = "with PDFs and packs" if pdf else "without PDFs"
    return table(f"A night of {count} small projects {kind}, {jobs} at a time", found, remarks)


def extrapolated(measured: Table, count: int, wanted: int) -> Table:
    """The same for more projects, as if each cost the same; nothing of it was measured."""
    first = measured.rows[0]
    longer = Row(f"{wanted} projects", first.seconds * wanted / count, wanted / count, 0, "the same cost for each")
    return Table(f"{measured.title}: what {wanted} would take", (first, longer))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--projects", type=int, default=100)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--no-pdf", action="store_true")
    request = parser.parse_args()
    show(nights(request.projects, request.jobs, pdf=not request.no_pdf))


if __name__ == "__main__":
    main()
