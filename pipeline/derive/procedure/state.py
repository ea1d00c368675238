"""State of the project and its next gate (domain 0.3): derived from the answers of the steps, never typed."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.core.procedure import Answer
from pipeline.derive.procedure.ground import Ground


def state_of(ground: Ground, answers: Mapping[str, Answer]) -> str:
    """State: that of the last step that was reached; the early ends win over everything."""
    procedure = ground.procedure
    early = (end.state for end in procedure.end if all(ground.holds(end.when)))
    own = (step.state for step in reversed(procedure.gates.values()) if step.state and answers[step.key].reached)
    return next(early, "") or next(own, procedure.start.state)


def next_gate(ground: Ground, answers: Mapping[str, Answer], state: str) -> Answer | None:
    """The first gate that still wants something; none after an end that is over at once."""
    if any(end.over for end in ground.procedure.end if end.state == state):
        return None
    return next((answer for answer in answers.values() if answer.gate and answer.missing), None)
