"""What a person must look at, and the figures that must agree. Findings are returned, never raised."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from pipeline.core.places import Place
from pipeline.core.texts import on_paper


class Severity(StrEnum):
    """How much a finding weighs: an error stops the documents, a warning stands on their first page."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


SEVERITIES = {Severity.ERROR: "错误", Severity.WARNING: "警告", Severity.INFO: "提示"}


class LooksAt(StrEnum):
    """What of today a rule looks at, so that it may answer differently tomorrow though no file has changed."""

    TYPED = "typed"
    """Whether a day of the workbooks has come, or has passed."""
    HORIZON = "horizon"
    """Whether a day lies too far ahead to be believed (`pipeline.core.horizon`)."""
    GAP = "gap"
    """How many working days ago the customer was visited last, or the contract was signed."""
    MASTER = "master"
    """Who works here, which departments there are and who may approve, as workbook 00 has it on a day."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the catalogue.

    Attributes:
        code: for ever the same.
        clause: clause of Q/DY 03.2-2002 or other source.
        zh: message in Chinese with named placeholders.
        en: the same in English.
        remedy: what to do, in Chinese.
        remedy_en: the same in English.
        scope: field, workbook, project or portfolio.
        workbooks: forms whose cells it looks at.
        looks_at: what of today it looks at; empty: it answers the same on every day. Thresholds are not of today, but
            of the business day.
        firm: no approved deviation turns it into a warning: what it is about can be mended, or contradicts itself.
        since: day from which the program knows it; None: from the beginning.
        of_company: it is mended in workbook 00, wherever its cell is.
    """

    code: str
    severity: Severity
    clause: str
    zh: str
    en: str
    remedy: str
    remedy_en: str
    scope: str
    workbooks: tuple[str, ...]
    looks_at: tuple[LooksAt, ...] = ()
    firm: bool = False
    since: date | None = None
    of_company: bool = False


@dataclass(frozen=True, slots=True)
class Eased:
    """Why an error is only warned of: an approved deviation, or a record older than the rule. Both languages."""

    zh: str
    en: str
    at: Place | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that hit, at a place.

    Attributes:
        related: other cells that belong to it.
        values: what fills the message, as text; `found` and `expected` where they make sense.
        pending: it belongs to a gate that is not reached yet.
        eased: why it is only warned of though the rule is an error.
    """

    rule: Rule
    at: Place
    related: tuple[Place, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    pending: bool = False
    eased: Eased | None = None

    def message(self, lang: str = "zh") -> str:
        """Word the finding; a missing value is our mistake and raises KeyError naming the rule."""
        text = self._worded(self.rule.en if lang == "en" else self.rule.zh)
        if self.eased is None:
            return text
        return f"{text} [{self.eased.en}]" if lang == "en" else f"{text}〔{self.eased.zh}〕"

    def remedy(self, lang: str = "zh") -> str:
        """Say what to do; of what was let pass nothing is asked any more."""
        if self.eased:
            return "Nothing; it stays on record." if lang == "en" else "不用再改,记录在案。"
        return self._worded(self.rule.remedy_en if lang == "en" else self.rule.remedy)

    def printed(self) -> Finding:
        """The finding worded as an office prints it; what was typed stays as it is."""
        rule = self.rule
        clause = rule.clause.replace(";", "; ")  # a line may end there, and not inside of a number
        return replace(self, rule=replace(rule, zh=on_paper(rule.zh), remedy=on_paper(rule.remedy), clause=clause))

    def ease(self, why: Eased) -> Finding:
        """The same as a warning, with the reason."""
        related = (*self.related, why.at) if why.at and why.at not in (self.at, *self.related) else self.related
        return replace(self, rule=replace(self.rule, severity=Severity.WARNING), related=related, eased=why)

    def _worded(self, template: str) -> str:
        place = {"cell": self.at.cell or "", "sheet": self.at.sheet or "", "row": str(self.at.row or "")}
        try:
            return template.format_map({**place, **self.values})
        except KeyError as error:
            raise KeyError(f"{self.rule.code}: no value for {error}") from error

    @property
    def blocks(self) -> bool:
        """True for an open error: nothing final may be printed."""
        return self.rule.severity is Severity.ERROR and not self.pending


class Verdict(StrEnum):
    """Outcome of a comparison."""

    EQUAL = "equal"
    DIFFERENT = "different"
    UNCHECKED = "unchecked"


VERDICTS = {Verdict.EQUAL: "一致", Verdict.DIFFERENT: "不一致", Verdict.UNCHECKED: "未核对"}


@dataclass(frozen=True, slots=True)
class Side:
    """One of two values that must agree: what it is called, its value and its cells (first the one to show)."""

    label: str
    value: Decimal | str | None
    cells: tuple[Place, ...] = ()
    broken: tuple[Place, ...] = ()

    @property
    def at(self) -> Place | None:
        """The cell to show."""
        return self.cells[0] if self.cells else None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two values that must agree.

    Attributes:
        rule: code of the rule that holds them together.
        subject: what is compared, for people: 设备购置费(工程).
        difference: left less right; None when not numbers or unchecked.
        why: why it was not checked.
        by_line: one of many comparisons inside a table (quantity x price); XCK counts these.
    """

    rule: str
    subject: str
    left: Side
    right: Side
    verdict: Verdict
    difference: Decimal | None = None
    why: str = ""
    by_line: bool = False


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Sort by weight, then open before pending, then place, then rule."""
    weight = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}
    return sorted(findings, key=lambda f: (f.pending, weight[f.rule.severity], f.at.order, f.rule.code))
