"""Workbook 08: the quotation, the reviews before a bid, the bid plan (rules P509 .. P515, P517, P556, P557).

Dates and prices that two places say are in `comparisons.toml`. Nothing is asked of a sheet without use: a quotation
is used once it has a version, a review or check once it has a day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date

from pipeline.check.case import Case, money
from pipeline.core.findings import Finding
from pipeline.core.money import plain
from pipeline.core.places import Place, Sourced
from pipeline.core.sheets import Record
from pipeline.core.texts import as_typed
from pipeline.derive.records import WON

_PRODUCTS = ("产品", "软件")
_POINTS, _PHASES = "网络工程项目工作流程要点", "项目售前支持的六个阶段"


def _quotation(case: Case) -> Sequence[Record]:
    """Lines of the quotation once it has a version."""
    used = not case.project.head("bids", "quotation").blank("version")
    return case.project.rows("bids", "quotation") if used else ()


# -- the quotation -----------------------------------------------------------------------------------------------------


def every_line_priced(case: Case) -> Iterator[Finding]:
    """P509 (网络工程项目工作流程要点, 7): what the contract supplies is priced once, in its quantity."""
    rows = _quotation(case)
    supplied = {row.text("no"): row for row in case.project.rows("materials", "lines") if row.text("scope") == "工程"}
    if not rows or not case.project.has("materials"):
        return
    priced: dict[str, Record] = {}
    for row in (row for row in rows if not row.blank("source")):
        source = row.text("source")
        if source not in supplied:
            yield _line(case, row, "source", [], f"04物资明细没有工程行{source}", source, "04中归属为工程的序号")
        elif source in priced:
            yield _line(case, row, "source", [priced[source].at("source")], f"04第{source}行报了两次", source, "一次")
        else:
            priced[source] = row
            yield from _quantity(case, row, supplied[source])
    lost = [number for number in supplied if number not in priced]
    if lost:
        at, related = case.project.sheet("bids", "quotation").at, [supplied[number].at("no") for number in lost]
        text = f"04物资明细的工程行{'、'.join(lost)}没有报价"
        yield case.finding("P509", at, related, what=text, found="没有报价", expected="每行有价")


def _quantity(case: Case, row: Record, supplied: Record) -> Iterator[Finding]:
    mine, theirs = row.number_of("qty"), supplied.number_of("qty")
    if mine and theirs and mine.value != theirs.value:
        text = f"数量{plain(mine.value)}与04第{supplied.text('no')}行的{plain(theirs.value)}不同"
        yield _line(case, row, "qty", [theirs.at], text, plain(mine.value), plain(theirs.value))


def _line(case: Case, row: Record, key: str, related: Sequence[Place], text: str, found: str, expected: str) -> Finding:
    what = f"序号{row.text('no')},{text}"
    return case.finding("P509", row.at(key), related, what=what, found=found, expected=expected)


def named_as_supplied(case: Case) -> Iterator[Finding]:
    """P556 (网络工程项目工作流程要点, 7): a line bears the name of the row of workbook 04 that it prices.

    One name may be part of the other: a quotation says more of a thing, or less.
    """
    supplied = {row.text("no"): row for row in case.project.rows("materials", "lines") if row.text("scope") == "工程"}
    named = {row.text("source"): row for row in reversed(_quotation(case))}  # what is priced twice is told by P509
    for other, row in ((supplied[source], row) for source, row in named.items() if source in supplied):
        mine, theirs = row.text("item"), other.text("name")
        if mine and theirs and not _one_name(mine, theirs):
            values = {
                "a": f"报价清单序号{row.text('no')}的名称“{mine}”",
                "word": "不是",
                "b": f"04第{other.text('no')}行的“{theirs}”",
            }
            said = {"clause": _POINTS, "found": mine, "expected": theirs}
            yield case.finding(
                "P556", row.at("item"), [other.at("name"), row.at("source")], pending=False, **values, **said
            )


def _one_name(one: str, other: str) -> bool:
    """Whether two names are one, or one is part of the other, however they are typed."""
    a, b = ("".join(as_typed(name).split()).casefold() for name in (one, other))
    return a in b or b in a


def total_is_the_bid(case: Case) -> Iterator[Finding]:
    """P510 (网络工程项目工作流程要点, 7, 8): the quotation comes to the price of the bid of its round."""
    head, bid = case.project.head("bids", "quotation"), case.project.head("records", "bidding")
    total, price = case.facts.figure_or_none("quotation", "price"), bid.money("price")
    rounds = {record.text("round") or "1" for record in (head, bid)}
    if not _quotation(case) or total is None or total.broken or price is None or len(rounds) > 1:
        return
    if abs(total.value - price.value) >= case.parameter("tolerance"):
        values = {"a": money(total.value), "b": money(price.value)}
        related = [price.at, *total.from_]
        yield case.finding(
            "P510", head.at("version"), related, pending=False, **values, found=values["a"], expected=values["b"]
        )


def three_elements(case: Case) -> Iterator[Finding]:
    """P511 (售前项目管理流程, 五步): a quotation has prices of products, fees of services, a delivery time."""
    rows = _quotation(case)
    kinds = {row.text("kind") for row in rows}
    lacking = [name for name, any_of in (("产品价", _PRODUCTS), ("服务费", ("服务",))) if not kinds & set(any_of)]
    if rows and lacking:
        at, said = case.project.sheet("bids", "quotation").at, "、".join(lacking)
        yield case.finding("P511", at, what=said, found="没有", expected=said)


def below_cost(case: Case) -> Iterator[Finding]:
    """P512 (网络工程项目工作流程要点, 7): a line that is offered below its cost has its reason."""
    head = case.project.head("bids", "quotation")
    for row in _quotation(case) if head.blank("below_cost_reason") else ():
        cost, price = row.money("unit_cost"), row.money("unit_price")
        if cost and price and price.value < cost.value:
            said = {"no": row.text("no"), "a": plain(price.value), "b": plain(cost.value)}
            related = [cost.at, head.at("below_cost_reason")]
            yield case.finding(
                "P512", price.at, related, pending=False, **said, found=said["a"], expected=f"不低于{said['b']}"
            )


# -- the reviews -------------------------------------------------------------------------------------------------------


def four_standards(case: Case) -> Iterator[Finding]:
    """P513 (项目售前实施流程, 步骤5): the review agrees only when none of its four standards is missed.

    What is left blank is told by F001.
    """
    head = case.project.head("bids", "final_review")
    bad = [row for row in case.project.rows("bids", "final_review") if row.text("result") == "不符合"]
    if head.text("conclusion") == "同意" and bad:
        items = "、".join(row.text("item") for row in bad)
        at, related = head.at("conclusion"), [row.at("result") for row in bad]
        values = {"a": "结论“同意”", "word": ",但", "b": f"{items}“不符合”"}
        yield case.finding("P513", at, related, pending=False, **values, found="同意", expected="修改后同意或不同意")


def every_item_settled(case: Case) -> Iterator[Finding]:
    """P515 (项目售前支持的六个阶段): all 30 items fit, do not apply, or were mended and looked at again.

    Pending until the bid is handed in.
    """
    head, bid = case.project.head("bids", "bid_check"), case.project.head("records", "bidding")
    if head.blank("checked_on") and head.blank("checked_by"):
        return
    handed_in = bid.date("submit_time")
    for row in case.project.rows("bids", "bid_check"):
        what = _unsettled(row)
        if what:
            related = [handed_in.at] if handed_in else [head.at("checked_on")]
            values = {"a": f"第{row.text('no')}项“{row.text('item')}”", "word": "", "b": what}
            found = {"found": row.text("result"), "expected": "符合、不适用,或整改后复查"}
            yield case.finding("P515", row.at("result"), related, pending=handed_in is None, **values, **found)


def _unsettled(row: Record) -> str:
    """What is open of an item; empty where nothing is."""
    if row.blank("result"):
        return "没有审查"
    open_ = row.text("result") == "不符合" and (row.blank("fix_done") or row.blank("recheck_date"))
    return "不符合,没有整改和复查" if open_ else ""


def something_applies(case: Case) -> Iterator[Finding]:
    """P557 (项目售前支持的六个阶段): a bid to which none of the 30 items applies was not checked."""
    head, rows = case.project.head("bids", "bid_check"), case.project.rows("bids", "bid_check")
    if rows and not head.blank("checked_on") and all(row.text("result") == "不适用" for row in rows):
        a, b = f"投标审查{len(rows)}项都是“不适用”", f"审查日期是{head.text('checked_on')}"
        yield _contradicting(case, rows[0].at("result"), [head.at("checked_on")], a, b, "不适用")


def one_winner(case: Case) -> Iterator[Finding]:
    """P557 (项目售前支持的六个阶段): of those whose bids were opened one has won, and each rank is somebody's."""
    rows = case.project.rows("bids", "bid_opening")
    winners = [row for row in rows if row.text("result") in WON]
    ranked: dict[str, list[Record]] = {}
    for row in (row for row in rows if not row.blank("rank")):
        ranked.setdefault(row.text("rank"), []).append(row)
    same = [("result", winners), *(("rank", group) for group in ranked.values())]
    for key, (first, *others) in ((key, group) for key, group in same if group):
        for row in others:
            a, b = (f"{one.text('bidder')}的{_OPENED[key]}“{one.text(key)}”" for one in (row, first))
            yield _contradicting(case, row.at(key), [first.at(key)], a, b, row.text(key))


_OPENED = {"result": "结果是", "rank": "名次是"}


def _contradicting(case: Case, at: Place, related: Sequence[Place], a: str, b: str, found: str) -> Finding:
    values = {"a": a, "b": b, "clause": _PHASES, "found": found, "expected": "只能有一个成立"}
    return case.finding("P557", at, related, pending=False, **values)


def we_are_once_among_them(case: Case) -> Iterator[Finding]:
    """P517 (项目售前支持的六个阶段): of those whose bids were opened one is we, once we have handed one in."""
    rows, handed_in = case.project.rows("bids", "bid_opening"), case.project.head("records", "bidding")
    ours = [row.at("ours") for row in rows if row.text("ours") == "是"]
    if rows and not handed_in.blank("submit_time") and len(ours) != 1:
        at, related = ours[1] if ours else case.project.sheet("bids", "bid_opening").at, [handed_in.at("submit_time")]
        values = {"a": "“是否我方”", "word": "有", "b": f"{len(ours)}行写“是”,应有一行"}
        yield case.finding("P517", at, [*ours[:1], *related], pending=False, **values, found=len(ours), expected="一行")


# -- the bid plan ------------------------------------------------------------------------------------------------------

_PARTS = ("技术标", "商务标", "报价", "审查", "递交与开标")


def plan_kept(case: Case) -> Iterator[Finding]:
    """P514 (项目售前支持的六个阶段): the plan has the parts of a bid; what is due is done in time."""
    rows = case.project.rows("bids", "bid_plan")
    parts = {row.text("part") for row in rows}
    lacking = [part for part in _PARTS if part not in parts]
    if rows and lacking:
        at = case.project.sheet("bids", "bid_plan").at
        missing = "、".join(lacking)
        yield case.finding("P514", at, a="", word="没有安排", b=missing, found="没有", expected=missing)
    handed_in = case.project.head("records", "bidding").date("submit_time")
    for row in rows:
        due = row.date("due")
        if due and row.blank("done") and due.value < (handed_in.value if handed_in else case.as_of):
            yield _late(case, row, due, handed_in)


def _late(case: Case, row: Record, due: Sourced[date], handed_in: Sourced[date] | None) -> Finding:
    values = {"a": f"第{row.text('no')}行“{row.text('task')}”计划{due.value}完成", "word": ",", "b": "没有完成日期"}
    related = [due.at, *([handed_in.at] if handed_in else [])]
    return case.finding(
        "P514", row.at("done"), related, pending=False, **values, found="", expected=f"不晚于{due.value}"
    )


CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (
    every_line_priced,
    named_as_supplied,
    total_is_the_bid,
    three_elements,
    below_cost,
    four_standards,
    every_item_settled,
    something_applies,
    one_winner,
    we_are_once_among_them,
    plan_kept,
)
