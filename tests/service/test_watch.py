"""The watched folder, driven step by step with a clock that is turned by hand."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from pipeline.core.errors import Busy
from pipeline.definitions.registration import KEY, registration_form
from pipeline.definitions.values import Content, Master00
from pipeline.definitions.writer import write_workbook
from pipeline.project_run import Job, pool
from pipeline.service import state
from pipeline.service import watch as watching
from pipeline.service.arrivals.outcome import RoundResult
from pipeline.service.batch import batch
from pipeline.service.runs import executor
from pipeline.service.unattended import Options, Unattended, unattended
from pipeline.service.watch import Watch
from pipeline.settings import Settings
from pipeline.workspace import inputs, projects, runs
from pipeline.workspace.locks import locked
from pipeline.workspace.runs import Tally
from tests.cases import AS_OF, DORM
from tests.service.quick import quickly
from tests.service.stage import STABLE, Hands, master, workbook

QUIET = 60.0


class Watched:
    """A running watch; `wait` turns the clock and steps as often as the real one would."""

    def __init__(self, root: Path) -> None:
        self.root, self.hands = root, Hands()
        self.inbox, self.share = root / "inbox", root / "share"
        self.inbox.mkdir(exist_ok=True)
        self.company = root / "00.xlsx"
        if not self.company.exists():
            shutil.copy(master(), self.company)
        options = Options(self.inbox, root / "ws", self.company, AS_OF, jobs=0, pdf=False, stable_s=STABLE)
        self.context = unattended(options, Settings(publish_dir=str(self.share)), self.hands.clock)

    def __enter__(self) -> Watched:
        self.unattended: Unattended = self.context.__enter__()
        self.watch = Watch(self.unattended, QUIET)
        return self

    def __exit__(self, *problem: object) -> None:
        self.context.__exit__(*problem)  # type: ignore[arg-type]

    def drop(self, source: Path | bytes, name: str) -> Path:
        target = self.inbox / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(source if isinstance(source, bytes) else source.read_bytes())
        return target

    def wait(self, seconds: float) -> list[str]:
        """Codes that ran meanwhile; the clock is turned in a few steps."""
        ran = [one.code for one in self.watch.step()]
        for part in (STABLE, STABLE, seconds - 2 * STABLE) if seconds > 2 * STABLE else (seconds,):
            self.hands.turn(part)
            ran += [one.code for one in self.watch.step()]
        return ran

    def runs(self) -> list[str]:
        return [one.output for one in projects.remembered(self.unattended.ledger)]


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    with quickly(), Watched(tmp_path) as made:
        yield made


def test_a_project_runs_once_its_files_are_quiet(watched: Watched) -> None:
    watched.drop(workbook("02"), "a.xlsx")
    assert watched.wait(30) == []
    watched.drop(workbook("05"), "b.xlsx")
    assert watched.wait(40) == [], "a new file begins the quiet anew"
    assert watched.wait(60) == [DORM]
    assert runs.history(watched.unattended.ledger, 1)[0].tally == Tally(taken=2, ran=1)
    assert watched.wait(600) == []
    assert (watched.share / DORM / "当前工作簿" / "b.xlsx").is_file()


def test_the_page_and_the_blanks_are_published(watched: Watched) -> None:
    watched.drop(workbook("02"), "a.xlsx")
    watched.wait(120)
    assert DORM in (watched.share / "项目状态.html").read_text("utf-8")
    assert {"立项登记.xlsx", "02_项目计划基本信息.xlsx"} <= {p.name for p in (watched.share / "空白表").iterdir()}
    companys = {path.name for path in (watched.share / "空白表").iterdir() if path.name[:2] in {"00", "09", "10"}}
    assert companys == {"10_工作日志.xlsx"}  # everybody keeps a log; 00 and 09 are kept by quality management


def _registration(path: Path, code: str, name: str = "新项目") -> Path:
    row = {"project_code": code, "project_name": name, "customer_name": "某单位", "sales_rep": "E102"}
    write_workbook(registration_form(), path, Content(sheets={"project": [row]}), Master00({}))
    return path


def test_a_registration_starts_a_project_and_gets_its_workbooks_filled_in(watched: Watched) -> None:
    watched.drop(_registration(watched.root / "r.xlsx", "LY-SQ-2026-900"), "立项登记.xlsx")
    assert watched.wait(120) == []
    blanks = watched.share / "LY-SQ-2026-900" / "空白表"
    names = sorted(path.name for path in blanks.iterdir())
    assert names[1] == "02_项目计划基本信息_LY-SQ-2026-900.xlsx"
    assert len(names) >= 6
    assert [one.slot for one in inputs.current(watched.unattended.ledger, "LY-SQ-2026-900")] == [KEY]
    watched.drop(blanks / names[1], "填好的计划.xlsx")
    assert watched.wait(120) == ["LY-SQ-2026-900"]
    assert not blanks.exists(), "the set goes when workbooks come"


def test_a_registration_that_is_withdrawn_takes_its_folder_along(watched: Watched) -> None:
    watched.drop(_registration(watched.root / "r.xlsx", "LY-SQ-2026-900"), "立项登记.xlsx")
    watched.wait(120)
    folder = watched.share / "LY-SQ-2026-900"
    assert (folder / "空白表").is_dir()
    (one,) = inputs.current(watched.unattended.ledger, "LY-SQ-2026-900")
    inputs.withdraw(watched.unattended.ledger, one, "登记错了", watched.hands.wall)
    watched.wait(120)
    assert not folder.exists()
    watched.drop(_registration(watched.root / "r.xlsx", "LY-SQ-2026-900", "又登记"), "立项登记.xlsx")
    watched.wait(120)
    assert (folder / "空白表").is_dir()


@pytest.mark.parametrize(("code", "said"), [("LY-SQ-26-9", "不合规定的写法"), (DORM, "已有项目使用")])
def test_a_registration_that_cannot_be_goes_back(watched: Watched, code: str, said: str) -> None:
    watched.drop(workbook("02"), "a.xlsx")
    watched.wait(20)
    watched.drop(_registration(watched.root / "r.xlsx", code), "立项登记.xlsx")
    watched.wait(20)
    assert said in (watched.inbox / "退回" / "立项登记.xlsx.原因.txt").read_text("utf-8-sig")


def test_a_share_that_is_unmounted_and_back_loses_nothing(watched: Watched) -> None:
    watched.drop(workbook("02"), "a.xlsx")
    watched.wait(3)
    watched.inbox.rename(watched.root / "away")
    assert watched.wait(300) == []
    (watched.root / "away").rename(watched.inbox)
    assert watched.wait(120) == [DORM]


def test_a_broken_master_workbook_stops_and_a_mended_one_goes_on(watched: Watched) -> None:
    good = watched.company.read_bytes()
    watched.company.write_bytes(b"half")
    watched.drop(workbook("02"), "a.xlsx")
    assert watched.wait(120) == []
    assert (watched.inbox / "a.xlsx").is_file()
    watched.company.write_bytes(good)
    assert watched.wait(120) == [DORM]


def test_a_clock_that_is_set_back_stops_nothing(watched: Watched) -> None:
    watched.drop(workbook("02"), "a.xlsx")
    watched.wait(3)
    seconds = watched.hands.seconds
    watched.hands.turn(-400 * 24 * 3600)
    watched.hands.seconds = seconds
    assert watched.wait(120) == [DORM]
    watched.drop(workbook("05"), "b.xlsx")
    assert watched.wait(120) == [DORM]


def test_what_was_not_run_before_a_restart_is_run_after_it(tmp_path: Path) -> None:
    with quickly():
        with Watched(tmp_path) as first:
            first.drop(workbook("02"), "a.xlsx")
            assert first.wait(30) == []
        with Watched(tmp_path) as second:
            assert second.wait(70) == [DORM]


def test_watch_and_batch_share_one_workspace(watched: Watched) -> None:
    watched.drop(workbook("02"), "a.xlsx")
    watched.wait(20)
    with Watched(watched.root) as night:
        done = batch(night.unattended)
    assert (done.tally.ran, done.exit_code) == (1, 0)
    assert watched.wait(300) == [], "the night was quicker"
    assert len(list(watched.unattended.workspace.out.iterdir())) == 1
    assert runs.history(watched.unattended.ledger, 1)[0].command == "batch"


def test_what_somebody_withdraws_beside_a_running_watch_is_seen(watched: Watched) -> None:
    watched.drop(workbook("02"), "02.xlsx")
    watched.drop(workbook("05"), "05.xlsx")
    assert watched.wait(QUIET * 2) == [DORM]
    state.withdraw(watched.root / "ws", DORM, "05.xlsx", "投错", watched.hands.clock)
    assert watched.wait(QUIET * 2) == [DORM]
    state.withdraw(watched.root / "ws", DORM, "02.xlsx", "投错", watched.hands.clock)
    assert watched.wait(QUIET * 2) == []
    assert projects.remembered(watched.unattended.ledger) == []
    assert not (watched.share / DORM).exists()


def test_a_second_watch_is_refused(watched: Watched) -> None:
    options, settings = watched.unattended.options, watched.unattended.settings
    with (
        watching.alone(options, settings),
        pytest.raises(Busy, match="另一个 watch 正在运行"),
        watching.alone(options, settings),
    ):
        pass


def test_a_night_in_which_nothing_changed_runs_nothing(watched: Watched) -> None:
    watched.drop(workbook("02"), "a.xlsx")
    first = batch(watched.unattended)
    again = batch(watched.unattended)
    assert (first.tally.ran, again.tally.ran, again.tally.skipped) == (1, 0, 1)
    assert batch(watched.unattended, full=True).tally.ran == 1
    decision = projects.decision(watched.unattended.ledger, DORM)
    assert decision is not None
    assert decision.reasons == ("要求全部重做(--full)",)


def test_the_ticks_come_by_the_clock_or_sooner(tmp_path: Path) -> None:
    slept: list[float] = []
    ticks = watching.pauses_by_clock(slept.append, 3)
    assert [next(ticks), next(ticks), next(ticks)] == [None] * 3
    assert slept == [3, 3]
    events = watching.pauses_by_events(tmp_path / "gone", slept.append, 3)
    assert [next(events), next(events)] == [None, None]
    assert slept == [3, 3, 3], "where the system tells nothing, the clock does"


# -- beside a run ----------------------------------------------------------------------------------------------------


@dataclass
class SlowRun:
    """A worker that is done when the watch has looked often enough; `at` says what happens before each look."""

    watched: Watched
    looks: int
    at: dict[int, Callable[[], object]]
    seen: int = 0
    _running: list[tuple[Future[Any], Job]] = field(default_factory=list)

    @contextmanager
    def engine(self, count: int) -> Iterator[Callable[[Job], Future[Any]]]:
        def submit(job: Job) -> Future[Any]:
            future: Future[Any] = Future()
            self._running.append((future, job))
            return future

        yield submit

    def take(self, *, wait: bool = True) -> RoundResult:
        if self._running:
            self.seen += 1
            self.at.get(self.seen, lambda: None)()
            self.watched.hands.turn(STABLE)
        round_result = Unattended.take(self.watched.unattended, wait=wait)
        while self._running and self.seen >= self.looks:
            future, job = self._running.pop()
            future.set_result(pool.work(job))
            self.seen = 0
        return round_result

    def install(self, patch: pytest.MonkeyPatch) -> None:
        patch.setattr(executor, "_LOOK_UP_S", 0.001)
        patch.setattr(self.watched.unattended.executor, "engine", self.engine)
        patch.setattr(self.watched.unattended, "take", self.take)


def test_what_is_handed_in_while_a_project_runs_is_answered_before_it_ends(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered: list[list[str]] = []

    def look() -> None:
        answered.append([path.name for path in (watched.inbox / "退回").rglob("*.txt")])

    drop = {1: lambda: watched.drop(b"<html>", "坏.xlsx"), 6: look}
    SlowRun(watched, 6, drop).install(monkeypatch)
    watched.drop(workbook("02"), "02.xlsx")
    watched.wait(3 * QUIET)
    assert answered[0], "the reason lies there while the project is still running"
    assert len(watched.runs()) == 1


def test_a_new_version_that_comes_while_its_project_runs_is_run_after_it(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    SlowRun(watched, 6, {1: lambda: watched.drop(workbook("03"), "03.xlsx")}).install(monkeypatch)
    watched.drop(workbook("02"), "02.xlsx")
    ran = watched.wait(3 * QUIET)
    assert [one.slot for one in inputs.current(watched.unattended.ledger, DORM)] == ["cost", "plan"]
    assert ran + watched.wait(3 * QUIET) == [DORM, DORM]


def test_an_inbox_that_somebody_else_uses_is_not_waited_for(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever confirms a file holds the inbox and waits for the project that we hold."""
    with locked(watched.unattended.workspace.locks, "inbox"):
        with pytest.raises(Busy):
            watched.unattended.take(wait=False)
        watched.watch._take_beside("运行 1 个项目")
