"""The folders of one watch that runs as the command runs it, with a clock that is turned by hand."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.service import unattended as hearts
from pipeline.service import watch as watching
from pipeline.service.unattended import Options
from pipeline.settings import Settings
from pipeline.workspace import inputs, projects
from pipeline.workspace.ledger import open_ledger
from tests.cases import AS_OF, DORM
from tests.service.quick import quickly
from tests.service.stage import STABLE, Hands, master

TICK, QUIET = 10.0, 30.0


@dataclass
class Site:
    """Folders of one watch, and what happens at each of its ticks."""

    root: Path
    hands: Hands = field(default_factory=Hands)
    slept: list[float] = field(default_factory=list)
    tick: float = TICK
    renewal: watching.Renewal | None = None

    def __post_init__(self) -> None:
        self.inbox, self.ws = self.root / "inbox", self.root / "ws"
        shutil.copy(master(), self.root / "00.xlsx")
        self.options = Options(self.inbox, self.ws, self.root / "00.xlsx", AS_OF, jobs=0, pdf=False, stable_s=STABLE)
        self.settings = Settings(publish_dir=str(self.root / "share"), quiet_s=int(QUIET))

    def drop(self, source: Path | bytes, name: str) -> None:
        self.inbox.mkdir(exist_ok=True)
        (self.inbox / name).write_bytes(source if isinstance(source, bytes) else source.read_bytes())

    def watch(self, ticks: int = 12, at: dict[int, Callable[[], object]] | None = None) -> None:
        """Run the real loop for so many ticks; `at` says what happens before a tick, counted over all beginnings."""
        count = 0

        def sleep(seconds: float) -> None:
            self.slept.append(seconds)
            if len(self.slept) > 50:
                raise AssertionError("it waits for ever")
            for happens in self.while_asleep:
                happens()
            self.hands.turn(seconds)

        def pauses() -> Iterator[None]:
            nonlocal count
            while count < ticks:
                count += 1
                (at or {}).get(count, lambda: None)()
                yield
                self.hands.turn(self.tick)

        clock = hearts.Clock(lambda: self.hands.wall, lambda: self.hands.seconds, sleep)
        with quickly(), watching.alone(self.options, self.settings):
            watching.keep_watching(self.options, self.settings, clock, pauses, self.renewal)

    while_asleep: list[Callable[[], object]] = field(default_factory=list)

    def ran(self) -> list[str]:
        ledger = open_ledger(self.ws)
        try:
            return [one.code for one in projects.remembered(ledger)]
        finally:
            ledger.close()

    def slots(self) -> list[str]:
        ledger = open_ledger(self.ws)
        try:
            return [one.slot for one in inputs.current(ledger, DORM)]
        finally:
            ledger.close()
