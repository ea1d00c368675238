"""Acceptance and closing, handover, archive (clauses 6.6 to 7.2; rules G314 to G316)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from pipeline.core.procedure import Answer, Breach, CheckLine, Missing
from pipeline.core.sheets import Record
from pipeline.definitions.procedure import StepForm
from pipeline.derive.procedure.ground import Day, Ground, after, breach
from pipeline.derive.procedure.registry import step

_CLOSING = {"accept_date": "项目验收申请", "close_date": "项目结束申请"}
# Who signs the handover list, by what the chain of workbook 00 calls it.
_HANDED = {"移交": "giver", "接收": "receiver", "监交": "witness"}
_ITEMS = "abcd"


@step("closing")
def closing(g: Ground, form: StepForm) -> Answer:
    """6.6, 6.7: acceptance and end are applied for; a project without a contract has nothing to accept."""
    head, lost = g.records.head("closing"), any(g.holds(("no_contract",)))
    wanted = [key for key in _CLOSING if head.blank(key) and not (lost and key == "accept_date")]
    missing = [Missing(_CLOSING[key], g.where("records", "closing", key), g.filler(form)) for key in wanted]
    accepted, closed = head.date("accept_date"), head.date("close_date")
    breaches = [*_accepted_after_signed(g, accepted), *_closed_after_signed(g, closed)]
    ordered = ((form.dated, accepted),) if accepted else ()
    return g.answer(form, missing, breaches, closed, by=(head.text("accept_by"),), ordered=ordered)


def _accepted_after_signed(g: Ground, accepted: Day) -> Iterator[Breach]:
    """G314 (6.6): acceptance is applied for after the contract is signed."""
    signing, kind = g.records.head("signing"), g.records.head("closing").text("close_type")
    if not accepted or kind in {"未中标终止", "客户取消"}:
        return
    signed = signing.date("sign_date")
    if after(signed, accepted) and signed:
        what = f"项目验收申请{accepted.value}早于合同签订{signed.value}"
        what_en = f"The acceptance request of {accepted.value} precedes the signing of {signed.value}"
        values = {"what": what, "what_en": what_en, "found": accepted.value, "expected": f"不早于{signed.value}"}
        yield breach("G314", accepted.at, [signed.at], **values)
    elif signing.blank("sign_date"):
        what = f"{accepted.value}已经提出验收申请，合同却没有签订日期"
        what_en = f"Acceptance was requested on {accepted.value}, but no signing of the contract is recorded"
        values = {"what": what, "what_en": what_en, "found": "", "expected": "签订日期"}
        yield breach("G314", accepted.at, [signing.at("sign_date")], **values)


def _closed_after_signed(g: Ground, closed: Day) -> Iterator[Breach]:
    """G315 (6.7): the end is applied for after the contract is signed."""
    signed = g.records.day("signing", "sign_date")
    if _normal(g) and signed and closed and after(signed, closed):
        what = f"结束申请{closed.value}早于合同签订{signed.value}"
        what_en = f"The closing request of {closed.value} precedes the signing of {signed.value}"
        values = {"what": what, "what_en": what_en, "found": closed.value, "expected": f"不早于{signed.value}"}
        yield breach("G315", closed.at, [signed.at], **values)


def _normal(g: Ground) -> bool:
    return g.records.head("closing").text("close_type") == "正常结束"


# -- handover (6.7) ----------------------------------------------------------------------------------------------------


@step("handover")
def handover(g: Ground, form: StepForm) -> Answer:
    """6.7: the list and its documents are handed over, after the end was applied for."""
    head, handed = g.records.head("handover"), g.records.day("handover", "handover_date")
    missing = [] if handed else _signatures(g, form)
    by = [head.text(key) for key in _HANDED.values()]
    return g.answer(form, missing, _handed_after_closed(g, handed), handed, by=by, checks=_mandatory(g))


def _signatures(g: Ground, form: StepForm) -> list[Missing]:
    """Giver, receiver and witness: the chain of workbook 00; the list alone while the chain is not known."""
    text, chain = "项目文档移交清单", g.chain(form.decides)
    if not chain:
        return [Missing(text, g.where("records", "handover", "handover_date"))]
    keys = [_HANDED.get(one.action, "handover_date") for one in chain]
    head = g.records.head("handover")
    cells = [g.where("records", "handover", key if head.blank(key) else "handover_date") for key in keys]
    whom = [g.decider(f"{form.paper}（{one.action}）", one) for one in chain]
    return [Missing(text, cell, one) for cell, one in zip(cells, whom, strict=True)]


def _handed_after_closed(g: Ground, handed: Day) -> Iterator[Breach]:
    """G315 (6.7): closed, then handed over."""
    closing = g.records.head("closing")
    closed = closing.date("close_date")
    if not handed or not _normal(g):
        return
    if closed and after(closed, handed):
        what = f"移交{handed.value}早于结束申请{closed.value}"
        what_en = f"The handover of {handed.value} precedes the closing request of {closed.value}"
        values = {"what": what, "what_en": what_en, "found": handed.value, "expected": f"不早于{closed.value}"}
        yield breach("G315", handed.at, [closed.at], **values)
    if closing.blank("close_date"):
        values = {"what": "已经移交，还没有结束申请", "what_en": "Handed over without a closing request"}
        expected = "结束申请之后"
        yield breach("G315", handed.at, [closing.at("close_date")], **values, found=handed.value, expected=expected)


def _mandatory(g: Ground) -> tuple[CheckLine, ...]:
    """The four kinds of documents that a handover must hold (clause 6.7 a to d), with how many of each there are."""
    rows = g.project.rows("records", "handover")
    found = []
    for item in _ITEMS:
        given = [row for row in rows if row.text("clause_item") == item]
        verdict = f"有（{len(given)}件）" if given else ("缺" if rows else "")
        text = g.procedure.clause_form(f"6.7 {item}").text
        found.append(CheckLine(item, "W188", verdict, text, tuple(row.at("doc_name") for row in given)))
    return tuple(found)


# -- archive (7.1, 7.2) ------------------------------------------------------------------------------------------------


@step("archive")
def archive(g: Ground, form: StepForm) -> Answer:
    """7.2: the quality records are archived."""
    archived, whom = g.records.archive.date("archive_date"), g.filler(form)
    sheet = "archive" if any(g.holds(("no_contract",))) else "handover"
    missing = [] if archived else [Missing("归档登记", g.where("records", sheet, "archive_date"), whom)]
    return g.answer(form, missing, _complete(g), archived)


def _complete(g: Ground) -> Iterator[Breach]:
    """G316 (7.1, 7.2): the archive follows the handover and holds every quality record."""
    archived, handed = g.records.day("handover", "archive_date"), g.records.day("handover", "handover_date")
    if not archived:
        return
    missing = [_name(g, record) for record in g.procedure.clause_form("7.1").records if not _there(g, record)]
    if handed and after(handed, archived):
        missing.append(f"{archived.value} < {handed.value}")
    if missing:
        items = "、".join(missing)
        yield breach("G316", archived.at, [handed.at] if handed else [], items=items, found=items, expected="齐全")


# What excuses a quality record that is not there.
_EXCUSED: Mapping[str, Callable[[Ground], bool]] = {
    "records.problems": lambda g: all(row.text("opinion") == "同意" for row in g.records.rows("creview")),
    "records.handover": lambda g: not _normal(g),
    "records.memos": lambda g: not g.records.rows("actions"),
    "records.tracking": lambda g: not g.answers["tracking"].needed,
}


def _there(g: Ground, record: str) -> bool:
    """Whether a quality record holds a row, or its cell a day."""
    book, sheet, *key = record.split(".")
    head: Record = g.project.head(book, sheet)
    found = head.date(key[0]) if key else g.project.rows(book, sheet)
    return bool(found) or (record in _EXCUSED and _EXCUSED[record](g))


def _name(g: Ground, record: str) -> str:
    book, sheet, *_ = record.split(".")
    return g.forms[book].sheet_form(sheet).name if book == "records" else g.forms[book].name
