"""Figures over all projects that the sibling procedures ask for: hit rates, funnel, steps in time, support."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal

from pipeline.core.company import Company
from pipeline.core.facts import Facts
from pipeline.core.money import half_up, yuan
from pipeline.core.portfolio import Measure
from pipeline.derive.records import LOST, WON
from pipeline.derive.worklog import Line, Log, by_project, hours, lines_of

_LIBRARY, _LEADS = "library", "leads"
_UNKNOWN = "（不知道）"


def achieved(projects: Sequence[Facts], company: Company, logs: Sequence[Log], shown: Sequence[Facts]) -> list[Measure]:
    """All figures, in the order in which they are shown.

    Args:
        projects: all of them, for sums that name none.
        company: workbook 00 and those beside it.
        logs: workbooks 10.
        shown: the projects that may be named.
    """
    return [
        *_hit_rates(projects, company),
        *_funnel(projects, company),
        *_in_time(projects),
        *_problems(projects),
        *_support(shown, company, lines_of(logs)),
    ]


def per_cent(part: int, whole: int) -> str:
    """A share with one decimal; a dash where there is nothing to share."""
    return f"{half_up(Decimal(100 * part) / whole, 1)}%" if whole else "—"


# -- bids --------------------------------------------------------------------------------------------------------------


def _hit_rates(projects: Iterable[Facts], company: Company) -> Iterator[Measure]:
    """Won of all that are decided, by sales representative and by quarter of its own decision; earlier rounds count."""
    decided = [(_representative(one, company), *each) for one in projects for each in _decided(one)]
    of_reps = [(rep, result) for rep, result, _ in decided]
    of_quarters = [(_quarter(day), result) for _, result, day in decided]
    for kind, rounds in (("命中率（销售代表）", of_reps), ("命中率（季度）", of_quarters)):
        won, all_ = Counter[str](), Counter[str]()
        for name, result in rounds:
            all_[name] += 1
            won[name] += result in WON
        for name in sorted(all_, key=lambda name: (name == _UNKNOWN, name)):
            yield Measure(kind, name, per_cent(won[name], all_[name]), f"{won[name]}/{all_[name]}")


def _decided(facts: Facts) -> list[tuple[str, date | None]]:
    """Result and day of each round that was won or lost."""
    given = facts.entries.bid.rounds if facts.entries.bid else ()
    return [(result, day) for result, day in given if result in WON or result in LOST]


def _representative(facts: Facts, company: Company) -> str:
    rep = facts.entries.sales_rep
    return company.name_of(rep.value) if rep else _UNKNOWN


def _quarter(day: date | None) -> str:
    return f"{day.year}年第{(day.month + 2) // 3}季度" if day else _UNKNOWN


def _funnel(projects: Sequence[Facts], company: Company) -> Iterator[Measure]:
    """Leads, projects that were initiated, that bid, that won; each with its share of the step before."""
    steps = [("立项", [one for one in projects if one.day("approval")])]
    steps.append(("投标", [one for one in projects if one.day("bid") or _decided(one)]))
    steps.append(("中标", [one for one in projects if one.entries.bid and one.entries.bid.result in WON]))
    counts = [*_leads(company), *((name, len(some)) for name, some in steps)]
    before = 0
    for number, (name, count) in enumerate(counts):
        share = f"前一步的 {per_cent(count, before)}" if number and before else ""
        yield Measure("漏斗", name, str(count), share)
        before = count


def _leads(company: Company) -> list[tuple[str, int]]:
    """Leads of workbook 09, where it keeps them."""
    book = company.others.get(_LIBRARY)
    rows = book.sheets[_LEADS].rows if book and _LEADS in book.sheets else ()
    return [("线索", len(rows))] if rows else []


# -- work --------------------------------------------------------------------------------------------------------------


def _in_time(projects: Iterable[Facts]) -> Iterator[Measure]:
    """How often a step with a limit kept it."""
    kept, all_ = Counter[str](), Counter[str]()
    for stage in (stage for one in projects for model in one.stages for stage in model.stages):
        if stage.in_time is not None:
            name = f"步骤{stage.no} {stage.name}"
            all_[name] += 1
            kept[name] += stage.in_time
    for name in sorted(all_):
        yield Measure("按期率（实施步骤）", name, per_cent(kept[name], all_[name]), f"{kept[name]}/{all_[name]}")


def _problems(projects: Iterable[Facts]) -> Iterator[Measure]:
    """Problems of customers that are open, by kind, and how content they were with what was done, from 1 to 5."""
    issues = [issue for one in projects for issue in one.entries.issues]
    kinds = Counter(issue.kind for issue in issues)
    open_ = Counter(issue.kind for issue in issues if issue.open)
    for kind, count in sorted(kinds.items(), key=lambda pair: (-pair[1], pair[0])):
        yield Measure("客户问题", kind, f"未解决 {open_[kind]}", f"共 {count}")
    grades = [issue.satisfaction for issue in issues if issue.satisfaction is not None]
    if grades:
        mean = half_up(sum(grades, Decimal(0)) / len(grades), 1)
        yield Measure("客户满意度（1–5）", "平均", str(mean), f"{len(grades)} 次评价")


def _support(projects: Iterable[Facts], company: Company, lines: Sequence[Line]) -> Iterator[Measure]:
    """What the logged hours of a project cost, by the day rate of each grade on its day; hours without one are told."""
    own = by_project(lines)
    for facts in projects:
        if some := own.get(facts.code.upper()):
            costs = [_cost(line, company) for line in some]
            cost = half_up(sum((one for one in costs if one is not None), Decimal(0)))
            bare = hours(line for line, one in zip(some, costs, strict=True) if one is None)
            rest = f"，其中 {bare} 小时没有单价" if bare else ""
            yield Measure("支持成本（元）", facts.code, yuan(cost), f"{hours(some)} 小时{rest}", amount=True)


def _cost(line: Line, company: Company) -> Decimal | None:
    """Yuan of one line, not rounded; None where the person's grade has no rate."""
    day = line.day or date.min
    person = company.on(day).persons.get(line.emp_no)
    rate = company.standard_rate(person.grade, day) if person else None
    if rate is None or line.hours is None:
        return None
    return rate * line.hours / company.parameter("log_day_hours", day)
