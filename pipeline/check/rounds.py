"""Workbook 06: rounds, earlier and in their order, and pauses (rules W206, W222 .. W224, X242)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from itertools import pairwise

from pipeline.check.case import Case
from pipeline.check.procedure import sheet_title
from pipeline.core.findings import Finding
from pipeline.core.places import Place, Sourced
from pipeline.core.sheets import Record
from pipeline.definitions.procedure import load_procedure
from pipeline.derive.records import paused, round_of
from pipeline.derive.rounds import earlier

# What may come in rounds, and the sheet whose head is the last of them.
_STEPS = {"需求评审": "req_review", "洽谈投标": "bidding"}


def pause_over(case: Case) -> Iterator[Finding]:
    """W222 (6.4.2): the procedure does not go on within a pause; where it went on the pause says from when.

    An end that stops the procedure is no going on; on the day of either end of a pause there may be records. Who goes
    on speaking with the customer during a pause does what leads to its end.
    """
    if case.facts.state in load_procedure().stopped:
        return
    steps = [(key, answer.day) for key, answer in case.facts.steps.items() if answer.gate and answer.day]
    for row, start, until in _pauses(case):
        ended = until < date.max
        inside = [day for key, day in steps if start < day.value < until and not (ended and key in _GOES_ON)]
        if inside:
            last = max(inside, key=lambda day: day.value)
            what, what_en = (f"恢复日期填的是{until}", f"resumed only on {until}") if ended else _NOT_OVER
            texts = {"a": start, "b": last.value, "what": what, "what_en": what_en}
            found, expected = f"{start}暂停,{last.value}仍有记录", "恢复日期"
            yield case.finding(
                "W222", row.at("until"), [last.at], pending=False, **texts, found=found, expected=expected
            )


# What may go on in a pause: following the customer, and what the survey learns from it.
_GOES_ON = frozenset({"tracking", "survey"})
_NOT_OVER = ("恢复日期没有填", "the day of resuming is missing")


def _pauses(case: Case) -> Iterator[tuple[Record, date, date]]:
    """Pauses with their first day and the day of resuming; that of the last one may be still to come."""
    open_one = paused(case.project)
    for row in case.project.rows("records", "pauses"):
        start, until = row.date("from"), row.date("until")
        if start and (until or row is open_one):
            yield row, start.value, until.value if until else date.max


def earlier_rounds(case: Case) -> Iterator[Finding]:
    """W223: of what is in its second or third round the earlier ones are kept. W224: they are earlier."""
    for name, sheet in _STEPS.items():
        head, what = case.project.head("records", sheet), sheet_title(case, sheet)
        kept = [row for row in case.project.rows("records", "rounds") if row.text("step") == name]
        now, given = round_of(head), {round_of(row) for row in kept}
        if lost := "、".join(str(number) for number in range(1, now) if number not in given):
            found, expected = f"第{now}轮", f"第{lost}轮的登记"
            yield case.finding("W223", head.at("round"), what=what, now=now, lost=lost, found=found, expected=expected)
        for row in kept:
            if (number := round_of(row)) >= now:
                at, texts = row.at("round"), {"found": str(number), "expected": f"小于{now}"}
                yield case.finding(
                    "W224", at, [head.at("round")], pending=False, what=what, now=now, round=number, **texts
                )


def once_each(case: Case) -> Iterator[Finding]:
    """X242: a round of something is kept once; which of two rows counted could not be known."""
    first: dict[tuple[str, int], Place] = {}
    for row in case.project.rows("records", "rounds"):
        key = row.text("step"), round_of(row)
        if (before := first.setdefault(key, row.at("round"))) != row.at("round"):
            a = f"{sheet_title(case, 'rounds')}“{key[0]}”第{key[1]}轮"
            texts = {"a": a, "clause": "6.4.2、6.4.3、6.4.5", "found": str(key[1]), "expected": "另一轮"}
            yield case.finding("X242", row.at("round"), [before], pending=False, **texts)


# -- the order of rounds -----------------------------------------------------------------------------------------------

# Tables that keep every round: the clause, what two rows of one hand have in common, and their day.
_TABLES = {
    "countersign": ("6.3.2", ("dept", "plan_version"), "sign_date"),
    "approval": ("6.2.2", ("role",), "date"),
    "creview": ("6.4.6", ("dept",), "date"),
}
# What keeps its earlier rounds in a sheet of their own: the clause, and the day of the head.
_HEADS = {
    "需求评审": ("6.4.2", "req_review", "date"),
    "方案审批": ("6.4.3", "scheme", "approve_date"),
    "洽谈投标": ("6.4.5", "bidding", "result_date"),
}
_Dated = tuple[int, Sourced[date], str]


def in_order(case: Case) -> Iterator[Finding]:
    """W206: a later round has no earlier day; one finding a sheet."""
    for sheet, (clause, keys, day) in _TABLES.items():
        hands: dict[tuple[str, ...], list[_Dated]] = {}
        for row in case.project.rows("records", sheet):
            if signed := row.date(day):
                hands.setdefault(tuple(map(row.text, keys)), []).append((round_of(row), signed, row.text(keys[0])))
        yield from _falling(case, clause, sheet_title(case, sheet), hands.values())
    for name, (clause, sheet, day) in _HEADS.items():
        head, kept = case.project.head("records", sheet), earlier(case.project, name)
        now = round_of(head) if "round" in head.cells else max(map(round_of, kept), default=0) + 1
        known = [*((round_of(row), row.date("date")) for row in kept), (now, head.date(day))]
        dated = [(number, found, "") for number, found in known if found]
        yield from _falling(case, clause, sheet_title(case, sheet), [dated])


def _falling(case: Case, clause: str, title: str, several: Iterable[list[_Dated]]) -> Iterator[Finding]:
    """The first round that is dated before the one before it, with the others of its sheet."""
    pairs = [
        (late, early)
        for dated in several
        for early, late in pairwise(sorted(dated, key=lambda one: one[0]))
        if late[0] > early[0] and late[1].value < early[1].value
    ]
    if pairs:
        late, early = pairs[0]
        related = [early[1].at, *(one[1].at for pair in pairs[1:] for one in pair)]
        texts = {"a": _worded(title, late), "word": "早于", "b": _worded("", early), "clause": clause}
        found, expected = late[1].value, f"不早于{early[1].value}"
        yield case.finding("W206", late[1].at, related, pending=False, **texts, found=found, expected=expected)


def _worded(title: str, one: _Dated) -> str:
    number, day, whose = one
    return f"{title}{whose and f'“{whose}”' if title else ''}第{number}轮 {day.value}"


CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (pause_over, earlier_rounds, once_each, in_order)
