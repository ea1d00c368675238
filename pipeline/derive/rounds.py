"""What was decided in rounds: reviews of the requirements, approvals of the scheme, bids (clauses 6.4.2 to 6.4.5).

The head of a sheet is the last round; the sheet of earlier rounds keeps those before it. A step is done from the first
round that let it pass; what follows is judged by what stood on its own day, so that a later round takes nothing back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from pipeline.core.places import Place, Sourced
from pipeline.core.sheets import Project, Record
from pipeline.derive.records import round_of

PASSES = frozenset({"通过", "有条件通过", "同意"})
REFUSALS = frozenset({"修改后再审", "不同意"})


@dataclass(frozen=True, slots=True)
class Round:
    """One round.

    Attributes:
        version: of the survey or the scheme; the tender's number of a bid.
        day: when it was decided.
        passed: it was let pass.
        at: cell of its version.
        row: where it stands.
    """

    version: str
    day: Sourced[date] | None
    passed: bool
    at: Place
    row: Record


@dataclass(frozen=True, slots=True)
class _Sheet:
    """How a step is kept: what the sheet of earlier rounds calls it, and the cells of its head."""

    name: str
    version: str
    day: str
    verdict: str
    needed: bool = True
    revoked: bool = False


# `needed`: a blank verdict is no pass. `revoked`: a later refusal ends what an earlier round let pass; of schemes it
# does not, the approved version stays approved when another one is refused.
_SHEETS: Mapping[str, _Sheet] = MappingProxyType(
    {
        "req_review": _Sheet("需求评审", "survey_version", "date", "conclusion", revoked=True),
        "scheme": _Sheet("方案审批", "version", "approve_date", "approve_opinion", needed=False),
    }
)
OFFERS = "洽谈投标"


def earlier(project: Project, name: str) -> list[Record]:
    """Rows of the sheet of earlier rounds that are about a step (需求评审, 方案审批, 洽谈投标), in their order."""
    return sorted((row for row in project.rows("records", "rounds") if row.text("step") == name), key=round_of)


def rounds(project: Project, step: str) -> tuple[Round, ...]:
    """All rounds of a step (`req_review` or `scheme`) in their order; the last is the head of its sheet."""
    form, head = _SHEETS[step], project.head("records", step)
    verdict = head.text(form.verdict)
    passed = verdict in PASSES or not (form.needed or verdict)
    kept = [
        Round(row.text("version"), row.date("date"), row.text("result") in PASSES, row.at("version"), row)
        for row in earlier(project, form.name)
    ]
    day = head.date(form.day)
    return (*kept, Round(head.text(form.version), day, passed and day is not None, head.at(form.version), head))


def passed(project: Project, step: str) -> tuple[Round, ...]:
    """The rounds that let a step pass, by their days."""
    found = [(one.day.value, one) for one in rounds(project, step) if one.passed and one.day]
    return tuple(one for _, one in sorted(found, key=lambda pair: pair[0]))


def first_passed(project: Project, step: str) -> Sourced[date] | None:
    """Day of the first round that let a step pass: from it on the step was done."""
    return next((one.day for one in passed(project, step)), None)


def last_decided(project: Project, step: str) -> Sourced[date] | None:
    """Day of the last round that has one."""
    return next((one.day for one in reversed(rounds(project, step)) if one.day), None)


def stood(project: Project, step: str, day: date) -> Round | None:
    """The round whose pass stood on a day; None where nothing had been let pass, or it had been refused since."""
    if step not in _SHEETS:
        return None
    known = [(one.day.value, one) for one in rounds(project, step) if one.day and one.day.value <= day]
    known = [pair for pair in known if pair[1].passed or _SHEETS[step].revoked]
    last = sorted(known, key=lambda pair: pair[0])[-1:]
    return next((one for _, one in last if one.passed), None)
