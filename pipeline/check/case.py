"""What a check is given, and how it says what it found."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from pipeline.core.company import Company
from pipeline.core.errors import DefinitionError
from pipeline.core.facts import Facts
from pipeline.core.findings import Finding, Rule
from pipeline.core.money import plain, yuan
from pipeline.core.places import Place
from pipeline.core.sheets import Project, Record
from pipeline.definitions.forms import Form
from pipeline.derive.managers import Manager, managers, relieved


@dataclass(frozen=True)
class Case:
    """One project before its judges.

    Attributes:
        project: the workbooks, with formula values worked out where they were missing (`derive.settle`).
        company: workbook 00.
        facts: what was derived.
        forms: form definitions by key.
        rules: the catalogue by code.
        walked: the filled cells by workbook, kept by `cells` for the next rule that walks over them.
    """

    project: Project
    company: Company
    facts: Facts
    forms: Mapping[str, Form]
    rules: Mapping[str, Rule]
    walked: dict[str, tuple[Any, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def as_of(self) -> date:
        """Today, as a parameter."""
        return self.facts.as_of

    def parameter(self, key: str) -> Decimal:
        """Threshold of workbook 00 on the project's business date."""
        return self.company.parameter(key, self.facts.business_date)

    def text_parameter(self, key: str) -> str:
        """Textual parameter of workbook 00 on the project's business date."""
        return self.company.text_parameter(key, self.facts.business_date)

    def pattern(self, key: str) -> re.Pattern[str]:
        """Regular expression of workbook 00 on the project's business date, for whole texts.

        Raises:
            DefinitionError: the parameter is no regular expression.
        """
        text = self.text_parameter(key).removeprefix("^").removesuffix("$")
        try:
            return re.compile(text)
        except re.error as error:
            book = self.company.book.path
            raise DefinitionError(f"{book}:参数 {key} 不是正则表达式(no regular expression): {error}") from error

    def finding(
        self, code: str, at: Place, related: Iterable[Place] = (), /, *, pending: bool = False, **values: object
    ) -> Finding:
        """Make a finding; values become text by `shown` (one of them may be called `code`)."""
        texts = {key: shown(value) for key, value in values.items()}
        others = tuple(dict.fromkeys(place for place in related if place != at))
        return Finding(self.rules[code], at, others, texts, pending)

    @cached_property
    def managers(self) -> tuple[Manager, ...]:
        """The project managers in their order."""
        return managers(self.project, self.company)

    @cached_property
    def relieved(self) -> Mapping[str, Record]:
        """Whose work went to another, with the change that says so."""
        return relieved(self.project, self.company)

    def item(self, no: str) -> Record | None:
        """Row of a survey item."""
        return self.project.sheet("survey", "items").find("no", no)


def shown(value: object) -> str:
    """Text of a value inside a message: numbers without needless zeros, dates as 2026-03-05."""
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, date):
        return value.isoformat()[:10]
    return "" if value is None else str(value)


def money(value: Decimal) -> str:
    """Amount inside a message: 1,234.50."""
    return yuan(value)


def limit(value: Decimal) -> str:
    """A round threshold as people say it: 1万元, 10万元, else yuan."""
    return f"{plain(value / 10000)}万元" if value and value % 1000 == 0 and value >= 10000 else f"{plain(value)}元"
