"""What is known of a step of the procedure: whether it is done, when and by whom, or what is missing and of whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pipeline.core.entries import Awaited
from pipeline.core.places import Place, Sourced


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that a step still wants.

    Attributes:
        text: what it is, in Chinese.
        cell: where it is filled in: a cell, or the sheet while there is no row for it.
        whom: whose turn it is; None where nobody in particular is waited for.
    """

    text: str
    cell: Place
    whom: Awaited | None = None


@dataclass(frozen=True, slots=True)
class Breach:
    """A sentence of the procedure that is broken: what a rule reports, at its cell."""

    rule: str
    at: Place
    related: tuple[Place, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CheckLine:
    """A line of a printed check list: what must hold, whether it does, and why; `rule` is the one that says so."""

    item: str
    rule: str
    verdict: str
    why: str
    cells: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """All that is known of one step; the only place where it is decided.

    Attributes:
        step: key of the step in `procedure.toml`.
        needed: this project must do it.
        gate: it is no work that the project may do beside the flow.
        begun: people have filled something of it.
        reached: the project is in the state of this step, or was.
        settled: nothing more will be recorded of it: it is done, or somebody refused.
        day: day on which it was done, or for what many do the latest of them.
        by: names of those who did it.
        cells: cells that prove it.
        missing: what it still wants; nothing where it is not needed.
        breaches: sentences of the procedure that its records break.
        asked: departments or roles that must answer.
        ordered: its days by the name that they have in the order of the procedure (G318).
        checks: what must hold before it, as it is printed.
    """

    step: str
    needed: bool = True
    gate: bool = True
    begun: bool = False
    reached: bool = False
    settled: bool = False
    day: Sourced[date] | None = None
    by: tuple[str, ...] = ()
    cells: tuple[Place, ...] = ()
    missing: tuple[Missing, ...] = ()
    breaches: tuple[Breach, ...] = ()
    asked: tuple[str, ...] = ()
    ordered: tuple[tuple[str, Sourced[date]], ...] = ()
    checks: tuple[CheckLine, ...] = ()

    @property
    def passed(self) -> bool:
        """A gate that wants nothing any more, done or not needed."""
        return self.gate and not self.missing

    @property
    def done(self) -> bool:
        """Needed, begun where it is no gate, and nothing is missing."""
        return self.needed and not self.missing and (self.gate or self.begun)

    @property
    def texts(self) -> tuple[str, ...]:
        """What is missing, each once."""
        return tuple(dict.fromkeys(one.text for one in self.missing))

    @property
    def awaited(self) -> tuple[Awaited, ...]:
        """Whose turn it is, each once."""
        return tuple(dict.fromkeys(one.whom for one in self.missing if one.whom))
