from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import Any

import docx
import pytest

from pipeline.core.documents import Printed
from pipeline.core.errors import DefinitionError, DocumentFailed
from pipeline.core.leaves import Shown
from pipeline.core.places import Place
from pipeline.render.context.charts import Picture
from pipeline.render.word.fill import missing, render
from tests.render.made_up import form

NASTY = [
    "R&D 中心",
    "<24口>交换机",
    "网络<核心>交换机&防火墙",
    "{{ project.code }}",
    "{% for x in y %}",
    "{_{ }_} {_% %_}",
    "]]>",
    "<!-- -->",
    "&lt;b&gt;",
    "🧰🛰️ 网络",
    "   三个空格",
    "中  间",
    "尾  ",
    "一行\n二行\n\n四行",
    "表\t格",
    "“引号”'单'\"双\"",
    "</w:t></w:r>",
    "\ufeff零宽\u200b",
]


def leaf(text: str, name: str = "x", **more: Any) -> Shown:
    return Shown(text, name=name, **more)


def context(**more: Any) -> dict[str, Any]:
    from datetime import date

    base = {
        "doc": {
            "title": leaf("A&B 报告"),
            "code": leaf("TST"),
            "version": leaf("A/1"),
            "date": leaf("2026-03-24", value=date(2026, 3, 24)),
        },
        "project": {"code": leaf("LY-SQ-2026-007")},
        "company": {"short_name": leaf("澜屿网络")},
    }
    return {**base, **more}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def template(folder: Path, *paragraphs: str, header: str = "", footer: str = "", rows: tuple[str, ...] = ()) -> None:
    document = docx.Document()
    for text in paragraphs:
        document.add_paragraph(text)
    if rows:
        table = document.add_table(rows=len(rows), cols=1)
        for row, text in zip(table.rows, rows, strict=True):
            row.cells[0].text = text
    document.sections[0].header.paragraphs[0].text = header
    document.sections[0].footer.paragraphs[0].text = footer
    document.save(str(folder / "TST.docx"))


def made(folder: Path, context: dict[str, Any], *, draft: bool = False) -> tuple[Any, tuple[Printed, ...]]:
    target = folder / "out.docx"
    printed = render(form(), context, target, draft=draft, folder=folder)
    return docx.Document(str(target)), printed


@pytest.mark.parametrize("text", NASTY)
def test_what_was_typed_arrives_letter_for_letter_everywhere(folder: Path, text: str) -> None:
    """Issues #557, #594, #634 of docxtpl: without care text is lost in silence."""
    template(
        folder,
        "前{{ x }}后",
        header="{{ x }}",
        footer="{{ x }}",
        rows=("{%tr for r in rows %}", "{{ r.x }}", "{%tr endfor %}"),
    )
    document, printed = made(folder, context(x=leaf(text), rows=[{"x": leaf(text)}]))
    section = document.sections[0]
    assert document.paragraphs[0].text == f"前{text}后"
    assert document.tables[0].rows[0].cells[0].text == text
    assert (section.header.paragraphs[0].text, section.footer.paragraphs[0].text) == (text, text)
    assert [value.text for value in printed] == [text] * 4


def test_forbidden_characters_are_visible_and_the_line_end_of_windows_is_one(folder: Path) -> None:
    template(folder, "{{ x }}")
    document, _ = made(folder, context(x=leaf("甲\x0b乙\x00丙\ud83d丁\r\n戊")))
    assert document.paragraphs[0].text == "甲\ufffd乙\ufffd丙\ufffd丁\n戊"


def test_a_line_break_is_a_break_in_word(folder: Path) -> None:
    template(folder, "{{ x }}")
    document, _ = made(folder, context(x=leaf("一\n 二")))
    assert "<w:br/>" in document.paragraphs[0]._p.xml
    assert 'xml:space="preserve"> 二' in document.paragraphs[0]._p.xml


def test_a_value_that_does_not_reach_the_text_stops_the_document(folder: Path) -> None:
    document = docx.Document()
    run = document.add_paragraph("{{ x }}").runs[0]._r
    run[0].tag = run[0].tag.replace("}t", "}delText")
    document.save(str(folder / "TST.docx"))
    cell = Place("03.xlsx", "费用明细", "K12")
    with pytest.raises(DocumentFailed, match=r"cost\.total.*K12") as failure:
        made(folder, context(x=leaf("1,234.50", "cost.total", cells=(cell,))))
    assert "1,234.50" in str(failure.value)
    assert not (folder / "out.docx").exists()


@pytest.mark.parametrize(
    ("tag", "named"),
    [
        ("{{ project.cod }}", "code"),
        ("{{ nothing }}", "nothing"),
        ("{{ project.code() }}", "Call"),
        ("{% if %}", "TST"),
    ],
)
def test_a_wrong_template_is_named(folder: Path, tag: str, named: str) -> None:
    template(folder, tag)
    with pytest.raises(DefinitionError, match=r"TST\.docx") as failure:
        made(folder, context())
    assert named in str(failure.value)


def test_a_template_that_is_no_document_is_named(folder: Path) -> None:
    (folder / "TST.docx").write_bytes(b"nothing")
    with pytest.raises(DefinitionError, match=r"TST\.docx"):
        made(folder, context())


def test_the_same_input_gives_the_same_bytes(folder: Path) -> None:
    template(folder, "{{ x }}", header="{{ x }}")
    hashes = set()
    for name in ("a.docx", "b.docx"):
        render(form(), context(x=leaf("值")), folder / name, draft=True, folder=folder)
        hashes.add(hashlib.sha256((folder / name).read_bytes()).hexdigest())
    assert len(hashes) == 1
    assert sorted(path.name for path in folder.iterdir()) == ["TST.docx", "a.docx", "b.docx"]


def test_properties_are_ours_and_not_escaped_twice(folder: Path) -> None:
    template(folder, "x")
    properties = made(folder, context())[0].core_properties
    assert (properties.title, properties.subject, properties.author) == ("A&B 报告", "LY-SQ-2026-007", "澜屿网络")
    assert (properties.last_modified_by, properties.comments) == ("澜屿网络", "")
    assert f"{properties.created:%F %T} {properties.modified:%F %T}" == "2026-03-24 00:00:00 2026-03-24 00:00:00"


def test_a_chart_is_a_picture_of_the_width_of_the_text_with_its_words(folder: Path) -> None:
    from PIL import Image

    stream = io.BytesIO()
    Image.new("RGB", (200, 100), "white").save(stream, "PNG")
    template(
        folder, "{%p if charts.F3 %}", "{{ charts.F3 }}", "{%p endif %}", "{%p if charts.F5 %}", "没有", "{%p endif %}"
    )
    charts = {"F3": Picture(stream.getvalue, "甘特图 <R&D>"), "F5": Shown()}
    document, _ = made(folder, context(charts=charts))
    shape = document.inline_shapes[0]
    assert (round(shape.width.mm), shape._inline.docPr.get("descr")) == (156, "甘特图 <R&D>")
    assert {shape._inline.get(f"dist{side}") for side in "TBLR"} == {"0"}
    assert "没有" not in [paragraph.text for paragraph in document.paragraphs]


def test_a_loop_without_rows_leaves_a_document_that_word_can_open(folder: Path) -> None:
    template(folder, "前", rows=("{%tr for r in rows %}", "{{ r.x }}", "{%tr endfor %}"))
    document, _ = made(folder, context(rows=[]))
    assert len(document.tables) == 0


def test_the_order_of_values_counts() -> None:
    values = [Printed("a", "甲", ""), Printed("b", "乙", ""), Printed("c", "甲", "")]
    assert [value.name for value in missing(values, "甲…乙")] == ["c"]
    assert list(missing(values, "甲乙甲")) == []
