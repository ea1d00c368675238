"""A real worker whose projects may be told to take long or to kill it.

    python -m tests.project_run.cluster.stand_in SCHEDULER EXCHANGE PROGRAM COUNT

A project that holds 要命.txt kills its worker each time, one that holds 要命一次.txt the first one. With 快.txt it
takes milliseconds; all others are run as they are.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.project_run import Job
from pipeline.project_run.cluster import worker
from pipeline.project_run.cluster.access import Access
from pipeline.project_run.cluster.worker import Bench, Hands, serve
from pipeline.project_run.pool import Outcome
from tests.service.quick import quick_run

FAST, KILLS, KILLS_ONCE = "快.txt", "要命.txt", "要命一次.txt"


_SCHEDULER = """
import sys, dask
from distributed import LocalCluster
count, tries = map(int, sys.argv[1:])
with (
    dask.config.set({"distributed.scheduler.allowed-failures": tries - 1}),
    LocalCluster(n_workers=0, host="127.0.0.1", dashboard_address=None, scheduler_port=0) as cluster,
):
    print(cluster.scheduler_address, flush=True)
    cluster.wait_for_workers(count, timeout=120)
    print("here", flush=True)
    sys.stdin.read()
"""


@contextmanager
def scheduler(count: int, tries: int) -> Iterator[subprocess.Popen[str]]:
    """A scheduler in a process of its own, which says its address, and "here" once so many workers have come.

    Args:
        count: workers to wait for.
        tries: workers that a project may take with it.
    """
    command = [sys.executable, "-c", _SCHEDULER, str(count), str(tries)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def stand_in(access: Access, program: str, count: int) -> list[str]:
    """The command that starts workers."""
    where = [access.scheduler, str(access.exchange), program, str(count)]
    return [sys.executable, "-m", "tests.project_run.cluster.stand_in", *where]


class StandIn(Hands):
    """Does what the files of a project say."""

    def _work(self, job: Job) -> Outcome:
        once = self.bench.cache / job.path.name
        if (job.path / KILLS_ONCE).exists() and not once.exists():
            once.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        if (job.path / KILLS).exists():
            os.kill(os.getpid(), signal.SIGKILL)
        return quick_run(job) if (job.path / FAST).exists() else super()._work(job)


if __name__ == "__main__":
    from tests.project_run.cluster.stand_in import StandIn as Hands_  # by its name, not as one of `__main__`

    worker.Hands = Hands_  # type: ignore[misc]
    address, folder, program_hash, workers = sys.argv[1:]
    with tempfile.TemporaryDirectory() as cache:
        serve(Access(address, Path(folder)), program_hash, Bench(Path(folder), "", Path(cache), int(workers)))
