"""Rules of workbook 04, the materials (clause 6.3.1; rules W150 .. W157)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pipeline.check.annex import at_row, doubled, thousands, window_of
from pipeline.check.case import Case, limit, money
from pipeline.core.findings import Finding
from pipeline.core.sheets import Record

_RETURNED = frozenset({"借用", "租赁"})
_PAID = frozenset({"外购", "租赁", "自产"})
_FREE = frozenset({"借用", "客户提供", "库存"})
_WHOLE_UNITS = frozenset({"台", "套", "个", "块", "只", "箱"})
_NO_MODEL = frozenset({"同上", "常规"})


def _lines(case: Case) -> tuple[Record, ...]:
    return case.project.rows("materials", "lines")


def return_date(case: Case) -> Iterator[Finding]:
    """W150 (6.3.1): what is borrowed or rented goes back, not before it is needed."""
    for row in _lines(case):
        if row.text("mode") not in _RETURNED:
            continue
        back, need = row.date("return_date"), row.date("need_date")
        if row.blank("return_date") or (back and need and back.value < need.value):
            related = (row.at("need_date"), row.at("mode"))
            expected = f"不早于{need.value}" if need else "归还日期"
            yield at_row(case, "W150", row, "return_date", related, found=back.value if back else "", expected=expected)


def asset_number(case: Case) -> Iterator[Finding]:
    """W151 (6.3.1): what is borrowed has its asset number."""
    for row in _lines(case):
        if row.text("mode") == "借用" and row.blank("asset_no"):
            yield at_row(case, "W151", row, "asset_no", [row.at("mode")], found="", expected="设备编号")


def price_fits_mode(case: Case) -> Iterator[Finding]:
    """W152 (6.3.1): what is bought, made or rented costs something; what is borrowed, in stock or given does not."""
    for row in _lines(case):
        mode, price = row.text("mode"), row.money("unit_price")
        if price is None:
            continue
        if (mode in _PAID and price.value <= 0) or (mode in _FREE and price.value > 0):
            expected = "大于0" if mode in _PAID else "0"
            values = {"mode": mode, "price": price.value, "found": price.value, "expected": expected}
            yield at_row(case, "W152", row, "unit_price", [row.at("mode")], **values)


def need_date(case: Case) -> Iterator[Finding]:
    """W153 (6.3.1): the day of need lies within the stage."""
    for row in _lines(case):
        window, need = window_of(case, row), row.date("need_date")
        if window is None or need is None or (window.start and window.end and window.start > window.end):
            continue
        if window.misses(need.value, need.value):
            values = {"a": need.value, "code": window.code, "s": window.start, "e": window.end}
            expected = str(window)
            yield at_row(case, "W153", row, "need_date", window.cells, **values, found=need.value, expected=expected)


def whole_quantity(case: Case) -> Iterator[Finding]:
    """W154 (6.3.1): pieces and sets are counted in whole numbers."""
    for row in _lines(case):
        quantity = row.number_of("qty")
        if quantity and row.text("unit") in _WHOLE_UNITS and quantity.value != quantity.value.to_integral_value():
            values = {"a": quantity.value, "found": quantity.value, "expected": "整数"}
            yield at_row(case, "W154", row, "qty", [row.at("unit")], **values)


def model(case: Case) -> Iterator[Finding]:
    """W155 (6.3.1): the model says what is meant."""
    for row in _lines(case):
        if row.blank("model") or row.text("model") in _NO_MODEL:
            values = {"found": row.text("model"), "expected": "规格型号或主要参数"}
            yield at_row(case, "W155", row, "model", [row.at("name")], **values)


def doubled_material(case: Case) -> Iterator[Finding]:
    """W156 (6.3.1): two rows with the same name, model, scope and stage."""
    for first, later in doubled(_lines(case), ("name", "model", "scope", "stage")):
        values = {"row2": first.number, "found": later.text("name"), "expected": "同一物资一行"}
        yield at_row(case, "W156", later, "name", [first.at("name")], **values)


def quotation(case: Case) -> Iterator[Finding]:
    """W157 (6.3.1): a purchase from the limit on names its quotation."""
    least = case.parameter("quote_limit")
    for row in _lines(case):
        amount = row.money("amount")
        if amount and row.text("mode") == "外购" and amount.value >= least and row.blank("quote_basis"):
            values = {"limit": limit(least), "limit_en": thousands(least), "a": money(amount.value)}
            yield at_row(case, "W157", row, "quote_basis", [amount.at], found="", expected="询价依据", **values)


CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (
    return_date,
    asset_number,
    price_fits_mode,
    need_date,
    whole_quantity,
    model,
    doubled_material,
    quotation,
)
