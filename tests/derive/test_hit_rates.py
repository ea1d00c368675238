"""Hit rates by sales representative, quarter, industry and amount."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from pipeline.core.company import Parameter
from pipeline.core.entries import Bid
from pipeline.core.errors import DefinitionError
from pipeline.core.facts import Facts
from pipeline.core.places import Sourced
from pipeline.core.portfolio import Measure
from pipeline.derive.hit_rates import BANDS, hit_rates, per_cent
from tests.cases import load_case
from tests.check.followed import added, followed
from tests.made_projects import at, company, made

X = at("x", "C1")


def bid(number: int, result: str, day: date | None, rep: str = "E102", *earlier: str) -> Facts:
    return made(number, bid=Bid(result, day, X, earlier), sales_rep=rep)


def of(kind: str, *projects: Facts) -> list[tuple[str, str, str]]:
    return [(one.name, one.value, one.basis) for one in hit_rates(projects, company()) if one.kind.startswith(kind)]


BIDS = (
    bid(1, "中标", date(2026, 3, 31)),
    bid(2, "未中标", date(2026, 4, 1)),
    bid(3, "成交", date(2026, 4, 30), "E103", "未成交"),
    bid(4, "", None),
)


def test_hit_rates_count_every_round_that_was_decided() -> None:
    names = {no: company().name_of(no) for no in ("E102", "E103")}
    assert of("命中率（销售代表）", *BIDS) == sorted([(names["E102"], "50.0%", "1/2"), (names["E103"], "50.0%", "1/2")])
    assert of("命中率（季度）", *BIDS) == [
        ("2026年第1季度", "100.0%", "1/1"),
        ("2026年第2季度", "33.3%", "1/3"),
    ]


def test_each_round_belongs_to_the_quarter_of_its_own_result() -> None:
    spring, unknown = date(2026, 2, 1), None
    rounds = Bid("中标", date(2026, 7, 16), X, ("废标", "未中标"), (spring, unknown))
    assert rounds.rounds == (("废标", spring), ("未中标", unknown), ("中标", date(2026, 7, 16)))
    assert of("命中率（季度）", made(1, bid=rounds)) == [
        ("2026年第1季度", "0.0%", "0/1"),
        ("2026年第3季度", "100.0%", "1/1"),
        ("（不知道）", "0.0%", "0/1"),
    ]


def test_the_days_of_earlier_rounds_are_those_of_the_sheet() -> None:
    first = added("rounds", step="洽谈投标", round=Decimal(1), version="HCZB-99", date=date(2026, 3, 9), result="废标")
    found = followed(load_case(), [first]).facts.entries.bid
    assert found
    assert found.rounds[0] == ("废标", date(2026, 3, 9))
    assert found.rounds[-1] == (found.result, found.day)


def test_what_is_not_known_comes_last_and_what_is_open_counts_nowhere() -> None:
    nobody = replace(BIDS[0], entries=replace(BIDS[0].entries, sales_rep=None, bid=Bid("中标", None, X)))
    assert of("命中率（销售代表）", nobody, BIDS[1])[-1] == ("（不知道）", "100.0%", "1/1")
    assert of("命中率", BIDS[3]) == []


def test_the_industry_is_that_of_the_survey() -> None:
    education, press = (Sourced(name, X) for name in ("教育", "广电"))
    known = [
        replace(one, entries=replace(one.entries, industry=industry))
        for one, industry in zip(BIDS, (education, press, education, None), strict=True)
    ]
    # education: one won at once, one at the second attempt; press: lost; the fourth is not decided
    assert of("命中率（行业）", *known) == [("广电", "0.0%", "0/1"), ("教育", "66.7%", "2/3")]
    assert of("命中率（行业）", BIDS[0]) == [("（不知道）", "100.0%", "1/1")]
    found = load_case().facts.entries.industry
    assert found
    assert (found.value, found.at.sheet) == ("教育", "调查表")


def priced(number: int, result: str, planned: str, signed: str = "") -> Facts:
    amounts = {"contract": Decimal(planned), **({"signed": Decimal(signed)} if signed else {})}
    return made(number, bid=Bid(result, date(2026, 3, 31), X), **amounts)


def test_amounts_go_by_the_bands_of_workbook_00_in_their_order() -> None:
    projects = (
        priced(1, "中标", "99999.99"),
        priced(2, "未中标", "100000"),  # a limit begins its band
        priced(3, "中标", "499999.99"),
        priced(4, "中标", "600000", "450000"),  # as signed
        priced(5, "未中标", "1000000"),
        priced(6, "未中标", "5000000"),
        BIDS[0],
    )
    assert of("命中率（合同额）", *projects) == [
        ("不满10万元", "100.0%", "1/1"),
        ("10万元以上、不满50万元", "66.7%", "2/3"),
        ("100万元以上、不满500万元", "0.0%", "0/1"),
        ("500万元以上", "0.0%", "0/1"),
        ("（不知道）", "100.0%", "1/1"),
    ]
    assert {one.kind for one in hit_rates(projects, company()) if one.amount} == {"命中率（合同额）"}


def banded(text: str) -> list[Measure]:
    given = replace(company(), parameters=(*company().parameters, Parameter(BANDS, text, None)))
    return [one for one in hit_rates([priced(1, "中标", "920000")], given) if one.amount]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("2000000；800000", "80万元以上、不满200万元"),
        ("800000", "80万元以上"),
        ("12345600", "不满1234.56万元"),
        ("", "全部"),
    ],
)
def test_the_bands_are_data(text: str, name: str) -> None:
    assert [one.name for one in banded(text)] == [name]


def test_bands_that_are_no_amounts_are_told_with_the_parameter() -> None:
    with pytest.raises(DefinitionError, match=r"amount_bands.*十万"):
        banded("十万、100000")


def test_nothing_decided_gives_no_rate() -> None:
    assert list(hit_rates([], company())) == list(hit_rates([BIDS[3]], company())) == []
    assert per_cent(0, 0) == "—"
