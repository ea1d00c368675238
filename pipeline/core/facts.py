"""What was found out about a project: figures with their cells, class and why, state, next gate, what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from pipeline.core.entries import Entries
from pipeline.core.figures import FIGURES, Key, UnknownFigure, Unplaced, checked
from pipeline.core.places import Derived, Place, Sourced
from pipeline.core.procedure import Answer
from pipeline.core.stages import Coverage


@dataclass(frozen=True, slots=True)
class SurveyFacts:
    """Counts over the 114 survey items; rates in per cent with two decimals (rule W101)."""

    items: int
    clear: int
    unclear: int
    not_applicable: int
    blank: int
    completeness: Decimal
    clear_rate: Decimal
    version: str
    version_date: date | None


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """A survey item as it counts: the status that follows where staff typed none, the date that follows."""

    no: str
    applies: bool
    status: str
    updated: date | None
    at: Place


@dataclass(frozen=True, slots=True)
class View:
    """What a document speaks of: plan and survey of some version, and what had happened up to a day.

    Attributes:
        day: last day that it knows of; None: everything that is recorded.
        plan: version of the plan that counts; empty while there was none.
        survey: version of the survey that counts; empty while there was none.
        planned: it is of the plan itself: nothing that was done since stands in it.
        asks: step that is only asked for; empty: none.
        current: the plan of this version is the one in the workbooks.
    """

    day: date | None = None
    plan: str = ""
    survey: str = ""
    planned: bool = False
    asks: str = ""
    current: bool = True


NOW = View()


# Tests of clause 4.2 in the order of `Facts.class_reasons`.
CLASS_TESTS = ("amount", "mature_case", "rd_modify")


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything `derive` found; documents, checks and the portfolio read it.

    Attributes:
        business_date: the day whose thresholds count: last plan revision, else plan, else survey version, else as_of.
        state: state of domain 0.3, derived.
        next_gate: name of the next gate.
        missing: what the next gate still wants, in Chinese.
        project_class: class under 4.2 with the cells that decided; None while they cannot be read.
        class_because: keys of the tests that hit, of `CLASS_TESTS`.
        class_reasons: one sentence for each of the three tests, hit or not.
        figures: sums by key, see `pipeline.core.figures`; amounts in yuan, days in person-days.
        unplaced: cells of rows that belong to no group, for what is blank or unknown there.
        survey: counts; None without a survey.
        items: survey items by number.
        countersigners: names of the departments that must countersign.
        reviewers: names of the departments that must review the contract.
        steps: what is known of every step of the procedure, by its key, in order.
        next_turn: first day after as_of on which findings may differ though no file has changed; None: never.
        stages: how far it has come in the stages of the sibling procedures; empty without one of their workbooks.
        said: hash of all values and attachments that staff gave (`pipeline.derive.facts`).
        entries: names, people, equipment, prices and days that the portfolio compares with other projects.
    """

    code: str
    name: str
    as_of: date
    business_date: date
    state: str
    next_gate: str
    missing: tuple[str, ...]
    project_class: Derived[str] | None = None
    class_because: tuple[str, ...] = ()
    class_reasons: tuple[str, ...] = ()
    figures: Mapping[Key, Derived[Decimal]] = field(default_factory=dict)
    unplaced: tuple[Unplaced, ...] = ()
    survey: SurveyFacts | None = None
    items: Mapping[str, ItemFacts] = field(default_factory=dict)
    countersigners: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    steps: Mapping[str, Answer] = field(default_factory=dict)
    next_turn: date | None = None
    entries: Entries = field(default_factory=Entries)
    said: str = ""
    stages: tuple[Coverage, ...] = ()

    @property
    def passed(self) -> tuple[str, ...]:
        """Keys of the gates that want nothing any more, done or not needed."""
        return tuple(key for key, answer in self.steps.items() if answer.passed)

    @property
    def days(self) -> tuple[tuple[str, Sourced[date]], ...]:
        """The days of the procedure that must not run backwards (G318), by name, in its order."""
        return tuple(day for answer in self.steps.values() for day in answer.ordered)

    def day(self, step: str) -> Sourced[date] | None:
        """When a step was done."""
        answer = self.steps.get(step)
        return answer.day if answer else None

    def figure(self, *key: str) -> Derived[Decimal]:
        """A sum by its key.

        Raises:
            UnknownFigure: there is no such figure, or nothing was added; see `figure_or_none`, `figure_or_zero`.
        """
        found = self.figure_or_none(*key)
        if found is None:
            raise UnknownFigure(f"nothing was added under {key}")
        return found

    def figure_or_none(self, *key: str) -> Derived[Decimal] | None:
        """A sum by its key; None where nothing was added. An unknown name raises UnknownFigure."""
        return self.figures.get(checked(key))

    def figure_or_zero(self, *key: str) -> Derived[Decimal]:
        """A sum by its key; zero without cells where nothing was added. An unknown name raises UnknownFigure.

        The zero is broken where a row that belongs to no group may be part of it.
        """
        lost = tuple(one.at for one in self.unplaced if one.touches(key))
        return self.figure_or_none(*key) or Derived(Decimal(0), (), lost)

    def group(self, *name: str) -> dict[str, Derived[Decimal]]:
        """Sums of one name by the single part that tells them apart, in the order they were made."""
        return {part: value for (part,), value in self.pivot(*name).items()}

    def pivot(self, *name: str) -> dict[Key, Derived[Decimal]]:
        """Sums of one name by all parts that follow it, in the order they were made; UnknownFigure without such."""
        if name not in FIGURES:
            raise UnknownFigure(f"no figure {name}")
        most = len(name) + len(FIGURES[name])
        found = ((key, value) for key, value in self.figures.items() if key[: len(name)] == name)
        return {key[len(name) :]: value for key, value in found if len(key) == most}
