"""Workbook 09: what nobody reviewed or followed, what is not there or cannot be read (P525, P526, P533, P554, P558)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pipeline.check.batch import Batch, some
from pipeline.check.portfolio.logs import cells_as_wanted
from pipeline.core.findings import Finding
from pipeline.core.money import plain
from pipeline.core.places import Place
from pipeline.definitions.forms import load_forms


def as_the_form_wants(batch: Batch) -> Iterator[Finding]:
    """F001 to F049: every cell of workbook 09 holds what its field wants."""
    book = batch.company.others.get("library")
    yield from cells_as_wanted(batch, book) if book else ()


def review_overdue(batch: Batch) -> Iterator[Finding]:
    """P525 (售前工作流程): entries in use are reviewed by their day, competitors too; one finding, at the oldest."""
    sheets = (batch.company.sheet("library", key) for key in ("library", "competitors"))
    rows = [row for sheet in sheets for row in sheet.rows if row.text("status") != "停用"]
    dated = [(due, row) for row in rows if (due := row.date("review_due")) and due.value < batch.as_of]
    late = sorted(dated, key=lambda pair: pair[0].value)
    if late:
        oldest = late[0][0]
        values = {"what": some(row.text("title") for _, row in late), "due": oldest.value}
        related = [due.at for due, _ in late[1:]]
        yield batch.finding("P525", (), oldest.at, related, **values, found=oldest.value, expected="复核以后的日期")


def leads_followed(batch: Batch) -> Iterator[Finding]:
    """P526 (售前项目管理流程, 总则): a lead that is followed has had a step of late, or one that is still to come."""
    late, most = [], batch.parameter("lead_days")
    for row in batch.company.sheet("library", "leads").rows:
        last, step = row.date("last") or row.date("date"), row.date("next_date")
        waits = step is not None and step.value >= batch.as_of
        if row.text("decision") == "跟进" and last and not waits and (batch.as_of - last.value).days > most:
            late.append((last, row))
    if late:
        late.sort(key=lambda pair: pair[0].value)
        at, *related = [last.at for last, _ in late]
        values = {"n": len(late), "what": some(row.text("customer") for _, row in late), "days": most}
        oldest = late[0][0].value
        yield batch.finding("P526", (), at, related, **values, found=oldest, expected=f"{plain(most)}天以内")


def materials_there(batch: Batch) -> Iterator[Finding]:
    """P554 (售前工作流程): what a training used stands in the library."""
    known = {row.text("code") for row in batch.company.sheet("library", "library").rows}
    for row in batch.company.sheet("library", "training").rows:
        code = row.text("material")
        if code and code not in known:
            values = {"topic": row.text("topic"), "number": code}
            yield batch.finding("P554", (), row.at("material"), (), **values, found=code, expected="资源目录的编号")


_NUMBERED = {"library": "code", "leads": "no"}


def numbers_once(batch: Batch) -> Iterator[Finding]:
    """P558 (售前工作流程; 售前项目管理流程, 总则): entries and leads have a number each."""
    for sheet, key in _NUMBERED.items():
        title = load_forms()["library"].sheet_form(sheet).name
        places: dict[str, list[Place]] = {}
        for row in batch.company.sheet("library", sheet).rows:
            places.setdefault(row.text(key), []).append(row.at(key))
        for number, (first, *others) in places.items():
            if number and others:
                values = {"book": "09", "sheet": title, "code": number, "n": len(others) + 1, "found": number}
                yield batch.finding("P558", (), others[0], [first, *others[1:]], **values, expected="各一行")


def not_read(batch: Batch) -> Iterator[Finding]:
    """P533 (售前工作流程): a workbook of the company beside 00 that cannot be read."""
    for name, (why, why_en) in batch.company.unread.items():
        values = {"name": name, "why": why, "why_en": why_en, "found": why, "expected": "能打开的工作簿"}
        yield batch.finding("P533", (), Place(name), (), **values)


CHECKS: tuple[Callable[[Batch], Iterator[Finding]], ...] = (
    as_the_form_wants,
    review_overdue,
    leads_followed,
    materials_there,
    numbers_once,
    not_read,
)
