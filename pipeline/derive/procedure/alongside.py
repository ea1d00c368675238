"""Work that a project may do at any time: meetings, changes, reports, summaries (clauses 6.4.5 to 6.4.9; rule G310)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.core.places import Place
from pipeline.core.procedure import Answer, Breach
from pipeline.core.sheets import Record
from pipeline.definitions.procedure import StepForm
from pipeline.derive.procedure.ground import Ground, after, breach
from pipeline.derive.procedure.registry import step
from pipeline.derive.records import IN_FORCE

_WITHIN_AUTHORITY = "授权范围"


@step("memos")
def memos(g: Ground, form: StepForm) -> Answer:
    """6.4.7: every meeting leaves a memo."""
    rows = g.records.rows("memos")
    return g.answer(form, (), (), g.records.latest("memos", "start"), by=[row.text("recorder") for row in rows])


@step("reports")
def reports(g: Ground, form: StepForm) -> Answer:
    """6.4.9: the project manager reports."""
    return g.answer(form)


@step("summary")
def summary(g: Ground, form: StepForm) -> Answer:
    """6.4.1: stages of the plan that are finished."""
    days = [day for row in g.project.rows("plan", "stages") if (day := row.date("actual_end"))]
    return g.answer(form, (), (), max(days, key=lambda day: day.value, default=None))


# -- changes (6.4.5, 6.4.8) --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Alteration:
    """A change of the scheme: its row, its number, and whether it is technical or commercial."""

    row: Record
    no: str
    technical: bool


@step("changes")
def changes(g: Ground, form: StepForm) -> Answer:
    """6.4.8: changes of the plan, and of the scheme while it is negotiated."""
    breaches = [found for one in _alterations(g) for found in _approved_first(g, one)]
    rows = g.records.rows("changes")
    day = g.records.latest("changes", "approve_date")
    return g.answer(form, (), breaches, day, by=[row.text("approver") for row in rows])


def _alterations(g: Ground) -> Iterator[Alteration]:
    for row in g.records.rows("changes"):
        kind, said = row.text("kind"), row.text("reason") + row.text("impact")
        if kind in {"方案-技术", "商务"} and row.text("status") in IN_FORCE and _WITHIN_AUTHORITY not in said:
            yield Alteration(row, row.text("no"), kind != "商务")
    title = g.forms["records"].sheet_form("bidding").name
    for row in g.records.rows("bidding"):
        if row.blank("change_no") and _WITHIN_AUTHORITY not in row.text("content"):
            yield Alteration(row, f"{title} {row.text('no')}", row.text("kind") != "商务")


def _approved_first(g: Ground, change: Alteration) -> Iterator[Breach]:
    """G310 (6.4.5): the original approver approves a change before it takes effect, unless it was delegated."""
    approved, effective = change.row.date("approve_date"), change.row.date("effective_date")
    if approved and effective and after(approved, effective):
        expected = f"不晚于{effective.value}"
        yield breach("G310", approved.at, [effective.at], no=change.no, found=approved.value, expected=expected)
    original, approver = _original(g, change), change.row.text("approver")
    if approver and original and approver not in original:
        expected = "、".join(g.who(no) for no in original)
        at, cells = change.row.at("approver"), original.values()
        yield breach("G310", at, cells, no=change.no, found=g.who(approver), expected=expected)


def _original(g: Ground, change: Alteration) -> dict[str, Place]:
    """Who approved the scheme, or for commercial terms the initiation, with the cells that say so."""
    rows = (g.records.head("scheme"),) if change.technical else g.records.rows("approval")
    return {row.text("approver"): row.at("approver") for row in rows if row.text("approver")}
