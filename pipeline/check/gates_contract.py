"""Gates from the requirement review to the archive: G307 .. G316 (clauses 6.4.3 to 7.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pipeline.check.case import Case
from pipeline.check.procedure import after, records_of, sheet_title, there, who
from pipeline.core.findings import Finding
from pipeline.core.places import Place
from pipeline.core.sheets import Record
from pipeline.derive.records import IN_FORCE, Records

_PASSED = frozenset({"通过", "有条件通过"})
_NO_CONTRACT = frozenset({"未中标终止", "客户取消"})
_WITHIN_AUTHORITY = "授权范围"


# -- scheme, bid, tests (6.4.3 to 6.4.5) ------------------------------------------------------------------------------


def scheme_after_review(case: Case) -> Iterator[Finding]:
    """G307 (6.4.3): the scheme is approved after a requirement review that was passed."""
    records = records_of(case)
    approved, review = records.day("scheme", "approve_date"), records.head("req_review")
    if not approved:
        return
    reviewed, conclusion = review.date("date"), review.text("conclusion")
    if review.blank("date") or after(reviewed, approved) or conclusion not in _PASSED:
        found = f"{reviewed.value if reviewed else ''} {conclusion}".strip()
        cells = [review.at("date"), review.at("conclusion")]
        yield case.finding("G307", approved.at, cells, found=found, expected=f"不晚于{approved.value},通过")


def bid_after_scheme(case: Case) -> Iterator[Finding]:
    """G308 (6.4.3, 6.4.5): nothing is offered before the scheme is approved."""
    records = records_of(case)
    submitted, scheme = records.day("bidding", "submit_time"), records.head("scheme")
    approved = scheme.date("approve_date")
    if submitted and (scheme.blank("approve_date") or after(approved, submitted)):
        found = approved.value if approved else ""
        related = [scheme.at("approve_date")]
        yield case.finding("G308", submitted.at, related, found=found, expected=f"不晚于{submitted.value}")


def tested_before_bid(case: Case) -> Iterator[Finding]:
    """G309 (6.4.4, note): tests are planned from the approved scheme and finished before the bid."""
    records = records_of(case)
    submitted = records.day("bidding", "submit_time")
    if not submitted or case.project.head("plan", "basics").text("needs_test") != "是":
        return
    approved = records.day("scheme", "approve_date")
    starts = [day for row in case.project.rows("plan", "tests") if (day := row.date("start"))]
    first = min(starts, key=lambda day: day.value, default=None)
    if first and approved and after(approved, first):
        yield case.finding("G309", first.at, [approved.at], found=first.value, expected=f"不早于{approved.value}")
    if undone := list(_undone(case)):
        found = "、".join(no for no, _ in undone)
        at = case.project.sheet("records", "test_results").at
        yield case.finding("G309", at, [place for _, place in undone], found=found, expected="通过")
    last = records.latest("test_results", "date")
    if last and after(last, submitted):
        yield case.finding("G309", last.at, [submitted.at], found=last.value, expected=f"不晚于{submitted.value}")


def _undone(case: Case) -> Iterator[tuple[str, Place]]:
    """Tests of the plan without a result, or whose last result is none."""
    results = {row.text("no"): row for row in records_of(case).rows("test_results")}
    for test in case.project.rows("plan", "tests"):
        no = test.text("no")
        if no and no not in results:
            yield no, test.at("no")
        elif no and results[no].text("verdict") == "不通过":
            yield no, results[no].at("verdict")
        elif no and results[no].blank("actual"):
            yield no, results[no].at("actual")


# -- changes of the scheme (6.4.5) ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Alteration:
    """A change of the scheme: its row, its number, and whether it is technical or commercial."""

    row: Record
    no: str
    technical: bool


def approved_before_changed(case: Case) -> Iterator[Finding]:
    """G310 (6.4.5): the original approver approves a change before it takes effect, unless it was delegated."""
    for change in _alterations(case):
        approved, effective = change.row.date("approve_date"), change.row.date("effective_date")
        if approved and effective and after(approved, effective):
            cells, expected = [effective.at], f"不晚于{effective.value}"
            yield case.finding("G310", approved.at, cells, no=change.no, found=approved.value, expected=expected)
        original, approver = _original(case, change), change.row.text("approver")
        if approver and original and approver not in original:
            expected = "、".join(who(case, no) for no in original)
            at, cells = change.row.at("approver"), list(original.values())
            yield case.finding("G310", at, cells, no=change.no, found=who(case, approver), expected=expected)


def _alterations(case: Case) -> Iterator[Alteration]:
    records = records_of(case)
    for row in records.rows("changes"):
        kind, said = row.text("kind"), row.text("reason") + row.text("impact")
        if kind in {"方案-技术", "商务"} and row.text("status") in IN_FORCE and _WITHIN_AUTHORITY not in said:
            yield Alteration(row, row.text("no"), kind != "商务")
    for row in records.rows("bidding"):
        if row.blank("change_no") and _WITHIN_AUTHORITY not in row.text("content"):
            yield Alteration(row, f"{sheet_title(case, 'bidding')} {row.text('no')}", row.text("kind") != "商务")


def _original(case: Case, change: Alteration) -> dict[str, Place]:
    """Who approved the scheme, or for commercial terms the initiation, with the cells that say so."""
    records = records_of(case)
    rows = (records.head("scheme"),) if change.technical else records.rows("approval")
    return {row.text("approver"): row.at("approver") for row in rows if row.text("approver")}


# -- contract (6.4.6, 6.5) --------------------------------------------------------------------------------------------


def reviewed_before_signed(case: Case) -> Iterator[Finding]:
    """G311 (6.4.6, 6.5): the contract review is finished when the contract is signed."""
    records = records_of(case)
    signed, last = records.day("signing", "sign_date"), records.latest("creview", "date")
    if not signed:
        return
    if not records.rows("creview") or after(last, signed):
        at = last.at if last else case.project.sheet("records", "creview").at
        found = last.value if last else ""
        yield case.finding("G311", signed.at, [at], found=found, expected=f"不晚于{signed.value}")


def solved_before_signed(case: Case) -> Iterator[Finding]:
    """G312 (6.5): every problem of the review is solved when the contract is signed."""
    records = records_of(case)
    signed = records.day("signing", "sign_date")
    if not signed:
        return
    if unsolved := records.open_problems:
        first, others = unsolved[0], [row.at("status") for row in unsolved[1:]]
        found = "、".join(f"{row.text('no')} {row.text('status')}".strip() for row in unsolved)
        related = [*others, signed.at]
        yield case.finding("G312", first.at("status"), related, n=len(unsolved), found=found, expected="已解决")
    days = [day for row in records.rows("problems") if (day := row.date("close_date"))]
    if late := [day for day in days if after(day, signed)]:
        last = max(late, key=lambda day: day.value)
        cells, expected = [*(day.at for day in late), signed.at], f"不晚于{signed.value}"
        yield case.finding("G312", last.at, cells, n=len(late), found=last.value, expected=expected)


def signed_by_authority(case: Case) -> Iterator[Finding]:
    """G313 (6.5): the project manager signs, or somebody with a letter of authority."""
    records = records_of(case)
    signing, pm = records.head("signing"), records.pm
    signer = signing.text("signer")
    if signer and pm and signer != pm and signing.blank("auth_no"):
        notice, basics = records.head("notice"), case.project.head("plan", "basics")
        named = notice if notice.text("pm") else basics
        a, related = who(case, signer), there(named.at("pm"), signing.at("auth_no"))
        yield case.finding("G313", signing.at("signer"), related, a=a, found=a, expected=who(case, pm))


# -- acceptance, closing, archive (6.6 to 7.2) ------------------------------------------------------------------------


def accepted_after_signed(case: Case) -> Iterator[Finding]:
    """G314 (6.6): acceptance is applied for after the contract is signed."""
    records = records_of(case)
    accepted, signing = records.day("closing", "accept_date"), records.head("signing")
    if not accepted or records.head("closing").text("close_type") in _NO_CONTRACT:
        return
    signed = signing.date("sign_date")
    if signing.blank("sign_date") or after(signed, accepted):
        expected = f"不早于{signed.value}" if signed else "合同签订之后"
        yield case.finding("G314", accepted.at, [signing.at("sign_date")], found=accepted.value, expected=expected)


def closed_after_signed(case: Case) -> Iterator[Finding]:
    """G315 (6.7): signed, then closed, then handed over."""
    records = records_of(case)
    closing = records.head("closing")
    if closing.text("close_type") != "正常结束":
        return
    signed, closed = records.day("signing", "sign_date"), closing.date("close_date")
    handed = records.day("handover", "handover_date")
    if signed and closed and after(signed, closed):
        yield case.finding("G315", closed.at, [signed.at], found=closed.value, expected=f"不早于{signed.value}")
    if handed and closed and after(closed, handed):
        yield case.finding("G315", handed.at, [closed.at], found=handed.value, expected=f"不早于{closed.value}")
    if handed and closing.blank("close_date"):
        yield case.finding("G315", handed.at, [closing.at("close_date")], found=handed.value, expected="结束申请之后")


def archived_complete(case: Case) -> Iterator[Finding]:
    """G316 (7.1, 7.2): the archive follows the handover and holds every quality record."""
    records = records_of(case)
    archived, handed = records.day("handover", "archive_date"), records.day("handover", "handover_date")
    if not archived:
        return
    missing = _lost_records(case, records)
    if handed and after(handed, archived):
        missing.append(f"{archived.value} < {handed.value}")
    if missing:
        related = [handed.at] if handed else []
        items = "、".join(missing)
        yield case.finding("G316", archived.at, related, items=items, found=items, expected="齐全")


def _lost_records(case: Case, records: Records) -> list[str]:
    """Names of the records of 7.1 that are not there."""
    head, plan = records.head, case.project.head("plan", "basics")
    problems = any(row.text("opinion") != "同意" for row in records.rows("creview"))
    normal = head("closing").text("close_type") == "正常结束"
    there_is = {
        "countersign": records.rows("countersign"),
        "application": head("application").date("apply_date"),
        "approval": records.rows("approval"),
        "notice": head("notice").date("date"),
        "memos": records.rows("memos"),
        "problems": records.rows("problems") or not problems,
        "handover": records.rows("handover") or not normal,
        "tracking": records.rows("tracking") or plan.text("skip_tracking") == "是",
    }
    survey = [] if case.project.rows("survey", "versions") else [case.forms["survey"].name]
    return survey + [sheet_title(case, key) for key, found in there_is.items() if not found]


CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (
    scheme_after_review,
    bid_after_scheme,
    tested_before_bid,
    approved_before_changed,
    reviewed_before_signed,
    solved_before_signed,
    signed_by_authority,
    accepted_after_signed,
    closed_after_signed,
    archived_complete,
)
