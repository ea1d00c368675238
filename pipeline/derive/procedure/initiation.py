"""Approval of the initiation and its notice (clauses 6.2.2, 6.2.3; rules G303, G304)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from pipeline.core.company import Step
from pipeline.core.places import Place
from pipeline.core.procedure import Answer, Breach, Missing
from pipeline.core.sheets import Record
from pipeline.definitions.procedure import StepForm
from pipeline.derive.procedure.early import after_refusal
from pipeline.derive.procedure.ground import Day, Ground, after, breach, in_round
from pipeline.derive.procedure.registry import step

_APPROVES = "批准"
_NOTICE = {"date": "批准通知书日期", "pm": "售前项目经理", "team": "项目组成员", "notify": "通知部门"}


@step("approval")
def approval(g: Ground, form: StepForm) -> Answer:
    """6.2.2, 4.4: every role of the chain has decided, the last with 批准, nobody with 不批准."""
    steps = g.chain(form.decides, g.records.approval_date if g.records.approved else None)
    chain, rows = {one.role: one for one in reversed(steps)}, g.records.rows("approval")
    unproved = _unproved(g, steps)
    roles = tuple(role for role in dict.fromkeys(one.role for one in steps) if role not in unproved)
    given = _given(roles, rows)
    missing = [
        Missing(f"立项审批：{role}", _cell(g, rows, role), g.decider(form.paper, chain[role]))
        for role in roles
        if role not in given
    ]
    if not missing and not g.records.approved:
        at = rows[-1].at("decision") if rows else g.where("records", "approval")
        missing = [Missing("立项审批结论“批准”", at)]
    more = {"reached": g.records.approved, "settled": not missing or g.records.rejected, "asked": roles}
    more |= {"by": [row.text("approver") for row in rows], "cells": tuple(row.at("decision") for row in rows)}
    breaches = [*_chain_kept(g, roles, given), *_not_known_then(g, unproved)]
    return g.answer(form, missing, breaches, _from_then_on(g), **more)


def _unproved(g: Ground, steps: Sequence[Step]) -> tuple[str, ...]:
    """Roles of which nothing says that they belonged to the chain when an archived project was approved.

    The approval is whole by itself: its steps run from 1 without a gap to the 批准 of who approves. No round names
    the others, and workbook 00 does not say since when it wants them.
    """
    rows = g.records.rows("approval")
    numbers = [number.value for row in rows if (number := row.number_of("step"))]
    whole = numbers == list(range(1, len(rows) + 1)) and g.records.approved
    if not whole or not g.records.archive.date("archive_date") or any(one.valid_from for one in steps):
        return ()
    named = {row.text("role") for row in g.project.rows("records", "approval")}
    ended = rows[-1].text("role") in {one.role for one in steps if one.action == _APPROVES}
    return tuple(dict.fromkeys(one.role for one in steps if one.role not in named)) if ended else ()


def _not_known_then(g: Ground, roles: Sequence[str]) -> Iterator[Breach]:
    """W225 (6.2.2, 4.4): whether a role belonged to the chain then is not known."""
    if roles:
        rows, role = g.records.rows("approval"), "、".join(roles)
        at = g.project.sheet("records", "approval").at
        yield breach("W225", at, [row.at("decision") for row in rows], role=role, found="", expected=role)


def _from_then_on(g: Ground) -> Day:
    """Day from which the project may be carried out: of the first approval; a later round approves more, not anew."""
    return g.records.first_approval or g.records.approval_date


def _given(roles: tuple[str, ...], rows: tuple[Record, ...]) -> dict[str, tuple[Record, Day]]:
    """Row and day of every role that has decided, in the order of the chain."""
    last = {row.text("role"): row for row in rows if row.text("decision") and row.date("date")}
    return {role: (last[role], last[role].date("date")) for role in roles if role in last}


def _cell(g: Ground, rows: tuple[Record, ...], role: str) -> Place:
    row = next((row for row in rows if row.text("role") == role), None)
    if row is None:
        return g.where("records", "approval")
    return row.at("date" if row.text("decision") else "decision")


def _chain_kept(g: Ground, roles: tuple[str, ...], given: Mapping[str, tuple[Record, Day]]) -> Iterator[Breach]:
    """G303 (6.2.2, 4.4): every role of the chain decided, in order, the last one with 批准."""
    rows, notice = g.records.rows("approval"), g.records.day("notice", "date")
    if not notice and not any(row.text("decision") == "批准" for row in rows):
        return
    if lacking := _lacking(roles, given):
        related = [*(row.at("decision") for row in rows), *([notice.at] if notice else [])]
        found, expected = "、".join(row.text("role") for row in rows), "、".join(roles)
        at = g.project.sheet("records", "approval").at
        values = {"role": "、".join(lacking), "found": found, "expected": expected, **in_round(rows)}
        yield breach("G303", at, related, **values)


def _lacking(roles: tuple[str, ...], given: Mapping[str, tuple[Record, Day]]) -> list[str]:
    """What the approval lacks: roles without a decision, the final 批准, the order of the dates."""
    lacking = [role for role in roles if role not in given]
    last = roles[-1] if roles else ""
    if last in given and given[last][0].text("decision") != "批准":
        lacking.append(f"{last}（批准）")
    for (one, (_, before)), (other, (_, day)) in pairwise(given.items()):
        if before and day and after(before, day):
            lacking.append(f"{other}（{day.value}，早于{one}的{before.value}）")
    return lacking


@step("notice")
def notice(g: Ground, form: StepForm) -> Answer:
    """6.2.2, 6.2.3: the notice is written, names project manager and team, and tells the departments."""
    head, day = g.records.head("notice"), g.records.day("notice", "date")
    blank = [key for key in _NOTICE if head.blank(key)]
    missing = [Missing(_NOTICE[key], g.where("records", "notice", key), g.filler(form)) for key in blank]
    breaches = [*_noticed(g, head, day), *after_refusal(g, day)]
    return g.answer(form, missing, breaches, day, by=(head.text("by"),))


def _noticed(g: Ground, head: Record, day: Day) -> Iterator[Breach]:
    """G304 (6.2.2): the notice follows the approval and names project manager, team and departments."""
    if not day:
        return
    approved = _from_then_on(g)
    if approved and after(approved, day):
        said = (
            f"（{day.value}）早于批准（{approved.value}）",
            f"of {day.value} precedes the approval of {approved.value}",
        )
        yield _g304(day.at, [approved.at], said, found=day.value, expected=f"不早于{approved.value}")
    for key in ("pm", "team", "notify"):
        if head.blank(key):
            label = g.forms["records"].sheet_form("notice").field(key).label
            yield _g304(head.at(key), [day.at], (f"没有写{label}", f"leaves {label} blank"), found="", expected=label)
    pm, team = head.text("pm"), head.choices("team")
    if pm and team and pm not in team:
        said = f"的项目组成员里没有项目经理{pm}", f"has no project manager {pm} in its team"
        yield _g304(head.at("team"), [head.at("pm")], said, found=head.text("team"), expected=pm)


def _g304(at: Place, related: Sequence[Place], said: tuple[str, str], **values: object) -> Breach:
    return breach("G304", at, related, what=said[0], what_en=said[1], **values)
