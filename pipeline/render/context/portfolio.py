"""The context of the daily report (BAT): all projects at a glance, as far as the template prints them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from itertools import groupby
from typing import TypeVar

from pipeline.adapters.fonts import spelled
from pipeline.core.company import Company
from pipeline.core.findings import SEVERITIES, Finding, Severity
from pipeline.core.leaves import Shown
from pipeline.core.portfolio import (
    Advance,
    Expiring,
    Late,
    Line,
    Load,
    Measure,
    MonthSum,
    Portfolio,
    Returned,
    RuleCount,
    Week,
    projects_of,
)
from pipeline.core.sheets import Value
from pipeline.core.stages import ENDED, Stage
from pipeline.definitions.documents import DocumentForm
from pipeline.render.charts import portfolio as charts
from pipeline.render.context.charts import Picture
from pipeline.render.context.check import place_text
from pipeline.render.context.shown import Node, leaf, words

T = TypeVar("T")
Fields = Mapping[str, tuple[Value | int | None, str]]
TOP_RULES = 10
MOST_PROJECTS, MOST_ROWS = 150, 80  # a report that is read and converted in the morning; the workbook has all
_NAMED, _A_LINE = 6, 2  # project codes that are spelled out; so many beside each other
VERDICTS = {"errors": "不通过", "warnings": "有警告", "ok": "通过"}


def portfolio_context(portfolio: Portfolio, company: Company, form: DocumentForm) -> Node:
    """Everything that the template of the daily report may print."""
    details = company.details
    name = {key: words(f"company.{key}", details.get(key, "")) for key in ("name", "short_name", "standard")}
    return {
        "doc": _doc(portfolio, form, details.get("standard", "")),
        "company": name,
        "project": {key: words(f"project.{key}", "") for key in ("code", "name")},
        "portfolio": _portfolio(portfolio),
        "charts": pictures(portfolio),
    }


def _doc(portfolio: Portfolio, form: DocumentForm, standard: str) -> Node:
    texts = {
        "code": form.code,
        "title": form.title,
        "record_no": form.record_no,
        "version": portfolio.as_of.isoformat(),
        "state": "",
        "standard": standard,
        "secrecy": "",
    }
    found: Node = {key: words(f"doc.{key}", text) for key, text in texts.items()}
    return found | {"date": leaf("doc.date", portfolio.as_of, "date"), "draft": False}


def _portfolio(portfolio: Portfolio) -> Node:
    lines, night, rate = portfolio.lines, portfolio.night, portfolio.hit_rate
    shown = urgent(lines)
    counts = {
        "count": len(lines),
        "active": sum(1 for line in lines if not line.ended),
        "failed": sum(1 for line in lines if line.status == "errors" and not line.failure),
        "broken": sum(1 for line in lines if line.failure),
        "warned": sum(1 for line in lines if line.status == "warnings"),
        "left_out": len(lines) - len(shown),
        "new": len(night.new),
        "changed": len(night.changed),
        "unchanged": len(night.unchanged),
        "returned_count": len(night.returned),
        "late_count": len(portfolio.late),
        "won": rate.won,
        "decided": rate.won + rate.lost,
        "undecided": rate.open,
        "people_left_out": len(portfolio.people) - len(busiest(portfolio.people)),
    }
    found: Node = {key: leaf(f"portfolio.{key}", value, "num") for key, value in counts.items()}
    found["rate"] = words("portfolio.rate", f"{rate.rate}%" if rate.rate is not None else "—")
    found["signed"] = leaf("portfolio.signed", portfolio.signed_total, "money")
    found["contracts"] = leaf("portfolio.contracts", portfolio.contract_total, "money")
    return found | {"projects": _rows("projects", shown, _project)} | _lists(portfolio)


def urgent(lines: Sequence[Line]) -> list[Line]:
    """Projects for the report in their order: those that go on or changed, where there are too many the worst first."""
    worst = {"errors": 0, "warnings": 1, "ok": 2}
    listed = [line for line in lines if not line.ended or line.change]
    chosen = sorted(listed, key=lambda line: (not line.change, worst[line.status], line.code))[:MOST_PROJECTS]
    codes = {line.code for line in chosen}
    return [line for line in listed if line.code in codes]


def _lists(portfolio: Portfolio) -> Node:
    """The other lists, as long as a report can be; `more` says how many rows only the workbook has."""
    weeks, night = portfolio.weeks, [line for line in portfolio.lines if line.change]
    lists: dict[str, list[Node]] = {
        "findings": _rows("findings", portfolio.findings, _finding),
        "over": _rows("over", _uses(portfolio.people, weeks, lambda week: week.over), _use),
        "equipment": _rows("equipment", _uses(portfolio.equipment, weeks, lambda week: bool(week.projects)), _use),
        "late": _rows("late", portfolio.late, _late),
        "expiring": _rows("expiring", portfolio.expiring, _expiring),
        "months": _rows("months", portfolio.months, _month),
        "measures": _rows("measures", portfolio.measures, _measure),
        "rules": _rows("rules", portfolio.rules[:TOP_RULES], _rule),
        "night": _rows("night", night, _changed),
        "returned": _rows("returned", portfolio.night.returned, _returned),
    }
    cut: Node = {key: rows[:MOST_ROWS] for key, rows in lists.items()}
    more = {key: leaf(f"portfolio.more.{key}", max(0, len(rows) - MOST_ROWS), "num") for key, rows in lists.items()}
    return cut | {"more": more}


def _rows(key: str, items: Iterable[T], fields: Callable[[T], Fields]) -> list[Node]:
    found = []
    for number, item in enumerate(items):
        name = f"portfolio.{key}[{number}]"
        row: Node = {field: leaf(f"{name}.{field}", value, kind) for field, (value, kind) in fields(item).items()}
        found.append(row | {"no": leaf(f"{name}.no", number + 1, "num")})
    return found


# -- rows --------------------------------------------------------------------------------------------------------------


def text(value: object) -> tuple[str, str]:
    """A text as it can be printed: one odd name of a file or project must not cost everybody the report."""
    return spelled(str(value)), "text"


def shown_name(line: Line) -> str:
    """Name of a project, or that it is secret."""
    return "（秘密项目）" if line.masked else line.name


def named_codes(codes: Sequence[str]) -> str:
    """The first codes, two a line: the cells are as wide, and a code is not broken at its dashes."""
    named = codes[:_NAMED]
    lines = ["、".join(named[at : at + _A_LINE]) for at in range(0, len(named), _A_LINE)]
    return "、\n".join(lines) + (f" 等{len(codes)}个" if len(codes) > _NAMED else "")


def _project(line: Line) -> Fields:
    awaited = list(dict.fromkeys(one.person or one.role for one in line.awaited))
    waits = "、".join(awaited[:3]) + (f" 等{len(awaited)}人" if len(awaited) > 3 else "")
    return {
        "code": text(line.code),
        "name": text(shown_name(line)),
        "customer": text(line.customer),
        "class": text(line.project_class),
        "state": text(line.state),
        "amount": (line.amount, "money"),
        "verdict": text("运行失败" if line.failure else VERDICTS[line.status]),
        "errors": (line.errors, "num"),
        "warnings": (line.warnings, "num"),
        "next_gate": text(line.next_gate.partition("(")[0]),
        "missing": (len(line.missing), "num"),
        "awaited": text(waits),
        "pm": text(line.pm),
        "change": text(line.change),
    }


def _finding(finding: Finding) -> Fields:
    codes = projects_of(finding)
    return {
        "severity": text(SEVERITIES[finding.rule.severity]),
        "rule": text(finding.rule.code),
        "message": text(finding.printed().message()),
        "place": text(place_text(finding.at)),
        "projects": text(named_codes(codes)),
        "remedy": text(finding.printed().remedy()),
    }


@dataclass(frozen=True, slots=True)
class _Use:
    """When somebody or something is in use (or wanted beyond what there is), at most how much, by whom."""

    load: Load
    when: str
    peak: Decimal
    projects: tuple[str, ...]


def _uses(loads: Iterable[Load], weeks: Sequence[date], wanted: Callable[[Week], bool]) -> list[_Use]:
    """Every load with its runs of neighbouring weeks that are `wanted`; those without one are left out."""
    found = []
    for load in loads:
        pairs = list(zip(weeks, load.weeks, strict=True))
        for fits, group in groupby(pairs, key=lambda pair: wanted(pair[1])):
            run = list(group)
            if fits:
                projects = sorted({code for _, week in run for code in week.projects})
                when = f"{run[0][0]}~{run[-1][0] + timedelta(days=6)}"
                found.append(_Use(load, when, max(week.peak for _, week in run), tuple(projects)))
    return found


def _use(use: _Use) -> Fields:
    load, codes = use.load, use.projects
    return {
        "key": text(load.key),
        "name": text(load.name),
        "group": text(load.group),
        "most": (load.most, "num"),
        "when": text(use.when),
        "peak": (use.peak, "num"),
        "projects": text(named_codes(codes)),
        "over": text("超出" if use.peak > load.most else ""),
    }


def _late(one: Late) -> Fields:
    texts = {"code": one.code, "kind": one.kind, "item": one.no, "text": one.text, "owner": one.owner}
    return {**{key: text(value) for key, value in texts.items()}, "due": (one.due, "date"), "days": (one.days, "num")}


def _expiring(one: Expiring) -> Fields:
    days: Fields = {"archived": (one.archived, "date"), "until": (one.until, "date"), "days": (one.days, "num")}
    return {"code": text(one.code), "name": text(one.name), **days}


def _month(one: MonthSum) -> Fields:
    sums: Fields = {key: (getattr(one, key), "money") for key in ("signed", "planned", "cost")}
    return {"month": (one.month, "month"), **sums}


def _measure(one: Measure) -> Fields:
    texts = {"kind": one.kind, "name": one.name, "value": one.value, "basis": one.basis}
    return {key: text(value) for key, value in texts.items()}


def _rule(one: RuleCount) -> Fields:
    words_ = {"code": one.code, "text": one.text, "severity": SEVERITIES[Severity(one.severity)]}
    return {**{k: text(v) for k, v in words_.items()}, "hits": (one.hits, "num"), "projects": (one.projects, "num")}


def _changed(line: Line) -> Fields:
    verdict = "运行失败" if line.failure else VERDICTS[line.status]
    return {
        "change": text(line.change),
        "code": text(line.code),
        "name": text(shown_name(line)),
        "verdict": text(verdict),
    }


def _returned(one: Returned) -> Fields:
    texts = {"department": one.department, "name": one.name, "reason": one.reason}
    when = text(f"{one.at.astimezone():%Y-%m-%d %H:%M}")
    return {**{key: text(value) for key, value in texts.items()}, "at": when}


# -- figures -----------------------------------------------------------------------------------------------------------


def busiest(people: Sequence[Load]) -> list[Load]:
    """As many people as the heat map has room for: the fullest weeks first, then in the order of the list."""
    full = sorted(people, key=lambda load: -max((week.peak for week in load.weeks), default=Decimal(0)))
    chosen = {load.key for load in full[: charts.MOST_PEOPLE]}
    return [load for load in people if load.key in chosen]


def pictures(portfolio: Portfolio) -> Node:
    """The figures; empty where there is nothing to draw."""
    people, rules = busiest(portfolio.people), portfolio.rules[:TOP_RULES]
    advances = portfolio.advances[: charts.MOST_PEOPLE]
    drawn: dict[str, tuple[object, Callable[[], bytes], str]] = {
        "states": (portfolio.states, lambda: charts.states_chart(portfolio.states), _states_alt(portfolio)),
        "rules": (rules, lambda: charts.rules_chart(rules), _rules_alt(rules)),
        "load": (people, lambda: charts.heat_chart(people, portfolio.weeks), _load_alt(people)),
        "stages": (advances, lambda: charts.stages_chart(advances), _stages_alt(advances)),
        "months": (_has_sums(portfolio), lambda: charts.months_chart(portfolio.months), _months_alt(portfolio)),
    }
    return {
        key: Picture(cache(draw), alt) if there else Shown(name=f"charts.{key}")
        for key, (there, draw, alt) in drawn.items()
    }


def _has_sums(portfolio: Portfolio) -> bool:
    return any(month.signed or month.planned or month.cost for month in portfolio.months)


def _states_alt(portfolio: Portfolio) -> str:
    return "项目状态分布：" + "、".join(f"{name}{count}个" for name, count in portfolio.states) + "。"


def _rules_alt(rules: Sequence[RuleCount]) -> str:
    return "出现最多的规则：" + "、".join(f"{rule.code} {rule.hits}次" for rule in rules) + "。"


def _load_alt(people: Sequence[Load]) -> str:
    over = "、".join(load.name for load in people if load.over) or "无"
    return f"人员周负荷热力图：{len(people)}人；超过100%的：{over}。"


def _stages_alt(advances: Sequence[Advance]) -> str:
    told = [
        f"{one.code} " + "、".join(f"{model.title}{progress(model.stages)}" for model in one.models) for one in advances
    ]
    return f"各流程的阶段：{'；'.join(told)}。"


def progress(stages: Sequence[Stage]) -> str:
    """How many stages have ended of those that there are: 4/6."""
    there = [stage for stage in stages if not stage.absent]
    return f"{sum(stage.state == ENDED for stage in there)}/{len(there)}"


def _months_alt(portfolio: Portfolio) -> str:
    peak = max(portfolio.months, key=lambda month: month.signed + month.planned, default=None)
    most = f"，合同额最多的月份是{peak.month}" if peak else ""
    return f"月度合同额和费用：{len(portfolio.months)}个月{most}。"
