"""A night with PDFs by two workers of a real Dask cluster, one killed half way: the same packs as here, each once."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from benchmarks.night import DAY, SAMPLE, fill
from pipeline.cli.cluster import _program
from pipeline.project_run.cluster.access import Access
from pipeline.project_run.cluster.exchange import MARK
from pipeline.project_run.cluster.leader import cluster_of
from pipeline.project_run.pool import Engine, engine
from pipeline.service.batch import BatchLog, batch
from pipeline.service.clock import Clock
from pipeline.service.unattended import Options, unattended
from pipeline.settings import Settings
from pipeline.workspace import projects
from pipeline.workspace.ledger import open_ledger
from tests.cases import ROOT
from tests.project_run.cluster.stand_in import scheduler

Texts = Mapping[str, object]


@contextmanager
def workers(top: Path, count: int) -> Iterator[tuple[Access, int]]:
    """A scheduler and `presales worker`; gives how to reach them, and the process that holds the workers."""
    exchange = top / "exchange"
    exchange.mkdir()
    with scheduler(count, 4) as process:
        assert process.stdout is not None
        access = Access(process.stdout.readline().strip(), exchange)
        command = [str(ROOT / ".venv/bin/presales"), "worker", "--scheduler", access.scheduler]
        with subprocess.Popen([*command, "--exchange", str(exchange), "--jobs", str(count)], cwd=top) as held:
            try:
                assert process.stdout.readline() == "here\n"
                yield access, held.pid
            finally:
                held.terminate()


def night(top: Path, count: int, where: Engine, jobs: int, told: BatchLog | None = None) -> float:
    """One night of so many projects; seconds by the clock."""
    inbox = top / "inbox"
    inbox.mkdir(parents=True)
    fill(inbox, count)
    options = Options(inbox, top / "ws", next(SAMPLE.glob("00_*.xlsx")), DAY, jobs, engine=where)
    began = time.perf_counter()
    with unattended(options, Settings(publish_dir=str(top / "share"), stable_s=1), Clock()) as opened:
        result = batch(opened, told=told)
    assert (result.tally.ran, result.tally.failed) == (count, 0), result
    return time.perf_counter() - began


def remembered(top: Path) -> Texts:
    """Of every project: printed values, figures, manifests of its packs, and how many there are."""
    ledger = open_ledger(top / "ws")
    try:
        found = {}
        for code in projects.briefs(ledger):
            one = projects.recall(ledger, code)
            assert one is not None
            papers = [(document.code, document.part, document.pages, document.printed) for document in one.documents]
            packs = [(pack.name, pack.version, pack.content_sha256) for pack in one.packs]
            found[code] = (papers, packs, one.facts, one.findings)
        return found
    finally:
        ledger.close()


def kill_one(holder: int) -> None:
    """Kill a worker, and with it what runs on it."""
    tasks = Path(f"/proc/{holder}/task").glob("*/children")  # any thread of it may have started them
    below = [pid for task in tasks for pid in task.read_text().split()]
    named = [int(pid) for pid in below if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    os.kill(named[0], signal.SIGKILL)
    print(f"killed worker {named[0]} of {named}", flush=True)


def main() -> int:
    """Compare; returns 1 where something differs."""
    parser = argparse.ArgumentParser(prog="scripts/soak cluster", description=__doc__)
    parser.add_argument("--projects", type=int, default=10)
    request = parser.parse_args()
    logging.getLogger("presales").addHandler(logging.NullHandler())
    count, program = request.projects, _program(Settings())
    with tempfile.TemporaryDirectory(prefix="presales-soak-") as folder:
        top = Path(folder)
        serial = night(top / "serial", count, engine, 0)
        known, wrong = remembered(top / "serial"), []
        for name, kills in (("whole", False), ("killed", True)):
            (top / name).mkdir()
            with workers(top / name, 2) as (access, holder):
                done: list[object] = []

                def tell(one: object, holder: int = holder, kills: bool = kills, done: list[object] = done) -> None:
                    done.append(one)
                    if kills and len(done) == count // 2:
                        kill_one(holder)

                cluster = cluster_of(access, program)
                took = night(top / name, count, cluster.engine, cluster.slots, BatchLog(done=tell))
                left = [path.name for path in access.exchange.iterdir() if path.name != MARK]
            found = remembered(top / name)
            wrong += [f"{name}: {code}" for code in known.keys() | found.keys() if known.get(code) != found.get(code)]
            wrong += [f"{name}: left in the exchange folder: {one}" for one in left]
            print(f"{name}: {count} projects, two workers {took:.1f} s, serial {serial:.1f} s, x{serial / took:.2f}")
    print("\n".join(wrong) or "the same as here, each once")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
