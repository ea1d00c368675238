"""Workbook 06: earlier rounds and pauses (rules W222, W223, W224)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pipeline.check.case import Case
from pipeline.check.procedure import sheet_title
from pipeline.core.findings import Finding
from pipeline.derive.records import paused, round_of

# What may come in rounds, and the sheet whose head is the last of them.
_STEPS = {"需求评审": "req_review", "洽谈投标": "bidding"}


def pause_over(case: Case) -> Iterator[Finding]:
    """W222 (6.4.2): a pause after which the procedure went on says from when."""
    row = paused(case.project)
    start = row.date("from") if row else None
    days = [answer.day for answer in case.facts.steps.values() if answer.gate and answer.day]
    last = max(days, key=lambda day: day.value, default=None)
    if row and start and last and last.value > start.value:
        found = f"{start.value}暂停,{last.value}仍有记录"
        yield case.finding(
            "W222", row.at("until"), [last.at], a=start.value, b=last.value, found=found, expected="恢复日期"
        )


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


CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (pause_over, earlier_rounds)
