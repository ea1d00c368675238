"""All papers of one project, against what a user would pick instead, on the same documents.

    benchmarks/papers.py                      # sample 015, three rounds
    benchmarks/papers.py --project LY-SQ-2026-007 --rounds 1

Ours checks the workbooks, fills the templates, draws the charts, converts, looks for every value in the PDFs, makes the
packs and audits them. The others are handed our finished DOCX and do nothing but convert: a script that calls
`soffice --convert-to pdf` for each, unoserver where it is installed, and the floor, bare warm converters beside each
other. Seconds by the clock, medians; the ways take turns.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from pipeline.adapters.office.converters import converter
from pipeline.adapters.office.libreoffice import probe

ROOT = Path(__file__).resolve().parent.parent
CORES = len(os.sched_getaffinity(0))
_PORT = "20299"

Way = Callable[[Sequence[Path], Path], None]


def build(project: Path, out: Path) -> None:
    """Everything, as `presales build` does it."""
    run([str(ROOT / ".venv/bin/presales"), "build", str(project), "-o", str(out)])


def usual_script(documents: Sequence[Path], out: Path) -> None:
    """One soffice a document; its profile is there from the first one on."""
    soffice = str(probe().program / "soffice")
    for document in documents:
        profile = f"-env:UserInstallation=file://{out}/profile"
        run([soffice, profile, "--headless", "--convert-to", "pdf", "--outdir", str(out), str(document)])


def unoserver(documents: Sequence[Path], out: Path) -> None:
    """One warm office that unoserver holds."""
    with ExitStack() as left:
        server = subprocess.Popen(["unoserver", "--port", _PORT], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        left.callback(server.wait)
        left.callback(server.terminate)
        for document in documents:
            target = out / f"{document.stem}.pdf"
            command = ["unoconvert", "--port", _PORT, str(document), str(target)]
            while subprocess.run(command, capture_output=True, check=False).returncode:
                time.sleep(0.2)  # it does not say when it is ready


def floor(documents: Sequence[Path], out: Path) -> None:
    """As many bare warm converters as there are cores, beside each other."""
    with converter(count=CORES) as office:
        for document in documents:
            office.expect(document)
        for document in documents:
            office.to_pdf(document, out / f"{document.stem}.pdf")


def run(command: Sequence[str]) -> None:
    """Run a program; what it prints is of no interest."""
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def seconds(work: Callable[[Path], None]) -> float:
    """Time of one round into a fresh folder."""
    with tempfile.TemporaryDirectory() as folder:
        begin = time.perf_counter()
        work(Path(folder))
        return time.perf_counter() - begin


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--project", default="LY-SQ-2026-015")
    options.add_argument("--rounds", type=int, default=3)
    chosen = options.parse_args()
    project = ROOT / "samples" / chosen.project
    with tempfile.TemporaryDirectory() as made:
        build(project, Path(made))
        documents = sorted(Path(made).glob(f"{chosen.project}/**/*.docx"))
        ways: dict[str, Callable[[Path], None]] = {"presales build": lambda out: build(project, out)}
        bare: dict[str, Way] = {"soffice, one a document": usual_script, f"floor, {CORES} warm converters": floor}
        if shutil.which("unoserver"):
            bare["unoserver"] = unoserver
        for name, way in bare.items():
            ways[name] = partial(way, documents)
        rounds = [{name: seconds(work) for name, work in ways.items()} for _ in range(chosen.rounds)]
    print(f"{chosen.project}: {len(documents)} DOCX, {CORES} cores, LibreOffice {probe().version}")
    ours = statistics.median(one["presales build"] for one in rounds)
    for name in ways:
        median = statistics.median(one[name] for one in rounds)
        print(f"{name:28} {median:7.1f} s  {median / ours:5.2f}")


if __name__ == "__main__":
    main()
