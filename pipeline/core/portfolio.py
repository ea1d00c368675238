"""All projects at a glance: what page, daily report and digest mail show. Made by `derive.portfolio`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Protocol

from pipeline.core.documents import Document, Pack
from pipeline.core.entries import Awaited
from pipeline.core.facts import Facts
from pipeline.core.findings import Finding
from pipeline.core.stages import Coverage


class Known(Protocol):
    """A project as the ledger remembers it."""

    @property
    def code(self) -> str: ...  # noqa: D102
    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def facts(self) -> Facts | None: ...  # noqa: D102
    @property
    def findings(self) -> tuple[Finding, ...]: ...  # noqa: D102
    @property
    def documents(self) -> tuple[Document, ...]: ...  # noqa: D102
    @property
    def packs(self) -> tuple[Pack, ...]: ...  # noqa: D102
    @property
    def ran_at(self) -> datetime: ...  # noqa: D102
    @property
    def published(self) -> Path | None: ...  # noqa: D102
    @property
    def archived(self) -> bool: ...  # noqa: D102
    @property
    def failure(self) -> str: ...  # noqa: D102


def projects_of(finding: Finding) -> tuple[str, ...]:
    """Codes of the projects that a finding of the portfolio speaks of, the one with its cell first."""
    return tuple(filter(None, finding.values.get("projects", "").split("、")))


class Returned(Protocol):
    """A file that was returned to its sender.

    Attributes:
        department: folder it came from; empty where there is none.
        name: as it was dropped.
        reason: in Chinese, with the remedy.
        at: when, UTC.
    """

    @property
    def department(self) -> str: ...  # noqa: D102
    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def reason(self) -> str: ...  # noqa: D102
    @property
    def at(self) -> datetime: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Night:
    """What the run did, by project code; and the files it returned, the newest first."""

    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    returned: tuple[Returned, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """A file of a project.

    Attributes:
        folder: sub-folder of the project it lies in: 待签, 文档 ...; empty: the project's own.
        name: file or folder name.
        href: address relative to the folder of the page, quoted.
    """

    folder: str
    name: str
    href: str


@dataclass(frozen=True, slots=True)
class Line:
    """One project as people see it; where it is secret (`masked`), nothing but code, state and counts.

    Attributes:
        amount: contract amount in yuan: as signed, else as planned; `cost` the planned total.
        status: errors, warnings or ok.
        findings: its own and those of the portfolio that name it, open before pending.
        hidden: findings that are counted but not shown, because a secret project is in them.
        change: 新增, 变更 or empty: what the night did to it.
        stage: current stage of the plan and its planned end, in words; empty where no stage is open.
        since: day of the newest step that is done: since then its next gate is waited for.
        failure: why the last run could not be finished.
    """

    code: str
    name: str = ""
    customer: str = ""
    project_class: str = ""
    pm: str = ""
    state: str = ""
    next_gate: str = ""
    missing: tuple[str, ...] = ()
    awaited: tuple[Awaited, ...] = ()
    amount: Decimal | None = None
    cost: Decimal | None = None
    status: str = "ok"
    errors: int = 0
    warnings: int = 0
    pending: int = 0
    findings: tuple[Finding, ...] = ()
    hidden: int = 0
    masked: bool = False
    ended: bool = False
    change: str = ""
    stage: str = ""
    since: date | None = None
    ran_at: datetime | None = None
    failure: str = ""
    published: Path | None = None


@dataclass(frozen=True, slots=True)
class Week:
    """The fullest day of a week: the peak, the projects that take part, and whether it is more than there is."""

    peak: Decimal = Decimal(0)
    projects: tuple[str, ...] = ()
    over: bool = False


@dataclass(frozen=True, slots=True)
class Load:
    """Somebody or something over the weeks of the portfolio.

    Attributes:
        key: employee or asset number.
        group: department; of equipment the one that keeps it.
        most: what there is: 100 per cent, or pieces.
    """

    key: str
    name: str
    group: str
    most: Decimal
    weeks: tuple[Week, ...] = ()

    @property
    def over(self) -> bool:
        """More is wanted than there is, in one week at least."""
        return any(week.over for week in self.weeks)


_SHADES = (25, 50, 75, 100)  # per cent of what there is, up to which a shade goes


def shade(week: Week, load: Load) -> int:
    """How full a week is, from 0 (nothing) to 4 (full); 5 for more than there is."""
    if week.over:
        return len(_SHADES) + 1
    if not week.peak:
        return 0
    share = week.peak / load.most * 100
    return next((number for number, most in enumerate(_SHADES, 1) if share <= most), len(_SHADES))


@dataclass(frozen=True, slots=True)
class Late:
    """Something that should have been done: 行动项, 评审问题 or 计划阶段 (`kind`); `days` late, in calendar days."""

    code: str
    kind: str
    no: str
    text: str
    owner: str
    due: date
    days: int
    status: str = ""


@dataclass(frozen=True, slots=True)
class Expiring:
    """An archive whose retention ends soon."""

    code: str
    name: str
    archived: date
    until: date
    days: int


@dataclass(frozen=True, slots=True)
class MonthSum:
    """Contracts and costs of a month in yuan: signed, planned to be signed, planned cost."""

    month: str
    signed: Decimal = Decimal(0)
    planned: Decimal = Decimal(0)
    cost: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class RuleCount:
    """How often a rule is hit in how many projects; errors and warnings that are due."""

    code: str
    text: str
    severity: str
    hits: int
    projects: int


@dataclass(frozen=True, slots=True)
class HitRate:
    """Bids won and lost; `rate` in per cent with one decimal, None while nothing is decided."""

    won: int = 0
    lost: int = 0
    open: int = 0
    rate: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure over projects: of which kind, of whom or what, and what it is made of.

    Attributes:
        amount: it is money, or tells how much some is.
        code: of the project, where it is about one.
    """

    kind: str
    name: str
    value: str
    basis: str
    amount: bool = False
    code: str = ""


@dataclass(frozen=True, slots=True)
class Advance:
    """How far a project has come in the stages of the sibling procedures."""

    code: str
    name: str
    models: tuple[Coverage, ...]


@dataclass(frozen=True)
class Portfolio:
    """Everything that is shown of all projects.

    Attributes:
        weeks: Mondays of the weeks of `people` and `equipment`.
        states: number of projects by state, in the order of the procedure.
        rules: the most frequent first.
        findings: of the portfolio, those about secret projects left out.
        masked: codes of the secret projects.
        advances: of the projects that keep a workbook of the sibling procedures, but for the secret ones.
        measures: what the sibling procedures count, in the order in which it is shown.
        signed_total: signed contracts in yuan; `contract_total` with those that are only planned.
    """

    as_of: date
    lines: tuple[Line, ...] = ()
    weeks: tuple[date, ...] = ()
    people: tuple[Load, ...] = ()
    equipment: tuple[Load, ...] = ()
    states: tuple[tuple[str, int], ...] = ()
    rules: tuple[RuleCount, ...] = ()
    months: tuple[MonthSum, ...] = ()
    late: tuple[Late, ...] = ()
    expiring: tuple[Expiring, ...] = ()
    hit_rate: HitRate = HitRate()
    findings: tuple[Finding, ...] = ()
    masked: frozenset[str] = frozenset()
    night: Night = Night()
    signed_total: Decimal = Decimal(0)
    contract_total: Decimal = Decimal(0)
    advances: tuple[Advance, ...] = ()
    measures: tuple[Measure, ...] = ()


@dataclass(frozen=True)
class PortfolioResult:
    """What `make_portfolio` made.

    Attributes:
        findings: of the portfolio, all of them.
        page: the status page; without amounts unless they were asked for.
        reports: the daily report as DOCX, PDF and XLSX, with amounts.
        portfolio: what they show.
    """

    findings: tuple[Finding, ...]
    page: Path
    reports: tuple[Path, ...]
    portfolio: Portfolio

    @property
    def files(self) -> tuple[Path, ...]:
        """Everything that was written."""
        return (self.page, *self.reports)
