"""The figures of cost and competitors once more, by plain arithmetic over the cells that people typed.

Nothing of the pipeline reads or adds here: openpyxl gives the cells, the test the sums; then both must say the same.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from datetime import datetime
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from pipeline.core.portfolio import Measure
from pipeline.derive.achieved import achieved
from pipeline.derive.worklog import logs_of
from tests.cases import DORM, ROOT, voluntary_case
from tests.logged import sample_logs

SAMPLE, VOLUNTARY = ROOT / "samples" / DORM, ROOT / "samples" / "voluntary-015"
CENT, TENTH = 2, 1
Row = Mapping[str, Any]


def table(path: Path, sheet: str, key: str) -> list[Row]:
    """Rows under the hidden line of keys that begins with `key`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rows = list(load_workbook(path, data_only=True)[sheet].iter_rows(values_only=True))
    at = next(number for number, row in enumerate(rows) if row[0] == key)
    return [dict(zip(rows[at], row, strict=True)) for row in rows[at + 1 :] if row[0] is not None]


def rounded(value: Fraction, places: int) -> str:
    """Half up, with commas."""
    scaled = (value * 10**places + Fraction(1, 2)) // 1
    return f"{int(scaled) // 10**places:,}.{int(scaled) % 10**places:0{places}d}"


def day_rate(emp_no: str, day: datetime) -> Fraction:
    """Yuan of a person-day: the newest rate of the grade that holds on the day."""
    book = SAMPLE / "00_公司基础资料.xlsx"
    (grade,) = (row["grade"] for row in table(book, "人员", "emp_no") if row["emp_no"] == emp_no)
    rates = [row for row in table(book, "人天单价", "grade") if row["grade"] == grade and row["valid_from"] <= day]
    return Fraction(max(rates, key=lambda row: row["valid_from"])["day_rate"])


@cache
def typed() -> tuple[tuple[str, datetime, Fraction], ...]:
    """Who, when, how many hours for the dormitory."""
    return tuple(_typed())


def _typed() -> Iterator[tuple[str, datetime, Fraction]]:
    for path in sorted(VOLUNTARY.glob("10_*.xlsx")):
        emp_no = path.name.split("_")[2]
        for row in table(path, "日志", "date"):
            if row["project"] == DORM:
                yield emp_no, row["date"], Fraction(str(row["hours"]))


def cost(emp_no: str = "", start: datetime = datetime.min, end: datetime = datetime.max) -> Fraction:
    """Of the hours of a person (all of them without one) between two days, eight to a person-day."""
    lines = [line for line in typed() if emp_no in {"", line[0]} and start <= line[1] <= end]
    return sum((hours / 8 * day_rate(no, day) for no, day, hours in lines), Fraction(0))


@cache
def said() -> Mapping[tuple[str, str], Measure]:
    case = voluntary_case()
    found = achieved([case.facts], case.company, logs_of(sample_logs()), [case.facts])
    return {(one.kind, one.name): one for one in found}


def test_the_cost_of_support_is_hours_over_eight_times_the_day_rate() -> None:
    assert said()["支持成本（元）", DORM].value == rounded(cost(), CENT) == "26,856.25"
    contract = said()["支持成本（元/中标合同）", f"LY-XS-2026-0036（{DORM}）"]
    share = rounded(cost() / Fraction(920000) * 100, TENTH)
    assert (contract.value, contract.basis) == ("26,856.25", f"191 小时，合同额的 {share}%")


def test_the_cost_of_a_request_is_that_of_its_engineer_in_its_days() -> None:
    requests = table(VOLUNTARY / f"07_售前支持_{DORM}.xlsx", "技术支持申请", "no")
    by_hand = {
        row["no"]: cost(row["engineer"].split()[0], row["service_start"], row["service_end"]) for row in requests
    }
    assert {no: rounded(value, CENT) for no, value in by_hand.items() if value} == {"ZC-2026-012": "2,375.00"}
    for no, value in by_hand.items():
        assert said()["支持成本（元/次申请）", no].value == (rounded(value, CENT) if value else "没有数据")


def test_the_gap_of_a_price_is_what_it_is_more_or_less_than_ours() -> None:
    bidders = table(VOLUNTARY / f"08_报价与投标_{DORM}.xlsx", "开标记录", "bidder")
    (ours,) = (Fraction(row["price"]) for row in bidders if row["ours"] == "是")
    rivals = {row["bidder"]: Fraction(row["price"]) / ours - 1 for row in bidders if row["ours"] == "否"}
    assert len(rivals) == 2
    for name, gap in rivals.items():
        words = f"{'高' if gap > 0 else '低'} {rounded(abs(gap) * 100, TENTH)}%"
        assert words in said()["竞争对手（开标）", name].basis


def test_the_samples_hold_what_the_tests_read() -> None:
    """The sheets lie in the samples as the tests of the logs write them."""
    assert sum(hours for _, _, hours in typed()) == 191
    assert {no for no, _, _ in typed()} == {"E106", "E203"}
