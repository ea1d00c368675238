"""What the watched folder and the night share: take in, run what is due, tell everybody."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from pipeline.adapters.office.converters import converter
from pipeline.core.company import Company
from pipeline.core.errors import DeliveryFailed, PipelineError
from pipeline.core.mail import MailState
from pipeline.core.portfolio import Night, PortfolioResult
from pipeline.core.portfolio import Returned as Listed
from pipeline.definitions.catalogue import load_catalogue
from pipeline.definitions.forms import load_forms
from pipeline.intake.company import beside, find_company, read_company
from pipeline.project_run.pool import Engine, engine
from pipeline.service.arrivals.names import HELD, RETURNED, TAKEN
from pipeline.service.arrivals.outcome import RoundResult
from pipeline.service.arrivals.recognise import Surroundings
from pipeline.service.arrivals.settling import STUCK, Ripeness
from pipeline.service.arrivals.taking import Intake
from pipeline.service.clock import Clock
from pipeline.service.health import Health, health, summary
from pipeline.service.post.round import Post
from pipeline.service.post.sending import RESTORED
from pipeline.service.runs import premises
from pipeline.service.runs.dependence import ProjectDue
from pipeline.service.runs.executor import Done, Executor
from pipeline.service.runs.portfolio import PortfolioRequest, logs_changed, make_page, make_reports, reports_in
from pipeline.service.runs.publishing import Publisher
from pipeline.service.starting import Blanks
from pipeline.settings import Settings
from pipeline.workspace import doubts, inputs, outbox, projects, refusals, signs
from pipeline.workspace.layout import Workspace
from pipeline.workspace.ledger import open_ledger
from pipeline.workspace.locks import locked
from pipeline.workspace.projects import Decision
from pipeline.workspace.recovery import at_work, clear_outside

LOG = logging.getLogger("presales.service")
_REPORTS = 90  # files that stay published, three a day; the workspace keeps all
PUBLISHED = "发布"
_LONGEST_DRAIN_S, _BETWEEN_SENDS_S = 1800.0, 10.0
_REMEMBERED, _DAY = 200, timedelta(days=1)  # files that went back: how many stand on the status page, for how long


@dataclass(frozen=True)
class Options:
    """What a command asks of it.

    Attributes:
        inbox: the watched folder.
        workspace: the workspace.
        company: workbook 00; None looks beside the workspace's settings.
        as_of: today; None asks the clock, every time anew.
        jobs: projects that are run at the same time; 0 runs them in this process.
        engine: where they are run.
        pdf: make PDFs and packs.
        mail: queue and send letters.
        stable_s: seconds that a file must stand still; None: as the settings say.
        since: what happened in projects before this day is history, of which nobody is told; None: nothing is.
    """

    inbox: Path
    workspace: Path
    company: Path | None = None
    as_of: date | None = None
    jobs: int = 1
    pdf: bool = True
    mail: bool = False
    stable_s: float | None = None
    since: date | None = None
    engine: Engine = engine


@dataclass
class Unattended:
    """One inbox, one workspace, one published folder.

    Attributes:
        refused: this process sent files back, or held them because they may belong to another project.
        inbox_trouble: why nothing can be handed in; empty where nothing stands in the way.
        night: codes of projects by what became of them on the day on which we work.
        made: the portfolio as it was last made.
    """

    options: Options
    settings: Settings
    clock: Clock
    ledger: sqlite3.Connection
    workspace: Workspace
    company_path: Path
    executor: Executor
    intake: Intake
    refused: bool = False
    night: dict[str, str] = field(default_factory=dict)
    _stuck: set[tuple[str, datetime]] = field(default_factory=set)
    _day: date | None = None
    inbox_trouble: str = ""
    _read: tuple[tuple[tuple[int, int, int], ...], Company] | None = None
    made: PortfolioResult | None = None

    def today(self) -> date:
        """The day on which we work."""
        return self.options.as_of or self.clock.today()

    def known(self) -> Surroundings:
        """What is needed to tell whose a file is.

        Raises:
            DefinitionError: workbook 00 cannot be used.
        """
        frozen, taken = projects.archived_codes(self.ledger), inputs.codes(self.ledger)
        return Surroundings(load_forms(), self._company(), self.today(), frozen, taken)

    def _company(self) -> Company:
        """Workbook 00 as it is today, read anew when it has changed."""
        mark = tuple(changed(path) for path in (self.company_path, *beside(self.company_path)))
        if self._read is None or self._read[0] != mark:
            self._read = (mark, read_company(self.company_path, load_forms()))
        return self._read[1].on(self.today())

    def take(self, *, wait: bool = True) -> RoundResult:
        """One look at the inbox; one that cannot be read now is said, and tried again.

        Args:
            wait: as `Intake.round`.

        Raises:
            Busy: somebody else is at the inbox, and we do not wait.
            DefinitionError: workbook 00 cannot be used.
        """
        try:
            round_result, emptied = self.intake.round(self.known(), wait=wait), self._emptied()
        except OSError as error:
            said = f"投放目录读不出来,可能没有挂载:{error}。能读了自动接收。"
            if said != self.inbox_trouble:
                LOG.warning("%s", said)
            self.inbox_trouble = said
            return RoundResult(waiting={"": f"投放目录读不出来:{error.strerror}"}, hampered=True)
        why = self.intake.setbacks.hampered
        hampered = f"投放的文件收不下:{why}。磁盘满就腾出空间,投放目录写不进去就改好;改好了自动接收。" if why else ""
        self.inbox_trouble = emptied or hampered
        self.refused |= bool(round_result.returned or round_result.held)
        return round_result

    def _emptied(self) -> str:
        """An empty folder stands where files were taken before, as where a share is not mounted."""
        last = inputs.newest_claims(self.ledger, 1)
        if not last or next(self.options.inbox.iterdir(), None):
            return ""
        gone = f"投放目录 {self.options.inbox} 是空的,以前收下的 {TAKEN} 不见了,可能没有挂载。"
        return f"{gone}确实清空了的,建一个 {TAKEN} 目录就不再提。"

    def last_company(self) -> Company | None:
        """Workbook 00 as it could be read last; None: it never could."""
        return self._read[1] if self._read else None

    def look(self, codes: Iterable[str] | None = None, *, full: bool = False) -> list[ProjectDue]:
        """Judge which projects are due, and keep the reasons for `why`; a new day begins with an empty record."""
        if self._day != self.today():
            self._day = self.today()
            self.night.clear()
        dues = self.executor.look(self.today(), codes, full=full)
        at = self.clock.now()
        decisions = {
            due.code: Decision(at, self.today(), bool(due.reasons), due.reasons or (due.why_not,)) for due in dues
        }
        projects.decided(self.ledger, decisions)
        return dues

    def run(self, dues: Sequence[ProjectDue], told: Callable[[Done], None]) -> list[Done]:
        """Run what is due and remember for the portfolio what became of it."""
        before = {code for code, brief in projects.briefs(self.ledger).items() if brief.output}
        if self.options.mail and dues:
            self.post.leavers()

        def tell(done: Done) -> None:
            LOG.info("%s %s", done.code, _said(done), extra={"project": done.code})
            if done.rebuilt:
                self.night[done.code] = "changed" if done.code in before else "new"
            told(done)

        return self.executor.run([due for due in dues if due.reasons], self.today(), tell)

    def tell(self, *, report: bool = False) -> list[Done]:
        """Everything for everybody: what could not be published before, blank workbooks, portfolio.

        Args:
            report: make the daily report, too; without PDFs there is none.

        Returns:
            What could not be done; a later call does it.
        """
        failed = [*self.executor.retire(), *self.executor.publish_rest()]
        actions = [("空白表", self._blanks), ("项目状态", self._portfolio)]
        for name, action in [*actions, *([("批次日报", self._report)] if report and self.options.pdf else [])]:
            try:
                action()
            except PipelineError as error:
                LOG.warning("%s没有发布:%s", name, error)
                failed.append(Done(name, failure=error))
            except (OSError, sqlite3.Error) as error:
                LOG.warning("%s没有发布:%s", name, error)
                failed.append(Done(name, failure=DeliveryFailed(f"{name}:{error}")))
        if self.options.mail:
            self._mail(report=report)
        return failed

    def answer(self) -> None:
        """Letters to whoever handed in what went back or is doubted, at once."""
        if self.options.mail:
            self._mail()

    def _mail(self, *, report: bool = False) -> None:
        """Letters about what went back and the day; then everything that is due is sent."""
        self._name_stuck()
        self.post.failed(projects.failures(self.ledger), self.executor.publisher.folder)
        self.post.returned()
        self.post.doubted()
        if report and self.made:
            self.post.day(self.made, self.today())
        self.post.send()

    def send_due(self) -> None:
        """Send what has become due since: after a quiet time, a refusal that passes, the limit of a minute."""
        if self.options.mail:
            self._name_stuck()
        if self.options.mail and self._is_due():
            self.post.send()

    def _name_stuck(self) -> None:
        """Write about files that have lain in the inbox for long."""
        before = self.clock.now() - STUCK
        stuck = [
            one for one in inputs.waiting_now(self.ledger) if one[2] < before and (one[0], one[2]) not in self._stuck
        ]
        if stuck:
            self.post.stuck(stuck)
        self._stuck |= {(path, since) for path, _, since in stuck}

    def drain(self) -> str:
        """Send until nothing may leave any more in this round: the limit of a minute is waited for, a cap is not.

        Returns:
            What still waits, since when it may leave and why; empty when nothing does.
        """
        if not self.options.mail:
            return ""
        last = self.clock.monotonic() + _LONGEST_DRAIN_S
        while self._is_due():
            report = self.post.send()
            stands = report is None or report.trouble or report.busy or self._capped()
            if stands or self.clock.monotonic() >= last:
                break
            if self._is_due():
                self.clock.sleep(_BETWEEN_SENDS_S)
        return self._letters_left()

    def _is_due(self) -> bool:
        first = outbox.next_due(self.ledger)
        return first is not None and first <= self.clock.now() and not signs.letters_held(self.workspace)

    def _capped(self) -> bool:
        sent = outbox.sent_since(self.ledger, self.clock.now() - _DAY)
        return sent >= self.settings.mail_daily_cap

    def _letters_left(self) -> str:
        waiting = outbox.letters(self.ledger, (MailState.QUEUED,))
        if not waiting:
            return ""
        first = min(waiting, key=lambda mail: mail.due_at)
        if signs.letters_held(self.workspace):
            return f"{len(waiting)} 封没有发出:{RESTORED}"
        why = first.said or ("一天的封数到了上限" if self._capped() else "还在安静期,同一项目的消息合成一封")
        at = f"{first.due_at.astimezone():%Y-%m-%d %H:%M}"
        return f"{len(waiting)} 封没有发出,最早的 {at} 起可发({why})"

    @property
    def post(self) -> Post:
        """The mail of this run."""
        return Post(self.ledger, self.settings, lambda: self.known().company, self.clock.now, self.options.since)

    def _portfolio(self) -> None:
        """Judge all projects together; publish the status page."""
        known, now = self.known(), self.clock.now()
        publisher, folder = self.executor.publisher, self.workspace.portfolio
        with locked(self.workspace.locks, "portfolio"):
            remembered = projects.remembered(self.ledger)
            if not remembered:
                return
            publisher.ready()
            new, changed, unchanged = (self._became(what) for what in ("new", "changed", "unchanged"))
            returned = refusals.since(self.ledger, now - _DAY, _REMEMBERED)
            back: tuple[Listed, ...] = (*reversed(doubts.held(self.ledger)), *returned)
            night = Night(new, changed, unchanged, back)
            money, root = self.settings.show_money, publisher.folder
            request = PortfolioRequest(self.today(), folder, now, money, night, root, summary(self.health()))
            self.made = make_page(remembered, known.company, load_catalogue(), request)
            publisher.portfolio(self._for_everybody(self.made.page))

    def health(self) -> Health:
        """How the service is; of workbook 00 the watch says it itself."""
        return health(self.workspace, self.ledger, self.settings, self.clock.now(), company=False)

    def _report(self) -> None:
        """Make the daily report of what the page shows; a second one on a day only when something happened."""
        if self.made is None:
            return
        seen, folder = self.made.portfolio, self.workspace.portfolio
        happened = seen.night.new or seen.night.changed or self.refused or logs_changed(self.known().company, folder)
        if not happened and any(path.stem.endswith(f"{seen.as_of:%Y%m%d}") for path in reports_in(folder)):
            return
        program, timeout_s = self.settings.libreoffice, self.settings.convert_timeout_s
        with locked(self.workspace.locks, "portfolio"), converter(program, timeout_s) as office:
            self.made = replace(self.made, reports=make_reports(seen, self.known().company, folder, office))
            self.executor.publisher.portfolio(self._for_everybody(self.made.page))

    def _for_everybody(self, page: Path) -> list[Path]:
        """What may be published: the reports have amounts in them, so only with `show_money`, and not for ever."""
        return [page, *(reports_in(self.workspace.portfolio)[-_REPORTS:] if self.settings.show_money else [])]

    def _became(self, what: str) -> tuple[str, ...]:
        return tuple(sorted(code for code, became in self.night.items() if became == what))

    def _blanks(self) -> None:
        known = self.known()
        shared = self.executor.shared()
        blanks = Blanks(self.workspace, self.executor.publisher, known.forms, known.company, shared)
        with locked(self.workspace.locks, "blanks"):
            blanks.everybody(self.today())
            for code in blanks.started(inputs.all_current(self.ledger), self.today()):
                LOG.info("%s 已登记,空白工作簿已发布", code, extra={"project": code})
            registered = blanks.registered(inputs.all_current(self.ledger))
            for name in blanks.withdrawn(inputs.all_current(self.ledger)):
                LOG.info("%s 的登记已撤回,空白工作簿移出", name)
        if self.options.mail:
            self.post.started(registered, self.executor.publisher.folder)


def changed(path: Path) -> tuple[int, int, int]:
    """What changes when a file does; zeros while it is not there."""
    try:
        status = path.stat()
    except OSError:
        return (0, 0, 0)
    return (status.st_mtime_ns, status.st_size, status.st_ino)


def _said(done: Done) -> str:
    if done.failure:
        return f"没有完成:{done.failure}"
    if not done.rebuilt:
        return "已核对,没有变化"
    return "有错误未改,只出校验报告" if done.blocked else "已完成"


def publish_folder(workspace: Workspace, settings: Settings) -> Path:
    """Where what was made is published."""
    return Path(settings.publish_dir) if settings.publish_dir else workspace.root / PUBLISHED


@contextmanager
def unattended(options: Options, settings: Settings, clock: Clock) -> Iterator[Unattended]:
    """Open a workspace and see that the folders are fit.

    Raises:
        UsageProblem: the folders are not.
        NotReady: they are not now, which may pass.
        DefinitionError: there is no workbook 00, or the ledger belongs to a newer program.
    """
    workspace = Workspace(options.workspace)
    publish = publish_folder(workspace, settings)
    premises.require(options.inbox, workspace, publish, settings.min_free_mb)
    setting = Path(settings.company) if settings.company else None
    company = find_company(options.company, [workspace.root], setting, load_forms())
    workspace.make()
    ledger = open_ledger(workspace.root)
    try:
        publisher = Publisher(workspace, publish, settings.secret_group)
        held = (workspace, ledger, settings, clock, company, publisher)
        executor = Executor(*held, count=options.jobs, pdf=options.pdf, engine=options.engine)
        ripeness = Ripeness(options.stable_s if options.stable_s is not None else settings.stable_s)
        intake = Intake(options.inbox, workspace, ledger, clock, ripeness, options.mail)
        opened = Unattended(options, settings, clock, ledger, workspace, company, executor, intake)
        if options.mail:
            executor.announce = opened.post.published
        with at_work(
            workspace, lambda: clear_outside([publish, *options.inbox.rglob(RETURNED), *options.inbox.rglob(HELD)])
        ):
            yield opened
    finally:
        ledger.close()
