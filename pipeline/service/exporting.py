"""Where the tables for analysis come from: the ledger of a workspace, or folders that are read for the purpose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from pipeline.core.company import Company
from pipeline.core.documents import ProjectResult
from pipeline.core.errors import DefinitionError
from pipeline.core.findings import Comparison
from pipeline.definitions.forms import load_forms
from pipeline.derive.worklog import Log, logs_of
from pipeline.intake.company import find_company, of_people, read_company, read_people
from pipeline.service.post.sending import state_word
from pipeline.service.state import existing
from pipeline.settings import Settings
from pipeline.tables.told import Names, Post, Source, Told
from pipeline.workspace import outbox, projects
from pipeline.workspace.ledger import open_ledger
from pipeline.workspace.outbox import Mail
from pipeline.workspace.projects import Remembered


@dataclass(frozen=True)
class Beside:
    """What workbook 00 and the workbooks 10 beside it say."""

    names: Names = field(default_factory=Names)
    logs: tuple[Log, ...] = ()
    company: Company | None = None


def of_workspace(root: Path, beside: Beside) -> Source:
    """Everything that the ledger of a workspace knows.

    Raises:
        UsageProblem: there is no workspace.
    """
    existing(root)
    with closing(open_ledger(root)) as ledger:
        compared = projects.comparisons(ledger)
        known = tuple(_remembered(one, compared) for one in projects.remembered(ledger))
        letters = tuple(_letter(mail) for mail in outbox.letters(ledger))
    return Source(known, letters, beside.names, beside.logs, beside.company)


def _remembered(one: Remembered, compared: Mapping[str, tuple[Comparison, ...]]) -> Told:
    return Told(
        one.code,
        one.name,
        one.as_of,
        one.facts,
        one.status,
        one.findings,
        compared.get(one.code, ()),
        one.documents,
        one.failure,
        one.ran_at,
        one.archived,
    )


def _letter(mail: Mail) -> Post:
    state, times = state_word(mail.state), (mail.made_at, mail.sent_at)
    return Post(mail.project, mail.id, mail.who, mail.recipient, state, *times, mail.attempts)


def of_results(results: Iterable[ProjectResult], as_of: date, beside: Beside) -> Source:
    """What a run that only looked at folders found."""
    return Source(tuple(_looked_at(one, as_of) for one in results), (), beside.names, beside.logs, beside.company)


def _looked_at(one: ProjectResult, as_of: date) -> Told:
    return Told(one.code, one.name, as_of, one.facts, one.status, one.findings, one.comparisons)


def beside_company(company: Path | None, paths: Iterable[Path], settings: Settings, as_of: date) -> Beside:
    """Workbook 00, names and logs; none where nobody says which workbook 00 counts and none lies near.

    A log that cannot be read is left out; the daily report names it (P533).

    Raises:
        DefinitionError: workbook 00 cannot be used.
    """
    forms, setting = load_forms(), Path(settings.company) if settings.company else None
    try:
        path = find_company(company, paths, setting, forms)
    except DefinitionError:
        if company:
            raise
        return Beside()
    known = read_company(path, forms)
    books, _ = read_people(of_people(path), known, forms)
    today = known.on(as_of)
    return Beside(_names(today), logs_of(books), today)


def _names(company: Company) -> Names:
    accounts = {number: record.text("acc_name") for number, record in company.accounts.items()}
    return Names(accounts, {number: person.name for number, person in company.persons.items()})
