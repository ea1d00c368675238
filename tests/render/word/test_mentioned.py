"""The words of a template are those of its tags, however Word has cut them, in body, headers and footers."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZipFile

from pipeline.render.word.mentioned import mentioned


def template(path: Path, **parts: str) -> Path:
    with ZipFile(path, "w") as package:
        for name, text in parts.items():
            package.writestr(f"word/{name}.xml", text)
    return path


def test_tags_are_read_across_runs_and_in_every_part(tmp_path: Path) -> None:
    cut = "<w:t>{</w:t></w:r><w:r><w:t>{ plan.to</w:t></w:r><w:r><w:t>tal }}</w:t> not this"
    row = "<w:t>{%tr for row in cost.lines %}</w:t>"
    path = template(tmp_path / "T.docx", document=cut, header1=row, footer2="{{ doc.code }}", comments="{{ other }}")
    assert mentioned(path) == {"plan", "total", "tr", "for", "row", "in", "cost", "lines", "doc", "code"}


def test_what_is_no_template_mentions_nothing(tmp_path: Path) -> None:
    (tmp_path / "T.docx").write_bytes(b"no package")
    assert mentioned(tmp_path / "T.docx") == mentioned(tmp_path / "none.docx") == frozenset()
