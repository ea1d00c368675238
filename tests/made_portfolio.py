"""A made-up portfolio of any size, with both samples in it: what the page and the daily report are tried on."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

from pipeline.check.portfolio.rules import judge_portfolio
from pipeline.core.documents import Document, Pack
from pipeline.core.entries import Awaited, Bid, Loan, StageDates
from pipeline.core.facts import Facts
from pipeline.core.findings import Finding
from pipeline.core.places import Derived, Place, Sourced
from pipeline.core.portfolio import Night, Portfolio
from pipeline.definitions.catalogue import load_catalogue
from pipeline.definitions.procedure import load_procedure
from pipeline.derive.portfolio import portfolio
from tests.cases import AS_OF, DORM, TV, load_case
from tests.made_projects import at, company, due, kept, loan, made, price, stamp, stay

MADE = datetime(2026, 11, 23, 22, 30, tzinfo=UTC)
_STATES = (
    "调查中",
    "计划编制",
    "会签中",
    "待立项",
    "已立项",
    "执行中",
    "执行中",
    "执行中",
    "合同评审中",
    "已签订",
    "未中标结束",
)
_GATES = dict(zip(_STATES, (1, 2, 2, 4, 5, 7, 8, 10, 11, 13, 15), strict=False))
_WHERE = ("青岚大学", "海沧医院", "鹭江职业学院", "集美区教育局", "云顶产业园", "翔安港务", "思明文化馆", "同安水务")
_WHAT = (
    "无线校园网",
    "数据中心机房搬迁",
    "园区综合布线",
    "视频会议系统",
    "安防专网改造",
    "核心网络升级",
    "宿舍网络扩容",
)


@dataclass(frozen=True)
class Remembered:
    """What the ledger gives for one project."""

    code: str
    name: str
    facts: Facts | None
    findings: tuple[Finding, ...] = ()
    documents: tuple[Document, ...] = ()
    packs: tuple[Pack, ...] = ()
    ran_at: datetime = MADE
    published: Path | None = None
    archived: bool = False
    failure: str = ""


@dataclass(frozen=True)
class Returned:
    """A file that went back."""

    name: str
    reason: str
    at: datetime
    department: str = ""


def remembered(facts: Facts, findings: Iterable[Finding] = (), **more: object) -> Remembered:
    """A project that was run."""
    return replace(Remembered(facts.code, facts.name, facts, tuple(findings)), **more)  # type: ignore[arg-type]


@cache
def samples() -> tuple[Remembered, ...]:
    """Both samples, as they are."""
    return tuple(remembered(load_case(code=code).facts) for code in (TV, DORM))


def many(count: int, seed: int = 1) -> list[Remembered]:
    """Both samples and `count` made-up projects; the same number and seed give the same."""
    chance = random.Random(seed)
    return [*samples(), *(_one(number, chance) for number in range(100, 100 + count))]


def _one(number: int, chance: random.Random) -> Remembered:
    state, code = chance.choice(_STATES), f"LY-SQ-2026-{number:03d}"
    gate = list(load_procedure().gates.values())[_GATES[state]].label
    where, what = chance.choice(_WHERE), chance.choice(_WHAT)
    name = f"{where}{what}项目({number}期)"
    people = [chance.choice(list(company().persons)) for _ in range(4)]
    facts = made(
        number,
        state,
        kind=chance.choice(("一般项目", "一般项目", "重大项目")),
        name=name,
        customer=where,
        secrecy="秘密" if number % 17 == 0 else "普通",
        pm=chance.choice(("E104", "E105", "E106")),
        contract=Decimal(chance.randrange(20, 900) * 10000),
        plan_sign=Sourced(AS_OF + timedelta(days=chance.randrange(-60, 120)), at(code, "C23")),
        stamps=(stamp("plan", code, name),),
        stays=tuple(_stay(n, emp, chance) for n, emp in enumerate(people)),
        loans=_loans(number, chance),
        prices=(price("H7", str(100 + chance.randrange(12)), f"设备{chance.randrange(200)}"),),
        dues=(due("D7", (AS_OF + timedelta(days=chance.randrange(-30, 60))).isoformat()),),
        bid=Bid(chance.choice(("中标", "未中标")), AS_OF, at(code, "C13"))
        if state in ("已签订", "未中标结束")
        else None,
        stages=(
            StageDates(
                "S3",
                "系统方案制作和审批",
                date(2026, 10, 8),
                AS_OF + timedelta(days=number % 40 - 10),
                None,
                at(code, "A9"),
            ),
        ),
        awaited=_awaited(_GATES[state], number),
    )
    costs = {
        ("cost", "month", f"2026-{month:02d}"): Derived(Decimal(chance.randrange(5, 90) * 1000))
        for month in range(6, 13)
    }
    missing = tuple(f"{one.what}:{one.role}" for one in facts.entries.awaited)
    facts = replace(facts, name=name, next_gate=gate, missing=missing, figures=costs)
    return remembered(facts, _findings(code, chance))


# What the gates after the countersigning wait for, and of whom.
_WAITS = {
    1: ("《项目计划报告》及附表", "编制人", "E102"),
    4: ("立项审批表", "COO", "E002"),
    5: ("项目立项批准通知书", "质量文档管理员", "E702"),
    10: ("洽谈/投标记录", "项目经理", "E104"),
    11: ("合同评审意见表", "财务部", "E601"),
    13: ("项目验收申请、结束申请", "项目经理", "E105"),
}


def _awaited(gate: int, number: int) -> tuple[Awaited, ...]:
    """One person, or some departments that must countersign; nobody after the end."""
    if gate == 2:
        depts = list(company().departments.values())[: 1 + number % 5]
        return tuple(Awaited("《项目计划报告》审批单", d.name, company().name_of(d.head), d.head) for d in depts)
    what, role, emp = _WAITS.get(gate, ("", "", ""))
    return (Awaited(what, role, company().name_of(emp), emp),) if what else ()


def _loans(number: int, chance: random.Random) -> tuple[Loan, ...]:
    """Every third project borrows something."""
    asset = chance.choice(("EQ-WT-01", "EQ-AP-05", "EQ-PJ-01"))
    return (loan("P7", asset, *_span(chance)),) if number % 3 == 0 else ()


def _span(chance: random.Random) -> tuple[str, str]:
    start = AS_OF + timedelta(days=chance.randrange(-20, 70))
    return start.isoformat(), (start + timedelta(days=chance.randrange(4, 25))).isoformat()


def _stay(number: int, emp: str, chance: random.Random) -> object:
    person = company().persons[emp]
    dept = company().departments[person.dept].name
    return stay(
        f"L{number}", emp, *_span(chance), chance.choice((10, 20, 30)), name=person.name, dept=dept, grade=person.grade
    )


def _findings(code: str, chance: random.Random) -> list[Finding]:
    rules, found = load_catalogue(), []
    for number in range(chance.choice((0, 0, 0, 1, 2, 5))):
        rule = chance.choice([rules[key] for key in ("W130", "X207", "W160", "F016", "W180")])
        values = dict.fromkeys(_names(rule.zh) | _names(rule.en) | _names(rule.remedy) | _names(rule.remedy_en), "12")
        place = Place(f"03_项目费用计划明细表_{code}.xlsx", "费用明细", f"K{7 + number}")
        found.append(Finding(rule, place, (), values, pending=chance.random() < 0.2))
    return found


def _names(template: str) -> set[str]:
    import string

    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def night(known: Sequence[Remembered]) -> Night:
    """A night in which something happened."""
    codes = [one.code for one in known]
    returned = (
        Returned("费用表(终稿).xlsx", "文件有打开密码。请去掉密码后重新放入。", MADE, "市场销售部"),
        Returned("扫描件.zip", "里面没有可以识别的工作簿。请使用“空白表”里的表。", MADE, "网络工程部"),
    )
    return Night(tuple(codes[3:5]), tuple(codes[5:9]), tuple(codes[9:]), returned)


def surveyed(known: Sequence[Remembered], *, quiet: bool = False) -> Portfolio:
    """The portfolio of these projects."""
    done = Night() if quiet else night(known)
    facts = [one.facts for one in known if one.facts]
    findings = judge_portfolio(facts, company(), load_catalogue(), AS_OF, done.unchanged)
    return portfolio(known, company(), findings, AS_OF, done)


def archive(number: int, until: str) -> Remembered:
    """A project that is archived."""
    return remembered(
        made(number, "已归档", retention=kept("C12", "2012-01-31", until), bid=Bid("中标", AS_OF, at("x", "C13")))
    )
