from __future__ import annotations

from pathlib import Path
from typing import Any

import docx
from docx.oxml.ns import qn

from pipeline.adapters.fonts import faces
from pipeline.render.word.template_fonts import template_families


def test_families_of_all_templates_are_found_and_languages_are_none(tmp_path: Path) -> None:
    document: Any = docx.Document()
    run = document.add_paragraph("甲").add_run("乙")
    run.font.name = "Arial"
    run._r.rPr.rFonts.set(qn("w:eastAsia"), "华文楷体")
    document.save(str(tmp_path / "A.docx"))
    (tmp_path / "B.docx").write_bytes(b"no")
    found = template_families(tmp_path)
    assert {"Arial", "华文楷体"} <= set(found)
    assert "zh-CN" not in found
    assert "en-US" not in found


def test_no_shipped_template_uses_a_family_without_a_face() -> None:
    assert [str(face) for face in faces(template_families()) if face.missing] == []
