"""A machine that works for others: one converter and one cache for all that it is given, in a process of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack, ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import dask
from distributed import Nanny, WorkerPlugin, get_worker

from pipeline.adapters.kept_files import trim
from pipeline.adapters.private_folders import private_folder
from pipeline.core.errors import NotReady
from pipeline.project_run.cluster.access import Access, resource
from pipeline.project_run.cluster.errand import Errand, Parcel, carried_out
from pipeline.project_run.cluster.exchange import identity
from pipeline.project_run.order import Job
from pipeline.project_run.pool import Outcome, Submit, engine, settled

PLUGIN = "presales"
_JOIN_S = 60


@dataclass(frozen=True)
class Bench:
    """What a worker has of its own.

    Attributes:
        exchange: the exchange folder as it is mounted here.
        libreoffice: program folder, empty to look for it.
        cache: folder that keeps charts and PDFs between projects.
        beside: workers of this machine, which share its cores.
    """

    exchange: Path
    libreoffice: str
    cache: Path
    beside: int


class Hands(WorkerPlugin):  # type: ignore[misc]
    """A plugin of a Dask worker: it holds the process that runs projects, with its converter, as long as it lives."""

    name = PLUGIN

    def __init__(self, bench: Bench) -> None:
        self.bench = bench

    def setup(self, worker: object) -> None:  # noqa: ARG002
        """Begin; the process starts with the first project."""
        self._stack = ExitStack()
        self._submit: Submit = self._stack.enter_context(engine(1, beside=self.bench.beside))

    def teardown(self, worker: object) -> None:  # noqa: ARG002
        """End what runs: another worker begins it anew."""
        with suppress(KeyboardInterrupt), self._stack:
            raise KeyboardInterrupt

    def carry_out(self, errand: Errand) -> Parcel:
        """Do an errand.

        Raises:
            BrokenProcessPool: the process died over it.
        """
        with private_folder() as home:
            parcel = carried_out(errand, self.bench.exchange, home, self._work)
        trim(self.bench.cache)
        return parcel

    def _work(self, job: Job) -> Outcome:
        own = replace(job, libreoffice=self.bench.libreoffice, cache=self.bench.cache)
        return settled(self._submit(own))


def carry_out(errand: Errand) -> Parcel:
    """What the leader asks a Dask worker to do."""
    hands: Hands = get_worker().plugins[PLUGIN]
    return hands.carry_out(errand)


def serve(access: Access, program: str, bench: Bench) -> None:
    """Work until the process is told to end.

    Args:
        access: how to reach the cluster.
        program: hash of everything that decides what is made.
        bench: what each of `bench.beside` workers has.

    Raises:
        NotReady: the scheduler does not answer, or is gone.
    """
    offered, security = resource(program, identity(access.exchange)), access.security()
    # Its child processes are ours, which a daemon may not have; what it stores is no project.
    with tempfile.TemporaryDirectory(prefix="presales-dask-") as folder:
        config = {"distributed.worker.daemon": False, "distributed.worker.http.routes": []}
        with dask.config.set(config):
            asyncio.run(_serve(access.scheduler, offered, bench, {"security": security, "local_directory": folder}))


async def _serve(scheduler: str, offered: str, bench: Bench, more: dict[str, Any]) -> None:
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    async with AsyncExitStack() as stack:
        nannies = [
            Nanny(
                scheduler,
                nthreads=1,
                name=f"{socket.gethostname()}-{os.getpid()}-{number}",
                resources={offered: 1},
                plugins=(Hands(bench),),
                memory_limit=0,
                dashboard=False,
                death_timeout=_JOIN_S,
                **more,
            )
            for number in range(bench.beside)
        ]
        try:
            await asyncio.gather(*map(stack.enter_async_context, nannies))
        except (OSError, RuntimeError) as error:
            said = "连不上调度器,或工作进程起不来(no scheduler, or the workers do not start)"
            raise NotReady(f"{scheduler}:{said}:{error}") from error
        if not await _ended(ended, nannies):
            raise NotReady(f"{scheduler}:调度器没有了,工作进程也结束(the scheduler is gone)。")


async def _ended(ended: asyncio.Event, nannies: Sequence[Nanny]) -> bool:
    """Wait for an order to end, or for the first worker that ends by itself; whether it was an order."""
    waits = [asyncio.ensure_future(one) for one in (ended.wait(), *(nanny.finished() for nanny in nannies))]
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()
    return ended.is_set()
