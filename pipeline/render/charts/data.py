"""What each chart of domain E.4 shows, from facts and sheets: rows of plain numbers with the text beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from pipeline.core.money import plain, to_wan
from pipeline.core.places import Sourced
from pipeline.core.sheets import Record
from pipeline.core.workdays import period_end
from pipeline.derive import measures
from pipeline.derive.records import SETTLED, Records, last_result
from pipeline.render.charts.bars import BarRow, Ranked, WaterfallStep
from pipeline.render.charts.influence import Person
from pipeline.render.charts.schedule import Bar, Month
from pipeline.render.charts.time import Point, Span
from pipeline.render.charts.tree import Member
from pipeline.render.context.shown import Source

SCOPES = ("售前", "工程")
_MOST_ITEMS, _MOST_ACCOUNTS = 20, 9
_VERDICTS = ("通过", "复测通过", "不通过")
_ZERO = Decimal(0)


def _wan(amount: Decimal) -> str:
    return f"{to_wan(amount):,.2f}"


def _figure(source: Source, *key: str) -> Decimal:
    """A sum that is zero where the plan has no such line."""
    return source.facts.figure_or_zero(*key).value


def _account(source: Source, code: str) -> str:
    record = source.company.accounts.get(code)
    return record.text("acc_name") if record else code


# -- F2, F3, F5: organisation, stages, months ------------------------------------------------------------------------


def members(source: Source) -> tuple[Member, ...]:
    """F2: places of the project and who is above each."""
    name = source.company.name_of
    rows = source.project.rows("plan", "organisation")
    return tuple(Member(row.text("role"), name(row.text("emp")), name(row.text("report_to"))) for row in rows)


def stakeholders(source: Source) -> tuple[Person, ...]:
    """F19: who decides at the customer's; one alone is no map."""
    rows = source.project.rows("bids", "stakeholders")
    return tuple(_person(row) for row in rows) if len(rows) > 1 else ()


def _person(row: Record) -> Person:
    name, role, stance, above = (row.text(key) for key in ("name", "role", "stance", "reports_to"))
    return Person(name, role, stance, f"{row.text('department')} {row.text('title')}".strip(), above)


def bars(source: Source, end: date | None = None) -> tuple[Bar, ...]:
    """F3: stages whose days can be read; a stage ended after `end` is still open then."""
    found = []
    for row in source.project.rows("plan", "stages"):
        start, last, done = row.date("start"), row.date("end"), row.date("actual_end")
        if start and last and start.value <= last.value:
            code, actual = row.text("code"), done.value if done else None
            actual = None if actual and end and actual > end else actual
            found.append(Bar(code, row.text("name"), start.value, last.value, code.startswith("S"), actual))
    return tuple(found)


def months(source: Source) -> tuple[Month, ...]:
    """F5: cost by month, presales apart, and the sum up to it."""
    amounts, running = source.facts.group("cost", "month"), source.facts.group("cost", "running")
    return tuple(
        Month(key, amounts[key].value, running[key].value, _figure(source, "cost", "month_scope", key, SCOPES[0]))
        for key in sorted(amounts)
        if key in running
    )


# -- F4, F6, F8, F12, F15, F18: amounts and days ----------------------------------------------------------------------


def accounts(source: Source) -> tuple[BarRow, ...]:
    """F4: cost by account in 万元, presales and engineering."""
    amounts = source.facts.group("cost", "account")
    return tuple(
        BarRow(
            _account(source, code),
            tuple(to_wan(_figure(source, "cost", "account_scope", code, scope)) for scope in SCOPES),
            _wan(amounts[code].value),
        )
        for code in sorted(amounts)
    )


def departments(source: Source) -> tuple[BarRow, ...]:
    """F6: person-days by department, presales and engineering."""
    days = source.facts.group("staffing", "dept")
    return tuple(
        BarRow(
            dept,
            tuple(_figure(source, "staffing", "dept_scope", dept, scope) for scope in SCOPES),
            plain(total.value),
        )
        for dept, total in sorted(days.items(), key=lambda pair: -pair[1].value)
    )


def materials(source: Source) -> tuple[Ranked, ...]:
    """F8: materials by amount with their growing share."""
    amounts: list[tuple[str, Decimal]] = []
    names: set[str] = set()
    for row in source.project.rows("materials", "lines"):
        if amount := row.money("amount"):
            name = row.text("name")
            amounts.append((name if name not in names else f"{name} {row.text('no')}", amount.value))
            names.add(name)
    return tuple(
        Ranked(one.name, to_wan(one.amount), one.running, one.rank) for one in measures.ranked(amounts, _MOST_ITEMS)
    )


def margin(source: Source) -> tuple[WaterfallStep, ...]:
    """F12: from the income over the cost of each account to the gross profit, without tax."""
    profit = source.facts.figure_or_none("gross_profit")
    if profit is None:
        return ()
    income = _figure(source, "revenue", "total_excl")
    costs = [(_account(source, key), one.value) for key, one in source.facts.group("cost", "account_excl").items()]
    steps = [WaterfallStep("收入", to_wan(income), _wan(income), level=True)]
    steps += [
        WaterfallStep(name, -to_wan(cost), _wan(-cost))
        for name, cost in measures.largest(costs, _MOST_ACCOUNTS)
        if cost
    ]
    share = f"{_wan(profit.value)}（{_figure(source, 'gross_margin'):.2f}%）"
    return (*steps, WaterfallStep("毛利", to_wan(profit.value), share, level=True))


def categories(source: Source) -> tuple[BarRow, ...]:
    """F15: materials by category in 万元, with what each is of the whole."""
    total = _figure(source, "materials", "total")
    return tuple(
        BarRow(name, (to_wan(one.value),), f"{_wan(one.value)}（{measures.per_cent(one.value, total, 1)}%）")
        for name, one in sorted(source.facts.group("materials", "category").items(), key=lambda pair: -pair[1].value)
        if total
    )


def baseline(source: Source, row: Record) -> tuple[WaterfallStep, ...]:
    """F18: the planned cost from the first version over the changes before this one to what it leads to (6.4.8)."""
    no, own = row.text("no"), row.money("delta_cost")
    first = source.facts.figure_or_none("revisions", "baseline")
    if first is None or own is None:
        return ()
    before = _figure(source, "changes", "before", no)
    middle = [WaterfallStep(name, to_wan(x), _signed(x)) for name, x in (("此前变更", before), ("本次变更", own.value))]
    after = _figure(source, "changes", "after", no)
    start = WaterfallStep("首版计划", to_wan(first.value), _wan(first.value), level=True)
    return (start, *middle, WaterfallStep("变更后", to_wan(after), _wan(after), level=True))


def _signed(amount: Decimal) -> str:
    return f"{to_wan(amount):+,.2f}" if amount else "0.00"


# -- F7, F14, F16: along the calendar ------------------------------------------------------------------------------


def loads(source: Source) -> tuple[tuple[date, ...], tuple[str, ...], tuple[tuple[Decimal, ...], ...]]:
    """F7: Mondays, people, and the share of every person in every week, per cent."""
    weeks, found = measures.loads(source.facts, source.company)
    return weeks, tuple(one.name for one in found), tuple(one.weeks for one in found)


def equipment(source: Source) -> tuple[Span, ...]:
    """F14: borrowed and rented equipment from its day of need to its return."""
    found = []
    for row in source.project.rows("materials", "lines"):
        start, end = row.date("need_date"), row.date("return_date")
        if start and end and start.value <= end.value:
            text = f"{start.value.month}-{start.value.day}至{end.value.month}-{end.value.day} {row.text('asset_no')}"
            found.append(Span(row.text("name"), start.value, end.value, text.strip()))
    return tuple(found)


def arrivals(source: Source) -> tuple[Point, ...]:
    """F16: how many materials must be there on each day (clause 6.3.1)."""
    days = Counter(day.value for row in source.project.rows("materials", "lines") if (day := row.date("need_date")))
    return tuple(Point(day, count, f"{count}项") for day, count in sorted(days.items()))


# -- F9, F10, F11, F17: survey, problems, tests ------------------------------------------------------------------------


def rates(source: Source) -> tuple[tuple[BarRow, ...], tuple[tuple[str, str], ...]]:
    """F9: completeness and clarity of every section, and the texts beside the two bars."""
    found = measures.section_rates(source.project, source.company, source.forms, source.facts)
    rows = tuple(BarRow(one.section, (one.completeness or _ZERO, one.clear_rate or _ZERO), "") for one in found)
    return rows, tuple((_rate(one.completeness), _rate(one.clear_rate)) for one in found)


def _rate(value: Decimal | None) -> str:
    return "不适用" if value is None else f"{value:.2f}%"


def unclear(source: Source) -> tuple[Point, ...]:
    """F10: unclear items from each day of an update on; nothing where there never was one."""
    points = measures.unclear_by_day(source.project, source.facts)
    return tuple(Point(day, count, f"{count}项") for day, count in points) if any(n for _, n in points) else ()


def problems(source: Source) -> tuple[BarRow, ...]:
    """F11: problems of the contract review by kind, each counted once, by what became of them."""
    return tuple(_settled(Records(source.project).rows("problems")))


def _settled(rows: Sequence[Record]) -> Iterable[BarRow]:
    for name in dict.fromkeys(row.text("kind") for row in rows):
        status = [row.text("status") for row in rows if row.text("kind") == name]
        settled = sum(1 for one in status if one in SETTLED)
        solved = status.count("已解决")
        parts = (solved, settled - solved, len(status) - settled)
        yield BarRow(name, tuple(Decimal(part) for part in parts), f"{settled}/{len(status)}已关闭")


def tests(source: Source) -> tuple[BarRow, ...]:
    """F17: planned tests by their last result (clause 6.4.4)."""
    rows = Records(source.project).rows("test_results")
    results = {row.text("no"): last_result(rows, row.text("no")) for row in rows}
    last = {no: result.text("verdict") for no, result in results.items() if result}
    if not last:
        return ()
    planned = {row.text("no") for row in source.project.rows("plan", "tests")} | set(last)
    counts: Mapping[str, int] = Counter(last.get(no, "未测") for no in planned)
    names = [name for name in (*_VERDICTS, "未测") if name in _VERDICTS[:1] or counts.get(name)]
    if len(names) == 1:
        return ()  # all passed: one bar says less than the line below it
    return tuple(_counted(name, counts.get(name, 0), len(planned)) for name in names)


def _counted(name: str, count: int, all_: int) -> BarRow:
    return BarRow(name, (Decimal(count),), f"{count}项（{measures.per_cent(Decimal(count), Decimal(all_))}%）")


# -- F13: plan and what became of it ---------------------------------------------------------------------------------


def closing(source: Source) -> tuple[BarRow, ...]:
    """F13 of the summary: presales days and cost, planned and actual, of the closing."""
    head = source.project.head("records", "closing")
    return () if head.blank("actual_cost") else _compared(source, head)


def report(source: Source, row: Record) -> tuple[BarRow, ...]:
    """F13 of a report: up to the end of its period."""
    found, pct = _compared(source, row), row.money("pct")
    return (*found, BarRow("进度", (measures.HUNDRED, pct.value), f"100%|{plain(pct.value)}%")) if pct else found


def _compared(source: Source, record: Record) -> tuple[BarRow, ...]:
    """Per cent of the plan, so that days and yuan stand side by side; `text` holds both figures."""
    days = _against("人天", _figure(source, "staffing", "presales_days"), record.money("actual_days"), _days)
    cost = _against("费用", _figure(source, "cost", "presales"), record.money("actual_cost"), _yuan)
    return (*days, *cost)


def _against(
    name: str, plan: Decimal, actual: Sourced[Decimal] | None, word: Callable[[Decimal], str]
) -> tuple[BarRow, ...]:
    share = measures.per_cent(actual.value, plan, 1) if actual else None
    if actual is None or share is None:
        return ()
    return (BarRow(name, (measures.HUNDRED, share), f"{word(plan)}|{word(actual.value)}（{share}%）"),)


def _days(value: Decimal) -> str:
    return f"{plain(value)}人天"


def _yuan(value: Decimal) -> str:
    return f"{_wan(value)}万元"


def period_of(row: Record) -> date | None:
    """Last day of a report's period."""
    return period_end(row.text("period"))
