"""How far a project has come in the stages of the sibling procedures: what was proved to begin and to end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from pipeline.core.places import Sourced

AHEAD, UNDER_WAY, ENDED, ABSENT = "未开始", "进行中", "已结束", "原文缺失"


@dataclass(frozen=True, slots=True)
class Kept:
    """Somebody who carried out a step that has ended, and whether his part of it kept the limit."""

    emp_no: str
    in_time: bool


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage, or a step, of a project.

    Attributes:
        absent: the text of the procedure lacks it; its number stays free.
        begun: first day on which its begin is proved; None: it is not.
        ended: day on which its end is proved.
        taken: how long it took, in `unit`; None while it has no limit, or is not ended.
        limit: how long it may take; None: there is none.
        unit: 小时 (of work) or 工作日.
        kept: who carried it out, each row of it on its own; empty while it has no limit, or is not ended.
    """

    no: str
    name: str
    absent: bool = False
    begun: Sourced[date] | None = None
    ended: Sourced[date] | None = None
    taken: Decimal | None = None
    limit: Decimal | None = None
    unit: str = ""
    kept: tuple[Kept, ...] = ()

    @property
    def state(self) -> str:
        """未开始, 进行中, 已结束, or 原文缺失."""
        if self.absent:
            return ABSENT
        return ENDED if self.ended else UNDER_WAY if self.begun else AHEAD

    @property
    def in_time(self) -> bool | None:
        """Whether it kept its limit; None: it has none, or is not ended."""
        return None if self.taken is None or self.limit is None else self.taken <= self.limit

    def until(self, day: date) -> Stage:
        """The stage as it was known on a day."""
        begun, ended = ((mark if mark and mark.value <= day else None) for mark in (self.begun, self.ended))
        return replace(
            self, begun=begun, ended=ended, taken=self.taken if ended else None, kept=self.kept if ended else ()
        )


@dataclass(frozen=True, slots=True)
class Coverage:
    """A project in the stages of one procedure, in their order."""

    key: str
    title: str
    stages: tuple[Stage, ...] = ()

    def until(self, day: date) -> Coverage:
        """The same as it was known on a day."""
        return replace(self, stages=tuple(stage.until(day) for stage in self.stages))
