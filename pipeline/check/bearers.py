"""Who bears the costs has agreed to them: departments of the plan, agreements with the customer (rules W261, W262)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal

from pipeline.check.case import Case, money
from pipeline.check.procedure import records_of
from pipeline.core.findings import Finding
from pipeline.core.places import Sourced
from pipeline.core.sheets import Record
from pipeline.derive.agreements import costs
from pipeline.derive.records import coordinated, signed

_DIRECT = "直接填报"
_FREE = re.compile("免费|免收|赠送|无偿|不另收费|不收费|不收取")


# -- the departments of the plan --------------------------------------------------------------------------------------


def bearers(case: Case) -> Iterator[Finding]:
    """W261 (6.3.2): a department that bears direct costs confirms the plan in writing, or has reviewed the contract.

    The department that submits the plan need not; people's time is agreed upon in workbook 05. Up to a sum that
    workbook 00 sets nobody is asked. Where a cost came with a later version, its contract review is its word.
    """
    records, least = records_of(case), case.parameter("countersign_cost")
    applied = records.day("application", "apply_date")
    answered = _answered(case)
    for key, lines in _borne(case).items():
        total = sum((amount.value for _, amount in lines), Decimal(0))
        if total >= least and key not in answered:
            (first, _), *others = lines
            related = [*(row.at("dept") for row, _ in others), case.project.sheet("records", "countersign").at]
            texts = {"dept": first.text("dept"), "a": money(total), "found": "没有会签", "expected": "会签意见"}
            yield case.finding("W261", first.at("dept"), related, pending=applied is None, **texts)


def _borne(case: Case) -> dict[str, list[tuple[Record, Sourced[Decimal]]]]:
    """Lines of direct costs with their amounts, by the department that bears them on the day of the application."""
    applied = records_of(case).day("application", "apply_date")
    company = case.company.on(applied.value) if applied else case.company
    own, found = _submitting(case), dict[str, list[tuple[Record, Sourced[Decimal]]]]()
    for row in case.project.rows("cost", "lines"):
        account, dept = company.accounts.get(row.text("acc")), company.department_named(row.text("dept"))
        amount = row.money("amount")
        if account and amount and dept and account.text("rollup") == _DIRECT and dept.code not in own:
            found.setdefault(dept.code, []).append((row, amount))
    return found


def _submitting(case: Case) -> set[str]:
    basics = case.project.head("plan", "basics")
    known = (case.company.department_of(basics.text(key)) for key in ("author", "sales_rep"))
    return {dept.code for dept in known if dept}


def _answered(case: Case) -> set[str]:
    """Departments that signed the plan, of whatever version, or said something about the contract."""
    rows = [row for row in case.project.rows("records", "countersign") if signed(row) or coordinated(row)]
    reviews = [row for row in case.project.rows("records", "creview") if not row.blank("opinion")]
    return {case.company.department_key(row.text("dept")) for row in (*rows, *reviews)}


# -- agreements with the customer -------------------------------------------------------------------------------------


def agreed_costs(case: Case) -> Iterator[Finding]:
    """W262 (6.4.5): what an agreement costs is a change that was approved, and what it gives away is said to cost.

    A workbook of before the column was there is not asked.
    """
    for row in case.project.rows("records", "agreements"):
        if "cost_effect" in row.cells and row.blank("change_no") and (what := _costly(row)):
            texts = {"no": row.text("no"), "what": what[0], "what_en": what[1]}
            at, related = row.at(what[2]), [row.at("cost_effect"), row.at("content")]
            yield case.finding("W262", at, related, pending=False, **texts, found=row.text(what[2]), expected=what[3])


def _costly(row: Record) -> tuple[str, str, str, str] | None:
    """What is wrong in both languages, the cell where, and what is expected there; None: nothing."""
    said = row.text("cost_effect").strip()
    if costs(row):
        return f"对费用的影响是“{said}”,没有变更单号", f'costs "{said}" and names no change', "change_no", "变更单号"
    free = _FREE.search(row.text("content") + row.text("written_text"))
    if free and not said:
        word = free.group()
        text = f"许诺了“{word}”,没有写对费用的影响", f'promises "{word}" and does not say what it costs'
        return *text, "cost_effect", "金额,或“无”和理由"
    return None


CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (bearers, agreed_costs)
