"""Workbook 06: who must answer, and what may not stay open (rules W102, W164, W168, W184, W185, W192 .. W194)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal

from pipeline.check.case import Case, shown
from pipeline.check.records import missing
from pipeline.core.company import Department, normal_name
from pipeline.core.findings import Finding
from pipeline.core.places import Place
from pipeline.core.sheets import Record
from pipeline.derive.records import Records

_UNDECIDED = "待定"
_MANAGER = "售前项目经理"
_FAILED = "不通过"
_COORDINATION = ("cxo", "cxo_result", "cxo_date")


def _stated(case: Case) -> tuple[str, bool]:
    """Class and software change as the plan states them: what the chains of signatures go by."""
    basics = case.project.head("plan", "basics")
    return basics.text("class"), basics.text("rd_modify") == "是"


def _absent(departments: Iterable[Department], rows: Iterable[Record]) -> str:
    """Names of the departments that have no row."""
    given = {normal_name(row.text("dept")) for row in rows}
    return "、".join(d.name for d in departments if normal_name(d.name) not in given)


# -- countersigning and contract review -------------------------------------------------------------------------


def countersigned(case: Case) -> Iterator[Finding]:
    """W193 (6.3.2): every department has signed the plan that is applied for; nobody is missing any more."""
    records = Records(case.project)
    applied = records.day("application", "apply_date")
    if applied is None:
        return
    signed = [row for row in records.countersigns if not row.blank("signer") and not row.blank("sign_date")]
    dept = _absent(case.company.countersigning(*_stated(case)), signed)
    if dept:
        at = case.project.sheet("records", "countersign").at
        yield case.finding("W193", at, [applied.at], dept=dept, found="", expected=f"{dept}会签")


def coordinated(case: Case) -> Iterator[Finding]:
    """W193 (6.3.2 note): a refusal was coordinated by a CXO, with result and date."""
    records = Records(case.project)
    if not records.day("application", "apply_date"):
        return
    for row in records.countersigns:
        blank = [key for key in _COORDINATION if missing(row, key)]
        if row.text("opinion") == "不同意" and blank:
            related = [row.at(key) for key in blank]
            values = {"dept": row.text("dept"), "found": "不同意", "expected": "CXO协调人、协调结论、协调日期"}
            yield case.finding("W193", row.at("opinion"), related, pending=False, **values)


def contract_reviewed(case: Case) -> Iterator[Finding]:
    """W184 (6.4.6): every department has given its opinion on the contract, once the review is over."""
    records = Records(case.project)
    rows, signed = records.rows("creview"), records.day("signing", "sign_date")
    if not (signed or records.rows("problems") or _review_over(case)):
        return
    dept = _absent(case.company.reviewing(*_stated(case)), rows)
    if dept:
        at, related = case.project.sheet("records", "creview").at, [signed.at] if signed else []
        yield case.finding("W184", at, related, dept=dept, found="", expected=f"{dept}的评审意见")


def _review_over(case: Case) -> bool:
    last = Records(case.project).latest("creview", "date")
    return last is not None and case.as_of > last.value


def problem_listed(case: Case) -> Iterator[Finding]:
    """W185 (6.4.6): what a department objects to stands in the table of countermeasures."""
    records = Records(case.project)
    listed = {normal_name(row.text("dept")) for row in records.rows("problems")}
    for row in records.rows("creview"):
        dept, answer = row.text("dept"), row.text("opinion")
        if dept and answer in {"有问题", "不同意"} and normal_name(dept) not in listed:
            expected = f"问题对策表中{dept}的条目"
            yield case.finding("W185", row.at("opinion"), [row.at("dept")], dept=dept, found=answer, expected=expected)


# -- requirement review and tests -------------------------------------------------------------------------------


def clear_enough(case: Case) -> Iterator[Finding]:
    """W102 (6.4.2): requirements are reviewed when they are clear."""
    day, facts = Records(case.project).day("req_review", "date"), case.facts.survey
    least = case.parameter("min_clear_rate") * 100
    if day and facts and facts.clear_rate < least:
        k, related = facts.clear_rate, [case.project.sheet("survey", "items").at]
        values = {"k": k, "min": least, "found": f"{shown(k)}%", "expected": f"不低于{shown(least)}%"}
        yield case.finding("W102", day.at, related, pending=False, **values)


def review_concluded(case: Case) -> Iterator[Finding]:
    """W192 (6.4.2): the requirement review has a conclusion, a conditional one its conditions."""
    records = Records(case.project)
    head = records.head("req_review")
    if not records.rows("req_review") and all(cell.blank for cell in head.cells.values()):
        return
    if missing(head, "conclusion"):
        yield case.finding("W192", head.at("conclusion"), found="", expected="总结论")
    elif head.text("conclusion") == "有条件通过" and missing(head, "conditions"):
        yield case.finding("W192", head.at("conditions"), [head.at("conclusion")], found="", expected="条件")


def last_result(rows: Sequence[Record], no: str) -> Record | None:
    """Last result of a test: by date, among those of one day and where a date is missing the lower row."""
    own = [row for row in rows if row.text("no") == no]
    if all(row.date("date") for row in own):
        own.sort(key=lambda row: found.value if (found := row.date("date")) else date.min)
    return own[-1] if own else None


def tested(case: Case) -> Iterator[Finding]:
    """W194 (6.4.4): every planned test has a result, and the last one is not a failure."""
    records = Records(case.project)
    rows, submitted = records.rows("test_results"), records.day("bidding", "submit_time")
    if not rows and not submitted:
        return
    wanted = [row for row in case.project.rows("plan", "tests") if row.text("no")]
    untested = [row for row in wanted if last_result(rows, row.text("no")) is None]
    if untested:
        no, at = "、".join(row.text("no") for row in untested), case.project.sheet("records", "test_results").at
        yield case.finding("W194", at, [row.at("no") for row in untested], no=no, found="", expected=f"{no}的测试结果")
    for no in dict.fromkeys(row.text("no") for row in rows if row.text("no")):
        last = last_result(rows, no)
        if last and (last.text("verdict") == _FAILED or missing(last, "actual")):
            found, related = last.text("verdict"), [last.at("actual")]
            yield case.finding(
                "W194", last.at("verdict"), related, no=no, found=found, expected="结果,且通过或复测通过"
            )


# -- team -------------------------------------------------------------------------------------------------------


def one_manager(case: Case) -> Iterator[Finding]:
    """W164 (5.1, 6.2.2): from the notice on there is exactly one presales project manager."""
    lines, notice = case.project.rows("staffing", "lines"), Records(case.project).day("notice", "date")
    rows = [row for row in lines if row.text("role") == _MANAGER]
    unread = any(missing(row, "emp_no") for row in rows) or not all({"role", "emp_no"} <= set(r.cells) for r in lines)
    if not lines or notice is None or unread:
        return
    first = {row.text("emp_no"): row for row in reversed(rows) if row.text("emp_no") != _UNDECIDED}
    if len(first) != 1:
        places: list[Place] = sorted((row.at("emp_no") for row in first.values()), key=lambda place: place.order)
        places = places or [row.at("emp_no") for row in rows] or [case.project.sheet("staffing", "lines").at]
        n = Decimal(len(first))
        yield case.finding("W164", places[-1], [*places, notice.at], n=n, found=f"{shown(n)}人", expected="1人")


def everybody_named(case: Case) -> Iterator[Finding]:
    """W168 (6.2.3): once the project is approved every role has its person."""
    records = Records(case.project)
    if not records.approved:
        return
    related = [day.at] if (day := records.approval_date) else []
    for row in case.project.rows("staffing", "lines"):
        emp = row.text("emp_no")
        if missing(row, "emp_no") or emp == _UNDECIDED:
            role = row.text("role") or f"第{row.number}行"
            yield case.finding("W168", row.at("emp_no"), related, role=role, found=emp, expected="工号")


CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (
    clear_enough,
    one_manager,
    everybody_named,
    contract_reviewed,
    problem_listed,
    review_concluded,
    countersigned,
    coordinated,
    tested,
)
