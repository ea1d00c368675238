"""What a second source says against the first: class, amounts, team, tests, survey, deposits, problems, conditions.

Rules G343, W212, W213, W215 .. W218, X243, X244, X246 .. X249. Plain comparisons stand in `comparisons.toml`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal

from pipeline.check.case import Case, limit, money, shown
from pipeline.check.procedure import records_of, sheet_title, who
from pipeline.core.company import normal_name
from pipeline.core.findings import Finding
from pipeline.core.places import Sourced
from pipeline.core.sheets import Record
from pipeline.derive.classification import MAJOR, ORDINARY
from pipeline.derive.records import IN_FORCE, SETTLED
from pipeline.derive.rounds import Round, passed
from pipeline.derive.survey import CLEAR

_SITE_ENGINEER = "施工部门网络工程师"
_LABOUR, _CONDITIONAL = "2001", "有条件同意"
_NOTHING = frozenset({"无", "待定", ""})
_ENUMERATED = re.compile(r"[一二三四五六七八九十]、|(?<!\d)\d{1,2}[、.)](?!\d)|[((]\d{1,2}[))]")
_VERSION = re.compile(r"[A-Z]+/?\d+(?:\.\d+)*", re.IGNORECASE)
_OF_CONTRACT = frozenset({"履约保证金", "质保金", "预付款保函"})


# -- class and amounts --------------------------------------------------------------------------------------------


def _amounts(case: Case) -> list[Sourced[Decimal]]:
    """Price of the bid, amount of the review, amount of the contract, as far as they are there."""
    cells = (("bidding", "price"), ("creview", "amount"), ("signing", "amount"))
    return [found for sheet, key in cells if (found := case.project.head("records", sheet).money(key))]


def class_by_amount(case: Case) -> Iterator[Finding]:
    """X244 (4.2, 4.4): an ordinary project whose bid or contract crosses the threshold is approved again, as major."""
    basics = case.project.head("plan", "basics")
    if over := _crossing(case):
        related = [*(amount.at for amount in over[1:]), basics.at("class"), basics.at("contract_amount")]
        texts = {"a": money(over[0].value), "limit": limit(_threshold(case)), "found": ORDINARY, "expected": MAJOR}
        yield case.finding("X244", over[0].at, related, pending=False, **texts)


def _threshold(case: Case) -> Decimal:
    """Of the day of the approval; before it of the plan's."""
    approved = records_of(case).first_approval
    return case.company.parameter("major_amount", approved.value if approved else case.facts.business_date)


def _crossing(case: Case) -> list[Sourced[Decimal]]:
    """Amounts of a major project, where the plan is that of an ordinary one (W115: where it only says so)."""
    basics = case.project.head("plan", "basics")
    planned = basics.money("contract_amount")
    if basics.text("class") != ORDINARY or (planned and planned.value >= _threshold(case)):
        return []
    return [amount for amount in (*_amounts(case), *_in_all(case)) if amount.value >= _threshold(case)]


def _in_all(case: Case) -> list[Sourced[Decimal]]:
    """The contract with its parts and what was added to it later, at the last of them."""
    signed = case.project.head("records", "signing").money("amount")
    more = [amount for row in records_of(case).rows("agreements") if (amount := row.money("part_amount"))]
    return [Sourced(signed.value + sum(one.value for one in more), more[-1].at)] if signed and more else []


def contract_as_planned(case: Case) -> Iterator[Finding]:
    """X247 (6.5, 6.3.1): a contract is not below the planned cost, and the plan's unless a change says otherwise."""
    basics, signed = case.project.head("plan", "basics"), case.project.head("records", "signing").money("amount")
    if not signed or any(abs(other.value - signed.value) >= 1 for other in _amounts(case)):
        return  # X219 says that the contract is not the bid's or the review's
    planned, cost = basics.money("contract_amount"), basics.money("planned_total_cost")
    if cost and signed.value < cost.value:
        yield _against(case, signed, cost, "低于计划总费用", "below the planned cost")
    elif planned and planned.value != signed.value and not _renegotiated(case) and not _crossing(case):
        yield _against(case, signed, planned, "不同于计划的合同额", "not the contract amount of the plan")


def _against(case: Case, signed: Sourced[Decimal], other: Sourced[Decimal], said: str, said_en: str) -> Finding:
    texts = {"a": money(signed.value), "b": money(other.value), "d": money(signed.value - other.value)}
    values = {**texts, "said": said, "said_en": said_en, "found": texts["a"], "expected": texts["b"]}
    return case.finding("X247", signed.at, [other.at], pending=False, **values)


def _renegotiated(case: Case) -> bool:
    rows = records_of(case).rows("changes")
    return any(row.text("kind") == "商务" and row.text("status") in IN_FORCE for row in rows)


# -- team ---------------------------------------------------------------------------------------------------------


def site_engineer_in_team(case: Case) -> Iterator[Finding]:
    """X243 (6.2.3): the team of the notice has a network engineer of a construction department, as the plan has."""
    notice, lines = records_of(case).head("notice"), case.project.rows("staffing", "lines")
    team, day = notice.choices("team"), notice.date("date")
    if not team or not day:
        return
    engineer = case.company.on(day.value).site_engineer
    planned = [row.at("emp_no") for row in lines if engineer(row.text("emp_no"))]
    if not any(map(engineer, team)) and (planned or not lines):  # W165 says that the plan has none
        found = "、".join(who(case, no) for no in team)
        yield case.finding("X243", notice.at("team"), [day.at, *planned], found=found, expected=_SITE_ENGINEER)


def organisation(case: Case) -> Iterator[Finding]:
    """G343 (6.3.1): the organisation is named. X248 (6.2.3): and the site engineer in it."""
    basics, sheet = case.project.head("plan", "basics"), case.project.sheet("plan", "organisation")
    made = basics.date("author_date")
    if not made or not case.project.has("plan"):
        return
    if not sheet.rows:
        yield case.finding("G343", sheet.at, [made.at], pending=not _applied(case), found="", expected="项目组织")
    elif not any(row.text("role") == _SITE_ENGINEER for row in sheet.rows):
        related = [basics.at("site_engineer")]
        yield case.finding("X248", sheet.at, related, pending=False, found="", expected=_SITE_ENGINEER)


def _applied(case: Case) -> bool:
    return case.project.head("records", "application").date("apply_date") is not None


# -- survey -------------------------------------------------------------------------------------------------------


def tracked_items(case: Case) -> Iterator[Finding]:
    """W215 (6.4.2): items that the tracking says were changed stand among the updates before the next review."""
    rows, updates = records_of(case).rows("tracking"), case.project.rows("survey", "updates")
    known, due = set(case.facts.items), _next_review(case)
    for row in rows if case.project.has("survey") else ():
        day, named = row.date("date"), [no for no in row.choices("updated_items") if no not in _NOTHING]
        since = {other.text("item_no") for other in updates if day and _not_before(other, day.value)}
        late = bool(day and due and day.value <= due)
        lost = [no for no in named if no not in known or (late and no not in since)]
        if lost:
            found, at = "、".join(lost), row.at("updated_items")
            related = [case.project.sheet("survey", "updates").at]
            yield case.finding("W215", at, related, items=found, found=found, expected="调查表更新记录中的一行")


def _not_before(row: Record, day: date) -> bool:
    changed = row.date("date")
    return changed is not None and changed.value >= day


def _next_review(case: Case) -> date | None:
    """The last day on which somebody relied on the survey."""
    days = [day.value for step in ("req_review", "creview", "signing") if (day := case.facts.day(step))]
    return max(days, default=None)


def developed(case: Case) -> Iterator[Finding]:
    """X246 (4.2): a survey item that speaks of R&D fits neither B17 nor a plan that say no software is changed."""
    basics, answer = case.project.head("plan", "basics"), case.item("B17")
    if not answer or {answer.text("value"), basics.text("rd_modify")} != {"否"}:
        return
    for row in case.project.rows("survey", "items"):
        text, facts = row.text("value"), case.facts.items.get(row.text("no"))
        if "研发" in text and facts and facts.status == CLEAR and row.text("no") not in {"B17", "B18"}:
            related = [answer.at("value"), basics.at("rd_modify")]
            no, expected = row.text("no"), "不需研发中心修改软件"
            yield case.finding("X246", row.at("value"), related, no=no, found=text, expected=expected)


# -- review and tests ---------------------------------------------------------------------------------------------


def reviewers(case: Case) -> Iterator[Finding]:
    """W218 (6.4.2): requirements are reviewed by somebody else than the author of the scheme."""
    records = records_of(case)
    rows, author = records.rows("req_review"), records.head("scheme").text("author")
    named = {row.text("reviewer") for row in rows} - {""}
    if author and named == {author} and records.day("req_review", "date"):
        related = [records.head("scheme").at("author")]
        found = who(case, author)
        yield case.finding("W218", rows[0].at("reviewer"), related, name=found, found=found, expected="其他人员")


def test_basis(case: Case) -> Iterator[Finding]:
    """W217 (6.4.4, note): tests are planned from the scheme, of a version that was approved when they were made."""
    known, scheme = passed(case.project, "scheme"), records_of(case).head("scheme")
    name = normal_name(scheme.text("name"))
    if not known or not name:
        return
    wrong = [row for row in case.project.rows("plan", "tests") if not _tested_as_approved(case, row, name)]
    if wrong:
        valid = _valid(case, wrong[0])
        found, expected = wrong[0].text("basis"), f"{scheme.text('name')}{valid[-1].version}"
        related = [*(row.at("basis") for row in wrong[1:]), valid[-1].at]
        yield case.finding("W217", wrong[0].at("basis"), related, found=found, expected=expected)


def _tested_as_approved(case: Case, row: Record, name: str) -> bool:
    basis = row.text("basis")
    return row.blank("basis") or any(_based(basis, name, one.version) for one in _valid(case, row))


def _valid(case: Case, test: Record) -> list[Round]:
    """Approved rounds of the scheme that stood while a test was made, from its planned begin to its last result.

    Without a begin, or where nothing was approved by then (G309), every approved round.
    """
    known, start = passed(case.project, "scheme"), test.date("start")
    results = [row for row in records_of(case).rows("test_results") if row.text("no") == test.text("no")]
    days = [day.value for day in (test.date("end"), *(row.date("date") for row in results)) if day]
    if start is None:
        return list(known)
    end = max([*days, start.value])
    last = [one for one in known if one.day and one.day.value <= start.value][-1:]
    during = [one for one in known if one.day and start.value < one.day.value <= end]
    return [*last, *during] or list(known)


def _based(basis: str, name: str, version: str) -> bool:
    """Whether a text names the scheme, and no other version than this."""
    text = normal_name(basis)
    others = _VERSION.findall(text.replace(name, ""))
    return (name in text or "方案" in text) and (not others or not version or version in others)


def problems_told(case: Case) -> Iterator[Finding]:
    """W216 (6.4.6): what a department numbers in its opinion stands in the table of problems, each by itself."""
    records = records_of(case)
    for row in records.rows("creview"):
        dept, text = normal_name(row.text("dept")), row.text("opinion_text")
        own = [other for other in records.rows("problems") if normal_name(other.text("dept")) == dept]
        count = len(_ENUMERATED.findall(text))
        if own and count > max(1, len(own)):
            related = [other.at("no") for other in own]
            texts = {"dept": row.text("dept"), "n": str(count), "k": str(len(own)), "found": f"{len(own)}行"}
            at, expected = row.at("opinion_text"), f"{count}行"
            yield case.finding("W216", at, related, pending=False, **texts, expected=expected)


def conditions_met(case: Case) -> Iterator[Finding]:
    """W212 (6.3.2, 6.5): what a department agreed to the plan on condition of is settled before the contract is signed.

    It is settled by the coordination of a chief officer, or as a problem of that department.
    """
    records, key = records_of(case), case.company.department_key
    signed = records.day("signing", "sign_date")
    settled = {key(row.text("dept")) for row in records.rows("problems") if row.text("status") in SETTLED}
    rows = [row for row in records.countersigns if row.text("opinion") == _CONDITIONAL and row.blank("cxo_result")]
    rows = [row for row in rows if key(row.text("dept")) not in settled]
    if signed and rows:
        first, *others = rows
        related = [first.at("opinion_text"), *(row.at("opinion") for row in others), signed.at]
        said = "、".join(f"{row.text('dept')}(“{row.text('opinion_text')}”)" for row in rows)
        a = f"{sheet_title(case, 'countersign')}“{_CONDITIONAL}”:{said}"
        texts = {"a": a, "b": f"合同已在{signed.value}签订", "clause": "6.3.2、6.5"}
        texts |= {"found": _CONDITIONAL, "expected": "条件已落实"}
        yield case.finding("W212", first.at("opinion"), related, pending=False, **texts)


# -- money --------------------------------------------------------------------------------------------------------


def deposits(case: Case) -> Iterator[Finding]:
    """X249 (6.3.1): a deposit is its share of the contract, the bid bond that of the survey (I02)."""
    contract, bond = case.project.head("plan", "basics").money("contract_amount"), case.item("I02")
    for row in case.project.rows("cost", "deposits"):
        amount, share = row.money("amount"), row.number_of("pct")
        due: Sourced[Decimal] | None = bond.money("value") if bond and row.text("kind") == "投标保证金" else None
        if amount and share and contract and row.text("kind") in _OF_CONTRACT:
            due = Sourced(contract.value * share.value / 100, share.at)
        if amount and due and abs(amount.value - due.value) >= 1:
            a, b = money(amount.value), money(due.value)
            kind = row.text("kind")
            yield case.finding("X249", amount.at, [due.at], kind=kind, a=a, b=b, found=a, expected=b, pending=False)


def untaxed_labour(case: Case) -> Iterator[Finding]:
    """W213 (6.3.1): one's own people are paid without value added tax; one finding a rate."""
    taxed: dict[Decimal, list[Record]] = {}
    for row in case.project.rows("cost", "lines"):
        rate = row.number_of("tax_rate")
        if row.text("acc") == _LABOUR and rate and rate.value:
            taxed.setdefault(rate.value, []).append(row)
    for value, (first, *others) in taxed.items():
        related = [first.at("acc"), *(row.at("tax_rate") for row in others)]
        yield case.finding("W213", first.at("tax_rate"), related, rate=value, found=shown(value), expected="0")


CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (
    class_by_amount,
    contract_as_planned,
    site_engineer_in_team,
    organisation,
    tracked_items,
    developed,
    reviewers,
    test_basis,
    problems_told,
    conditions_met,
    deposits,
    untaxed_labour,
)
