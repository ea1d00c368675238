from __future__ import annotations

from typing import Any

from docx.oxml import parse_xml

from pipeline.render.word.fill import number_captions

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def field(label: str, stored: str, kind: str = "SEQ") -> str:
    marks = [f'<w:r><w:fldChar w:fldCharType="{mark}"/></w:r>' for mark in ("begin", "separate", "end")]
    code = f"<w:r><w:instrText> {kind} {label} \\* ARABIC </w:instrText></w:r>"
    return f"<w:r><w:t>{label}</w:t></w:r>{marks[0]}{code}{marks[1]}<w:r><w:t>{stored}</w:t></w:r>{marks[2]}"


def texts(*fields: str) -> list[str]:
    body: Any = parse_xml(f"<w:body {W}>{''.join(f'<w:p>{one}</w:p>' for one in fields)}</w:body>")
    number_captions(body)
    return ["".join(node.text for node in p.iter() if node.tag.endswith("}t")) for p in body]


def test_tables_and_figures_are_counted_apart_and_in_order() -> None:
    assert texts(field("表", "9"), field("图", "3"), field("表", "1"), field("图", "3")) == ["表1", "图1", "表2", "图2"]


def test_other_fields_keep_their_result() -> None:
    assert texts(field("第", "7", "PAGE"), field("表", "7")) == ["第7", "表1"]
