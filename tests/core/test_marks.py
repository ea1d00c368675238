from __future__ import annotations

import pytest

from pipeline.core.marks import is_result_sheet, marked_name, original_name

BOOK = "06_过程记录_LY-SQ-2026-015_财务部"


@pytest.mark.parametrize(
    "suffix",
    ["", "_校验", "_校验_系统重新生成1", "_校验 (2)", "_校验(1)", "_校验 - 副本", "_校验 - 副本 (3)", "_校验_校验"],
)
def test_a_marked_copy_knows_its_original(suffix: str) -> None:
    assert original_name(f"{BOOK}{suffix}.xlsx") == f"{BOOK}.xlsx"
    assert marked_name(f"{BOOK}{suffix}.xlsx") == f"{BOOK}_校验.xlsx"


@pytest.mark.parametrize("name", ["校验.xlsx", "a_校验报告.xlsx", f"{BOOK} (2).xlsx", "a_校验.b.xlsx"])
def test_other_names_stay(name: str) -> None:
    assert original_name(name) == name


@pytest.mark.parametrize(
    ("name", "column", "ours"),
    [
        ("校验结果", ["系统校验结果 — 03.xlsx"], True),
        ("校验结果 (2)", ["", "系统校验结果 — 03.xlsx"], True),
        ("校验结果", ["我们自己的表"], False),
        ("汇总", ["系统校验结果 — 03.xlsx"], False),
    ],
)
def test_our_sheet_is_known_by_name_and_title(name: str, column: list[str], ours: bool) -> None:
    assert is_result_sheet(name, column) is ours
