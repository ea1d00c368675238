"""The procedure Q/DY 03.2-2002: its steps, early ends, roles and clauses, one block of `procedure.toml` each.

Read when it is asked for, never kept by who asks: a step that is added there is seen everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path

from pipeline.definitions.conditions import Condition, condition
from pipeline.definitions.forms import build, read_toml

FILE = Path(__file__).with_name("procedure.toml")
MUST, MAY, WHEN = "must", "may", "when"
ASIDE, BACK, PAST, OUT = "aside", "back", "past", "out"
_TWICE = re.compile("跟踪|评审")  # tells the two clauses 6.4.2 apart; people do not write it


@dataclass(frozen=True)
class Box:
    """A box of the flow chart (appendix A).

    Attributes:
        note: what belongs to it, printed in brackets.
        words: the sentence of the appendix.
        clause: where it is not that of its step.
        decides: it can send the project back or aside.
        instead: step whose state it shows when its own is left out.
    """

    name: str
    note: str = ""
    words: str = ""
    clause: str = ""
    decides: bool = False
    instead: str = ""

    @property
    def text(self) -> str:
        """Name with what belongs to it, as it is printed."""
        return f"{self.name}（{self.note}）" if self.note else self.name


@dataclass(frozen=True)
class Branch:
    """A way beside the column of steps: a box `aside` (and back), `back` or `out` to a step, `past` this one."""

    kind: str
    text: str = ""
    word: str = ""
    to: str = ""
    back: bool = False


@dataclass(frozen=True)
class StepForm:
    """A step of the procedure; what each key means stands on top of `procedure.toml`."""

    key: str
    title: str
    clause: str
    kind: str
    after: tuple[str, ...] = ()
    state: str = ""
    tone: int = 0
    sheets: tuple[str, ...] = ()
    begun_by: tuple[str, ...] = ()
    opened_by: str = ""
    days: tuple[str, ...] = ()
    dated: str = ""
    not_before: str = ""
    when: tuple[str, ...] = ()
    waived_when: tuple[str, ...] = ()
    paper: str = ""
    fills: tuple[str, ...] = ()
    decides: str = ""
    speaks_of: tuple[str, ...] = ()
    lacks: str = ""
    lack_told_by: tuple[str, ...] = ()
    box: tuple[Box, ...] = ()
    branch: tuple[Branch, ...] = ()

    @property
    def gate(self) -> bool:
        """Whether the project must pass it; work that it may do holds nothing up."""
        return self.kind != MAY

    @property
    def number(self) -> str:
        """Its clauses as the procedure numbers them."""
        return _TWICE.sub("", self.clause)

    @property
    def label(self) -> str:
        """Title with the clause, as gates are named."""
        return f"{self.title}({self.number})"

    @property
    def boxes(self) -> tuple[Box, ...]:
        """Its boxes on the chart: one of its own where none is drawn for it; none for work beside the flow."""
        drawn = self.box or (Box(self.title, words=self.title),)
        return tuple(replace(one, clause=one.clause or self.number) for one in drawn) if self.gate else ()


@dataclass(frozen=True)
class Start:
    """The state before anything is recorded."""

    state: str
    tone: int


@dataclass(frozen=True)
class Band:
    """Where the work that may be done at any time stands beside the flow chart: from which step to which."""

    title: str
    first: str
    last: str


@dataclass(frozen=True)
class End:
    """An early end; nothing new is made after one that `stops`, nothing is waited for after one that is `over`.

    Attributes:
        still: the only steps that are waited for all the same; empty: all of them.
        paused: no end but a pause: it holds while nothing has happened since.
    """

    state: str
    tone: int
    when: tuple[str, ...]
    stops: bool = False
    over: bool = False
    still: tuple[str, ...] = ()
    paused: bool = False


@dataclass(frozen=True)
class Role:
    """How somebody is found: by cells, a title or a department of workbook 00, or every department that must answer.

    What follows `follows` says who else may, without being waited for.

    Attributes:
        follows: approved changes of the manager come before the cells.
        organised: role of the plan's organisation.
        members: everybody of a department.
        row: field of the same record that names a department, whose head it is.
        chiefs: every CXO in charge of a department.
        chief_of: the CXO in charge of this department.
        presides: who presides over the review of a bid of this price.
    """

    key: str
    cells: tuple[str, ...] = ()
    title: str = ""
    department: str = ""
    departments: str = ""
    follows: bool = False
    organised: str = ""
    members: str = ""
    row: str = ""
    chiefs: bool = False
    chief_of: str = ""
    presides: bool = False


@dataclass(frozen=True)
class Hand:
    """Who may stand in some cells; what each key means stands on top of `procedure.toml`."""

    cells: tuple[str, ...]
    rule: str
    may: tuple[str, ...] = ()
    matrix: str = ""
    actions: tuple[str, ...] = ("批准",)
    where: str = ""
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class ClauseForm:
    """A clause that is no step, and what serves it."""

    number: str
    text: str
    by: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    records: tuple[str, ...] = ()
    cites: tuple[str, ...] = ()


@dataclass(frozen=True)
class Procedure:
    """Everything of `procedure.toml`; the steps stand in their order."""

    start: Start
    band: Band
    step: tuple[StepForm, ...]
    end: tuple[End, ...] = ()
    role: tuple[Role, ...] = ()
    clause: tuple[ClauseForm, ...] = ()
    hand: tuple[Hand, ...] = ()
    conditions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def steps(self) -> dict[str, StepForm]:
        """Steps by key, in order."""
        return {step.key: step for step in self.step}

    @cached_property
    def gates(self) -> dict[str, StepForm]:
        """The steps that a project must pass."""
        return {key: step for key, step in self.steps.items() if step.gate}

    @cached_property
    def roles(self) -> dict[str, Role]:
        """Roles of the project by name."""
        return {role.key: role for role in self.role}

    @cached_property
    def tones(self) -> dict[str, int]:
        """Every state with its shade on the page, in the order of the procedure, the early ends last."""
        own = {step.state: step.tone for step in self.gates.values() if step.state}
        return {self.start.state: self.start.tone, **own, **{end.state: end.tone for end in reversed(self.end)}}

    @property
    def last_state(self) -> str:
        """State of a project that has gone all the way."""
        return [step.state for step in self.step if step.state][-1]

    @property
    def ended(self) -> frozenset[str]:
        """States in which nobody owes anything any more (rule B405)."""
        return frozenset({self.last_state, *(end.state for end in self.end if not end.paused)})

    @property
    def resting(self) -> frozenset[str]:
        """States in which nothing becomes late: those and a pause."""
        return self.ended | {end.state for end in self.end if end.paused}

    @property
    def stopped(self) -> frozenset[str]:
        """States after which nothing new is made; only what was recorded is printed."""
        return frozenset(end.state for end in self.end if end.stops)

    def conditions_of(self, names: tuple[str, ...], where: str) -> tuple[Condition, ...]:
        """Conditions as written, or those that stand under a name."""
        texts = (text for name in names for text in self.conditions.get(name, (name,)))
        return tuple(condition(text, where) for text in texts)

    def clause_form(self, number: str) -> ClauseForm:
        """Clause by number; KeyError when there is none."""
        return {one.number: one for one in self.clause}[number]

    def step_of(self, sheet: str) -> StepForm | None:
        """The step of which a sheet (`records.creview`) is the own record."""
        return next((step for step in self.step if step.sheets[:1] == (sheet,)), None)


def load_procedure() -> Procedure:
    """The procedure.

    Raises:
        DefinitionError: the file is wrong; it names file, block, key and the nearest valid word.
    """
    return _load(FILE)


@cache
def _load(path: Path) -> Procedure:
    from pipeline.definitions.procedure_inspection import in_order, inspect

    raw = read_toml(path)
    raw["conditions"] = {name: tuple(texts) for name, texts in raw.get("conditions", {}).items()}
    found: Procedure = build(Procedure, raw, path.name)
    inspect(found, path.name)
    return in_order(found, path.name)
