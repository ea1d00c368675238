"""The guide for talks with the customer: what to ask whom, and where in the survey the answer goes (VIS)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pipeline.core.sheets import Record
from pipeline.definitions.interview_guide import Question, Role, load_guide
from pipeline.derive.survey import UNCLEAR, blank_items
from pipeline.render.context.shown import Node, Source, leaf, of_cell, table, words

_BLANK = "空"


def interview(source: Source) -> Node:
    """Roles with the people who have them, their questions and the open items of the survey."""
    guide, rows = load_guide(), {row.text("no"): row for row in source.project.rows("survey", "items")}
    open_ = _open(source, rows)
    roles = []
    for number, role in enumerate(guide.role):
        mine = {no: state for no, state in open_.items() if guide.asked(no) is role}
        roles.append(_role(source, f"interview.roles[{number}]", role, rows, mine))
    asked = sum(len(role["items"]) for role in roles)
    return {"roles": roles, "open": leaf("interview.open", asked, "num")}


def _open(source: Source, rows: Mapping[str, Record]) -> dict[str, str]:
    """Items without an answer that counts, by number, in the order of the survey: 空 or 不明确."""
    facts = source.facts.items
    blank = blank_items(source.project, source.company, source.forms, facts)
    unclear = {no for no, item in facts.items() if item.status == UNCLEAR}
    return {no: UNCLEAR if no in unclear else _BLANK for no in rows if no in unclear or no in blank}


def _role(source: Source, name: str, role: Role, rows: Mapping[str, Record], open_: Mapping[str, str]) -> Node:
    people = [row for row in source.project.rows("bids", "stakeholders") if row.text("role") in role.stakeholders]
    return {
        "name": words(f"{name}.name", role.name),
        "people": table(source, f"{name}.people", "bids", "stakeholders", people),
        "questions": [_question(f"{name}.questions[{n}]", n, one, rows) for n, one in enumerate(role.question)],
        "items": [_item(source, f"{name}.items[{n}]", rows[no], state) for n, (no, state) in enumerate(open_.items())],
    }


def _question(name: str, number: int, question: Question, rows: Mapping[str, Record]) -> Node:
    row = rows.get(question.item)
    return {
        "no": leaf(f"{name}.no", number + 1, "num"),
        "text": words(f"{name}.text", question.text),
        "to": words(f"{name}.to", f"{question.item} {_cell(row)}" if row else ""),
    }


def _item(source: Source, name: str, row: Record, state: str) -> Node:
    fields = dict.fromkeys(("no", "label", "clarify_plan"), "text") | {"clarify_date": "date"}
    found: Node = {key: of_cell(f"{name}.{key}", row.cell(key), kind, source.company) for key, kind in fields.items()}
    return found | {"state": words(f"{name}.state", state), "to": words(f"{name}.to", _cell(row))}


def _cell(row: Record) -> str:
    return row.at("value").cell or ""


# Names of the context, with what makes them.
INTERVIEW: Mapping[str, Callable[[Source], Any]] = {"interview": interview}
