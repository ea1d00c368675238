from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from pipeline.definitions.calculate import FormulaError, evaluate, from_serial, holds, serial
from pipeline.definitions.expressions import parse

D = Decimal
ROW: dict[str, Any] = {
    "qty": D("3"),
    "price": D("1234.565"),
    "rate": D("13"),
    "name": "卢海峰",
    "code": "1001",
    "typed": "1\u00a0234",  # a number that somebody typed as text
    "note": "约三台",
    "blank": None,
    "empty": "",
    "zero": D(0),
    "yes": True,
    "start": D(46083),  # Monday 2026-03-02
    "end": D(46087),  # the Friday after
    "col": [D(1), D(2), None, "x", D(4)],
    "kinds": ["售前", "工程", "售前", None, "售前"],
    "days": [D(46084)],
    "none": [],
}


def value(source: str) -> Any:
    return evaluate(parse(source), lambda name: ROW[name])


@pytest.mark.parametrize(
    ("source", "result"),
    [
        ("ROUND(qty*price,2)", D("3703.70")),  # 3703.695 goes up
        ("ROUND(price,2)", D("1234.57")),
        ("ROUND(price,0)", D("1235")),
        ("qty-1-1", D(1)),
        ("qty/2", D("1.5")),
        ("typed+1", D(1235)),
        ("blank+1", D(1)),
        ("yes+1", D(2)),
        ('qty&"台"', "3台"),
        ('blank&"x"', "x"),
        ("qty=3", True),
        ('blank=""', True),
        ("blank=0", True),
        ('name<>""', True),
        ('empty=""', True),
        ('"abc"="ABC"', True),
        ('code=1001', False),  # a text is never equal to a number
        ('code="1001"', True),
        ('note>9999', True),  # texts come after numbers
        ("yes>note", True),
        ("SUM(col)", D(7)),
        ("SUM(col,1)", D(8)),
        ("SUM(none)", D(0)),
        ('SUMIFS(col,kinds,"售前")', D(5)),
        ('SUMIFS(col,kinds,"没有")', D(0)),
        ('COUNTIFS(kinds,"售前")', D(3)),
        ('COUNTIFS(col,">=2")', D(2)),
        ('COUNTIFS(col,">="&qty)', D(1)),
        ('COUNTIFS(col,"<>1",kinds,"售前")', D(2)),
        ("N(note)", D(0)),
        ("N(qty)", D(3)),
        ("LEFT(name,1)", "卢"),
        ('FIND("峰",name)', Decimal(3)),
        ("LEFT(qty,4)", "3"),
        ('INDEX(kinds,MATCH(2,col,0))', "工程"),
        ('IF(qty>2,"多","少")', "多"),
        ('IF(blank,"多","少")', "少"),
        ('IF(qty=3,1,1/0)', D(1)),  # the other branch is not worked out
        ('IFERROR(1/0,"-")', "-"),
        ("IFERROR(qty,9)", D(3)),
        ("AND(qty=3,yes)", True),
        ("OR(qty=4,zero)", False),
        ("NETWORKDAYS(start,end,none)", D(5)),
        ("NETWORKDAYS(start,end,days)", D(4)),
        ("NETWORKDAYS(end,start,none)", D(-5)),
        ("RMB(price)", "人民币壹仟贰佰叁拾肆元伍角柒分"),
    ],
)  # fmt: skip
def test_value(source: str, result: object) -> None:
    found = value(source)
    assert found == result
    assert type(found) is type(result)


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("qty/zero", "#DIV/0!"),
        ("qty/blank", "#DIV/0!"),
        ("note*2", "#VALUE!"),
        ("empty+1", "#VALUE!"),
        ("col+1", "#VALUE!"),
        ('INDEX(col,MATCH("没有",kinds,0))', "#N/A"),
        ("RMB(10000000000000000)", "#VALUE!"),
        ('IF(note,1,2)', "#VALUE!"),
    ],
)  # fmt: skip
def test_errors_have_excels_names(source: str, error: str) -> None:
    with pytest.raises(FormulaError) as problem:
        value(source)
    assert str(problem.value) == error


@pytest.mark.parametrize(
    ("condition", "true"),
    [('name="卢海峰"', True), ("qty>3", False), ("qty/zero>1", False), ("note>1+note", False), ('blank=""', True)],
)
def test_a_condition_that_ends_in_an_error_is_not_true(condition: str, true: bool) -> None:
    assert holds(parse(condition), lambda name: ROW[name]) is true


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (date(1900, 3, 1), D(61)),  # past the day that never was
        (date(2026, 3, 5), D(46086)),
        (datetime(2026, 3, 5, 12), D("46086.5")),
        (True, True),
        (D("1.5"), D("1.5")),
        (2, D(2)),
        (0.1, D("0.1")),
        (("立项", "跟踪"), "立项、跟踪"),
        (None, None),
        ("x", "x"),
    ],
)
def test_typed_values_as_a_cell_holds_them(typed: object, stored: object) -> None:
    assert serial(typed) == stored


def test_what_no_cell_can_hold() -> None:
    with pytest.raises(TypeError, match="no cell can hold"):
        serial(object())


def test_days_read_back() -> None:
    assert from_serial(D("46086.99")) == date(2026, 3, 5)
    with pytest.raises(FormulaError, match="#NUM!"):
        from_serial(D("1E+15"))
