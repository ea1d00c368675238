"""Rules of workbook 02, the project plan (clauses 4.2, 6.2.2, 6.3.1, 6.4.1; rules W110 .. W120, W122 .. W124).

Nothing is said about a pre-filled plan that nobody has begun.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

from pipeline.check.case import Case
from pipeline.check.cells import begun
from pipeline.check.dates import plausible
from pipeline.core.facts import CLASS_TESTS
from pipeline.core.findings import Finding
from pipeline.core.money import yuan
from pipeline.core.sheets import Record, Sheet

_CLASS_INPUTS = ("contract_amount", "mature_case", "rd_modify")
_STAGE_TEXTS = ("work", "goal", "quality", "owner", "output")
_TEST_FIELDS = ("item", "criteria", "resource", "start", "end")
_RISK_FIELDS = ("countermeasure", "owner", "due")
_GOAL_FIELDS = ("indicator", "target", "method")
_FEASIBILITY = ("f_a", "f_b", "f_c", "f_d", "f_e", "f_f", "f_g", "f_h")
# Work that every execution phase has (6.4.1); following the customer may be left out (6.4.2 note).
_MANDATORY = ("需求评审", "方案", "洽谈投标", "合同评审")
_FOLLOWING = "跟踪"
_INTERFACES = ("内部", "客户")


def _basics(case: Case) -> Record:
    return case.project.head("plan", "basics")


def _stages(case: Case) -> tuple[Record, ...]:
    return case.project.rows("plan", "stages")


def _sheet(case: Case, key: str) -> Sheet | None:
    """A sheet of a plan that was begun; None where the sheet is missing (F029 reports it)."""
    sheet = case.project.sheet("plan", key)
    return sheet if sheet.present and begun(case, "plan") else None


def _blanks(row: Record, keys: tuple[str, ...]) -> list[str]:
    """Those of the fields that are blank; a column that the sheet lacks is not."""
    return [key for key in keys if key in row.cells and row.blank(key)]


def _label(case: Case, sheet: str, key: str) -> str:
    return case.forms["plan"].sheet_form(sheet).field(key).label


# -- stages -----------------------------------------------------------------------------------------------------


def stage_dates(case: Case) -> Iterator[Finding]:
    """W110 (6.3.1): a stage does not start after it ends."""
    for row in _stages(case):
        start, end = row.date("start"), row.date("end")
        if start and end and start.value > end.value:
            expected = f"不早于{start.value}"
            yield case.finding("W110", end.at, [start.at], code=row.text("code"), found=end.value, expected=expected)


def stage_order(case: Case) -> Iterator[Finding]:
    """W111 (6.3.1): neighbouring stages neither overlap, unless they are parallel, nor leave a long gap."""
    longest = case.parameter("stage_gap")
    for first, second in pairwise(_stages(case)):
        end, start = first.date("end"), second.date("start")
        if not end or not start or not plausible(case, end.value, start.value):
            continue
        overlap = start.value <= end.value
        day = timedelta(days=1)
        gap = case.company.calendar.between(end.value + day, start.value - day)
        if (overlap and second.text("parallel") != "是") or gap > longest:
            a, b = first.text("code"), second.text("code")
            found = f"{end.value}~{start.value}" + ("" if overlap else f",间隔{gap}个工作日")
            expected = f"晚于{end.value}" if overlap else f"间隔不超过{longest}个工作日"
            what = "重叠,没有标并行" if overlap else f"之间隔了{gap}个工作日,超过{longest}个"
            what_en = "overlap" if overlap else f"are {gap} working days apart, more than {longest}"
            values = {"a": a, "b": b, "what": what, "what_en": what_en, "found": found, "expected": expected}
            yield case.finding("W111", start.at, [end.at], pending=False, **values)


def mandatory_work(case: Case) -> Iterator[Finding]:
    """W112 (6.4.1, 6.4.2 note): the presales stages contain the work that may not be left out; one finding."""
    sheet = _sheet(case, "stages")
    if sheet is None:
        return
    planned = {kind for row in sheet.rows if row.text("code").startswith("S") for kind in row.choices("kind")}
    needed = _MANDATORY if _basics(case).text("skip_tracking") == "是" else (_FOLLOWING, *_MANDATORY)
    if lacking := "、".join(name for name in needed if name not in planned):
        yield case.finding("W112", sheet.at, name=lacking, found="、".join(sorted(planned)), expected=lacking)


def stage_content(case: Case) -> Iterator[Finding]:
    """W113 (6.3.1): a stage has work, goal, quality requirement, owner and output."""
    for row in _stages(case):
        for key in _blanks(row, _STAGE_TEXTS):
            expected = _label(case, "stages", key)
            yield case.finding("W113", row.at(key), code=row.text("code"), found="", expected=expected)


def working_days(case: Case) -> Iterator[Finding]:
    """W114 (6.3.1): working days of stages and stays are those of the company's calendar."""
    for row in (*_stages(case), *case.project.rows("staffing", "lines")):
        start, end, given = row.date("start"), row.date("end"), row.number_of("workdays")
        if not start or not end or not given or not plausible(case, start.value, end.value):
            continue
        right = case.company.calendar.between(start.value, end.value)
        if start.value <= end.value and given.value != right:
            code = row.text("stage") or row.text("code")
            a, related = given.value, [start.at, end.at]
            yield case.finding("W114", given.at, related, code=code, a=a, b=right, found=a, expected=right)


# -- class, feasibility, interfaces, tests, goals -----------------------------------------------------------------


def project_class(case: Case) -> Iterator[Finding]:
    """W115 (4.1, 4.2): the class is the one that amount, mature case and software change give."""
    stated, right = _basics(case).text("class"), case.facts.project_class
    if right is None or not stated or stated == right.value:
        return
    reasons = dict(zip(CLASS_TESTS, case.facts.class_reasons, strict=True))
    why = ";".join(reasons[key] for key in case.facts.class_because or CLASS_TESTS)
    at, b = _basics(case).at("class"), right.value
    yield case.finding("W115", at, right.from_, a=stated, b=b, why=why, found=stated, expected=b)


def class_inputs(case: Case) -> Iterator[Finding]:
    """W116 (4.2): amount, mature case and software change are filled."""
    if begun(case, "plan"):
        for key in _blanks(_basics(case), _CLASS_INPUTS):
            yield case.finding("W116", _basics(case).at(key), found="", expected=_label(case, "basics", key))


def feasibility(case: Case) -> Iterator[Finding]:
    """W117 (6.2.2): all eight items of the feasibility analysis are written; an empty sheet is one finding."""
    sheet = _sheet(case, "feasibility")
    if sheet is None:
        return
    blank = _blanks(sheet.head, _FEASIBILITY)
    if len(blank) == len(_FEASIBILITY):
        cells = [sheet.head.at(key) for key in blank]
        yield case.finding("W117", cells[0], cells[1:], item="a)–h)", found="", expected="a)–h)")
        return
    for key in blank:
        item = _label(case, "feasibility", key)
        yield case.finding("W117", sheet.head.at(key), item=item, found="", expected=item)


def interfaces(case: Case) -> Iterator[Finding]:
    """W118 (6.3.1): there is an internal interface and one to the customer."""
    sheet = _sheet(case, "interfaces")
    if sheet is None:
        return
    kinds = {row.text("kind") for row in sheet.rows}
    if not kinds.issuperset(_INTERFACES):
        found = "、".join(sorted(kinds - {""}))
        yield case.finding("W118", sheet.at, found=found, expected="、".join(_INTERFACES))


def tests(case: Case) -> Iterator[Finding]:
    """W119 (6.3.1, 6.4.4): tests are planned whole, or there is a reason for having none."""
    basics, sheet = _basics(case), case.project.sheet("plan", "tests")
    asked = basics.text("needs_test")
    if asked == "否":
        for key in _blanks(basics, ("no_test_reason",)):
            yield case.finding("W119", basics.at(key), found="", expected=_label(case, "basics", key))
    elif asked == "是":
        related = [basics.at("needs_test")]
        if not sheet.rows:
            yield case.finding("W119", sheet.at, related, found="没有测试活动", expected="至少一项测试活动")
        for row in sheet.rows:
            for key in _blanks(row, _TEST_FIELDS):
                yield case.finding("W119", row.at(key), related, found="", expected=_label(case, "tests", key))


def quality_goals(case: Case) -> Iterator[Finding]:
    """W120 (6.3.1): one quality goal at least can be measured."""
    sheet = _sheet(case, "quality_goals")
    if sheet and not any(all(row.text(key) for key in _GOAL_FIELDS) for row in sheet.rows):
        found = f"{len(sheet.rows)}项,均不完整" if sheet.rows else ""
        yield case.finding("W120", sheet.at, found=found, expected="指标、目标值和测量方法齐全的一项")


# -- margin, risks, revisions -------------------------------------------------------------------------------------


def margin(case: Case) -> Iterator[Finding]:
    """W122 (6.2.2 e): the gross margin on tax-exclusive figures lies between its limits, in per cent."""
    found = case.facts.figure_or_none("gross_margin")
    low, high = case.parameter("min_margin"), case.parameter("max_margin")
    if found is None or low <= found.value <= high:
        return
    at = case.project.sheet("plan", "revenue").totals.at("revenue_excl_total")
    related = [case.project.sheet("cost", "lines").totals.at("grand_total_excl")]
    v, expected = found.value, f"{low}%–{high}%"
    yield case.finding("W122", at, related, v=v, lo=low, hi=high, found=f"{v}%", expected=expected)


def receipts(case: Case) -> Iterator[Finding]:
    """W247 (6.2.2 e): what is to be paid in adds up to the contract amount, where it is planned at all.

    Where it adds up to the revenue, W121 tells that the contract amount is another.
    """
    sheet, contract = case.project.sheet("plan", "receipts"), _basics(case).money("contract_amount")
    amounts = [row.money("amount") for row in sheet.rows]
    if not amounts or contract is None or None in amounts:
        return
    total = sum((one.value for one in amounts if one), Decimal(0))
    revenue = case.facts.figure_or_none("revenue", "total")
    if total != contract.value and (revenue is None or total != revenue.value):
        texts = {"a": yuan(total), "b": yuan(contract.value), "found": yuan(total), "expected": yuan(contract.value)}
        related = [_basics(case).at("contract_amount"), *(row.at("amount") for row in sheet.rows)]
        yield case.finding("W247", sheet.totals.at("receipts_total"), related, pending=False, **texts)


def high_risks(case: Case) -> Iterator[Finding]:
    """W123 (6.2.2 d): a high risk has a countermeasure, an owner and a date."""
    for row in case.project.rows("plan", "risks"):
        for key in _blanks(row, _RISK_FIELDS) if row.text("level") == "高" else ():
            name, expected = row.text("desc") or row.text("no"), _label(case, "risks", key)
            yield case.finding("W123", row.at(key), [row.at("level")], name=name, found="", expected=expected)


def plan_version(case: Case) -> Iterator[Finding]:
    """W124 (6.3.1): the plan's version is that of its last revision."""
    stated, revisions = _basics(case).text("plan_version"), case.project.rows("plan", "revisions")
    last = revisions[-1].text("version") if revisions else ""
    if stated and last and stated != last:
        at, related = _basics(case).at("plan_version"), [revisions[-1].at("version")]
        yield case.finding("W124", at, related, a=stated, b=last, found=stated, expected=last)


CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (
    stage_dates,
    stage_order,
    mandatory_work,
    stage_content,
    working_days,
    project_class,
    class_inputs,
    feasibility,
    interfaces,
    tests,
    quality_goals,
    margin,
    receipts,
    high_risks,
    plan_version,
)
