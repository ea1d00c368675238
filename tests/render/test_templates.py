from __future__ import annotations

from pathlib import Path
from typing import Any

import docx
import pytest

from pipeline.definitions.forms import data_folder
from pipeline.render.templates import check_template, check_templates
from tests.render.made_up import form


def document(folder: Path, *paragraphs: str, cells: tuple[tuple[str, ...], ...] = (), header: str = "") -> Path:
    made: Any = docx.Document()
    for text in paragraphs:
        made.add_paragraph(text)
    if cells:
        table = made.add_table(rows=len(cells), cols=len(cells[0]))
        for row, texts in zip(table.rows, cells, strict=True):
            for cell, text in zip(row.cells, texts, strict=True):
                cell.text = text
    made.sections[0].header.paragraphs[0].text = header
    path = folder / "TST.docx"
    made.save(str(path))
    return path


def faults(path: Path) -> list[str]:
    return check_template(path, form())


def test_the_shipped_templates_are_right() -> None:
    assert check_templates(data_folder("output_templates")) == []


def test_a_good_template_has_no_faults(tmp_path: Path) -> None:
    loop = (("{%tr for l in cost.lines %}", ""), ("{{ l.no }}", "{{ l.amount.wan }}"), ("{%tr endfor %}", ""))
    path = document(
        tmp_path,
        "{{ project.name }} {% if doc.draft %}草稿{% endif %}",
        "{%p if plan.risks %}",
        "有",
        "{%p endif %}",
        cells=loop,
    )
    assert faults(path) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{{ project.custmer }}", ["第2段", "project.custmer", "did you mean customer"]),
        ("{{ proyect.name }}", ["第2段", "did you mean project"]),
        ("{{ cost.total.wann }}", ["第2段", "did you mean wan"]),
        ("{{ plan.basics.contract_amonut }}", ["did you mean contract_amount"]),
        ("{{ cost.lines }}", ["cannot be printed"]),
        ("{{ project.name() }}", ["not allowed", "Call"]),
        ("{{ project.name|upper }}", ["not allowed", "|upper"]),
        ("{% set a = 1 %}", ["not allowed", "Assign"]),
        ("{{r project.name }}", ["syntax"]),
        ("{% if project.name %}", ["syntax"]),
        ("{{ project.name ", ["第2段", "broken tag"]),
        ("{%p if doc.draft %}多余{%p endif %}", ["other content would be lost"]),
        ("{%tr for l in cost.lines %}{%tr endfor %}", ["not in a table"]),
        ("{% colspan 2 %}", ["syntax", "colspan"]),
    ],
)
def test_a_fault_says_where_what_and_the_nearest_name(tmp_path: Path, text: str, words: list[str]) -> None:
    found = faults(document(tmp_path, "第一段", text))
    assert len(found) >= 1
    for word in words:
        assert any(word in fault for fault in found), found


def test_a_fault_in_a_table_is_named_by_cell(tmp_path: Path) -> None:
    loop = (("{%tr for l in cost.lines %}", ""), ("{{ l.no }}", "{{ l.amout }}"), ("{%tr endfor %}", ""))
    assert faults(document(tmp_path, cells=loop)) == [
        "第1个表格第2行第2格 {{ l.amout }}:没有“l.amout”(unknown name),是否应为“amount”(did you mean amount)?"
    ]


def test_text_in_the_row_of_a_loop_tag_would_be_lost(tmp_path: Path) -> None:
    loop = (("{%tr for l in cost.lines %}", "金额"), ("{{ l.no }}", ""), ("{%tr endfor %}", ""))
    assert "第1个表格第1行第1格" in faults(document(tmp_path, cells=loop))[0]


def test_headers_are_checked_too(tmp_path: Path) -> None:
    assert faults(document(tmp_path, "x", header="{{ project.cod }}"))[0].startswith("页眉第1段 {{ project.cod }}")


def test_a_file_that_is_no_document_is_one_fault(tmp_path: Path) -> None:
    (tmp_path / "TST.docx").write_bytes(b"no")
    assert len(faults(tmp_path / "TST.docx")) == 1
