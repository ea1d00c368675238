"""The third engine: jobs go to the workers of a Dask cluster, and come back as if they had been run here."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import RLock
from typing import Any

from distributed import CancelledError, Client, KilledWorker

from pipeline.adapters.private_folders import private_folder
from pipeline.core.errors import DependencyMissing, NotReady
from pipeline.project_run.cluster.access import Access, resource
from pipeline.project_run.cluster.errand import Errand, received, sent
from pipeline.project_run.cluster.exchange import forget, identity
from pipeline.project_run.cluster.worker import carry_out
from pipeline.project_run.order import Job
from pipeline.project_run.pool import Outcome, Submit, as_failure, engine

LOG = logging.getLogger("presales.cluster")
_SESSION = "presales-session-"
_CONNECT_S = 20
_OURS = "presales-"


@dataclass(frozen=True)
class Cluster:
    """Workers that are ready for us.

    Attributes:
        resource: what an errand asks of a worker.
        slots: projects that they run at the same time.
    """

    access: Access
    resource: str
    slots: int

    def engine(self, count: int) -> AbstractContextManager[Submit]:
        """As `pool.engine`; how many run beside each other is for the workers to say, but none means here."""
        return self._beside() if count else engine(0)

    @contextmanager
    def _beside(self) -> Iterator[Submit]:
        # The connection has threads: it is there only while nothing is forked.
        with _client(self.access) as client, private_folder(_SESSION, self.access.exchange) as session:
            desk = _Desk(self, client, session)
            try:
                yield desk.submit
            finally:
                desk.close()


def cluster_of(access: Access, program: str) -> Cluster:
    """The workers of a cluster as they are now.

    Args:
        access: how to reach it.
        program: hash of everything that decides what is made; workers of another one get nothing.

    Raises:
        NotReady: the scheduler does not answer, no worker fits, the exchange folder is not mounted.
    """
    wanted = resource(program, identity(access.exchange))
    with _client(access) as client:
        return Cluster(access, wanted, _slots(client, wanted, access.scheduler))


@contextmanager
def _client(access: Access) -> Iterator[Client]:
    try:
        client = Client(access.scheduler, security=access.security(), timeout=_CONNECT_S, set_as_default=False)
    except OSError as error:
        raise NotReady(f"{access.scheduler}:调度器没有回答(the scheduler does not answer):{error}") from error
    with client:
        yield client


def _slots(client: Client, wanted: str, scheduler: str) -> int:
    """How many projects the workers that fit can run at the same time; the others are named."""
    workers = client.scheduler_info()["workers"]
    offers = {address: one["resources"] for address, one in workers.items()}
    other = [address for address, offered in offers.items() if wanted not in offered]
    if other:
        said = "程序版本或交换目录与这里不同,不用(another program or exchange folder)"
        LOG.warning("%s:%s", "、".join(sorted(other)), said)
    slots = int(sum(offered.get(wanted, 0) for offered in offers.values()))
    if not slots:
        why = f";有 {len(other)} 个的程序版本或交换目录与这里不同" if other else ""
        raise NotReady(f"{scheduler}:没有能用的工作进程{why}。在各台机器上运行 presales worker(no worker that fits)。")
    return slots


@dataclass
class _Sent:
    """An errand that somebody waits for.

    Attributes:
        alone: nothing else may run beside it: its workers died, perhaps through the fault of another project.
        remote: what Dask knows of it.
    """

    name: str
    errand: Errand
    answer: Future[Outcome]
    alone: bool = False
    remote: Any = None


class _Desk:
    """Hands errands out and takes in what comes back.

    Dask blames the death of a worker on all that was given to it, also on what only waited there. What is blamed too
    often runs once more when nothing else does; what dies then, too, is set aside.
    """

    def __init__(self, cluster: Cluster, client: Client, session: Path) -> None:
        self._client, self._session = client, session
        self._exchange, self._resource = cluster.access.exchange, cluster.resource
        self._under_way: dict[str, _Sent] = {}
        self._waiting: list[_Sent] = []
        self._lock, self._closed = RLock(), False

    def submit(self, job: Job) -> Future[Outcome]:
        """Hand over a job; a fault on the way is an answer."""
        answer: Future[Outcome] = Future()
        name = f"{job.path.name}-{secrets.token_hex(4)}"
        folder = self._session / name
        try:
            errand = sent(job, self._exchange, str(folder.relative_to(self._exchange)))
            with self._lock:
                self._waiting.append(_Sent(name, errand, answer))
                self._hand_out()
        except Exception as error:  # the type is for `as_failure` to tell
            forget(folder)
            answer.set_result(as_failure(error))
        return answer

    def _hand_out(self) -> None:
        """Give to Dask what may run now: all that waits, or one that must be alone."""
        if any(one.alone for one in self._under_way.values()):
            return
        for one in [one for one in self._waiting if not one.alone]:
            self._give(one)
        if not self._under_way and self._waiting:
            self._give(self._waiting[0])

    def _give(self, one: _Sent) -> None:
        self._waiting.remove(one)
        key, wanted = f"{_OURS}{one.name}-{int(one.alone)}", {self._resource: 1}
        one.remote = self._client.submit(carry_out, one.errand, key=key, pure=False, resources=wanted)
        self._under_way[one.name] = one
        one.remote.add_done_callback(partial(self._returned, one))

    def _returned(self, one: _Sent, remote: Any) -> None:
        """In a thread of Dask's: lay out what came back, forget the errand, and only then say so."""
        with self._lock:
            if self._closed:
                return
            del self._under_way[one.name]
            say = self._looked_at(one, remote)
            if say:
                forget(self._session / one.name)
            self._hand_out()
        if say:
            say()

    def _looked_at(self, one: _Sent, remote: Any) -> Callable[[], None] | None:
        """What is left to be done for the answer to be there; None: it is tried once more."""
        try:
            return partial(one.answer.set_result, received(one.errand, remote.result(), self._exchange))
        except KilledWorker as error:
            if not one.alone:
                one.alone = True
                self._waiting.append(one)
                return None
            return partial(one.answer.set_result, _set_aside(one.errand.job.path.name, error))
        except BrokenProcessPool as error:
            return partial(one.answer.set_exception, error)
        except CancelledError:
            lost = NotReady("与调度器的连接断了(the connection to the scheduler was lost)。")
            return partial(one.answer.set_result, lost)
        except Exception as error:  # the type is for `as_failure` to tell
            return partial(one.answer.set_result, as_failure(error))

    def close(self) -> None:
        """Forget what nobody waits for any more; what a worker still does for it finds no folder."""
        with self._lock:
            self._closed, left = True, [one.remote for one in self._under_way.values()]
        if left:
            self._client.cancel(left)


def _set_aside(code: str, error: KilledWorker) -> DependencyMissing:
    return DependencyMissing(
        f"{code}:运行它的工作进程中止了 {2 * (error.allowed_failures + 1)} 次,后一半时别的都没有在做,"
        f"最后一次在 {error.last_worker.address};先放下,其余照做(its workers died; set aside)。"
    )
