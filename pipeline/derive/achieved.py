"""Figures over all projects that the sibling procedures ask for: hit rates, funnel, steps in time, costs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from pipeline.core.company import Company
from pipeline.core.facts import Facts
from pipeline.core.money import half_up
from pipeline.core.portfolio import Measure
from pipeline.derive.competitors import competitors
from pipeline.derive.hit_rates import decided, hit_rates, per_cent
from pipeline.derive.records import WON
from pipeline.derive.support_cost import contract_costs, lost_costs, service_costs, support_costs
from pipeline.derive.worklog import Log

_LIBRARY, _LEADS = "library", "leads"


def achieved(projects: Sequence[Facts], company: Company, logs: Sequence[Log], shown: Sequence[Facts]) -> list[Measure]:
    """All figures, in the order in which they are shown.

    Args:
        projects: all of them, for sums that name none.
        company: workbook 00 and those beside it.
        logs: workbooks 10.
        shown: the projects that may be named.
    """
    return [
        *hit_rates(projects, company),
        *_funnel(projects, company),
        *competitors(shown, company),
        *_in_time(projects, company),
        *_problems(projects),
        *support_costs(shown, company, logs),
        *service_costs(shown, company, logs),
        *contract_costs(shown, company, logs),
        *lost_costs(shown, company, logs),
    ]


# -- bids --------------------------------------------------------------------------------------------------------------


def _funnel(projects: Sequence[Facts], company: Company) -> Iterator[Measure]:
    """Leads, projects that were initiated, that bid, that won; each with its share of the step before."""
    steps = [("立项", [one for one in projects if one.day("approval")])]
    steps.append(("投标", [one for one in projects if one.day("bid") or decided(one)]))
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


def _in_time(projects: Iterable[Facts], company: Company) -> Iterator[Measure]:
    """How often a step with a limit kept it, and how often who carried it out did."""
    stages = [stage for one in projects for model in one.stages for stage in model.stages]
    steps = (((f"步骤{stage.no} {stage.name}", ""), stage.in_time) for stage in stages if stage.in_time is not None)
    people = (((company.told_apart(one.emp_no), one.emp_no), one.in_time) for stage in stages for one in stage.kept)
    for kind, told in (("按期率（实施步骤）", steps), ("按期率（执行人）", people)):
        kept, all_ = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
        for key, in_time in told:
            all_[key] += 1
            kept[key] += in_time
        for key in sorted(all_):
            yield Measure(kind, key[0], per_cent(kept[key], all_[key]), f"{kept[key]}/{all_[key]}")


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
