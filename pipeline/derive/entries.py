"""Read what the portfolio needs out of a project's sheets, once, so that no workbook is opened again for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from pipeline.core.entries import (
    Awaited,
    Bid,
    Bidder,
    Due,
    Entries,
    Filler,
    Issue,
    Loan,
    Price,
    Reported,
    Request,
    Retention,
    StageDates,
    Stamp,
    Stay,
    Support,
)
from pipeline.core.places import Sourced
from pipeline.core.sheets import Project, Record
from pipeline.core.workdays import period_end
from pipeline.derive.records import SETTLED, Records

PURCHASED = "外购"
_INDUSTRY = "A04"  # item of the survey
DONE = frozenset({"已完成", "取消"})


def entries(project: Project, awaited: tuple[Awaited, ...] = ()) -> Entries:
    """Everything of `Entries`; `awaited` is found out with the gates."""
    basics, records = project.head("plan", "basics"), Records(project)
    return Entries(
        stamps=tuple(_stamps(project)),
        name=_text(basics, "project_name"),
        customer=_text(basics, "customer_name"),
        customer_uscc=_text(basics, "customer_uscc"),
        secrecy=basics.text("secrecy"),
        contract_no=_text(records.head("creview"), "contract_no"),
        contract=basics.money("contract_amount"),
        signed=records.head("signing").money("amount"),
        plan_sign=basics.date("plan_sign"),
        pm=_text(records.head("notice"), "pm") or _text(basics, "pm"),
        appointed=_text(records.head("notice"), "pm"),
        sales_rep=_text(basics, "sales_rep"),
        stays=tuple(_stay(row) for row in project.rows("staffing", "lines") if not row.blank("emp_no")),
        loans=tuple(_loan(row) for row in project.rows("materials", "lines") if not row.blank("asset_no")),
        prices=tuple(_prices(project)),
        dues=tuple(_dues(project)),
        retention=_retention(records.archive),
        bid=_bid(project),
        stages=tuple(_stage(row) for row in project.rows("plan", "stages")),
        awaited=awaited,
        fillers=tuple(_fillers(project)),
        notify=records.head("notice").choices("notify"),
        receiver=records.head("handover").text("receiver"),
        issues=tuple(_issues(project)),
        requests=tuple(_requests(project)),
        bidders=tuple(_bidders(project)),
        supports=tuple(_supports(project)),
        industry=_industry(project),
        spent=_spent(project),
        reports=tuple(sorted(_reports(project), key=lambda one: one.end)),
        mediators=tuple(dict.fromkeys(row.text("cxo") for row in records.rows("countersign") if row.text("cxo"))),
    )


def _text(record: Record, key: str) -> Sourced[str] | None:
    return None if record.value(key) is None else Sourced(record.text(key), record.at(key))


def _day(record: Record, key: str) -> date | None:
    found = record.date(key)
    return found.value if found else None


def _stamps(project: Project) -> Iterator[Stamp]:
    """Every workbook once: with the first sheet that names the project."""
    for book in project.books:
        stamps = [sheet.stamp for sheet in book.sheets.values() if sheet.stamp.text("project_name")]
        head = stamps[0] if stamps else book.head
        yield Stamp(book.form, head.text("project_code"), head.text("project_name"), head.at("project_code"))


def _number(row: Record, key: str) -> Decimal | None:
    found = row.number_of(key)
    return found.value if found else None


def _stay(row: Record) -> Stay:
    return Stay(
        emp_no=row.text("emp_no"),
        name=row.text("name"),
        dept=row.text("dept"),
        grade=row.text("grade"),
        start=_day(row, "start"),
        end=_day(row, "end"),
        alloc=_number(row, "alloc"),
        at=row.at("alloc"),
        emp_at=row.at("emp_no"),
        scope=row.text("scope"),
    )


def _loan(row: Record) -> Loan:
    return Loan(
        asset_no=row.text("asset_no"),
        name=row.text("name"),
        mode=row.text("mode"),
        need_date=_day(row, "need_date"),
        return_date=_day(row, "return_date"),
        qty=_number(row, "qty"),
        at=row.at("asset_no"),
        need_at=row.at("need_date"),
    )


def _prices(project: Project) -> Iterator[Price]:
    for row in project.rows("materials", "lines"):
        price = row.money("unit_price")
        if price and row.text("mode") == PURCHASED:
            yield Price(row.text("name"), row.text("model"), row.text("unit"), price.value, price.at)


_DUES: tuple[tuple[str, str, str, str, frozenset[str]], ...] = (
    ("action", "records.actions", "memo_no", "item", DONE),
    ("problem", "records.problems", "no", "desc", SETTLED),
    ("issue", "support.customer_issues", "no", "problem", SETTLED),
)


def _dues(project: Project) -> Iterator[Due]:
    for kind, sheet, no, text, settled in _DUES:
        for row in project.rows(*sheet.split(".")):
            due, status = row.date("due"), row.text("status")
            if due and status not in settled:
                yield Due(kind, row.text(no), row.text(text), row.text("owner"), due.value, status, due.at)
    for row in project.rows("support", "customer_issues"):
        due = row.date("improve_due")
        if due and row.blank("improved") and not row.blank("improvement"):
            texts = (row.text("no"), row.text("improvement"), row.text("improve_by"))
            yield Due("improvement", *texts, due.value, "未完成", due.at)


def _retention(archive: Record) -> Retention | None:
    archived, until = _day(archive, "archive_date"), _day(archive, "retention_until")
    if archived is None and until is None:
        return None
    return Retention(archived, until, archive.text("archive_dept"), archive.at("retention_until"))


def _bid(project: Project) -> Bid | None:
    head, rows = project.head("records", "bidding"), project.rows("records", "rounds")
    earlier = [row for row in rows if row.text("step") == "洽谈投标" and row.text("result")]
    if not head.text("result") and not earlier:
        return None
    results, days = tuple(row.text("result") for row in earlier), tuple(_day(row, "date") for row in earlier)
    return Bid(head.text("result"), _day(head, "result_date"), head.at("result"), results, days)


def _issues(project: Project) -> Iterator[Issue]:
    for row in project.rows("support", "customer_issues"):
        grade, open_ = row.number_of("satisfaction"), row.text("status") != "已解决"
        yield Issue(row.text("kind"), open_, grade.value if grade else None, _day(row, "due"), row.at("no"))


def _requests(project: Project) -> Iterator[Request]:
    for row in project.rows("support", "requests"):
        day = row.date("assign_time") or row.date("request_time")
        if day and not row.blank("engineer"):
            yield Request(row.text("no"), row.text("engineer"), day.value, row.at("engineer"))


def _bidders(project: Project) -> Iterator[Bidder]:
    opened = project.head("bids", "bid_opening").date("opened")
    for row in project.rows("bids", "bid_opening"):
        if not row.blank("bidder"):
            price, rank = row.money("price"), _number(row, "rank")
            told = (opened.value if opened else None, price.value if price else None, rank, row.text("result"))
            yield Bidder(row.text("bidder"), row.text("ours") == "是", *told, row.at("bidder"))


def _supports(project: Project) -> Iterator[Support]:
    plan = [(row.text("apply").upper(), row.text("person")) for row in project.rows("support", "support_plan")]
    for row in project.rows("support", "tech_support"):
        start, no = row.date("service_start"), row.text("no").upper()
        people = dict.fromkeys([row.text("engineer"), *(person for apply, person in plan if apply == no)])
        if start and no:
            given = tuple(filter(None, people))
            yield Support(no, row.text("type"), given, start.value, _day(row, "service_end"), row.at("no"))


def _industry(project: Project) -> Sourced[str] | None:
    row = project.sheet("survey", "items").find("no", _INDUSTRY)
    return _text(row, "value") if row else None


def _spent(project: Project) -> Sourced[Decimal] | None:
    closing, reports = project.head("records", "closing"), project.rows("records", "reports")
    told = (row.money("actual_cost") for row in (closing, *reversed(reports)))
    return next(filter(None, told), None)


def _reports(project: Project) -> Iterator[Reported]:
    for row in project.rows("records", "reports"):
        end, days = period_end(row.text("period")), row.money("actual_days")
        if end and days:
            yield Reported(row.text("period"), end, days.value, days.at)


def _stage(row: Record) -> StageDates:
    start, end, actual_end = (_day(row, key) for key in ("start", "end", "actual_end"))
    return StageDates(row.text("code"), row.text("name"), start, end, actual_end, row.at("code"))


def _fillers(project: Project) -> Iterator[Filler]:
    for book in project.books:
        if book.head.text("filled_by"):
            yield Filler(
                book.name, book.head.text("filled_by"), _day(book.head, "filled_on"), book.head.at("filled_by")
            )
