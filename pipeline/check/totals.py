"""Figures that must agree, in a workbook and between plan and annexes (clauses 6.3.1, 6.4.8; rules W121 .. X220)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from decimal import Decimal

from pipeline.check.case import Case, money, shown
from pipeline.check.relations import (
    CHANGES,
    COST,
    COST_EXCL,
    DAYS,
    LABOUR,
    MATERIALS,
    REVENUE,
    REVENUE_EXCL,
    REVISIONS,
    STAGE_BUDGET,
    STAGE_DAYS,
    RelatedTables,
    Relation,
    labelled,
    relate,
    shown_at,
    stated,
    summed,
    why_not,
    worked_out,
)
from pipeline.check.unfilled import unfilled
from pipeline.core.figures import Key
from pipeline.core.findings import Comparison, Finding, Side, Verdict
from pipeline.core.money import NotAnAmount, from_words, in_words, to_wan
from pipeline.core.places import Place
from pipeline.core.sheets import Flaw, Record
from pipeline.derive.amounts import labour_amount, line_amount, net_amount
from pipeline.derive.groups import SCOPES

# Stated totals and the figure that each must equal (rule W133).
_TOTALS = (
    ("grand_total", COST, ("cost", "total")),
    ("grand_total_excl", COST_EXCL, ("cost", "total_excl")),
    ("grand_total", MATERIALS, ("materials", "total")),
    ("total_days", DAYS, ("staffing", "days")),
    ("total_amount", LABOUR, ("staffing", "amount")),
    ("stage_days_total", STAGE_DAYS, ("plan", "stage_days")),
    ("stage_budget_total", STAGE_BUDGET, ("plan", "stage_budget")),
    ("revenue_total", REVENUE, ("revenue", "total")),
    ("revenue_excl_total", REVENUE_EXCL, ("revenue", "total_excl")),
)
_SUBTOTALS = {"售前": "presales_subtotal", "工程": "eng_subtotal"}
_SUMMARY_KEYS = {"科目": ("cost", "account"), "阶段": ("cost", "stage"), "月份": ("cost", "month")}
# Account that a group of materials is booked under, and the rule that holds the two together.
_ACCOUNT_RULES = {"1001": "X203", "1002": "X204", "1003": "X204", "1004": "X205", "1005": "X206", "1006": "X206"}
_LABOUR_ACCOUNT = "2001"


def findings(case: Case, comparisons: Iterable[Comparison]) -> Iterator[Finding]:
    """Turn the comparisons that differ into findings at the cell to correct."""
    for found in comparisons:
        if found.verdict is Verdict.DIFFERENT and isinstance(found, Relation):
            yield case.finding(found.rule, found.at, found.related, pending=False, **found.values)


# -- inside a row ---------------------------------------------------------------------------------------------


def quantity_by_price(case: Case) -> Iterator[Comparison]:
    """W130 (6.3.1): amount = quantity x unit price, in cost plan and materials."""
    for form in ("cost", "materials"):
        yield from _rows(case, "W130", (form, "lines"), "amount", (line_amount, "数量×单价", ("qty", "unit_price")))


def net_of_tax(case: Case) -> Iterator[Comparison]:
    """W131 (6.3.1): tax-exclusive amount = amount / (1 + rate), in cost plan and revenue."""
    for source in (("cost", "lines"), ("plan", "revenue")):
        yield from _rows(case, "W131", source, "amount_excl", (net_amount, "含税金额÷(1+税率)", ("amount", "tax_rate")))


def days_by_rate(case: Case) -> Iterator[Comparison]:
    """W162 (6.3.1): labour = planned days x day rate."""
    how = (labour_amount, "计划人天×人天单价", ("plan_days", "day_rate"))
    yield from _rows(case, "W162", ("staffing", "lines"), "amount", how)


_How = tuple[Callable[[Record], Decimal | None], str, tuple[str, ...]]


def _rows(case: Case, rule: str, source: tuple[str, str], field: str, how: _How) -> Iterator[Comparison]:
    """One comparison a row: the field against what `how` makes of its operands."""
    form, key = source
    sheet = case.forms[form].sheet_form(key)
    label = sheet.field(field).label
    expected, formula, operands = how
    for row in case.project.rows(form, key):
        line = f"第{row.number}行"
        left = stated(case, form, row, field, f"{line}{label}")
        right = worked_out(row, labelled(case, form, f"{line}{formula}"), expected(row), operands)
        yield relate(case, rule, f"{sheet.name}{line}{label}", left, right, row=str(row.number))


# -- inside a workbook ----------------------------------------------------------------------------------------


def subtotals(case: Case) -> Iterator[Comparison]:
    """W132 (6.3.1): presales and engineering subtotals of the cost plan, and the materials by category."""
    for scope, key in _SUBTOTALS.items():
        yield from _stated_total(case, "W132", key, COST, ("cost", SCOPES[scope]))
    for row in case.project.rows("materials", "subtotals"):
        category, scope, mode = (row.text(key) for key in ("category", "scope", "mode"))
        group = f"{category}({scope}、{mode})"
        left = stated(case, "materials", row, "subtotal", f"{group}小计")
        right = summed(case, MATERIALS, ("materials", "group", category, scope, mode), f"{group}明细合计")
        yield relate(case, "W132", f"物资类别小计 {group}", left, right, group=group)


def grand_totals(case: Case) -> Iterator[Comparison]:
    """W133 (6.3.1): the nine stated totals equal the sums of their rows."""
    for key, table, figure in _TOTALS:
        yield from _stated_total(case, "W133", key, table, figure)


def _stated_total(case: Case, rule: str, key: str, table: RelatedTables, figure: Key) -> Iterator[Comparison]:
    if not case.project.has(table.form):
        return
    form = case.forms[table.form].sheet_form(table.sheet)
    total = next(total for total in form.totals if total.key == key)
    left = stated(case, table.form, case.project.sheet(table.form, table.sheet).totals, key, total.label)
    right = summed(case, table, figure, f"{form.name}各行之和")
    words = money if total.type == "money" else shown
    yield relate(case, rule, f"{form.name} {total.label}", left, right, words=words, group=total.label)


def total_in_words(case: Case) -> Iterator[Comparison]:
    """W134 (6.3.1): the amount in words, read back, equals the stated one beside it; unreadable words differ."""
    if case.project.has("cost") and not unfilled(case, "cost", "lines"):
        totals = case.project.sheet("cost", "lines").totals
        yield _in_words_too(case, "cost", totals, ("grand_total", "合计"))
    signing = case.project.head("records", "signing")
    if any(not signing.blank(key) for key in ("amount", "amount_upper")):
        yield _in_words_too(case, "records", signing, ("amount", "合同额"))


def _in_words_too(case: Case, form: str, record: Record, what: tuple[str, str]) -> Relation:
    """A stated amount against its words; `what` is its key and what people call it."""
    key, name = what
    subject, upper = f"{name}大写", f"{key}_upper"
    text, at = record.text(upper), record.at(upper)
    right = stated(case, form, record, key, name)
    left = Side(labelled(case, form, subject), text or None, (at,), () if text else (at,))
    if not text or not isinstance(right.value, Decimal):
        return Relation("W134", subject, left, right, Verdict.UNCHECKED, why=why_not(left, right))
    difference = _words_less(text, right.value)
    same = difference is not None and abs(difference) < case.parameter("tolerance")
    should = text if same else _in_words(right.value)
    values = {"a": text, "b": should, "d": "" if difference is None else money(difference)}
    return Relation(
        "W134",
        subject,
        left,
        right,
        Verdict.EQUAL if same else Verdict.DIFFERENT,
        difference,
        at=at,
        related=right.cells,
        values={**values, "found": text, "expected": should},
    )


def _words_less(text: str, amount: Decimal) -> Decimal | None:
    """What the words say less the amount; None when they cannot be read."""
    try:
        return from_words(text) - amount
    except NotAnAmount:
        return None


def _in_words(amount: Decimal) -> str:
    """The amount in words; in figures where it has more digits than words go (16)."""
    try:
        return in_words(amount)
    except ValueError:
        return money(amount)


def summary(case: Case) -> Iterator[Comparison]:
    """W140 (6.3.1): the summary by scope, account, stage and month, in yuan and, converted after adding, in 万元."""
    table = RelatedTables("cost", "lines", (*COST.columns, "use_month"))
    for row in case.project.rows("cost", "summary"):
        dim, code = row.text("dim"), row.text("code")
        key = _summary_key(dim, code)
        if key is None:
            continue
        right = summed(case, table, key, f"{dim}{code}明细合计")
        if dim == "月份" and (spelled := _spelled_months(case, code)):
            right = replace(right, value=None, broken=spelled)
        left = stated(case, "cost", row, "amount", f"汇总 {dim}{code} 金额")
        yield relate(case, "W140", f"汇总 {dim} {code}(元)", left, right)
        in_wan = replace(right, value=to_wan(right.value)) if isinstance(right.value, Decimal) else right
        left = stated(case, "cost", row, "amount_wan", f"汇总 {dim}{code} 万元")
        yield relate(case, "W140", f"汇总 {dim} {code}(万元)", left, in_wan, words=shown)


def _spelled_months(case: Case, month: str) -> tuple[Place, ...]:
    """Lines of a month that the summary lacks because no formula takes their text for it (F048)."""
    cells = (row.cell("use_month") for row in case.project.rows("cost", "lines"))
    return tuple(cell.at for cell in cells if cell.value == month and Flaw.TEXT_DATE in cell.flaws)


def _summary_key(dim: str, code: str) -> Key | None:
    """Figure that a line of the summary states; None for a line of another kind, or without a code."""
    if dim == "归属" and code in SCOPES:
        return ("cost", SCOPES[code])
    return (*_SUMMARY_KEYS[dim], code) if code and dim in _SUMMARY_KEYS else None


def revenue_is_contract(case: Case) -> Iterator[Comparison]:
    """W121 (6.2.2 e): the revenue split adds up to the contract amount."""
    if not case.project.has("plan"):
        return
    total = case.project.sheet("plan", "revenue").totals.at("revenue_total")
    left = shown_at(summed(case, REVENUE, ("revenue", "total"), "收入构成合计"), total)
    right = stated(case, "plan", case.project.head("plan", "basics"), "contract_amount", "合同额(含税)")
    yield relate(case, "W121", "收入构成合计与合同额", left, right)


# -- plan, cost, materials and staffing among each other ---------------------------------------------------------


def materials_in_cost(case: Case) -> Iterator[Comparison]:
    """X203-X206 (6.3.1): materials by account and scope equal the cost plan's rows of that account and scope."""
    for acc, rule in _ACCOUNT_RULES.items():
        for scope in SCOPES:
            keys = (("materials", "account_scope", acc, scope), ("cost", "account_scope", acc, scope))
            if not any(case.facts.figure_or_none(*key) for key in keys):
                continue
            name = _account_name(case, acc)
            left = summed(case, MATERIALS, keys[0], f"计入{acc}的物资({scope})")
            right = _cost_side(case, keys[1], f"{acc} {name}({scope})")
            yield relate(case, rule, f"{name}({scope})", left, right, scope=scope, account=name)


def labour_in_cost(case: Case) -> Iterator[Comparison]:
    """X207 (6.3.1): labour by scope and stage equals the cost plan's rows of account 2001."""
    booked = case.facts.pivot("cost", "account_stage")
    pairs = {(scope, stage) for acc, scope, stage in booked if acc == _LABOUR_ACCOUNT}
    for scope, stage in sorted(pairs | set(case.facts.pivot("staffing", "scope_stage"))):
        if not scope or not stage:
            continue
        where = f"{scope}{stage}"
        left = summed(case, LABOUR, ("staffing", "scope_stage", scope, stage), f"{where}人工费")
        right = _cost_side(
            case, ("cost", "account_stage", _LABOUR_ACCOUNT, scope, stage), f"{_LABOUR_ACCOUNT} 人工费({where})"
        )
        yield relate(case, "X207", f"人工费({scope} {stage})", left, right, stage=where, scope=scope)


_IN_ENGLISH = {
    "planned_total_cost": "Total cost",
    "presales_budget": "Presales cost",
    "engineering_estimate": "Engineering cost",
    "materials_total": "Materials total",
    "total_person_days": "Person-days",
}


def planned_cost(case: Case) -> Iterator[Comparison]:
    """X208 and X209 (6.3.1): total, presales and engineering cost of the plan equal the cost plan's rows."""
    for field, total, key, rule in (
        ("planned_total_cost", "grand_total", ("cost", "total"), "X208"),
        ("presales_budget", "presales_subtotal", ("cost", "presales"), "X209"),
        ("engineering_estimate", "eng_subtotal", ("cost", "engineering"), "X209"),
    ):
        yield from _planned(case, rule, field, COST, (key, total))


def planned_annexes(case: Case) -> Iterator[Comparison]:
    """X210 (6.3.1): materials total and person-days of the plan equal the annexes' rows."""
    yield from _planned(case, "X210", "materials_total", MATERIALS, (("materials", "total"), "grand_total"))
    yield from _planned(case, "X210", "total_person_days", DAYS, (("staffing", "days"), "total_days"))


def _planned(case: Case, rule: str, field: str, table: RelatedTables, source: tuple[Key, str]) -> Iterator[Comparison]:
    """A figure of the plan against an annex: `source` is the derived figure and the total cell that shows it."""
    if not case.project.has("plan") and not case.project.has(table.form):
        return
    definition = case.forms["plan"].sheet_form("basics").field(field)
    key, total = source
    left = stated(case, "plan", case.project.head("plan", "basics"), field, definition.label)
    right = summed(case, table, key, f"{case.forms[table.form].sheet_form(table.sheet).name}各行之和")
    if case.project.has(table.form):
        right = shown_at(right, case.project.sheet(table.form, table.sheet).totals.at(total))
    names = {"label": definition.label, "label_en": _IN_ENGLISH[field]}
    words = money if definition.type == "money" else shown
    yield relate(case, rule, definition.label, left, right, words=words, **names)


def stage_budgets(case: Case) -> Iterator[Comparison]:
    """X211 (6.3.1): the budget of every stage equals the cost plan's rows of that stage."""
    for row, code in _stages(case):
        left = stated(case, "plan", row, "budget", f"阶段{code}费用")
        right = _once(case, code, _cost_side(case, ("cost", "stage", code), f"阶段{code}各行之和"))
        yield relate(case, "X211", f"阶段 {code} 费用", left, right, code=code)


def stage_days(case: Case) -> Iterator[Comparison]:
    """X212 (6.3.1): the person-days of every stage equal the staffing rows of that stage."""
    for row, code in _stages(case):
        left = stated(case, "plan", row, "person_days", f"阶段{code}人天")
        right = summed(case, DAYS, ("staffing", "stage", code), f"阶段{code}各行之和")
        right = _once(case, code, _with_cell(case, right, DAYS, "total_days"))
        yield relate(case, "X212", f"阶段 {code} 人天", left, right, words=shown, code=code)


def _once(case: Case, code: str, side: Side) -> Side:
    """The rows of a stage; of a code that the plan has twice (X242) nobody knows which stage they are of."""
    cells = tuple(row.at("code") for row, other in _stages(case) if other == code)
    return replace(side, value=None, broken=(*side.broken, *cells)) if len(cells) > 1 else side


def baseline_and_changes(case: Case) -> Iterator[Comparison]:
    """X220 (6.4.8): current cost = baseline of the first revision + approved changes = total of the last revision."""
    rows = case.project.rows("plan", "revisions")
    if not rows:
        return
    current = _with_total(case, summed(case, COST, ("cost", "total"), "各行之和"))
    changes = summed(case, CHANGES, ("changes", "approved"), "已批变更")
    planned = summed(case, REVISIONS, ("revisions", "planned"), "基线与已批变更")
    if changes.value is None:
        label = f"{planned.label};{changes.label}"
        planned = replace(planned, label=label, value=None, broken=(*planned.broken, *changes.broken))
    figure, version = case.facts.figure_or_zero, rows[-1].text("version")
    b, c = money(figure("revisions", "baseline").value), money(figure("changes", "approved").value)
    yield _at_revision(relate(case, "X220", "当前费用与基线加已批变更", current, planned), rows[-1], {"b": b, "c": c})
    if changes.value is not None and (len(rows) > 1 or figure("changes", "approved").value):
        last = summed(case, REVISIONS, ("revisions", "last"), f"{version}费用合计")
        texts = {"b": f"{money(figure('revisions', 'last').value)}({version})", "c": money(Decimal(0))}
        yield _at_revision(relate(case, "X220", "当前费用与末次修订", current, last), rows[-1], texts)


def _at_revision(found: Relation, row: Record, texts: dict[str, str]) -> Relation:
    """Report at the total of the last revision; the total of the cost plan and the changes belong to it."""
    related = (*found.left.cells[:1], *found.right.cells)
    values = {**found.values, **texts, "found": texts["b"], "expected": found.values["a"]} if found.values else {}
    return replace(found, at=row.at("total"), related=related, values=values)


def _with_total(case: Case, side: Side) -> Side:
    """The sum of the cost plan, shown at its total cell."""
    if not case.project.has("cost"):
        return side
    return shown_at(side, case.project.sheet("cost", "lines").totals.at("grand_total"))


def _stages(case: Case) -> Iterator[tuple[Record, str]]:
    for row in case.project.rows("plan", "stages"):
        if code := row.text("code"):
            yield row, code


def _cost_side(case: Case, key: Key, what: str) -> Side:
    """Rows of the cost plan; where there are none, the total cell stands for the sheet."""
    return _with_cell(case, summed(case, COST, key, what), COST, "grand_total")


def _with_cell(case: Case, side: Side, table: RelatedTables, total: str) -> Side:
    if side.cells or not case.project.has(table.form):
        return side
    at: Place = case.project.sheet(table.form, table.sheet).totals.at(total)
    return shown_at(side, at)


def _account_name(case: Case, acc: str) -> str:
    account = case.company.accounts.get(acc)
    return (account.text("acc_name") if account else "") or acc


COMPARISONS: tuple[Callable[[Case], Iterator[Comparison]], ...] = (
    revenue_is_contract,
    quantity_by_price,
    net_of_tax,
    days_by_rate,
    subtotals,
    grand_totals,
    total_in_words,
    summary,
    materials_in_cost,
    labour_in_cost,
    planned_cost,
    planned_annexes,
    stage_budgets,
    stage_days,
    baseline_and_changes,
)
