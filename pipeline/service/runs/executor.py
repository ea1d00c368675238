"""Run the projects that are due: put their inputs together, build, remember, publish; each under its own lock.

A run writes into a folder of its own below `out/`; the ledger names the folder once everything in it is on disk, and
only then is the one before removed. Whatever a killed run left is a folder that no row names.
"""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from pipeline.adapters.files import sync_folder, sync_tree
from pipeline.adapters.kept_files import trim
from pipeline.adapters.private_folders import MAKING
from pipeline.core.documents import ProjectResult
from pipeline.core.errors import DeliveryFailed, DependencyMissing, PipelineError
from pipeline.core.facts import Facts
from pipeline.core.findings import Finding
from pipeline.core.names import safe
from pipeline.deliver.pack import archived_pack
from pipeline.project_run import Job, RunRequest
from pipeline.project_run.issue_findings import ISSUING
from pipeline.project_run.pool import Engine, Outcome, Submit, as_failure, engine, settled, trace
from pipeline.service.clock import Clock
from pipeline.service.runs import dependence
from pipeline.service.runs.dependence import ProjectDue
from pipeline.service.runs.publishing import Publisher, distinct_names
from pipeline.settings import Settings
from pipeline.workspace import inputs, projects, store
from pipeline.workspace.codec import to_json
from pipeline.workspace.layout import Workspace
from pipeline.workspace.locks import locked
from pipeline.workspace.projects import Ran, Remembered

LOG = logging.getLogger("presales.run")
_LOOK_UP_S = 1.0


@dataclass(frozen=True)
class Done:
    """What became of one project that was due.

    Attributes:
        blocked: an error is open, so that no final documents were made.
        rebuilt: documents were made; else only the findings were looked at again.
        failure: why it could not be finished; when `rebuilt`, its reports were made all the same.
    """

    code: str
    blocked: bool = False
    rebuilt: bool = False
    failure: PipelineError | None = None


@dataclass
class Executor:
    """Runs projects of one workspace.

    Attributes:
        company: workbook 00.
        count: projects that are run at the same time; 0 runs them in this process.
        pdf: convert to PDF and make packs.
        announce: hears of each project once its files are where people find them, before the ledger says so;
            may hear of one twice after a crash, and must not raise.
        engine: where projects are run.
        meanwhile: called about every second while processes run, by the thread that holds the projects' locks.
    """

    workspace: Workspace
    ledger: sqlite3.Connection
    settings: Settings
    clock: Clock
    company: Path
    publisher: Publisher
    count: int = 0
    pdf: bool = True
    announce: Callable[[Remembered], None] = lambda _: None
    engine: Engine = engine
    meanwhile: Callable[[], object] = lambda: None

    def shared(self) -> dict[str, str]:
        """Hashes of what all projects depend on, as it is now."""
        return dependence.shared_inputs(self.company, {"pdf": self.pdf, "lang": self.settings.lang})

    def look(self, as_of: date, codes: Iterable[str] | None = None, *, full: bool = False) -> list[ProjectDue]:
        """Every project (or only some) with the reasons for which it must be run, or not.

        Args:
            as_of: today.
            codes: which; None: all.
            full: run all that can be run.
        """
        shared = self.shared()
        known, on = projects.briefs(self.ledger), (as_of, self.clock.now())
        current = inputs.all_current(self.ledger)
        wanted = sorted(current if codes is None else current.keys() & set(codes))
        dues = [dependence.judge_due(code, current[code], shared, known.get(code), on) for code in wanted]
        return [dependence.forced(due) for due in dues] if full else dues

    def run(self, dues: Sequence[ProjectDue], as_of: date, told: Callable[[Done], None] = lambda _: None) -> list[Done]:
        """Run what is due; one project's failure never stops the rest.

        Args:
            dues: projects with reasons.
            as_of: today.
            told: hears of each project as it is done.
        """
        waiting, done = list(dues), []
        with ExitStack() as all_locks, self.engine(self.count if dues else 0) as submit:
            running: dict[Future[Outcome], tuple[_Unit, ExitStack]] = {}
            while waiting or running:
                while waiting and len(running) < max(1, self.count):
                    lock = all_locks.enter_context(ExitStack())
                    if unit := self._begin(waiting.pop(0), as_of, lock, submit):
                        running[unit.future] = (unit, lock)
                if not running:
                    continue
                finished = wait(running, _LOOK_UP_S, FIRST_COMPLETED).done
                if not finished:
                    self.meanwhile()
                for future in finished:
                    unit, lock = running.pop(future)
                    one = self._finish(unit, future, submit)
                    lock.close()
                    done.append(one)
                    told(one)
        if done:
            trim(self.workspace.cache)
        return done

    def _begin(self, due: ProjectDue, as_of: date, lock: ExitStack, submit: Submit) -> _Unit | None:
        """Lock a project, see that nobody has run it meanwhile, and hand it to a worker."""
        lock.enter_context(locked(self.workspace.locks, f"project-{safe(due.code)}"))
        unit = _Unit(due, as_of, f"{safe(due.code)}@{self.clock.now():%Y%m%dT%H%M%S}-{secrets.token_hex(4)}")
        try:
            brief = projects.brief_of(self.ledger, due.code)
            if brief and brief.output != due.seen and dict(brief.inputs) == dict(due.inputs):
                lock.close()
                return None
            self._sweep(due.code, brief.output if brief else "")
            unit.future = submit(self._job(unit, brief.output if brief else ""))
        except Exception as error:  # whatever it is, the other projects go on
            unit.future = Future()
            unit.future.set_result(_as_failure(error))
        return unit

    def _job(self, unit: _Unit, previous: str) -> Job:
        """Lay out inputs and output of a run."""
        code = unit.due.code
        folder = self.workspace.clear_work(safe(code))
        self._lay_out(unit.due, folder)
        out = None
        if not unit.due.only_day:
            out = self.workspace.out / unit.output
            out.mkdir(parents=True)
            if previous:
                _carry_over(self.workspace.out / previous / safe(code), out / safe(code))
        request = RunRequest(unit.as_of, out, pdf=self.pdf, lang=self.settings.lang)
        office, limit_s = self.settings.libreoffice, self.settings.convert_timeout_s
        return Job(folder, self.company, request, office, limit_s, self.workspace.cache)

    def _lay_out(self, due: ProjectDue, folder: Path) -> None:
        """Inputs under their own names in a private folder, as a person would have put them together."""
        books = dependence.workbooks(due.current)
        names = distinct_names(books)
        for one in books:
            store.take_out(self.workspace.store, one.sha256, folder / names[one.slot])
        for one in due.current:
            if one.slot not in names and "/" in one.name:
                store.take_out(self.workspace.store, one.sha256, folder / one.name)

    def _finish(self, unit: _Unit, future: Future[Outcome], submit: Submit) -> Done:
        """Remember and publish a finished run; a look at the findings that shows a change is followed by a build."""
        try:
            outcome = _result(self._answer(unit, future, submit))
            built = self._looked_at(unit, outcome, submit) if unit.due.only_day else outcome
            if built is None:
                return Done(unit.due.code, outcome.blocked)
            self._remember(unit, built)
            self.publish(unit.due.code)
        except Exception as error:  # whatever it is, the other projects go on
            return self._failed(unit, _as_failure(error))
        finally:
            shutil.rmtree(self.workspace.work / safe(unit.due.code), ignore_errors=True)
        if built.failure:
            LOG.error("%s:%s", unit.due.code, built.failure)
        return Done(unit.due.code, built.blocked, rebuilt=True, failure=built.failure)

    def _answer(self, unit: _Unit, future: Future[Outcome], submit: Submit) -> Outcome:
        """What a worker found; a project whose worker died, perhaps through another one's fault, is run once more."""
        try:
            return settled(future)
        except BrokenProcessPool:
            LOG.warning("%s:工作进程被终止,再试一次", unit.due.code)
            brief = projects.brief_of(self.ledger, unit.due.code)
            shutil.rmtree(self.workspace.out / unit.output, ignore_errors=True)
            return settled(submit(self._job(unit, brief.output if brief else "")))

    def _looked_at(self, unit: _Unit, looked: ProjectResult, submit: Submit) -> ProjectResult | None:
        """The day has turned: None when findings and facts are as before, else the result of a build.

        Who signs is a fact, and a dated change of workbook 00 may make it somebody else on a day on which no rule
        says a word: papers and letters must say so.
        """
        known = projects.recall(self.ledger, unit.due.code)
        if known and looked.facts and _marks(known.findings) == _marks(looked.findings) and _alike(known, looked.facts):
            projects.still_valid(self.ledger, looked.facts, unit.due.inputs)
            return None
        unit.due = replace(unit.due, only_day=False)
        return _result(settled(submit(self._job(unit, known.output if known else ""))))

    def _remember(self, unit: _Unit, result: ProjectResult) -> None:
        """Everything on disk, then the row, then the folder of the run before goes."""
        code, out = unit.due.code, self.workspace.out / unit.output
        if result.code != code:
            raise DeliveryFailed(f"{code}:运行得到的是另一个项目 {result.code}(another project came of it)。")
        sync_tree(out)
        sync_folder(self.workspace.out)
        archived = archived_pack(out / safe(code) / "pack", safe(code)) is not None
        ran = Ran(self.clock.now(), unit.as_of, unit.due.inputs, unit.output, archived)
        projects.remember(self.ledger, result, ran)
        self._sweep(code, unit.output)

    def _sweep(self, code: str, keep: str) -> None:
        """Remove output of this project that no row names: what a killed run left, and the run before."""
        for folder in self.workspace.out.glob(f"{safe(code)}@*"):
            if folder.name != keep:
                shutil.rmtree(folder, ignore_errors=True)

    def publish(self, code: str) -> None:
        """Publish the newest run of a project.

        Raises:
            DeliveryFailed: it could not be; the next round tries again.
        """
        known = projects.recall(self.ledger, code)
        if known is None or known.published is not None:
            return
        self.publisher.ready()
        documents, packs = self.publisher.project(known, inputs.current(self.ledger, code))
        folder = self.publisher.folder / safe(code)
        self.announce(replace(known, documents=documents, packs=packs, published=folder))
        projects.mark_published(self.ledger, code, folder, documents, packs)

    def publish_rest(self) -> list[Done]:
        """Publish what was remembered and could not be published; failures are returned."""
        failed = []
        for code, brief in projects.briefs(self.ledger).items():
            if not brief.published and brief.output:
                try:
                    with locked(self.workspace.locks, f"project-{safe(code)}"):
                        self.publish(code)
                except PipelineError as error:
                    LOG.warning("%s:%s", code, error)
                    failed.append(Done(code, failure=error))
        return failed

    def retire(self) -> list[Done]:
        """Projects whose workbooks were all withdrawn leave portfolio and published folder; what was made is set aside.

        Returns:
            What could not be done; a later call does it.
        """
        failed = []
        known = projects.briefs(self.ledger)
        for code in sorted(known.keys() & inputs.withdrawn_from(self.ledger)):
            if known[code].archived or dependence.workbooks(inputs.current(self.ledger, code)):
                continue
            try:
                with locked(self.workspace.locks, f"project-{safe(code)}"):
                    self._retire(code)
            except (PipelineError, OSError) as error:
                failed.append(Done(code, failure=_as_failure(error)))
        return failed

    def _retire(self, code: str) -> None:
        """Under the lock; a project that was given a workbook while we waited for it stays."""
        if dependence.workbooks(inputs.current(self.ledger, code)):
            return
        self.publisher.ready()
        self.publisher.retire(code)
        for folder in self.workspace.out.glob(f"{safe(code)}@*"):
            self.workspace.set_aside(folder, self.clock.now())
        projects.forget(self.ledger, code, "没有工作簿了", self.clock.now())
        LOG.info("%s 的工作簿已全部撤回,项目移出", code, extra={"project": code})

    def _failed(self, unit: _Unit, failure: PipelineError) -> Done:
        """A failed run leaves what was remembered before; what could only not be published is no failed run."""
        LOG.error("%s:%s", unit.due.code, failure, extra={"traceback": told} if (told := trace(failure)) else None)
        known = projects.recall(self.ledger, unit.due.code)
        if known is None or known.output != unit.output:
            projects.remember_failure(self.ledger, unit.due.code, str(failure), unit.due.inputs, self.clock.now())
            shutil.rmtree(self.workspace.out / unit.output, ignore_errors=True)
        return Done(unit.due.code, failure=failure)


@dataclass
class _Unit:
    """One project that is being run."""

    due: ProjectDue
    as_of: date
    output: str
    future: Future[Outcome] = field(default_factory=Future)


def _result(outcome: Outcome) -> ProjectResult:
    if isinstance(outcome, ProjectResult):
        return outcome
    raise outcome or PipelineError("没有结果(no result)")


def _as_failure(error: Exception) -> PipelineError:
    if isinstance(error, BrokenProcessPool):
        return DependencyMissing("工作进程被系统终止(可能内存不足)(a worker was killed; out of memory?)。")
    return as_failure(error)


def _marks(findings: Sequence[Finding]) -> set[tuple[object, ...]]:
    """What makes a finding another one; how many days something is late does not.

    What only issuing finds is left out: a look issues nothing, and what was signed does not change with the day.
    """
    counted = (finding for finding in findings if finding.rule.code not in ISSUING)
    return {(finding.rule.code, finding.at, finding.pending) for finding in counted}


def _alike(known: Remembered, looked: Facts) -> bool:
    """Whether the facts are those of the last build, but for the day itself."""
    then = known.facts
    if then is None:
        return False
    same = replace(looked, as_of=then.as_of, business_date=then.business_date, next_turn=then.next_turn)
    return to_json(same) == to_json(then)


def _carry_over(previous: Path, fresh: Path) -> None:
    """Packs and documents of the run before, as hard links: files of ours are replaced, never written into."""
    if previous.is_dir():
        shutil.copytree(previous, fresh, copy_function=_link, ignore=_half_done)
        shutil.rmtree(fresh / "check", ignore_errors=True)


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _half_done(_: str, names: list[str]) -> list[str]:
    return [name for name in names if name.startswith(MAKING) or name.endswith(".tmp")]
