from __future__ import annotations

from collections import Counter
from pathlib import Path

import docx
import pytest

from pipeline.audit.docx_rows import amounts_lost, amounts_of, laid, rows_found, totals_hold
from pipeline.audit.papers import Paper, PrintedField
from pipeline.core.errors import DocumentFailed

ROWS = [["名称", "金额"], ["交换机", "1,200.00"], ["光缆", "34.50"], ["合计", "1,234.50"]]


def written(path: Path, rows: list[list[str]]) -> Path:
    document = docx.Document()
    table = document.add_table(len(rows), len(rows[0]))
    for cells, row in zip(table.rows, rows, strict=True):
        for cell, text in zip(cells.cells, row, strict=True):
            cell.text = text
    document.save(str(path))
    return path


def paper() -> Paper:
    items = [("交换机", "1,200.00"), ("光缆", "34.50")]
    fields = [
        PrintedField(f"l[{n}].{key}", text, text)
        for n, row in enumerate(items)
        for key, text in zip("na", row, strict=True)
    ]
    return Paper("P", "p.docx", fields)


def test_rows_with_all_their_values_are_found(tmp_path: Path) -> None:
    found = rows_found(paper(), laid(written(tmp_path / "p.docx", ROWS)))
    assert (found.rows, found.lines) == (2, ())


def test_a_row_that_is_gone_is_named(tmp_path: Path) -> None:
    [line] = rows_found(paper(), laid(written(tmp_path / "p.docx", [ROWS[0], ROWS[1], ROWS[3]]))).lines
    assert line.where == "p.docx l[1]"
    assert "光缆" in line.theirs


def test_a_list_that_is_no_table_says_nothing(tmp_path: Path) -> None:
    assert not rows_found(paper(), laid(written(tmp_path / "p.docx", [["x", "y"]]))).lines


def test_what_stands_in_a_paragraph_is_printed_there(tmp_path: Path) -> None:
    path = written(tmp_path / "p.docx", [ROWS[0], ROWS[1]])
    document = docx.Document(str(path))
    document.add_paragraph("光缆 34.50")
    document.save(str(path))
    assert not rows_found(paper(), laid(path)).lines


def test_a_list_of_single_values_may_stand_anywhere(tmp_path: Path) -> None:
    names = [PrintedField(f"d[{n}].dept", text, text) for n, text in enumerate(("交换机", "财务部"))]
    found = rows_found(Paper("P", "p.docx", names), laid(written(tmp_path / "p.docx", ROWS)))
    assert (found.rows, found.lines) == (0, ())


@pytest.mark.parametrize(
    ("rows", "faults"),
    [
        (ROWS, 0),
        ([*ROWS[:2], ROWS[3]], 1),
        ([ROWS[0], ROWS[1], ["小计", "1,200.00"], ROWS[2], ["小计", "34.50"], ROWS[3]], 0),
        ([ROWS[0], ROWS[1], ["小计", "1,200.01"], ROWS[2], ROWS[3]], 1),
        ([["名称", "金额(万元)"], ["a", "1.01"], ["b", "1.01"], ["合计", "2.01"]], 0),
        ([["名称", "型号"], ["a", "X-1"], ["合计", "2"]], 0),
    ],
)
def test_printed_totals_are_the_sums_of_their_rows(tmp_path: Path, rows: list[list[str]], faults: int) -> None:
    assert len(totals_hold(paper(), laid(written(tmp_path / "p.docx", rows)))) == faults


def test_amounts_must_arrive_in_the_pdf_as_often(tmp_path: Path) -> None:
    wanted = amounts_of(laid(written(tmp_path / "p.docx", ROWS)))
    assert wanted == Counter(["1,200.00", "34.50", "1,234.50"])
    assert amounts_lost("p.pdf", wanted, "1,200\n.00 34.50\f 1,234.50") == []
    [lost] = amounts_lost("p.pdf", wanted, "1,200.00 1,234.50")
    assert lost.theirs == "34.50"


def test_what_is_no_docx_is_named(tmp_path: Path) -> None:
    (tmp_path / "p.docx").write_bytes(b"no zip")
    with pytest.raises(DocumentFailed, match=r"p\.docx"):
        laid(tmp_path / "p.docx")
