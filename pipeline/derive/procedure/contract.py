"""Contract review and signature (clauses 6.4.6, 6.5; rules G311 to G313, W184)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal

from pipeline.core.places import Place
from pipeline.core.procedure import Answer, Breach, CheckLine, Missing
from pipeline.core.sheets import Record
from pipeline.definitions.fillers import is_nothing
from pipeline.definitions.procedure import StepForm
from pipeline.derive.agreements import costs
from pipeline.derive.managers import Manager
from pipeline.derive.procedure.ground import Day, Ground, after, breach, in_round
from pipeline.derive.procedure.planning import absent_of, duties, not_known_then, stated
from pipeline.derive.procedure.registry import step

_LEGAL = "CEO"
GOOD, BAD, OPEN = "符合", "不符合", "待定"
Verdict = tuple[str, str, tuple[Place, ...]]


@step("creview")
def creview(g: Ground, form: StepForm) -> Answer:
    """6.4.6: every department has given its opinion on the contract."""
    rows = g.records.rows("creview")
    dated = [row for row in rows if row.date("date")]
    key = g.company.department_key
    given = {key(row.text("dept")) for row in dated}
    missing = [_opinion(g, form, name, rows) for name in g.reviewers if key(name) not in given]
    last = g.records.latest("creview", "date")
    solved = _solved_on(g, last)
    ordered = tuple((name, day) for name, day in ((form.dated, last), ("问题解决", solved)) if day)
    more = {"asked": g.reviewers, "ordered": ordered, "cells": _at(dated, "date")}
    return g.answer(form, missing, _reviewed_by_all(g), last, by=[row.text("reviewer") for row in dated], **more)


def _solved_on(g: Ground, reviewed: Day) -> Day:
    """The day of the solutions in the order of days: the first that is older than its problem, else the last.

    None where they lie between the problem and the last opinion: another department, or the next round, agrees later.
    """
    problems = [(row, day) for row in g.records.rows("problems") if (day := row.date("close_date"))]
    told = _raised_on(g)
    early = [day for row, day in problems if day.value < told.get(g.company.department_key(row.text("dept")), date.min)]
    if early:
        return min(early, key=lambda day: day.value)
    last = max((day for _, day in problems), key=lambda day: day.value, default=None)
    return None if last and reviewed and last.value < reviewed.value else last


def _raised_on(g: Ground) -> Mapping[str, date]:
    """By department, by its key: the day on which it first said in any round what was to be solved."""
    said: dict[str, date] = {}
    for row in g.project.rows("records", "creview"):
        day = row.date("date")
        if day and row.text("opinion") not in {"", "同意"}:
            key = g.company.department_key(row.text("dept"))
            said[key] = min(day.value, said.get(key, day.value))
    return said


def _opinion(g: Ground, form: StepForm, name: str, rows: Iterable[Record]) -> Missing:
    key = g.company.department_key
    row = next((row for row in rows if key(row.text("dept")) == key(name)), None)
    cell = row.at("date") if row else g.where("records", "creview")
    return Missing(f"合同评审意见：{name}", cell, g.head(form.paper, name))


def _at(rows: Iterable[Record], key: str) -> tuple[Place, ...]:
    return tuple(row.at(key) for row in rows)


def _reviewed_by_all(g: Ground) -> Iterator[Breach]:
    """W184 (6.4.6): once the review is over every department has given its opinion."""
    rows, signed = g.records.rows("creview"), g.records.day("signing", "sign_date")
    last = g.records.latest("creview", "date")
    over = last is not None and g.as_of > last.value
    if not (signed or g.records.rows("problems") or over):
        return
    day = signed or last
    owing = g.then(day).reviewing(*stated(g))
    yield from not_known_then(g, "creview", day, owing)
    if dept := absent_of(g, "creview", day, owing, rows):
        at = g.project.sheet("records", "creview").at
        related = [*([signed.at] if signed else []), *duties(g, "creview", day, owing)]
        values = {"dept": dept, "found": "", "expected": f"{dept}的评审意见", **in_round(rows)}
        yield breach("W184", at, related, **values)


# -- signature (6.5) ---------------------------------------------------------------------------------------------------


@step("signing")
def signing(g: Ground, form: StepForm) -> Answer:
    """6.5: every problem of the review is solved, then the project manager or somebody with authority signs."""
    head, signed = g.records.head("signing"), g.records.day("signing", "sign_date")
    problems = g.records.open_problems
    missing = [_unsolved(g, row) for row in problems]
    if not signed:
        whom = None if problems else g.filler(form)
        missing.append(Missing("合同签订", g.where("records", "signing", "sign_date"), whom))
    breaches = [*_reviewed_first(g, signed), *_solved_first(g, signed), *_by_authority(g)]
    return g.answer(form, missing, breaches, signed, by=(head.text("signer"),), checks=_checks(g))


def _unsolved(g: Ground, row: Record) -> Missing:
    no = row.text("no")
    return Missing(
        f"评审问题 {no} 未解决", row.at("status"), g.named(f"评审问题 {no} 对策", "责任人", row.text("owner"))
    )


def _reviewed_first(g: Ground, signed: Day) -> Iterator[Breach]:
    """G311 (6.4.6, 6.5): the contract review is finished when the contract is signed."""
    last = g.records.latest("creview", "date")
    if signed and (not g.records.rows("creview") or after(last, signed)):
        at = last.at if last else g.project.sheet("records", "creview").at
        found = last.value if last else ""
        yield breach("G311", signed.at, [at], found=found, expected=f"不晚于{signed.value}")


def _solved_first(g: Ground, signed: Day) -> Iterator[Breach]:
    """G312 (6.5): every problem of the review is solved when the contract is signed."""
    if not signed:
        return
    if unsolved := g.records.open_problems:
        first, others = unsolved[0], [row.at("status") for row in unsolved[1:]]
        found = "、".join(f"{row.text('no')} {row.text('status')}".strip() for row in unsolved)
        yield breach("G312", first.at("status"), [*others, signed.at], n=len(unsolved), found=found, expected="已解决")
    days = [day for row in g.records.rows("problems") if (day := row.date("close_date"))]
    if late := [day for day in days if after(day, signed)]:
        last = max(late, key=lambda day: day.value)
        cells, expected = [*(day.at for day in late), signed.at], f"不晚于{signed.value}"
        yield breach("G312", last.at, cells, n=len(late), found=last.value, expected=expected)


def _by_authority(g: Ground) -> Iterator[Breach]:
    """G313 (6.5): the project manager signs, the CEO, or somebody with a letter of authority."""
    head, pm = g.records.head("signing"), _manager(g)
    signer = head.text("signer")
    if signer and pm and signer != pm.no and is_nothing(head.text("auth_no")) and not _legal(g, head):
        related, expected = [pm.at, head.at("auth_no")], g.who(pm.no)
        yield breach("G313", head.at("signer"), related, a=g.who(signer), found=g.who(signer), expected=expected)


def _manager(g: Ground) -> Manager | None:
    """The project manager on the day of the signature; while there is none the last one."""
    signed = g.records.day("signing", "sign_date")
    return g.manager(signed.value if signed else None)


def _legal(g: Ground, head: Record) -> bool:
    """Whether the CEO signs, who stands for the company by law and needs no letter of authority."""
    return head.text("signer") in g.then(head.date("sign_date")).with_post(_LEGAL)


# -- what must hold before it, as it is printed ------------------------------------------------------------------------


def _checks(g: Ground) -> tuple[CheckLine, ...]:
    """The check list of the permission to sign (clauses 6.4.5, 6.4.6, 6.5)."""
    return (
        CheckLine("合同评审已完成（6.4.6）", "G311", *_review(g)),
        CheckLine("评审问题已全部解决（6.5）", "G312", *_problems(g)),
        CheckLine("签署人为项目经理或有授权书（6.5）", "G313", *_signer(g)),
        CheckLine("合同额与评审、中标一致（6.4.5、6.4.6）", "X219", *_amount(g)),
        *_agreements(g),
    )


def _review(g: Ground) -> Verdict:
    review = g.answers["creview"]
    lacking = [one.text.partition("：")[2] for one in review.missing]
    if lacking or not review.cells:
        return OPEN, f"未评审：{'、'.join(lacking)}" if lacking else "没有评审意见", review.cells
    return GOOD, f"{len(review.cells)}个部门均已评审", review.cells


def _problems(g: Ground) -> Verdict:
    rows, unsolved = g.records.rows("problems"), g.records.open_problems
    if unsolved:
        return BAD, f"未解决：{'、'.join(row.text('no') for row in unsolved)}", _at(unsolved, "status")
    return GOOD, f"{len(rows)}个问题均已解决" if rows else "没有问题", _at(rows, "status")


def _signer(g: Ground) -> Verdict:
    head = g.records.head("signing")
    if head.blank("signer"):
        return OPEN, "签署人未填", ()
    if (pm := _manager(g)) and head.text("signer") == pm.no:
        return GOOD, "由项目经理签署", (head.at("signer"),)
    if _legal(g, head):
        return GOOD, f"由{_LEGAL}签署", (head.at("signer"),)
    if is_nothing(head.text("auth_no")):
        return BAD, "不是项目经理且无授权书", (head.at("signer"),)
    return GOOD, f"授权书 {head.text('auth_no')}", (head.at("signer"), head.at("auth_no"))


def _agreements(g: Ground) -> Iterator[CheckLine]:
    """What was agreed with the customer costs nothing, or its change was approved (6.4.5); where anything is said."""
    said = [row for row in g.records.rows("agreements") if not row.blank("cost_effect")]
    costly = [row for row in said if costs(row)]
    item, cells = "与客户的协议影响费用的已办变更（6.4.5）", _at(said, "cost_effect")
    if lacking := [row for row in costly if row.blank("change_no")]:
        why = f"没有变更单：{'、'.join(row.text('no') for row in lacking)}"
        yield CheckLine(item, "W262", BAD, why, _at(lacking, "cost_effect"))
    elif said:
        told = "；".join(f"{row.text('no')} {row.text('cost_effect')}，{row.text('change_no')}" for row in costly)
        yield CheckLine(item, "W262", GOOD, told or f"{len(said)}项协议均不增加费用", cells)


def _amount(g: Ground) -> Verdict:
    """What the amount signed agrees with, else the change that says why it does not."""
    amount = g.records.head("signing").money("amount")
    if amount is None:
        return OPEN, "合同额未填", ()
    known = {"评审额": g.records.head("creview").money("amount"), "中标价": g.records.head("bidding").money("price")}
    others = {name: other for name, other in known.items() if other}
    if not others:
        return OPEN, "没有评审额、中标价可对", (amount.at,)
    together = sum((part.value for part in g.records.parts), Decimal(0))
    total, cells = amount.value + together, (amount.at, *(other.at for other in others.values()))
    change = g.records.commercial_change
    if change and any(other.value not in (amount.value, total) for other in others.values()):
        return GOOD, f"按已批准的商务变更 {change.text('no')}", (*cells, change.at("no"))
    parts = "，连同分项合同" if together else ""
    return GOOD, f"与{'、'.join(others)}一致{parts}", cells
