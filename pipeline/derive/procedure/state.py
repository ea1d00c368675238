"""State of the project and its next gate (domain 0.3): derived from the answers of the steps, never typed."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.core.procedure import Answer
from pipeline.definitions.procedure import End
from pipeline.derive.procedure.ground import Ground
from pipeline.derive.records import paused


def state_of(ground: Ground, answers: Mapping[str, Answer]) -> str:
    """State: that of the last step that was reached; the early ends win over everything."""
    procedure = ground.procedure
    early = (end.state for end in procedure.end if _reached(ground, answers, end))
    own = (step.state for step in reversed(procedure.gates.values()) if step.state and answers[step.key].reached)
    return next(early, "") or next(own, procedure.start.state)


def next_gate(ground: Ground, answers: Mapping[str, Answer], state: str) -> Answer | None:
    """The first gate that still wants something; none after an end that is over at once."""
    ends = [end for end in ground.procedure.end if end.state == state]
    if any(end.over for end in ends):
        return None
    still = {key for end in ends for key in end.still} or answers.keys()
    wanted = (answers[key] for key in answers if key in still)
    return next((answer for answer in wanted if answer.gate and answer.missing), None)


def _reached(ground: Ground, answers: Mapping[str, Answer], end: End) -> bool:
    """Whether an early end holds; a pause only while nothing has happened since."""
    if not all(ground.holds(end.when)):
        return False
    since = (row := paused(ground.project)) and row.date("from")
    days = [answer.day.value for answer in answers.values() if answer.gate and answer.day]
    return not end.paused or bool(since and max(days, default=since.value) <= since.value)
