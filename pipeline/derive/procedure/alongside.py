"""Work that a project may do at any time: meetings, changes, reports, summaries (6.4.5 to 6.4.9; G310 .. G345)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.core.places import Place
from pipeline.core.procedure import Answer, Breach
from pipeline.core.sheets import Record
from pipeline.definitions.fillers import is_nothing
from pipeline.definitions.procedure import StepForm
from pipeline.derive.procedure.ground import Ground, after, breach
from pipeline.derive.procedure.registry import step
from pipeline.derive.records import IN_FORCE

_DELEGATED, _RULED = "授权范围", "公司明文规定"
# What a row of the negotiation calls a kind of change.
_KINDS = {"技术": "方案-技术", "商务": "商务"}
_MEETING = "会议"


@step("memos")
def memos(g: Ground, form: StepForm) -> Answer:
    """6.4.7: every meeting leaves a memo."""
    rows = g.records.rows("memos")
    return g.answer(form, (), _met(g), g.records.latest("memos", "start"), by=[row.text("recorder") for row in rows])


def _met(g: Ground) -> Iterator[Breach]:
    """G360 (6.4.7): who met left a memo; a project in which nobody met needs none."""
    met = [row for row in g.records.rows("tracking") if row.text("method") == _MEETING]
    if met and not g.records.rows("memos") and g.records.archive.date("archive_date"):
        day = met[0].text("date")[:10]
        yield breach("G360", met[0].at("method"), day=day, found=_MEETING, expected="会议备忘录")


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
    breaches = [found for one in _alterations(g) for found in _held(g, one)]
    breaches += [*_within_the_scope(g), *_referred(g)]
    rows = g.records.rows("changes")
    day = g.records.latest("changes", "approve_date")
    return g.answer(form, (), breaches, day, by=[row.text("approver") for row in rows])


def _alterations(g: Ground) -> Iterator[Alteration]:
    """Changes of the scheme that the original approver approves beforehand: all that say no other basis."""
    for row in g.records.rows("changes"):
        kind = row.text("kind")
        if kind in _KINDS.values() and row.text("status") in IN_FORCE and not _other_basis(row):
            yield Alteration(row, row.text("no"), kind != "商务")
    for row in g.records.rows("bidding"):
        if row.blank("change_no") and not _other_basis(row):
            yield Alteration(row, _named(g, row), row.text("kind") != "商务")


def _named(g: Ground, row: Record) -> str:
    return f"{g.forms['records'].sheet_form('bidding').name} {row.text('no')}"


def _other_basis(row: Record) -> bool:
    """Whether a change stands on a delegated scope or a written rule; a number that says nothing is none (W219)."""
    ruled = row.text("basis") == _RULED and (row.blank("basis_no") or not is_nothing(row.text("basis_no")))
    return ruled or row.text("basis") == _DELEGATED


def _within_the_scope(g: Ground) -> Iterator[Breach]:
    """G344 (6.4.5): who changes within a delegated scope was given one with the approval of the scheme."""
    scheme = g.records.head("scheme")
    rows = [(row, row.text("no")) for row in g.records.rows("changes")]
    rows += [(row, _named(g, row)) for row in g.records.rows("bidding")]
    scope = scheme.text("delegated_scope")
    for row, no in rows if is_nothing(scope) else ():
        if row.text("basis") == _DELEGATED:
            expected = g.forms["records"].sheet_form("scheme").field("delegated_scope").label
            yield breach("G344", row.at("basis"), [scheme.at("delegated_scope")], no=no, found=scope, expected=expected)


def _referred(g: Ground) -> Iterator[Breach]:
    """G345 (6.4.5): the change that a row of the negotiation names was approved, and is of its kind."""
    changes = {row.text("no"): row for row in g.records.rows("changes")}
    for row in g.records.rows("bidding"):
        change = changes.get(row.text("change_no"))
        wanted = _KINDS.get(row.text("kind"), "")
        if change is None or row.blank("change_no"):
            continue
        wrong = [("status", "已批准")] if change.text("status") not in IN_FORCE else []
        wrong += [("kind", wanted)] if wanted and change.text("kind") != wanted else []
        for key, expected in wrong[:1]:
            values = {"no": _named(g, row), "change": row.text("change_no"), "found": change.text(key)}
            yield breach("G345", row.at("change_no"), [change.at(key)], **values, expected=expected)


def _held(g: Ground, change: Alteration) -> Iterator[Breach]:
    """G310; W226 (6.4.5) where the reason speaks of a written rule of the company and nobody recorded the basis."""
    found = list(_approved_first(g, change))
    said = next((key for key in ("reason", "content") if _RULED in change.row.text(key)), "")
    if found and said and change.row.blank("basis"):
        at = change.row.at("basis" if "basis" in change.row.cells else said)
        yield breach("W226", at, [change.row.at(said)], no=change.no, found="", expected=_RULED)
    else:
        yield from found


def _approved_first(g: Ground, change: Alteration) -> Iterator[Breach]:
    """G310 (6.4.5): the original approver approves a change before it takes effect, unless it was delegated."""
    approved, effective = change.row.date("approve_date"), change.row.date("effective_date")
    if approved and effective and after(approved, effective):
        what = f"{approved.value}才批准，{effective.value}已经生效"
        what_en = f"was approved on {approved.value}, after it took effect on {effective.value}"
        values = {"no": change.no, "what": what, "what_en": what_en, "found": approved.value}
        yield breach("G310", approved.at, [effective.at], **values, expected=f"不晚于{effective.value}")
    original, approver = _original(g, change), change.row.text("approver")
    if approver and original and approver not in original:
        expected = "、".join(g.who(no) for no in original)
        at, cells = change.row.at("approver"), original.values()
        what, what_en = f"批准人不是原批准人{expected}", f"was not approved by the original approver {expected}"
        values = {"no": change.no, "what": what, "what_en": what_en, "found": g.who(approver)}
        yield breach("G310", at, cells, **values, expected=expected)


def _original(g: Ground, change: Alteration) -> dict[str, Place]:
    """Who approved the scheme, or for commercial terms the initiation, with the cells that say so."""
    rows = (g.records.head("scheme"),) if change.technical else g.records.rows("approval")
    return {row.text("approver"): row.at("approver") for row in rows if row.text("approver")}
