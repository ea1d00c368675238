"""What a cell shows is what counts: read as shown, or named at its cell (rules F031, F035, F036)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipeline.adapters.ooxml_edit import Editor
from pipeline.check import fields
from pipeline.check.case import Case
from tests.cases import read_case, write_sample
from tests.check.reported import found_by

D = Decimal
COST, MATERIALS, STAFFING = ("03_", "费用明细"), ("04_", "物资明细"), ("05_", "人员需求")


def typed(folder: Path, book: tuple[str, str], cells: Mapping[str, tuple[Any, str]]) -> Case:
    """The sample with other values, each under its number format."""
    (path,) = write_sample(folder).glob(f"{book[0]}*")
    editor = Editor(path.read_bytes())
    for ref, (value, code) in cells.items():
        editor.set_value(book[1], ref, value, number_format=code)
    path.write_bytes(editor.to_bytes())
    return read_case(folder)


def told(case: Case, *rules: str) -> list[tuple[str, str | None, str]]:
    """Rule, cell and what was found, of the findings of some rules."""
    return [(f.rule.code, f.at.cell, f.values["found"]) for f in found_by(fields.CHECKS, case) if f.rule.code in rules]


@pytest.mark.parametrize(
    ("code", "stored", "value"),
    [
        ('0"%"', 50, D(50)),
        ("0.0\\%", 50, D(50)),
        ("0!%", 50, D(50)),
        ("0%", D("0.5"), D(50)),
        ("0.00%", D("0.5"), D(50)),
        ("0.##", 50, D(50)),
    ],
)
def test_only_a_plain_per_cent_sign_counts(tmp_path: Path, code: str, stored: Any, value: Decimal) -> None:
    case = typed(tmp_path, STAFFING, {"L7": (stored, code)})
    assert case.project.rows("staffing", "lines")[0].value("alloc") == value
    assert not told(case, "F017", "F031")


def test_another_currency_is_an_error_in_an_amount(tmp_path: Path) -> None:
    formats = {
        "H7": '"$"#,##0.00',
        "H8": "[$USD] #,##0.00",
        "H9": "[$¥-411]#,##0",
        "H10": "[$¥-804]#,##0.00",
        "H11": '#,##0.00"元"',
        "H12": "[$CNY] 0.00",
    }
    case = typed(tmp_path, MATERIALS, {ref: (520, code) for ref, code in formats.items()})
    found = [("F035", "H7", "$520.00"), ("F035", "H8", "USD 520.00"), ("F035", "H9", "¥520")]
    assert told(case, "F031", "F035") == found


def test_in_chinese_the_built_in_currency_is_the_yuan(tmp_path: Path) -> None:
    """Number 44 has no text of its own in the file: Excel in Chinese shows it with ¥."""
    code = '_("$"* #,##0.00_)_("$"* \\(#,##0.00\\)_("$"* "-"??_)_(@_)'
    assert told(typed(tmp_path, MATERIALS, {"H7": (520, code)}), "F031", "F035") == []


def test_a_text_is_printed_as_it_is_shown(tmp_path: Path) -> None:
    case = typed(
        tmp_path, MATERIALS, {"D7": (12, '0"芯"'), "P7": (5, '"EQ-AP-"00'), "D8": (D("0.5"), "0%"), "D9": (2960, "0")}
    )
    rows = case.project.rows("materials", "lines")
    assert [rows[0].text("model"), rows[0].text("asset_no")] == ["12芯", "EQ-AP-05"]
    assert [rows[1].text("model"), rows[2].text("model")] == ["50%", "2960"]
    assert told(case, "F031", "F036") == []


def test_what_the_program_made_of_a_typed_text_is_named(tmp_path: Path) -> None:
    cells = {
        "D7": (46024, 'm"月"d"日"'),  # 1-2
        "D8": (D("0.0472222222222222"), "h:mm"),  # 1:8
        "D9": (60, "0.00E+00"),  # 6E1
        "D10": (D("0.5"), "# ?/?"),  # 0 1/2
        "D11": (41190, "yyyy/m/d"),  # 12-10-8
        "U7": (46024, "yyyy/m/d"),  # a day in a remark
        "S7": (46024, "mmm-yy"),  # 2026-1
    }
    shown = ["1月2日", "1:08", "6.00E+01", "1/2", "2012-10-08", "Jan-26"]
    case = typed(tmp_path, MATERIALS, cells)
    assert told(case, "F036") == [
        ("F036", ref, text)
        for ref, text in zip(["D7", "S7", "D8", "D9", "D10", "D11"], [shown[0], shown[5], *shown[1:5]], strict=True)
    ]
    assert case.project.rows("materials", "lines")[1].text("model") == "1:08"


def test_a_mobile_number_in_groups_is_one(tmp_path: Path) -> None:
    case = typed(tmp_path, ("01_", "调查表"), {"E14": (13800138000, "000-0000-0000")})
    assert told(case, "F014") == []
