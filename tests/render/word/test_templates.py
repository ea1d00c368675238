from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn

from pipeline.definitions.forms import data_folder
from pipeline.render.word import templates as checking
from pipeline.render.word.templates import (
    check_template,
    check_template_apart,
    check_templates,
    remarks,
    template_remarks,
)
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


# -- what Word's editing leaves behind ----------------------------------------------------------------------------


def parted(folder: Path, *pieces: tuple[str, bool]) -> Path:
    """A paragraph whose runs are the pieces; bold or not."""
    made: Any = docx.Document()
    paragraph = made.add_paragraph()
    for text, bold in pieces:
        paragraph.add_run(text).bold = bold
    made.save(str(folder / "TST.docx"))
    return folder / "TST.docx"


@pytest.mark.parametrize("cut", [1, 4, 9, 14, 18])
def test_a_divided_tag_is_put_together_and_checked_like_any_other(tmp_path: Path, cut: int) -> None:
    tag = "{{ project.custmer }}"
    path = parted(tmp_path, ("前", False), (tag[:cut], False), (tag[cut:], False))
    assert faults(path) == [
        f"第1段 {tag}:没有“project.custmer”(unknown name),是否应为“customer”(did you mean customer)?"
    ]
    assert template_remarks(path, form()) == []


def test_a_tag_whose_format_changes_half_way_is_named(tmp_path: Path) -> None:
    path = parted(tmp_path, ("{{ project", False), (".name", True), (" }}", False))
    assert faults(path) == []
    assert template_remarks(path, form()) == [
        "第1段 {{ project.name }}:标签中途换了格式,已合在一起,按第一段的格式印(tag put together)。"
    ]


def wrapped(path: Path, name: str, runs: slice) -> Path:
    """Put some runs of the first paragraph into an element."""
    made: Any = docx.Document(str(path))
    paragraph = made.paragraphs[0]._p
    chosen = list(paragraph.r_lst)[runs]
    around = paragraph.makeelement(qn(name), {})
    chosen[0].addprevious(around)
    around.extend(chosen)
    made.save(str(path))
    return path


def test_a_tag_over_the_edge_of_a_revision_or_link_is_a_fault(tmp_path: Path) -> None:
    for name in ("w:ins", "w:hyperlink"):
        path = parted(tmp_path, ("{{ project", False), (".name", False), (" }}", False))
        assert any("tag over an edge" in fault for fault in faults(wrapped(path, name, slice(1, 2)))), name


def test_revisions_and_comments_are_faults(tmp_path: Path) -> None:
    path = wrapped(parted(tmp_path, ("固定的字", False)), "w:ins", slice(0, 1))
    assert faults(path) == ["正文:有未接受的修订,请全部接受后再保存(tracked changes)。"]
    made: Any = docx.Document()
    made.add_comment(made.add_paragraph("字").runs, text="看看", author="某人")
    made.save(str(path))
    assert any("请删除批注" in fault for fault in faults(path))


def test_fixed_text_that_no_font_has_is_named(tmp_path: Path) -> None:
    path = document(tmp_path, "甲\U0010fffd")
    assert template_remarks(path, form()) == ["没有字体能印 “\U0010fffd”(U+10FFFD)(no font has it)。"]


def test_the_shipped_templates_give_no_cause_for_remarks() -> None:
    assert remarks(data_folder("output_templates")) == []


def test_a_check_that_does_not_end_is_a_fault_like_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "check_template", lambda *_: os._exit(9))
    assert "stopped by a limit" in check_template_apart(tmp_path / "TST.docx", form())[0]
