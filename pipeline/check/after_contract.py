"""Between the contract and the handover: the kick-off meeting, and who keeps in touch (rules P571, P575).

Asked of projects that use workbook 07 or 08 alone, and not of one that has ended: the works have records of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import pairwise

from pipeline.check.case import Case, shown
from pipeline.core.findings import Finding
from pipeline.core.places import Sourced
from pipeline.definitions.procedure import load_procedure

_KICKOFF = "启动"


def kicked_off(case: Case) -> Iterator[Finding]:
    """P571 (项目售前实施方案流程, 7): within `kickoff_days` of the contract the team has met, and a memo says so.

    A meeting after the approval counts, too; so does any memo that the work order names. One that was late is let be.
    """
    signed = _signed(case)
    if signed is None or not (case.project.has("support") or case.project.has("bids")):
        return
    memos, most = case.project.rows("records", "memos"), case.parameter("kickoff_days")
    met = any(_KICKOFF in row.text("title") for row in memos)
    named = not case.project.head("bids", "work_order").blank("kickoff")
    if not met and not named and _between(case, signed.value, case.as_of) > most:
        values = {"sign": signed.value, "days": most, "found": "没有", "expected": "启动会的备忘录"}
        yield case.finding("P571", case.project.sheet("records", "memos").at, [signed.at], pending=False, **values)


def still_in_touch(case: Case) -> Iterator[Finding]:
    """P575 (售前项目管理流程, 五步): after the contract the customer is visited until the project is handed over."""
    signed, most = _signed(case), case.parameter("tracking_gap")
    if signed is None or not case.project.has("support"):
        return
    days = [day for row in case.project.rows("records", "tracking") if (day := row.date("date"))]
    over = case.project.head("records", "handover").date("handover_date")
    end = min(over.value, case.as_of) if over else case.as_of
    visited = sorted((day for day in days if signed.value < day.value <= end), key=lambda day: day.value)
    for before, after in pairwise([signed.value, *(day.value for day in visited), end]):
        if _between(case, before, after) > most:
            at = next((day.at for day in visited if day.value == before), signed.at)
            values = {
                "a": before,
                "b": after,
                "gap": most,
                "found": "没有跟踪",
                "expected": f"不超过{shown(most)}个工作日",
            }
            yield case.finding("P575", at, [signed.at], pending=False, **values)


def _signed(case: Case) -> Sourced[date] | None:
    """The day of the contract of a project that goes on."""
    ended = case.facts.state in load_procedure().ended
    return None if ended else case.project.head("records", "signing").date("sign_date")


def _between(case: Case, start: date, end: date) -> int:
    """Working days after one day, up to another."""
    return case.company.calendar.between(start + timedelta(days=1), end)


CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (kicked_off, still_in_touch)
