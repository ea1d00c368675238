"""Put all projects together: one line each, load of people and equipment, what is late, sums. Adds money."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from pipeline.core.company import Company
from pipeline.core.facts import Facts
from pipeline.core.findings import Finding, Rule, Severity, in_order
from pipeline.core.money import half_up
from pipeline.core.places import Sourced
from pipeline.core.portfolio import (
    Advance,
    Expiring,
    HitRate,
    Known,
    Late,
    Line,
    MonthSum,
    Night,
    Portfolio,
    RuleCount,
    projects_of,
)
from pipeline.core.texts import on_paper
from pipeline.core.workdays import months
from pipeline.definitions.procedure import load_procedure
from pipeline.derive.achieved import achieved
from pipeline.derive.load import equipment_load, mondays, people_load
from pipeline.derive.records import LOST, WON
from pipeline.derive.worklog import Log

PRESALES_STAGE = "S"
KINDS = {"action": "行动项", "problem": "评审问题", "issue": "客户问题", "improvement": "改进措施"}
_COUNTED = frozenset({"B414"})  # the night's count of unchanged projects says it already
_VALUE = re.compile(r"\{\w+\}")
MONTHS_BEFORE, MONTHS_AFTER = 8, 3


def portfolio(
    known: Sequence[Known],
    company: Company,
    findings: Sequence[Finding],
    as_of: date,
    night: Night,
    logs: Sequence[Log] = (),
) -> Portfolio:
    """All projects as they are shown.

    Args:
        known: remembered projects, in any order.
        company: workbook 00.
        findings: of the portfolio (`check.portfolio.judge_portfolio`).
        as_of: today.
        night: what the run did.
        logs: what people say of their work (workbook 10).
    """
    rows = sorted(known, key=lambda one: one.code)
    facts = [one.facts for one in rows if one.facts]
    masked = frozenset(one.code for one in facts if one.entries.secret)
    open_ = [one for one in facts if one.code not in masked]
    findings = [finding for finding in findings if finding.rule.code not in _COUNTED]
    by_code = _by_code(findings)
    lines = tuple(_line(one, company, by_code.get(one.code, ()), masked, night) for one in rows)
    weeks = mondays(as_of)
    return Portfolio(
        as_of=as_of,
        lines=lines,
        weeks=weeks,
        people=people_load(facts, company, weeks),
        equipment=equipment_load(facts, company, weeks),
        states=_states(lines),
        rules=_rules(rows, findings),
        months=_months(facts, as_of),
        late=tuple(_late(open_, company, as_of)),
        expiring=tuple(_expiring(open_, company, as_of)),
        hit_rate=_hit_rate(facts),
        findings=tuple(finding for finding in findings if not masked & set(projects_of(finding))),
        masked=masked,
        night=night,
        signed_total=_sum(one.entries.signed for one in facts),
        contract_total=_sum(one.entries.signed or _hoped(one) for one in facts),
        measures=tuple(achieved(facts, company, logs, open_)),
        advances=tuple(Advance(one.code, one.name, one.stages) for one in open_ if one.stages),
    )


def _by_code(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        for code in projects_of(finding):
            found[code].append(finding)
    return found


# -- one line a project ----------------------------------------------------------------------------------------------


def _line(one: Known, company: Company, shared: Sequence[Finding], masked: frozenset[str], night: Night) -> Line:
    """A project; of a secret one only code, state and counts."""
    findings = in_order([*one.findings, *shared])
    due = [finding.rule.severity for finding in findings if not finding.pending]
    errors, warnings = due.count(Severity.ERROR), due.count(Severity.WARNING)
    state = one.facts.state if one.facts else ""
    line = Line(
        code=one.code,
        state=state,
        status="errors" if errors or one.failure else "warnings" if warnings else "ok",
        errors=errors,
        warnings=warnings,
        pending=len(findings) - len(due),
        ended=state in load_procedure().ended,
        change="新增" if one.code in night.new else "变更" if one.code in night.changed else "",
        ran_at=one.ran_at,
    )
    if one.code in masked:
        return replace(line, masked=True, hidden=len(findings), failure="程序没有做完" if one.failure else "")
    shown = tuple(finding for finding in findings if not masked & set(projects_of(finding)))
    return _named(replace(line, findings=shown, hidden=len(findings) - len(shown)), one, company)


def _named(line: Line, one: Known, company: Company) -> Line:
    """The line with everything that tells what the project is about."""
    line = replace(line, name=one.name, failure=one.failure, published=one.published)
    if one.facts is None:
        return line
    facts, entries = one.facts, one.facts.entries
    amount, cost = entries.signed or entries.contract, facts.figure_or_none("cost", "total")
    return replace(
        line,
        customer=entries.customer.value if entries.customer else "",
        project_class=facts.project_class.value if facts.project_class else "",
        pm=company.name_of(entries.pm.value) if entries.pm else "",
        next_gate=facts.next_gate,
        missing=facts.missing,
        awaited=entries.awaited,
        amount=amount.value if amount else None,
        cost=cost.value if cost else None,
        stage=_stage(facts),
        since=_since(facts),
    )


def _since(facts: Facts) -> date | None:
    """Day of the newest step that is done and not later than today: the next one could be done from then on."""
    days = [day.value for step in facts.passed if (day := facts.day(step)) and day.value <= facts.as_of]
    return max(days, default=None)


def _stage(facts: Facts) -> str:
    """The first stage of the plan that has begun and is not finished."""
    begun = (stage for stage in facts.entries.stages if stage.start and stage.end and stage.start <= facts.as_of)
    current = next((stage for stage in begun if stage.actual_end is None), None)
    return (
        f"{current.code} {current.name}（计划 {current.end} 完成）"
        if current and facts.state not in load_procedure().ended
        else ""
    )


def _states(lines: Iterable[Line]) -> tuple[tuple[str, int], ...]:
    counted = Counter(line.state for line in lines if line.state)
    return tuple((state, counted[state]) for state in load_procedure().tones if counted[state])


def _rules(known: Iterable[Known], shared: Iterable[Finding]) -> tuple[RuleCount, ...]:
    """Errors, then warnings, that are due; the most frequent first."""
    hits: dict[str, list[tuple[Rule, tuple[str, ...]]]] = defaultdict(list)
    own = ((finding, (one.code,)) for one in known for finding in one.findings)
    for finding, codes in (*own, *((finding, projects_of(finding)) for finding in shared)):
        if not finding.pending and finding.rule.severity is not Severity.INFO:
            hits[finding.rule.code].append((finding.rule, codes))
    counts = [
        RuleCount(
            code, subject_of(rows[0][0]), rows[0][0].severity.value, len(rows), len({c for _, cs in rows for c in cs})
        )
        for code, rows in hits.items()
    ]
    return tuple(sorted(counts, key=lambda one: (one.severity, -one.hits, one.code)))


def subject_of(rule: Rule) -> str:
    """What a rule is about, for a list: its remedy without the values."""
    return on_paper(_VALUE.sub("…", rule.remedy)).rstrip("。")


# -- sums ------------------------------------------------------------------------------------------------------------


def _sum(amounts: Iterable[Sourced[Decimal] | None]) -> Decimal:
    return sum((amount.value for amount in amounts if amount), Decimal(0))


def _hoped(facts: Facts) -> Sourced[Decimal] | None:
    """Planned contract amount of a project that can still be signed."""
    return facts.entries.contract if facts.state not in load_procedure().ended else None


def _months(projects: Iterable[Facts], as_of: date) -> tuple[MonthSum, ...]:
    """Contracts by the month of the signature (as planned while there is none), costs by the month of use."""
    signed, planned, costs = (defaultdict[str, Decimal](Decimal) for _ in range(3))
    for facts in projects:
        entries, day = facts.entries, facts.day("signing")
        if entries.signed and day:
            signed[f"{day.value:%Y-%m}"] += entries.signed.value
        elif entries.plan_sign and (hoped := _hoped(facts)):
            planned[f"{entries.plan_sign.value:%Y-%m}"] += hoped.value
        for month, amount in facts.group("cost", "month").items():
            costs[month] += amount.value
    start, end = as_of - timedelta(days=30 * MONTHS_BEFORE), as_of + timedelta(days=30 * MONTHS_AFTER)
    return tuple(MonthSum(month, signed[month], planned[month], costs[month]) for month in months(start, end))


def _hit_rate(projects: Iterable[Facts]) -> HitRate:
    """Won of all that are decided (domain B.9); submitted without a result is open."""
    projects = list(projects)
    bids = [facts.entries.bid for facts in projects]
    results = [bid.result if bid else "" for bid in bids]
    decided = [*results, *(result for bid in bids if bid for result in bid.earlier)]
    won, lost = sum(result in WON for result in decided), sum(result in LOST for result in decided)
    pairs = zip(projects, results, strict=True)
    waiting = sum(
        1 for facts, result in pairs if not result and facts.day("bid") and facts.state not in load_procedure().ended
    )
    rate = half_up(Decimal(100 * won) / (won + lost), 1) if won + lost else None
    return HitRate(won, lost, waiting, rate)


# -- days ------------------------------------------------------------------------------------------------------------


def _late(projects: Iterable[Facts], company: Company, as_of: date) -> Iterator[Late]:
    """Actions, problems and presales stages whose day has gone by, the oldest first."""
    found = [one for facts in projects for one in (*_dues(facts, company, as_of), *_stages(facts, as_of))]
    yield from sorted(found, key=lambda one: (one.due, one.code, one.no))


def _dues(facts: Facts, company: Company, as_of: date) -> Iterator[Late]:
    for due in facts.entries.dues:
        if due.due < as_of:
            owner, days = company.name_of(due.owner), (as_of - due.due).days
            yield Late(facts.code, KINDS[due.kind], due.no, due.text, owner, due.due, days, due.status)


def _stages(facts: Facts, as_of: date) -> Iterator[Late]:
    for stage in facts.entries.stages if facts.state not in load_procedure().resting else ():
        if stage.code.startswith(PRESALES_STAGE) and stage.end and stage.end < as_of and not stage.actual_end:
            days = (as_of - stage.end).days
            yield Late(facts.code, "计划阶段", stage.code, stage.name, "", stage.end, days, "未完成")


def _expiring(projects: Iterable[Facts], company: Company, as_of: date) -> Iterator[Expiring]:
    """Archives whose retention ends within the warning time (rule B417), the first to end first."""
    most = company.parameter("archive_warn_days", as_of)
    kept = ((facts, facts.entries.retention) for facts in projects)
    found = [
        Expiring(facts.code, facts.name, one.archived, one.until, (one.until - as_of).days)
        for facts, one in kept
        if one and one.archived and one.until and 0 <= (one.until - as_of).days <= most
    ]
    yield from sorted(found, key=lambda one: (one.until, one.code))
