"""A night by the workers of a Dask cluster on this machine, against the same night by processes.

    scripts/bench cluster [--projects 10]

On one machine the cluster cannot be quicker than processes: the table says what the way over the exchange folder costs.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.night import nights
from benchmarks.tables import ROOT, Table, show, table
from pipeline.cli.cluster import engine_of
from pipeline.project_run.pool import Engine
from pipeline.settings import Settings

_BIN = ROOT / ".venv" / "bin"
_SCHEDULER = """
import sys
from distributed import LocalCluster
with LocalCluster(n_workers=0, host="127.0.0.1", dashboard_address=None, scheduler_port=0) as cluster:
    print(cluster.scheduler_address, flush=True)
    cluster.wait_for_workers(int(sys.argv[1]), timeout=120)
    print("here", flush=True)
    sys.stdin.read()
"""


@contextmanager
def workers(count: int) -> Iterator[Engine]:
    """A scheduler and so many workers on the loopback."""
    command = [sys.executable, "-c", _SCHEDULER, str(count)]
    with (
        tempfile.TemporaryDirectory() as exchange,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as scheduler,
    ):
        assert scheduler.stdout is not None
        address = scheduler.stdout.readline().strip()
        worker = [str(_BIN / "presales"), "worker", "--scheduler", address, "--exchange", exchange]
        with subprocess.Popen([*worker, "--jobs", str(count)], stderr=subprocess.DEVNULL, cwd=exchange) as held:
            try:
                assert scheduler.stdout.readline() == "here\n"
                yield engine_of(Settings(), address, Path(exchange), None)[0]
            finally:
                held.terminate()
                held.wait()
                scheduler.kill()


def measure(projects: int) -> Table:
    """The same night in four ways."""
    found: dict[str, list[float]] = {}
    for count in (1, 2):
        found[f"{count} processes"] = [nights(projects, count, pdf=True, only_full=True).rows[0].seconds]
        with workers(count) as where:
            one = nights(projects, count, pdf=True, where=where, only_full=True)
        found[f"{count} Dask workers"] = [one.rows[0].seconds]
    return table(f"A night of {projects} small projects with PDFs and packs, {os.cpu_count()} cores", found)


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--projects", type=int, default=10)
    show(measure(options.parse_args().projects))


if __name__ == "__main__":
    main()
