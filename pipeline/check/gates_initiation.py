"""Gates up to the approval of the initiation: G301 .. G306 and G317 (clauses 6.2.1 to 6.4.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

from pipeline.check.case import Case
from pipeline.check.procedure import Day, after, approval_roles, records_of, sheet_title, there, unsigned
from pipeline.core.findings import Finding
from pipeline.core.places import Place
from pipeline.core.sheets import Record
from pipeline.derive.survey import UNCLEAR, blank_items

_ANNEXED = ("plan", "cost", "materials", "staffing")
# Records that may not be older than the approval; tracking and memos may (6.1).
_HEADS = (("req_review", "date"), ("scheme", "approve_date"), ("bidding", "submit_time"), ("signing", "sign_date"))
_ROWS = (("test_results", "date"), ("creview", "date"), ("changes", "approve_date"))


# -- application (6.2.1) ------------------------------------------------------------------------------------------


def may_apply(case: Case) -> Iterator[Finding]:
    """G301 (6.2.1): no blank survey item, all annexes, every countersignature, before somebody applies."""
    records = records_of(case)
    applied = records.day("application", "apply_date")
    if not applied:
        return
    blanks = blank_items(case.project, case.company, case.forms, case.facts.items)
    absent = [case.forms[key] for key in _ANNEXED if not case.project.has(key)]
    unsettled = _unsettled(records.countersigns)
    missing = [f"调查表空项 {no}" for no in blanks]
    missing += [f"缺少工作簿 {form.no}《{form.name}》" for form in absent]
    missing += [f"计划会签:{name}" for name in unsigned(case, records.countersigns)]
    missing += [f"CXO协调:{row.text('dept')}" for row in unsettled]
    if missing:
        cells = [case.facts.items[no].at for no in blanks if no in case.facts.items]
        cells += [row.at("opinion") for row in unsettled]
        cells += [case.project.sheet("records", "countersign").at] if unsigned(case, records.countersigns) else []
        listed = "、".join(missing)
        yield case.finding("G301", applied.at, cells, missing=listed, found=listed, expected="无")


def _unsettled(rows: tuple[Record, ...]) -> list[Record]:
    """Objections that no CXO has settled (6.3.2, note)."""
    wanted = ("cxo", "cxo_result", "cxo_date")
    return [row for row in rows if row.text("opinion") == "不同意" and any(row.blank(key) for key in wanted)]


def countersigned_first(case: Case) -> Iterator[Finding]:
    """G302 (6.3.2, 6.2.1): the countersigning is finished when somebody applies."""
    records = records_of(case)
    applied = records.day("application", "apply_date")
    days = [day for row in records.countersigns for key in ("sign_date", "cxo_date") if (day := row.date(key))]
    last = max(days, key=lambda day: day.value, default=None)
    if applied and last and after(last, applied):
        a, b = last.value, applied.value
        yield case.finding("G302", applied.at, [last.at], a=a, b=b, found=b, expected=f"不早于{a}")


# -- approval (6.2.2) ---------------------------------------------------------------------------------------------


def approved_by_all(case: Case) -> Iterator[Finding]:
    """G303 (6.2.2, 4.4): every role of the chain decided, in order, the last one with 批准."""
    records = records_of(case)
    rows, notice = records.rows("approval"), records.day("notice", "date")
    if not notice and not any(row.text("decision") == "批准" for row in rows):
        return
    if lacking := _lacking(case):
        cells = [row.at("decision") for row in rows]
        found = "、".join(row.text("role") for row in rows)
        expected = "、".join(approval_roles(case))
        at = case.project.sheet("records", "approval").at
        related = [*cells, *([notice.at] if notice else [])]
        yield case.finding("G303", at, related, role="、".join(lacking), found=found, expected=expected)


def _lacking(case: Case) -> list[str]:
    """What the approval lacks: roles without a decision, the final 批准, the order of the dates."""
    roles = approval_roles(case)
    rows = {row.text("role"): row for row in records_of(case).rows("approval")}
    given = {role: (rows[role], day) for role in roles if role in rows and (day := _decided(rows[role]))}
    lacking = [role for role in roles if role not in given]
    last = roles[-1] if roles else ""
    if last in given and given[last][0].text("decision") != "批准":
        lacking.append(f"{last}(批准)")
    for (one, (_, before)), (other, (_, day)) in pairwise(given.items()):
        if after(before, day):
            lacking.append(f"{other}({day.value} < {one} {before.value})")
    return lacking


def _decided(row: Record) -> Day:
    return row.date("date") if row.text("decision") else None


def noticed(case: Case) -> Iterator[Finding]:
    """G304 (6.2.2): the notice follows the approval and names project manager, team and departments."""
    records = records_of(case)
    notice, day = records.head("notice"), records.day("notice", "date")
    if not day:
        return
    approved = records.approval_date
    if approved and after(approved, day):
        expected = f"不早于{approved.value}"
        yield case.finding("G304", day.at, [approved.at], found=day.value, expected=expected)
    for key in ("pm", "team", "notify"):
        if notice.blank(key):
            label = case.forms["records"].sheet_form("notice").field(key).label
            yield case.finding("G304", notice.at(key), [day.at], found="", expected=label)
    pm, team = notice.text("pm"), notice.choices("team")
    if pm and team and pm not in team:
        yield case.finding("G304", notice.at("team"), [notice.at("pm")], found=notice.text("team"), expected=pm)


# -- what may not come before it ------------------------------------------------------------------------------------


def executed_after_approval(case: Case) -> Iterator[Finding]:
    """G305 (6.4.1): nothing is carried out before the initiation is approved."""
    approved = records_of(case).approval_date
    if not approved or not approval_roles(case) or _lacking(case):
        return
    for sheet, day in _days(case):
        if day and day.value < approved.value:
            title, a, b = sheet_title(case, sheet), day.value, approved.value
            yield case.finding("G305", day.at, [approved.at], doc=title, a=a, b=b, found=a, expected=f"不早于{b}")


def _days(case: Case) -> Iterator[tuple[str, Day]]:
    records = records_of(case)
    for sheet, key in _HEADS:
        yield sheet, records.day(sheet, key)
    for sheet, key in _ROWS:
        for row in records.rows(sheet):
            yield sheet, row.date(key)


def tracking_needed(case: Case) -> Iterator[Finding]:
    """G306 (6.4.2, note): following the user may be left out only when every requirement is clear."""
    basics = case.project.head("plan", "basics")
    if not case.project.has("records") or basics.text("skip_tracking") != "是":
        return
    unclear = [item for item in case.facts.items.values() if item.applies and item.status == UNCLEAR]
    if unclear:
        at, cells = basics.at("skip_tracking"), [_status(case, item.no) for item in unclear]
        yield case.finding("G306", at, cells, found="是", expected=f"否(不明确{len(unclear)}项)")


def _status(case: Case, no: str) -> Place:
    row = case.item(no)
    return row.at("status") if row else case.facts.items[no].at


def rejected_is_the_end(case: Case) -> Iterator[Finding]:
    """G317 (6.2.2, note): nothing follows an initiation that was not approved."""
    records = records_of(case)
    if not records.rejected:
        return
    refusals = [row.at("decision") for row in records.rows("approval") if row.text("decision") == "不批准"]
    for sheet, key in (("notice", "date"), *_HEADS):
        if day := records.day(sheet, key):
            yield case.finding("G317", day.at, there(*refusals), found=day.value, expected="无")


CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (
    may_apply,
    countersigned_first,
    approved_by_all,
    noticed,
    executed_after_approval,
    tracking_needed,
    rejected_is_the_end,
)
