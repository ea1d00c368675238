from __future__ import annotations

from pipeline.core.findings import Finding
from pipeline.render.marked.sheet import by_cause, lines_of, result_sheet
from tests.render.findings import blank, text_number

BOOK = "03.xlsx"


def sheet_of(findings: list[Finding]) -> list[list[str]]:
    made = result_sheet("校验结果", BOOK, findings, lambda finding: None, "zh")
    return [[str(cell.text) for _, cell in sorted(row.items())] for row in made.rows]


def test_findings_of_one_rule_and_remedy_are_one_cause() -> None:
    findings = [blank(BOOK, "表", "A1"), text_number(BOOK, "表", "A2"), blank(BOOK, "表", "A3")]
    assert [[f.at.cell for f in group] for group in by_cause(findings, "zh")] == [["A1", "A3"], ["A2"]]


def test_a_workbook_without_findings_says_so() -> None:
    assert sheet_of([])[-1][0] == "没有。"


def test_rows_are_as_high_as_their_longest_text() -> None:
    made = result_sheet("校验结果", BOOK, [blank(BOOK, "表", "A1", "很长" * 60)], lambda finding: None, "zh")
    assert made.heights[6] > 60
    assert max(made.heights.values()) <= 409


def test_lines_of_a_text() -> None:
    assert [lines_of(text, 11) for text in ("", "一二三四五", "一二三四五六", "a\nb", "abcdefgh")] == [1, 1, 2, 2, 1]
