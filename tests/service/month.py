"""Thirty made days of the service in one process: a watch by day, a night, real letters to a server on loopback.

Workbooks are the samples' under many hashes; a run takes milliseconds and finds an error where a name says so.
"""

from __future__ import annotations

import email
import email.policy
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.core.company import Company
from pipeline.core.documents import ProjectResult
from pipeline.core.entries import Awaited, Entries
from pipeline.core.errors import DefinitionError
from pipeline.core.findings import Finding
from pipeline.core.places import Place, Sourced
from pipeline.definitions.catalogue import load_catalogue
from pipeline.definitions.forms import Form, load_forms
from pipeline.definitions.procedure import load_procedure
from pipeline.intake.workbooks import open_file
from pipeline.project_run import Job, pool
from pipeline.service import unattended as services
from pipeline.service.arrivals import recognise
from pipeline.service.batch import BatchResult, batch
from pipeline.service.post.sections import digest
from pipeline.service.unattended import Options, unattended
from pipeline.service.watch import Watch
from pipeline.settings import Settings
from tests.mastered import mastered
from tests.service.posting import settings_for
from tests.service.quick import quick_run
from tests.service.stage import STABLE, Hands, company, master, workbook
from tests.smtp_server import Running

FIRST = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
TICK, QUIET = 20.0, 30
WRONG = b"wrong"
SALES = "E103"  # hands everything in
SIGNING = ("网络产品部", "网络工程部")


@dataclass(frozen=True)
class Told:
    """One letter: the day on which it came, to whom, and what it says; a hash of what was enclosed."""

    day: int
    to: str
    subject: str
    text: str
    enclosed: str = ""


@dataclass(frozen=True)
class _Case:
    """What edits of workbook 00 want to see."""

    company: Company
    forms: dict[str, Form]
    as_of: date


@dataclass
class Month:
    """The company, its share and its server.

    Attributes:
        company: workbook 00 as it is now; None: it cannot be read.
    """

    root: Path
    running: Running
    patch: pytest.MonkeyPatch
    hands: Hands = field(default_factory=lambda: Hands(FIRST))
    company: Company | None = field(default_factory=company)
    day: int = 1
    told: list[Told] = field(default_factory=list)
    nights: list[BatchResult] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.inbox, self.share, self.ws = (self.root / name for name in ("inbox", "share", "ws"))
        self.inbox.mkdir()
        shutil.copy(master(), self.root / "00.xlsx")
        self.patch.setattr(pool, "run_project", self._run)
        self.patch.setattr(recognise, "open_file", self._opened)
        self.patch.setattr(services, "read_company", lambda *_: self._read())

    # -- what happens -------------------------------------------------------------------------------------------------

    def drop(self, number: str, mark: bytes = b"", code: str = "LY-SQ-2026-015", name: str = "") -> None:
        """Hand in a sample's workbook; what stands behind its end makes it another content."""
        source = workbook(number, code)
        (self.inbox / (name or source.name)).write_bytes(source.read_bytes() + b"|" + mark)

    def people(self, sheet: str, where: dict[str, str], said: dict[str, object], *more: dict[str, object]) -> None:
        """A new workbook 00, with other values in some rows, and with more rows."""
        assert self.company
        case = _Case(self.company, dict(load_forms()), self.hands.wall.date())
        self.company = mastered(sheet, (where, said), more=more)(case).company  # type: ignore[arg-type]
        self.touch()

    def touch(self) -> None:
        """Workbook 00 was saved."""
        with (self.root / "00.xlsx").open("ab") as book:
            book.write(b"\n")

    def live(self, days: int = 1, after_hours: Callable[[], object] = lambda: None) -> None:
        """Some days: a watch from nine o'clock on, and its night."""
        for _ in range(days):
            with unattended(self._options(), self._settings(), self.hands.clock) as alive:
                watch = Watch(alive, QUIET)
                for _ in range(8):
                    watch.step()
                    self.hands.turn(TICK)
                self._collect()
            after_hours()
            midnight = FIRST + timedelta(days=self.day)
            self.hands.turn((midnight.replace(hour=2, minute=30) - self.hands.wall).total_seconds())
            self.night()
            self.day += 1
            self.hands.turn((midnight - self.hands.wall).total_seconds())

    def night(self) -> None:
        """One batch, unless workbook 00 cannot be read."""
        try:
            with unattended(self._options(), self._settings(), self.hands.clock) as alive:
                self.nights.append(batch(alive))
        except DefinitionError:
            assert self.company is None
        self._collect()

    # -- what it is made of -------------------------------------------------------------------------------------------

    def _options(self) -> Options:
        return Options(self.inbox, self.ws, self.root / "00.xlsx", jobs=0, pdf=False, mail=True, stable_s=STABLE)

    def _settings(self) -> Settings:
        changes = {"publish_dir": str(self.share), "mail_pmo": "pmo@lanyu.example", "quiet_s": QUIET}
        return settings_for(self.running, **changes, mail_quiet_s=0, mail_per_minute=1000, mail_daily_cap=1000)

    def _collect(self) -> None:
        for one in self.running.taken[len(self.told) :]:
            message = email.message_from_bytes(one.content, policy=email.policy.default)
            text = str(message.get_body(("plain",)).get_content())  # type: ignore[union-attr]
            enclosed = digest([str(part.get_payload()) for part in message.iter_attachments()])
            self.told.append(Told(self.day, one.recipients[0], str(message["Subject"]), text, enclosed))

    def _read(self) -> Company:
        if self.company is None:
            raise DefinitionError("00 读不出来")
        return self.company

    @staticmethod
    def _opened(path: Path, forms: object) -> object:
        """The sample that a content was made of, read once."""
        content = path.read_bytes().rpartition(b"|")[0]
        if not content:
            return open_file(path, forms)  # type: ignore[arg-type]
        return _sample(content)

    def _run(self, job: Job, office: object = None) -> ProjectResult:
        made = quick_run(job, office)
        label = load_procedure().steps["countersign"].label
        assert made.facts
        facts = replace(made.facts, next_gate=label, said=digest(dict(made.hashes)), entries=self._entries())
        wrong = [path for path in sorted(job.path.rglob("*.xlsx")) if path.read_bytes().endswith(WRONG)]
        rule = load_catalogue()["X203"]
        findings = tuple(
            Finding(
                rule,
                Place(path.name, "汇总", "K21"),
                (),
                dict.fromkeys(("scope", "a", "b", "d", "found", "expected"), "1"),
            )
            for path in wrong
        )
        documents, packs = ((), ()) if wrong else (made.documents, ())
        return replace(made, facts=facts, findings=findings, documents=documents, packs=packs)

    def _entries(self) -> Entries:
        known = self._read().on(self.hands.wall.date())
        heads = [(name, found.head) for name in SIGNING if (found := known.department_named(name))]
        sales = Sourced(SALES, Place("02.xlsx"))
        return Entries(
            sales_rep=sales, awaited=tuple(Awaited("会签", name, known.name_of(no), no) for name, no in heads)
        )


_OPENED: dict[bytes, object] = {}


def _sample(content: bytes) -> object:
    if content not in _OPENED:
        found = next(p for p in master().parent.parent.rglob("0[1-6]_*.xlsx") if p.read_bytes() == content)
        _OPENED[content] = open_file(found, load_forms())
    return _OPENED[content]


def table(told: list[Told]) -> str:
    """Who was told what and when, a line a letter."""
    return "\n".join(f"{one.day:2}  {one.to:28} {one.subject}" for one in told)
