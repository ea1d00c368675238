"""What the tables are made from: projects as a ledger or a run knows them, letters, names of workbook 00."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from pipeline.core.company import Company
from pipeline.core.documents import Document
from pipeline.core.facts import Facts
from pipeline.core.findings import Comparison, Finding
from pipeline.derive.worklog import Log


@dataclass(frozen=True)
class Told:
    """A project.

    Attributes:
        facts: None when nothing could be derived.
        documents: none where nothing was built.
        failure: why its last run was not finished; empty when all is well.
        ran_at: end of that run; None where the project was only looked at.
        frozen: archived, nothing is built any more.
    """

    code: str
    name: str
    as_of: date
    facts: Facts | None
    status: str = "ok"
    findings: tuple[Finding, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    documents: tuple[Document, ...] = ()
    failure: str = ""
    ran_at: datetime | None = None
    frozen: bool = False

    @property
    def secret(self) -> bool:
        """It is secret, or nobody can tell whether it is."""
        return self.facts is None or self.facts.entries.secret


@dataclass(frozen=True)
class Post:
    """A letter; `state` in Chinese, times aware, `about` the project or what else it is about."""

    about: str
    number: int
    who: str
    recipient: str
    state: str
    made_at: datetime
    sent_at: datetime | None
    attempts: int


@dataclass(frozen=True)
class Names:
    """Names that only workbook 00 knows: of accounts by number, of people by employee number."""

    accounts: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Source:
    """Everything that is told; `company` is workbook 00, where there is one, `logs` the workbooks 10 beside it."""

    projects: tuple[Told, ...]
    letters: tuple[Post, ...] = ()
    names: Names = Names()
    logs: tuple[Log, ...] = ()
    company: Company | None = None


@dataclass(frozen=True)
class Wish:
    """What may be in the tables: amounts, and secret projects."""

    amounts: bool = False
    secret: bool = False
