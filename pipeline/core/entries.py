"""What the portfolio takes from one project's sheets, with the cells: who, what, when, and until when.

Plain values only, and a default for every field, so that rows written by an older version of the program still load.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pipeline.core.places import Place, Sourced

UNDECIDED = "待定"
SECRET = "秘密"  # noqa: S105  a degree of secrecy


@dataclass(frozen=True, slots=True)
class Stamp:
    """Code and project name on top of a workbook; `at` is the cell of the code."""

    form: str
    code: str
    name: str
    at: Place


@dataclass(frozen=True, slots=True)
class Stay:
    """A row of the staffing plan; both days belong to it.

    Attributes:
        alloc: share of the working time in per cent; None where it cannot be read.
        at: cell of the share.
        emp_at: cell of the employee number.
    """

    emp_no: str
    name: str
    dept: str
    grade: str
    start: date | None
    end: date | None
    alloc: Decimal | None
    at: Place
    emp_at: Place
    scope: str = ""


@dataclass(frozen=True, slots=True)
class Reported:
    """Person-days of presales up to the end of a period, as a report gives them (6.4.9); `at` is their cell."""

    period: str
    end: date
    days: Decimal
    at: Place


@dataclass(frozen=True, slots=True)
class Issue:
    """A problem of the customer, whether it is still open, and how content he was (1 to 5; None: nobody asked)."""

    kind: str
    open: bool
    satisfaction: Decimal | None
    due: date | None
    at: Place


@dataclass(frozen=True, slots=True)
class Request:
    """A request for presales service that somebody was named for; `day` is when he was, else when it was asked."""

    no: str
    engineer: str
    day: date
    at: Place


@dataclass(frozen=True, slots=True)
class Support:
    """A service of technical support that was asked for; both days belong to it, `people` are those who gave it.

    Attributes:
        end: None while it goes on.
        at: cell of the number.
    """

    no: str
    kind: str
    people: tuple[str, ...]
    start: date
    end: date | None
    at: Place


@dataclass(frozen=True, slots=True)
class Loan:
    """A materials row with an asset number; both days belong to it. `at` is the cell of the number."""

    asset_no: str
    name: str
    mode: str
    need_date: date | None
    return_date: date | None
    qty: Decimal | None
    at: Place
    need_at: Place


@dataclass(frozen=True, slots=True)
class Price:
    """A purchased material: unit price in yuan, with tax. `at` is the cell of the price."""

    name: str
    model: str
    unit: str
    unit_price: Decimal
    at: Place


@dataclass(frozen=True, slots=True)
class Due:
    """An action of a meeting (`action`), a review problem (`problem`) or a customer's (`issue`) that is not settled.

    `at` is its due date.
    """

    kind: str
    no: str
    text: str
    owner: str
    due: date
    status: str
    at: Place


@dataclass(frozen=True, slots=True)
class Retention:
    """When the project was archived and until when it is kept; `at` is the cell of the latter."""

    archived: date | None
    until: date | None
    dept: str
    at: Place


@dataclass(frozen=True, slots=True)
class Bid:
    """Outcome of bid or negotiation; `earlier` are those of the rounds before, `earlier_days` the days of these."""

    result: str
    day: date | None
    at: Place
    earlier: tuple[str, ...] = ()
    earlier_days: tuple[date | None, ...] = ()

    @property
    def rounds(self) -> tuple[tuple[str, date | None], ...]:
        """Result and day of each round, the last one last; what was kept without days has the day of the last."""
        days = self.earlier_days or (self.day,) * len(self.earlier)
        return (*zip(self.earlier, days, strict=True), (self.result, self.day))


@dataclass(frozen=True, slots=True)
class Bidder:
    """Somebody whose bid was opened; `price` in yuan, None where it was not read out. `at` is the cell of the name.

    Attributes:
        opened: day of the opening.
        rank: None while nobody knows.
    """

    name: str
    ours: bool
    opened: date | None
    price: Decimal | None
    rank: Decimal | None
    result: str
    at: Place


@dataclass(frozen=True, slots=True)
class StageDates:
    """A stage of the plan; `at` is its code. `actual_end` is None while it is not finished."""

    code: str
    name: str
    start: date | None
    end: date | None
    actual_end: date | None
    at: Place


@dataclass(frozen=True, slots=True)
class Awaited:
    """A signature or record that the next gate waits for.

    Attributes:
        what: the record, in Chinese.
        role: whose turn it is: a department, a role.
        person: name; empty where workbook 00 or the plan name nobody.
        emp_no: employee number of that person.
    """

    what: str
    role: str
    person: str = ""
    emp_no: str = ""


@dataclass(frozen=True, slots=True)
class Filler:
    """Who filled a workbook in, by its first sheet."""

    workbook: str
    emp_no: str
    day: date | None
    at: Place


@dataclass(frozen=True, slots=True)
class Entries:
    """What other projects and the PMO look at.

    Attributes:
        name: project name of the plan.
        customer: customer name of the plan, as typed; `customer_uscc` its credit code.
        secrecy: 普通, 内部 or 秘密; empty while there is no plan.
        contract_no: number on the contract review.
        contract: contract amount of the plan in yuan; `signed` that of the signature.
        plan_sign: planned day of the signature.
        pm: employee number of the project manager: of the notice, before it of the plan.
        appointed: the project manager of the notice alone (rule B405).
        stays: staffing rows, also those that cannot be read wholly.
        loans: materials rows with an asset number.
        prices: purchased materials with a readable price.
        dues: actions and problems that are not settled, those without a day left out.
        fillers: who filled in which workbook.
        notify: names of the departments that the notice of approval goes to.
        receiver: employee number of who takes the handover.
        issues: problems of the customer (workbook 07).
        requests: for presales service, those that somebody was named for (workbook 07).
        reports: person-days of the reports, in the order of their periods.
        bidders: whose bids were opened (workbook 08).
        supports: services of technical support that have begun (workbook 07).
        industry: of the customer, as the survey says.
        spent: cost of presales with labour in yuan, of the closing, before it of the last report.
        mediators: employee numbers of the CXOs that mediate a countersign.
    """

    stamps: tuple[Stamp, ...] = ()
    name: Sourced[str] | None = None
    customer: Sourced[str] | None = None
    customer_uscc: Sourced[str] | None = None
    secrecy: str = ""
    contract_no: Sourced[str] | None = None
    contract: Sourced[Decimal] | None = None
    signed: Sourced[Decimal] | None = None
    plan_sign: Sourced[date] | None = None
    pm: Sourced[str] | None = None
    appointed: Sourced[str] | None = None
    sales_rep: Sourced[str] | None = None
    stays: tuple[Stay, ...] = ()
    loans: tuple[Loan, ...] = ()
    prices: tuple[Price, ...] = ()
    dues: tuple[Due, ...] = ()
    retention: Retention | None = None
    bid: Bid | None = None
    stages: tuple[StageDates, ...] = ()
    awaited: tuple[Awaited, ...] = ()
    fillers: tuple[Filler, ...] = ()
    notify: tuple[str, ...] = ()
    receiver: str = ""
    mediators: tuple[str, ...] = ()
    reports: tuple[Reported, ...] = ()
    issues: tuple[Issue, ...] = ()
    requests: tuple[Request, ...] = ()
    bidders: tuple[Bidder, ...] = ()
    supports: tuple[Support, ...] = ()
    industry: Sourced[str] | None = None
    spent: Sourced[Decimal] | None = None

    @property
    def secret(self) -> bool:
        """Only code, state and counts of the project may be seen by those who see all projects."""
        return self.secrecy == SECRET
