"""LibreOffice's export of what a sheet shows is the judge of what we say about number formats."""

from __future__ import annotations

import csv
import os
import re
import subprocess
import zipfile
from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
import xlsxwriter
from lxml import etree
from openpyxl.styles.numbers import BUILTIN_FORMATS

from pipeline.adapters.office.libreoffice import probe
from pipeline.core.money import half_up
from pipeline.core.number_formats import sections, shows_date
from pipeline.core.shown_numbers import shown_number, shows_another_number
from pipeline.core.texts import half_width
from tests.cases import ROOT

D = Decimal
VALUES = [
    D(v)
    for v in ("0", "1", "5", "-5", "12", "0.5", "-0.26", "0.126", "12.345", "99.996", "1234.5", "640000", "-1234567.89")
]
# The number formats that LibreOffice offers for Chinese (its zh_CN locale data), as they are stored in a workbook.
LIBREOFFICE = (
    "0", "0.00", "#,##0", "#,##0.00", "#,###.00", "0.00E+000", "0.00E+00", "##0.00E+00", "0%", "0.00%",
    "[$￥-804]#,##0;-[$￥-804]#,##0", "[$￥-804]#,##0.00;-[$￥-804]#,##0.00",
    "[$￥-804]#,##0;[RED]-[$￥-804]#,##0", "[$￥-804]#,##0.00;[RED]-[$￥-804]#,##0.00", "[$CNY] #,##0.00",
    "# ?/?", "# ??/??", "# ???/???", "# ?/2", "# ?/4", "# ?/8", "# ??/16", "# ??/10", "# ??/100",
    "#,##0.00 [$CNY]",
)  # fmt: skip
FOUND_IN_THE_WILD = (
    '0"%"', '0.00"%"', "0.0\\%", '0"元"', '0.00"万元"', "0,", "0.00,,", "#,##0.0,", '0"K"', '#,##0"M"',
    '0"千"', '"EQ-AP-"00', '0"芯"', "000000", "000-000", "000-0000-0000", "0-0", "0.0", "0.###", "#.##",
    ".00", "-0.00", "(0.00)", "#,##0;(#,##0)", "0.00;0.00", "0.00;", ";;;", '0;-0;"-"', '0;-0;"200"',
    '[<100]"少";0', '[>=10000]0.0,"万";0.00', "#,##0.00_);[Red](#,##0.00)",
    '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ', "# ##0.00", "#\\ ##0.00", "0E+00", "0.0E+00",
    "##0.0E+0", "0\\0", '"1"0', "0.00%;-0.00%", "0.0%", '#,##0.00"(含税)"', '"第"0"次"', "[Blue]0.00",
    "0.0_ ", "General", 'General"元"', "0000", "00.0", '0.00"元/台"', '#,##0,"千元"',
)  # fmt: skip


# LibreOffice does not know: `!` (an escape of Excel and WPS), names of colours in Chinese, more than one per cent sign,
# fractions of more than seven digits, and one of openpyxl's formats whose parts are not parted.
NOT_JUDGED = re.compile(r"!|\[[黑蓝青绿红白黄]|%.*%|/\?{8}|_\)_\(")


RED = re.compile(r";\[red\]", re.IGNORECASE)  # the colour is the sign; a text has none


def corpus_formats() -> Iterator[str]:
    """Number formats of the workbooks that others made, where they lie beside the checkout."""
    for path in sorted(Path(os.environ.get("CORPUS", ROOT.parent / "shared/corpus")).glob("*.xls[xm]")):
        try:
            with zipfile.ZipFile(path) as package:
                root = etree.fromstring(package.read("xl/styles.xml"))
        except (
            OSError,
            KeyError,
            ValueError,
            zipfile.BadZipFile,
            etree.XMLSyntaxError,
            NotImplementedError,
            RuntimeError,
        ):
            continue
        yield from (str(node.get("formatCode")) for node in root.iterfind("{*}numFmts/{*}numFmt"))


def formats() -> list[str]:
    found = dict.fromkeys((*BUILTIN_FORMATS.values(), *LIBREOFFICE, *FOUND_IN_THE_WILD, *corpus_formats()))
    return [
        code
        for code in found
        if code and code.isprintable() and len(code) < 200 and not shows_date(code) and not NOT_JUDGED.search(code)
    ]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, Decimal, str]]:
    """Format, value, and the text that LibreOffice shows."""
    folder = tmp_path_factory.mktemp("shown")
    codes = formats()
    book = xlsxwriter.Workbook(str(folder / "a.xlsx"))
    sheet = book.add_worksheet()
    for row, code in enumerate(codes):
        style = book.add_format({"num_format": code})
        for column, value in enumerate(VALUES):
            sheet.write_number(row, column, float(value), style)
    sheet.set_column(0, len(VALUES), 60)
    book.close()
    export = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true"
    command = [
        str(probe().program / "soffice"),
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        "--headless",
        "--convert-to",
    ]
    subprocess.run(
        [*command, export, "--outdir", str(folder), str(folder / "a.xlsx")],
        check=True,
        timeout=120,
        capture_output=True,
    )
    with (folder / "a.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    return [
        (code, value, text)
        for code, texts in zip(codes, rows, strict=True)
        for value, text in zip(VALUES, texts, strict=True)
    ]


def read(text: str) -> Decimal | None:
    """The number that a person reads in a text: units, currencies and separators of thousands left out."""
    plain = half_width(text).strip()
    match = re.search(r"(?:\d+ +)?\d+/\d+|(?:\d[\d, ']*)?\.?\d+(?:E[+-]?\d+)?", plain)
    if match is None:
        return None
    if "/" in match[0]:
        number = sum((Fraction(part) for part in match[0].split()), Fraction(0))
        value = D(number.numerator) / D(number.denominator)
    else:
        value = D(re.sub(r"[, ']", "", match[0]))
    before = plain[: match.start()]
    return -value if re.search(r"[-\u2212(][^\d(]*$", before) else value


def test_what_shows_another_number_is_told(shown: Sequence[tuple[str, Decimal, str]]) -> None:
    wrong = []
    for code, value, text in shown:
        if not shows_another_number(code, value) and not (value < 0 and RED.search(code)):
            seen = read(text)
            same = value == 0 if seen is None else half_up(seen) == half_up(value)
            wrong += [] if same else [(code, value, text)]
    assert wrong == []


def placed(code: str) -> bool:
    """Whether each part shows the number: what Excel and LibreOffice make of the others differs in the minus."""
    return all(section.placeholders for section in sections(code))


def test_as_text_a_number_is_what_is_shown(shown: Sequence[tuple[str, Decimal, str]]) -> None:
    differ = [
        (code, value, text, ours)
        for code, value, text in shown
        if placed(code) and re.sub(r"\s", "", ours := shown_number(code, value)) != re.sub(r"\s", "", text)
    ]
    assert differ == []
