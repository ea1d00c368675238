"""What follows for a blank cell from what was typed once elsewhere: names, dates, rates, numbers (clause 6.3.1).

Each is a proposal that `forms prefill` writes in light blue and staff may type over; None where it does not follow.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from pipeline.core.company import Company
from pipeline.core.facts import Facts
from pipeline.core.sheets import Project, Record, Value
from pipeline.definitions.prefill import ANSWER, FIND, FOLLOWS, LookUp, StageTexts, look_up, stage_texts
from pipeline.derive.figures import account_of
from pipeline.derive.known import known

# Words of workbook 00 (税率, 适用) by kind of revenue.
_USAGE = {"设备及软件销售": "货物销售", "安装集成(建筑服务)": "建筑服务", "技术服务": "技术"}
_HOLDERS = {"售前项目经理": "pm", "销售代表": "sales_rep", "施工部门网络工程师": "site_engineer"}
_BOUGHT = frozenset({"外购", "租赁"})
_FREE = frozenset({"借用", "库存", "客户提供"})
_LEADERS, _MANAGER = "领导小组", "售前项目经理"
_MOST_DAYS = 40
_DIGITS = re.compile(r"[0-9]+$")


@dataclass(frozen=True)
class Asked:
    """Where a value would go: its row (or labelled cells) and all rows of that table, with what is known."""

    project: Project
    facts: Facts
    company: Company
    record: Record
    rows: Sequence[Record] = ()

    @property
    def basics(self) -> Record:
        """Labelled cells of the plan."""
        return self.project.head("plan", "basics")

    @property
    def stage(self) -> Record | None:
        """The stage that the row names."""
        code = self.record.text("stage")
        return self.project.sheet("plan", "stages").find("code", code) if code else None


def value_for(source: str, asked: Asked) -> Value | None:
    """What a definition's `prefill` gives for a row; None where nothing follows, or not completely."""
    if source.startswith(FOLLOWS):
        return _FOLLOWING[source.removeprefix(FOLLOWS)](asked)
    if source.startswith(FIND):
        return found(look_up(source), asked)
    if source.startswith(ANSWER):
        return answered(source.removeprefix(ANSWER), asked.project)
    return known(source, asked.project, asked.facts, asked.record)


def found(one: LookUp, asked: Asked) -> Value | None:
    """The field of the only row that fits; None where none or several do."""
    wanted = one.by[1:] if one.by.startswith("=") else asked.record.text(one.by)
    rows = [row for row in asked.project.rows(one.book, one.sheet) if wanted and row.text(one.key) == wanted]
    return rows[0].value(one.wanted) if len(rows) == 1 else None


def answered(no: str, project: Project) -> Value | None:
    """The answer to a survey item, where the customer has given one."""
    item = project.sheet("survey", "items").find("no", no)
    return item.value("value") if item and item.text("status") in {"", "明确"} else None


# -- the row itself ---------------------------------------------------------------------------------------------


def _next(asked: Asked) -> int:
    """The next number of a table that no row has yet; rows without one get theirs in their order."""
    used = [int(digits[0]) for row in asked.rows if (digits := _DIGITS.search(row.text("no")))]
    unnumbered = [row.number for row in asked.rows if row.blank("no")]
    before = unnumbered.index(asked.record.number) if asked.record.number in unnumbered else 0
    return max(used, default=0) + 1 + before


def _scope(asked: Asked) -> str | None:
    return {"S": "售前", "G": "工程"}.get(asked.record.text("stage")[:1])


def _account_tax(asked: Asked) -> Decimal | None:
    return _default_tax(asked.record.text("acc"), asked)


def _default_tax(account: str, asked: Asked) -> Decimal | None:
    row = asked.company.accounts.get(account)
    rate = row.money("default_tax") if row else None
    return rate.value if rate else None


def _material_tax(asked: Asked) -> Decimal | None:
    """The rate of the account for what is bought or hired; nothing is invoiced for the rest."""
    row, mode = asked.record, asked.record.text("mode")
    if mode in _BOUGHT and not row.blank("category"):
        return _default_tax(account_of(row), asked)
    return Decimal(0) if mode and mode not in _BOUGHT else None


def _no_price(asked: Asked) -> Decimal | None:
    return Decimal(0) if asked.record.text("mode") in _FREE else None


def _revenue_tax(asked: Asked) -> Decimal | None:
    """The only rate of workbook 00 that is for such revenue."""
    word = _USAGE.get(asked.record.text("kind"))
    rows = asked.company.book.sheets["tax_rates"].rows if word else ()
    rates = [rate.value for row in rows if str(word) in row.text("usage") and (rate := row.money("rate"))]
    return rates[0] if len(rates) == 1 else None


def _month(asked: Asked) -> str | None:
    """The month of a stage that begins and ends in one."""
    stage = asked.stage
    start, end = (stage.date("start"), stage.date("end")) if stage else (None, None)
    months = {f"{day.value:%Y-%m}" for day in (start, end) if day}
    return months.pop() if start and end and len(months) == 1 else None


# -- people ---------------------------------------------------------------------------------------------------------


def _core(asked: Asked) -> str | None:
    """Who has a part in the project's organisation other than to oversee it belongs to its group (6.2.3)."""
    organisation, number = asked.project.rows("plan", "organisation"), asked.record.text("emp_no")
    if not organisation or any(row.blank("emp") for row in organisation) or number not in asked.company.persons:
        return None
    return "是" if any(row.text("emp") == number and row.text("role") != _LEADERS for row in organisation) else "否"


def _skill(asked: Asked) -> Value | None:
    """What the rows above say of the same person."""
    number = asked.record.text("emp_no")
    above = (row for row in asked.rows if row.number < asked.record.number and row.text("emp_no") == number)
    return next((row.value("skill") for row in above if number and not row.blank("skill")), None)


def _days(asked: Asked) -> Decimal | None:
    """Working days by share, in half days, never more than there are."""
    start, end, share = asked.record.date("start"), asked.record.date("end"), asked.record.money("alloc")
    if not (start and end and share):
        return None
    workdays = asked.company.calendar.between(start.value, end.value)
    return Decimal(int(workdays * share.value / 50)) / 2


def _day_rate(asked: Asked) -> Decimal | None:
    start = asked.record.date("start")
    person = asked.company.on(start.value).persons.get(asked.record.text("emp_no")) if start else None
    return asked.company.standard_rate(person.grade, start.value) if person and start else None


def _role_holder(asked: Asked) -> Value | None:
    key = _HOLDERS.get(asked.record.text("role"))
    return asked.basics.value(key) if key else None


def _superior(asked: Asked) -> Value | None:
    """The project manager; his own, the one who leads the group above the project; nobody reports to himself."""
    role = asked.record.text("role")
    if role == _MANAGER:
        one = found(LookUp("plan", "organisation", "role", f"={_LEADERS}", "emp"), asked)
    else:
        one = asked.basics.value("pm") if role and role != _LEADERS else None
    return one if one != asked.record.value("emp") else None


# -- stages -----------------------------------------------------------------------------------------------------------


def _stage_start(asked: Asked) -> date | None:
    """The first working day after the stage before, unless the stage runs beside it."""
    place = asked.rows.index(asked.record) if asked.record in asked.rows else 0
    before = asked.rows[place - 1].date("end") if place else None
    if not before or asked.record.text("parallel") == "是":
        return None
    days = (before.value + timedelta(days=number) for number in range(1, _MOST_DAYS))
    return next((day for day in days if asked.company.calendar.is_workday(day)), None)


def _stage_owner(asked: Asked) -> Value | None:
    """The sales representative until the initiation, then the manager (5.1, 5.2); who builds, for what is estimated."""
    row = asked.record
    if row.text("code").startswith("G"):
        return asked.basics.value("site_engineer")
    if row.blank("code") or row.blank("kind"):
        return None
    return asked.basics.value("sales_rep" if "立项" in row.choices("kind") else "pm")


def _stage_text(wanted: Callable[[StageTexts], str]) -> Callable[[Asked], str | None]:
    """A text of a stage by all its types, where each of them has one."""

    def text(asked: Asked) -> str | None:
        kinds, known_texts = asked.record.choices("kind"), stage_texts()
        given = asked.record.text("code").startswith("S") and bool(kinds) and all(kind in known_texts for kind in kinds)
        return "、".join(wanted(known_texts[kind]) for kind in kinds) if given else None

    return text


def _ends(asked: Asked) -> list[tuple[tuple[str, ...], date]]:
    """Types and end of each presales stage; none until every stage has its dates."""
    stages = asked.project.rows("plan", "stages")
    if any(row.date("start") is None or row.date("end") is None for row in stages):
        return []
    presales = (row for row in stages if row.text("code").startswith("S"))
    return [(row.choices("kind"), day.value) for row in presales if (day := row.date("end"))]


def _plan_start(asked: Asked) -> date | None:
    stages = asked.project.rows("plan", "stages")
    return min((day.value for row in stages if (day := row.date("start"))), default=None) if _ends(asked) else None


def _plan_sign(asked: Asked) -> date | None:
    return max((day for kinds, day in _ends(asked) if "合同评审" in kinds), default=None)


def _plan_end(asked: Asked) -> date | None:
    """The end of the presales stages, once the last of them, the handover, is there."""
    ends = _ends(asked)
    return max(day for _, day in ends) if any("移交" in kinds for kinds, _ in ends) else None


# -- the plan and its versions ----------------------------------------------------------------------------------------


def _class(asked: Asked) -> str | None:
    return asked.facts.project_class.value if asked.facts.project_class else None


def _class_reason(asked: Asked) -> str | None:
    return "、".join(asked.facts.class_reasons) or None


def _client_contact(asked: Asked) -> Value | None:
    return answered("A10", asked.project) if asked.record.text("kind") == "客户" else None


def _first(asked: Asked) -> bool:
    return bool(asked.rows) and asked.rows[0] is asked.record


def _plan_version(asked: Asked) -> Value | None:
    """The version of the plan, in the last row of its revisions."""
    last = bool(asked.rows) and asked.rows[-1] is asked.record
    return asked.basics.value("plan_version") if last else None


_FOLLOWING: dict[str, Callable[[Asked], Value | None]] = {
    "number": lambda asked: Decimal(_next(asked)),
    "interface_no": lambda asked: f"IF-{_next(asked):02d}",
    "test_no": lambda asked: f"T{_next(asked):02d}",
    "risk_no": lambda asked: f"R{_next(asked):02d}",
    "scope": _scope,
    "class": _class,
    "class_reason": _class_reason,
    "plan_start": _plan_start,
    "plan_sign": _plan_sign,
    "plan_end": _plan_end,
    "stage_start": _stage_start,
    "stage_owner": _stage_owner,
    "stage_name": _stage_text(lambda texts: texts.name),
    "stage_goal": _stage_text(lambda texts: texts.goal),
    "stage_output": _stage_text(lambda texts: texts.output),
    "role_holder": _role_holder,
    "superior": _superior,
    "client_contact": _client_contact,
    "plan_version": _plan_version,
    "first_date": lambda asked: asked.basics.value("author_date") if _first(asked) else None,
    "first_author": lambda asked: asked.basics.value("author") if _first(asked) else None,
    "survey_date": lambda asked: answered("A12", asked.project) if _first(asked) else None,
    "surveyor": lambda asked: answered("A13", asked.project) if _first(asked) else None,
    "account_tax": _account_tax,
    "material_tax": _material_tax,
    "no_price": _no_price,
    "month": _month,
    "core": _core,
    "skill": _skill,
    "revenue_tax": _revenue_tax,
    "days": _days,
    "day_rate": _day_rate,
}
