"""What presales cost: the logged hours at workbook 00's day rates, and projects that were lost. Adds money."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from pipeline.core.company import Company
from pipeline.core.entries import Support
from pipeline.core.facts import Facts
from pipeline.core.money import half_up, plain, yuan
from pipeline.core.portfolio import Measure
from pipeline.derive.hit_rates import per_cent
from pipeline.derive.records import LOST, WON
from pipeline.derive.worklog import Line, Log, by_project, hours, lines_of, once

NO_DATA = "没有数据"


@dataclass(frozen=True, slots=True)
class Labour:
    """Hours of some lines, what they cost in yuan, and the hours of it whose grade has no rate."""

    hours: Decimal
    cost: Decimal
    unpriced: Decimal

    @property
    def told(self) -> str:
        """What the cost is made of."""
        bare = f"，其中 {plain(half_up(self.unpriced))} 小时没有单价" if self.unpriced else ""
        return f"{plain(half_up(self.hours))} 小时{bare}"


def labour(lines: Sequence[Line], company: Company) -> Labour:
    """What some lines cost by the day rate of each person's grade on its day, rounded once."""
    costs = [_cost(line, company) for line in lines]
    bare = hours(line for line, cost in zip(lines, costs, strict=True) if cost is None)
    return Labour(hours(lines), half_up(sum((one for one in costs if one is not None), Decimal(0))), bare)


def _cost(line: Line, company: Company) -> Decimal | None:
    """Yuan of one line, not rounded; None where the person's grade has no rate."""
    day = line.day or date.min
    person = company.on(day).persons.get(line.emp_no)
    rate = company.standard_rate(person.grade, day) if person else None
    if rate is None or line.hours is None:
        return None
    return rate * line.hours / company.parameter("log_day_hours", day)


def support_costs(projects: Sequence[Facts], company: Company, logs: Sequence[Log]) -> Iterator[Measure]:
    """What the logged hours of each project cost; hours without a rate are told."""
    own = by_project(lines_of(logs))
    for facts in projects:
        if some := own.get(facts.code.upper()):
            found = labour(some, company)
            yield Measure("支持成本（元）", facts.code, yuan(found.cost), found.told, amount=True, code=facts.code)


# -- a service, a contract ---------------------------------------------------------------------------------------------


def service_costs(projects: Sequence[Facts], company: Company, logs: Sequence[Log]) -> Iterator[Measure]:
    """What each service of technical support cost: the hours that who gave it logged for the project in its time.

    Of projects of which there are logs. Hours of a day on which somebody gave several are shared equally.
    """
    own = by_project(lines_of(logs))
    for facts in projects:
        if lines := own.get(facts.code.upper()):
            for support in facts.entries.supports:
                found = labour(_of_service(support, facts, lines), company)
                cost = yuan(found.cost) if found.hours else NO_DATA
                basis = f"{support.kind}，{found.told if found.hours else '服务期间没有日志'}"
                yield Measure("支持成本（元/次申请）", support.no, cost, basis, amount=True, code=facts.code)


def _of_service(support: Support, facts: Facts, lines: Sequence[Line]) -> list[Line]:
    """The lines of a service, of each the share that is its own."""
    shares = ((line, [one for one in facts.entries.supports if _gave(one, line, facts.as_of)]) for line in lines)
    return [replace(line, hours=(line.hours or Decimal(0)) / len(some)) for line, some in shares if support in some]


def _gave(support: Support, line: Line, as_of: date) -> bool:
    return (
        line.emp_no in support.people and line.day is not None and support.start <= line.day <= (support.end or as_of)
    )


def contract_costs(projects: Sequence[Facts], company: Company, logs: Sequence[Log]) -> Iterator[Measure]:
    """What support of each won contract cost, of projects of which there are logs.

    Where there are several decided ones: what all of them, the lost ones too, cost for each that was won.
    """
    kind, own = "支持成本（元/中标合同）", by_project(lines_of(logs))
    decided = [(one, lines) for one in projects if _result(one) and (lines := own.get(one.code.upper()))]
    costs = [(one, labour(lines, company)) for one, lines in decided]
    won = [(one, found) for one, found in costs if _result(one) in WON]
    for facts, found in won:
        contract, amount = facts.entries.contract_no, facts.entries.signed or facts.entries.contract
        name = f"{contract.value}（{facts.code}）" if contract else facts.code
        share = f"，合同额的 {per_cent(found.cost, amount.value)}" if amount else ""
        yield Measure(kind, name, yuan(found.cost), found.told + share, amount=True, code=facts.code)
    if won and len(costs) > 1:
        mean = half_up(sum((found.cost for _, found in costs), Decimal(0)) / len(won))
        yield Measure(
            kind, "平均，含未中标的", yuan(mean), f"{len(costs)} 个已有结果的项目，中标 {len(won)} 个", amount=True
        )


def _result(facts: Facts) -> str:
    """How the bid ended; empty while it has not."""
    result = facts.entries.bid.result if facts.entries.bid else ""
    return result if result in WON | LOST else ""


# -- what was lost -----------------------------------------------------------------------------------------------------


def lost_costs(projects: Sequence[Facts], company: Company, logs: Sequence[Log]) -> Iterator[Measure]:
    """What presales of the lost projects cost, one by one and together.

    As workbook 06 says last (that holds labour); where it says nothing, the logged hours and what the trips cost.
    """
    lost = [one for one in projects if _result(one) in LOST]
    own = by_project(lines_of(logs))
    known = [(one, _spent(one, company, own.get(one.code.upper(), []), logs)) for one in lost]
    for facts, (cost, basis) in known:
        yield Measure("未中标项目的费用（元）", facts.code, _yuan(cost), basis, amount=True, code=facts.code)
    if len(known) > 1:
        costs = [cost for _, (cost, _) in known if cost is not None]
        basis = f"{len(known)} 个项目" + (f"，其中 {rest} 个没有数据" if (rest := len(known) - len(costs)) else "")
        total = sum(costs, Decimal(0)) if costs else None
        yield Measure("未中标项目的费用（元）", "合计", _yuan(total), basis, amount=True)


def _yuan(cost: Decimal | None) -> str:
    return NO_DATA if cost is None else yuan(cost)


def _spent(facts: Facts, company: Company, lines: Sequence[Line], logs: Sequence[Log]) -> tuple[Decimal | None, str]:
    if facts.entries.spent:
        return facts.entries.spent.value, "06 的实际费用"
    code = facts.code.upper()
    trips = [trip.cost.value for log in once(logs) for trip in log.trips if trip.project == code and trip.cost]
    if not lines and not trips:
        return None, "06 没有实际费用，也没有日志"
    worked, travelled = labour(lines, company), sum(trips, Decimal(0))
    return worked.cost + travelled, f"日志 {worked.told}" + (f"，出差 {yuan(travelled)}" if trips else "")
