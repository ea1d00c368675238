"""The steps of the procedure of one project, line by line: when and by whom each was done, or what it still wants."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.core.entries import Awaited
from pipeline.core.errors import UsageProblem
from pipeline.core.facts import Facts
from pipeline.core.procedure import Answer
from pipeline.definitions.forms import did_you_mean
from pipeline.definitions.procedure import load_procedure

WORDS = {
    "zh": {"done": "已完成", "waived": "不需要", "open": "未完成", "next": "下一关口", "may": "未开展", "fill": "填"},
    "en": {
        "done": "done",
        "waived": "not needed",
        "open": "open",
        "next": "next gate",
        "may": "not done",
        "fill": "fill in",
    },
}


def step_lines(facts: Facts, lang: str = "zh", wanted: str = "") -> list[str]:
    """Every step that the project has come to or may do, or the one that is wanted, with what it still wants.

    Args:
        facts: of the project.
        lang: language of the words around names and cells, zh or en.
        wanted: key, title or clause of a step; empty: all.

    Raises:
        UsageProblem: there is no such step; the nearest is named.
    """
    return [line for key in _chosen(wanted) if key in facts.steps for line in _lines(facts, facts.steps[key], lang)]


def _chosen(wanted: str) -> list[str]:
    steps = load_procedure().steps
    names = {name: key for key, step in steps.items() for name in (step.number, step.title, step.label, key)}
    if wanted and wanted not in names:
        raise UsageProblem(f"没有步骤“{wanted}”(no such step){did_you_mean(wanted, names)}")
    of_clause = [key for key, step in steps.items() if wanted in (step.clause, step.number, *step.clause.split("、"))]
    return (of_clause or [names[wanted]]) if wanted else list(steps)


def _lines(facts: Facts, answer: Answer, lang: str) -> Iterator[str]:
    step, words = load_procedure().steps[answer.step], WORDS[lang]
    day = answer.day.value.isoformat() if answer.day else ""
    state = words[_state(facts, answer, step.label)]
    cells = str(answer.cells[0]) if answer.cells and answer.done else ""
    yield "  ".join(part for part in (step.label, state, day, "、".join(answer.by), cells) if part)
    for one in answer.missing:
        whom = f"  {_person(one.whom)}" if one.whom else ""
        yield f"    {one.text}  {words['fill']} {one.cell}{whom}"


def _state(facts: Facts, answer: Answer, label: str) -> str:
    if not answer.needed:
        return "waived"
    if answer.done:
        return "done"
    return "may" if not answer.gate else "next" if facts.next_gate == label else "open"


def _person(one: Awaited) -> str:
    return " ".join(part for part in (one.role, one.person, one.emp_no) if part)
