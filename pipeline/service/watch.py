"""The watched folder: look, run what has been quiet, look again. A step is a plain function; time is given."""

from __future__ import annotations

import logging
import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from pipeline.adapters import supervisor
from pipeline.core.errors import Busy, DefinitionError, DeliveryFailed, Outdated, PipelineError, UsageProblem
from pipeline.service.arrivals.outcome import RoundResult
from pipeline.service.clock import Clock
from pipeline.service.faults import COMPANY, INBOX, SETTINGS, SHARE, fault_of
from pipeline.service.runs import premises
from pipeline.service.runs.dependence import RETRY
from pipeline.service.runs.executor import Done
from pipeline.service.troubles import Troubles
from pipeline.service.unattended import Options, Unattended, changed, publish_folder, unattended
from pipeline.settings import Settings
from pipeline.workspace import doubts, inputs, runs, signs
from pipeline.workspace.layout import Workspace
from pipeline.workspace.locks import locked
from pipeline.workspace.runs import Tally

LOG = logging.getLogger("presales.watch")
_BETWEEN_JUDGEMENTS_S = 600.0
_LOOKING = "查看投放目录"
_FIRST_S, _LONGEST_S = 5.0, 60.0  # until something that failed is tried again


@dataclass
class Watch:
    """State between two steps.

    Attributes:
        quiet_s: seconds without a new file after which a project is run.
        met: what is in the way, by kind; empty when all is well.
    """

    unattended: Unattended
    quiet_s: float
    _since: dict[str, float] = field(default_factory=dict)
    _basis: tuple[date, tuple[int, int, int], int] | None = None
    met: dict[str, str] = field(default_factory=dict)
    _to_tell: bool = True
    _tell_from: float = 0.0
    _tell_pause_s: float = 0.0
    _taken: int = 0
    _returned: int = 0
    _judged: float | None = None
    _troubles: tuple[str, ...] = ()

    def step(self) -> list[Done]:
        """One look at the inbox, and a run of every project whose files have been quiet; returns what was run."""
        self._look()
        try:
            return self._step()
        except DefinitionError as error:
            if str(error) != self.met.get(COMPANY):
                LOG.error("停下等待改正:%s", error)  # noqa: TRY400  the message says it all
            self.met[COMPANY] = str(error)
            return []

    def _step(self) -> list[Done]:
        unattended, now = self.unattended, self.unattended.clock.monotonic()
        round_result = unattended.take()
        self._count(round_result)
        self.met.pop(COMPANY, None)
        self._meet(INBOX, unattended.inbox_trouble)
        for code in round_result.projects:
            self._since[code] = now
        self._notice_what_turned(now)
        self._notice_troubles(now)
        ripe = [code for code, since in self._since.items() if now - since >= self.quiet_s]
        done = self._run(ripe, now) if ripe else []
        news = done or round_result.taken or round_result.returned or round_result.held
        if news or (self._to_tell and now >= self._tell_from):
            self._tell(now)
        else:
            unattended.send_due()
        return done

    def _tell(self, now: float) -> None:
        """Publish and write to everybody; what cannot be published is tried again after a while, longer each time."""
        failed = self.unattended.tell()
        self._to_tell = bool(failed)
        self._tell_pause_s = min(max(_FIRST_S, 2 * self._tell_pause_s), _LONGEST_S) if failed else 0.0
        self._tell_from = now + self._tell_pause_s
        unpublished = (str(one.failure) for one in failed if isinstance(one.failure, DeliveryFailed))
        self._meet(SHARE, next(unpublished, ""))

    def _meet(self, kind: str, text: str) -> None:
        if text:
            self.met[kind] = text
        else:
            self.met.pop(kind, None)

    def _take_beside(self, doing: str) -> None:
        """Take in and answer what is handed in while projects run; what fails here is met again at the next look."""
        self._look(doing)
        with suppress(Busy, PipelineError, OSError, sqlite3.Error):
            round_result = self.unattended.take(wait=False)
            self._count(round_result)
            for code in round_result.projects:
                self._since[code] = self.unattended.clock.monotonic()
            if round_result.taken or round_result.returned or round_result.held:
                self._to_tell = True
            if round_result.returned or round_result.held:
                self.unattended.answer()

    def _count(self, round_result: RoundResult) -> None:
        """What was taken in stands in the history with the next run."""
        self._taken += round_result.taken
        self._returned += len(round_result.returned)

    def _look(self, doing: str = "") -> None:
        """Say that the watch lives, to `presales status` and to systemd."""
        signs.look(self.unattended.workspace, doing, self.unattended.clock.now())
        supervisor.tell(f"READY=1\nWATCHDOG=1\nSTATUS={doing or _LOOKING}")

    def _notice_what_turned(self, now: float) -> None:
        """At the start, on a new day, when workbook 00 has changed or somebody decided, every project may be due."""
        basis = (self.unattended.today(), changed(self.unattended.company_path), self._decisions())
        if basis == self._basis:
            return
        for due in self.unattended.look():
            if due.reasons:
                self._since.setdefault(due.code, now)
        self._basis, self._to_tell = basis, True

    def _notice_troubles(self, now: float) -> None:
        """The status page is made anew when there are other troubles; they are not looked for at every look."""
        if self._judged is not None and now - self._judged < _BETWEEN_JUDGEMENTS_S:
            return
        found = tuple(self.unattended.health().troubles)
        self._to_tell |= found != self._troubles
        self._judged, self._troubles = now, found

    def _decisions(self) -> int:
        """How often somebody withdrew, confirmed or set aside a file."""
        return inputs.withdrawals(self.unattended.ledger) + doubts.settled(self.unattended.ledger)

    def _run(self, codes: list[str], now: float) -> list[Done]:
        dues = [due for due in self.unattended.look(codes) if due.reasons]
        for code in codes:
            self._since.pop(code, None)
        if not dues:
            return []
        unattended = self.unattended
        run = runs.begin(unattended.ledger, "watch", unattended.today(), unattended.clock.now())
        done, outcome = [], "中断"
        doing = f"运行 {len(dues)} 个项目"
        self._look(doing)
        unattended.executor.meanwhile = lambda: self._take_beside(doing)
        try:
            done = unattended.run(dues, lambda _: self._look(doing))
            outcome = "完成"
        finally:
            failed = [one.code for one in done if one.failure]
            tally = Tally(self._taken, self._returned, ran=len(dues), failed=len(failed))
            self._taken = self._returned = 0
            runs.end(unattended.ledger, run, tally, outcome, unattended.clock.now())
        for code in failed:
            self._since[code] = now + RETRY.total_seconds() - self.quiet_s + 1
        return done


@dataclass
class Renewal:
    """The settings as they were read, and whether they have changed since.

    Attributes:
        file: of the settings; it need not be there.
        load: reads them anew; raises what is wrong with them.
        fault: why changed settings do not count; empty where nothing is wrong.
    """

    file: Path
    load: Callable[[], object]
    fault: str = ""

    def __post_init__(self) -> None:
        self._mark = changed(self.file)

    def due(self) -> bool:
        """Whether there are other settings that can be used; what cannot is said, and the old ones go on."""
        mark = changed(self.file)
        if mark == self._mark:
            return False
        self._mark, self.fault = mark, ""
        try:
            if not self.file.is_file():
                raise DefinitionError(f"{self.file} 不在了,请放回去(the settings are gone)。")
            self.load()
        except PipelineError as error:
            self.fault = f"设置改过,但不能用,仍按原来的设置工作:{error}"
            LOG.error("%s", self.fault)  # noqa: TRY400  the message says it all
            return False
        LOG.info("设置改过,按新的设置重新开始")
        return True


def watch(
    unattended: Unattended, quiet_s: float, pauses: Iterator[object], after: Callable[[Mapping[str, str]], bool | None]
) -> None:
    """Watch until interrupted, or until `after` says so.

    Args:
        unattended: an open workspace.
        quiet_s: seconds without a new file after which a project is run.
        pauses: gives back control when it is time to look again.
        after: hears after each look what is in the way, by kind; nothing when all is well. True ends the watch.
    """
    state = Watch(unattended, quiet_s)
    for _ in pauses:
        state.step()
        if after(state.met):
            return


# -- a watch that comes back ----------------------------------------------------------------------------------------

# What stays as it is however often one tries: folders that must not be used, a second watch, an older program.
_LASTING = (UsageProblem, Busy, Outdated)


def fit(options: Options, settings: Settings) -> None:
    """See that a watch can begin with these folders, now or later.

    Raises:
        UsageProblem: they are not fit and will not become so.
    """
    workspace = Workspace(options.workspace)
    premises.refuse(options.inbox, workspace, publish_folder(workspace, settings))


@contextmanager
def alone(options: Options, settings: Settings) -> Iterator[Workspace]:
    """Be the only watch of a workspace for the time of a block, also while it waits.

    Raises:
        UsageProblem: the folders are not fit and will not become so.
        Busy: another watch runs on this workspace.
        OSError: there is not even room for a lock.
    """
    workspace = Workspace(options.workspace)
    fit(options, settings)
    with locked(workspace.locks, "watch", wait=False):
        signs.say(workspace, "", datetime.min)
        try:
            yield workspace
        except BaseException:  # one that ends for other settings begins anew at once, in the same process
            supervisor.tell("STOPPING=1")
            raise
        finally:
            signs.say(workspace, "", datetime.min)


def keep_watching(
    options: Options,
    settings: Settings,
    clock: Clock,
    pauses: Callable[[], Iterator[object]],
    renewal: Renewal | None = None,
) -> None:
    """Watch until interrupted; what goes wrong is said, and tried again after a while with everything opened anew.

    It ends, too, when there are other settings.

    Args:
        options: folders and how to work.
        settings: of the workspace.
        clock: gives the time, and sleeps.
        pauses: begins the moments at which it is time to look.
        renewal: knows whether the settings have changed; None: nobody asks.

    Raises:
        UsageProblem, Outdated: what does not pass by itself.
    """
    workspace = Workspace(options.workspace)
    waiting = _Waiting(Troubles(workspace, settings, clock.now, options.mail), clock, renewal)
    LOG.info("开始监视 %s", options.inbox)
    while True:
        try:
            with unattended(options, settings, clock) as opened:
                waiting.troubles.company = opened.last_company
                return watch(opened, settings.quiet_s, pauses(), waiting.after)
        except _LASTING:
            raise
        except Exception as error:
            if waiting.failed(error):
                return None


@dataclass
class _Waiting:
    """How often in a row it went wrong, and what was said of it."""

    troubles: Troubles
    clock: Clock
    renewal: Renewal | None = None
    _delay_s: float = _FIRST_S
    _met: dict[str, str] = field(default_factory=dict)
    _said: tuple[str, datetime] | None = None
    _logged: str = ""

    def after(self, met: Mapping[str, str]) -> bool:
        """A look at the inbox came to its end; whether there are other settings."""
        if COMPANY not in met and self._delay_s != _FIRST_S:
            LOG.info("恢复正常,继续监视")
        self._delay_s, self._logged = _FIRST_S, ""
        renewed = self._renewed()
        self._met = dict(met)
        self._say(self._met)
        return renewed

    def _renewed(self) -> bool:
        return self.renewal is not None and self.renewal.due()

    def failed(self, error: Exception) -> bool:
        """Say what is wrong, once while it stays the same, and wait; longer each time, up to a minute.

        Returns:
            Whether there are other settings, which may have mended it.
        """
        kind, text = fault_of(error)
        if (logged := re.sub(r"\d+", "", text)) != self._logged:
            LOG.error("停下等待,稍后再试:%s", text, exc_info=not isinstance(error, PipelineError))
        self._logged = logged
        self._say({**self._met, kind: text})  # what was met before is still there, for all we know
        signs.look(self.troubles.workspace, "", self.clock.now())
        supervisor.tell(f"READY=1\nWATCHDOG=1\nSTATUS={text[:200]}")
        self.clock.sleep(self._delay_s)
        self._delay_s = min(2 * self._delay_s, _LONGEST_S)
        return self._renewed()

    def _say(self, met: Mapping[str, str]) -> None:
        fault = self.renewal.fault if self.renewal else ""
        self.troubles.see({**met, SETTINGS: fault} if fault else met)
        said = self.troubles.said()
        if said != self._said:
            signs.say(self.troubles.workspace, *(said or ("", self.clock.now())))
        self._said = said


def pauses_by_clock(sleep: Callable[[float], None], poll_s: float) -> Iterator[None]:
    """Look every so many seconds: the only way that sees what other machines write on a share."""
    while True:
        yield
        sleep(poll_s)


def pauses_by_events(inbox: Path, sleep: Callable[[float], None], poll_s: float) -> Iterator[None]:
    """Look every so many seconds, and sooner when the system tells of a change; what it does not tell is seen too."""
    from watchfiles import watch as events

    while True:
        yield
        try:
            told = events(
                inbox,
                watch_filter=None,
                debounce=1000,
                rust_timeout=int(poll_s * 1000),
                yield_on_timeout=True,
                raise_interrupt=True,
                ignore_permission_denied=True,
            )
            for _ in told if inbox.is_dir() else ():
                yield
        except (OSError, RuntimeError) as error:
            LOG.warning("系统的变化通知不可用,改为定时查看:%s", error)
        sleep(poll_s)
