"""A small stage for the inbox: a workspace, an inbox, a clock that is turned by hand, and sample workbooks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

from pipeline.core.company import Company
from pipeline.definitions.forms import load_forms
from pipeline.intake.company import read_company
from pipeline.service.arrivals.names import RETURNED, TAKEN
from pipeline.service.arrivals.recognise import Surroundings
from pipeline.service.arrivals.settling import Ripeness
from pipeline.service.arrivals.taking import Intake, RoundResult
from pipeline.service.clock import Clock
from pipeline.workspace.layout import Workspace
from pipeline.workspace.ledger import open_ledger
from tests.cases import DORM, ROOT, TV
from tests.e2e.built import shared

SAMPLES = {DORM: ROOT / "samples" / DORM, TV: ROOT / "samples" / TV}
STABLE = 5.0


@dataclass
class Hands:
    """A clock that only moves when it is told to; what sleeps on it moves it."""

    wall: datetime = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    seconds: float = 1000.0
    asleep: list[Callable[[], None]] = field(default_factory=list)

    def turn(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.seconds += seconds

    @property
    def clock(self) -> Clock:
        return Clock(lambda: self.wall, lambda: self.seconds, self.turn)


@cache
def company() -> Company:
    return read_company(master(), load_forms())


def master() -> Path:
    return next(SAMPLES[DORM].glob("00_*.xlsx"))


def workbook(number: str, code: str = DORM) -> Path:
    """A sample workbook by its number."""
    return next(SAMPLES[code].glob(f"{number}_*.xlsx"))


def known(**more: object) -> Surroundings:
    return Surroundings(load_forms(), company(), date(2026, 11, 23), **more)  # type: ignore[arg-type]


def _share(cache: Path) -> None:
    """What one test converted or drew need not be made again by another one of this run."""
    common = shared() / "cache"
    common.mkdir(exist_ok=True)
    if not cache.is_symlink():
        cache.rmdir()
        cache.symlink_to(common)


@dataclass
class Stage:
    """Everything that one test of the inbox needs."""

    root: Path
    hands: Hands = field(default_factory=Hands)

    def __post_init__(self) -> None:
        self.inbox = self.root / "inbox"
        self.inbox.mkdir(exist_ok=True)
        self.workspace = Workspace(self.root / "ws")
        self.workspace.make()
        _share(self.workspace.cache)
        self.ledger = open_ledger(self.workspace.root)
        self.start()

    def start(self) -> None:
        """A fresh process on the same folders."""
        self.intake = Intake(self.inbox, self.workspace, self.ledger, self.hands.clock, Ripeness(STABLE))

    def drop(self, source: Path | bytes, name: str) -> Path:
        """Put a file into the inbox as a person would."""
        target = self.inbox / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(source if isinstance(source, bytes) else source.read_bytes())
        return target

    def round(self, **more: object) -> RoundResult:
        return self.intake.round(known(**more))

    def settle(self, **more: object) -> RoundResult:
        """Look, wait until everything stands still, look again."""
        self.round(**more)
        self.hands.turn(STABLE)
        return self.round(**more)

    def files(self, folder: Path | None = None) -> list[str]:
        """Every file in the inbox, by its path."""
        top = folder or self.inbox
        return sorted(str(p.relative_to(top)) for p in top.rglob("*") if not p.is_dir() or p.is_symlink())

    def taken(self) -> list[str]:
        return [name for name in self.files() if TAKEN in name]

    def returned(self) -> list[str]:
        return [name for name in self.files() if RETURNED in name]
