"""A marked workbook against the schemas: what Excel would repair, a validator of Open XML finds before it."""

from __future__ import annotations

from pathlib import Path

import pytest
from openxml_audit import OpenXmlValidator

from pipeline.render.marked.copy import mark, unmark
from pipeline.render.marked.findings_book import findings_book
from tests.adapters.packages import faults, parts, rich, zipped
from tests.cases import ROOT
from tests.intake import made_files as made
from tests.render.findings import blank, text_number
from tests.render.marked.test_copy import BOOK, FINDINGS

SAMPLES = sorted((ROOT / "samples" / "wrong-015").glob("0*.xlsx"))


def errors(content: bytes, folder: Path) -> list[str]:
    path = folder / "book.xlsx"
    path.write_bytes(content)
    found = [f"{error.part_uri} {error.description}" for error in OpenXmlValidator().validate(path).errors]
    return [error for error in found if "inline-string" not in error]  # allowed; Excel moves them when it saves


def test_a_rich_workbook_stays_valid(tmp_path: Path) -> None:
    marked = mark(rich(), FINDINGS, BOOK)
    assert errors(rich(), tmp_path) == []
    assert errors(marked, tmp_path) == []
    assert errors(unmark(marked), tmp_path) == []


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name[:2])
def test_samples_stay_valid(path: Path, tmp_path: Path) -> None:
    content = path.read_bytes()
    marked = mark(
        content,
        [blank(path.name, "_meta", "A1"), blank(path.name), text_number(path.name, "填写说明", "B2")],
        path.name,
    )
    assert errors(marked, tmp_path) == errors(content, tmp_path) == []


@pytest.mark.parametrize("namespace", [made.TRANSITIONAL, made.STRICT])
def test_hand_made_packages_get_no_new_error(namespace: str, tmp_path: Path) -> None:
    rows = '<sheetData><row r="2"><c r="B2"><v>1</v></c></row></sheetData>'
    content = made.zipped(made.parts({"表": rows, "别表": "<sheetData/>"}, namespace=namespace))
    known = set(errors(content, tmp_path))
    assert set(errors(mark(content, FINDINGS, BOOK), tmp_path)) <= known


def test_the_report_is_valid(tmp_path: Path) -> None:
    assert errors(findings_book("X", FINDINGS, {BOOK: "03_表_校验.xlsx"}), tmp_path) == []


def spoiled(part: str, old: bytes, new: bytes) -> bytes:
    found = parts(mark(rich(), FINDINGS, BOOK))
    assert old in found[part]
    return zipped({**found, part: found[part].replace(old, new, 1)})


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        ("xl/worksheets/sheet3.xml", b"<pageMargins", b"<sheetData/><pageMargins"),
        ("xl/worksheets/sheet1.xml", b"<legacyDrawing", b"<sheetPr/><legacyDrawing"),
        ("xl/workbook.xml", b'localSheetId="2"', b'localSheetId="7"'),
        ("xl/workbook.xml", b'sheetId="3"', b'sheetId="1"'),
        ("[Content_Types].xml", b'PartName="/xl/worksheets/sheet3.xml"', b'PartName="/xl/worksheets/sheet9.xml"'),
        ("xl/worksheets/_rels/sheet1.xml.rels", b"vmlDrawing1.vml", b"vmlDrawing9.vml"),
        ("xl/comments1.xml", b'ref="B2"', b'ref="B4"'),
        ("xl/worksheets/sheet1.xml", b' s="', b' s="9'),
        ("xl/worksheets/sheet2.xml", b"<sheetView ", b'<sheetView tabSelected="1" '),
    ],
)
def test_damage_is_found(part: str, old: bytes, new: bytes, tmp_path: Path) -> None:
    """The checkers can fail: each kind of damage is found by ours, by the validator, or by both."""
    content = spoiled(part, old, new)
    assert faults(content) or errors(content, tmp_path)
