"""What reaches outside a form, or stands far from its tables, is named with its cell (rules F031, F034)."""

from __future__ import annotations

from pathlib import Path

from pipeline.check.judge import judge
from pipeline.definitions.forms import load_forms
from pipeline.intake.workbooks import Opened, open_file, read_workbook
from tests.cases import read_case, write_sample
from tests.intake import made_files as made

FIRST = "xl/worksheets/sheet1.xml"
FORMS = load_forms()


def found(path: Path) -> list[tuple[str, str | None, int]]:
    """Remarks with their first cell and the number of the others."""
    opened = open_file(path, FORMS)
    assert isinstance(opened, Opened)
    assert opened.form
    return [(r.what, r.at.cell, len(r.related)) for r in read_workbook(opened, opened.form, {}).remarks]


def test_remote_formulas_links_and_far_cells_of_any_sheet(dorm: Path, tmp_path: Path) -> None:
    (cost,) = dorm.glob("03_*")
    far = '<row r="900000"><c r="AZ900000"><f>WEBSERVICE("http://x")</f><v>1</v></c></row></sheetData>'
    hidden = '<row r="3"><c r="B3"><f>[1]价!A1</f><v>1</v></c></row></sheetData>'
    last = "xl/worksheets/sheet4.xml"
    path = made.edited(cost, tmp_path / "03.xlsx", {FIRST: [("</sheetData>", far)], last: [("</sheetData>", hidden)]})
    remarks = found(path)
    assert ("远程公式", "AZ900000", 0) in remarks
    assert ("远程公式", "B3", 0) in remarks
    assert ("离表格很远的内容", "AZ900000", 0) in remarks


def test_where_a_link_leads_is_said(dorm: Path, tmp_path: Path) -> None:
    (cost,) = dorm.glob("03_*")
    targets = "".join(
        f'<Relationship Id="x{n}" Type="x/externalLinkPath" Target="file:///价{n}.xlsx" TargetMode="External"/>'
        for n in range(5)
    )
    rels = "xl/_rels/workbook.xml.rels"
    path = made.edited(cost, tmp_path / "03.xlsx", {rels: [("</Relationships>", f"{targets}</Relationships>")]})
    assert found(path) == [("外部链接(file:///价0.xlsx、file:///价1.xlsx、file:///价2.xlsx 等5处)", None, 0)]


def test_a_character_that_cannot_be_printed_is_found_at_its_cell(tmp_path: Path) -> None:
    folder, text = write_sample(tmp_path), "办公资料(外购),见附表二,共1项"
    (cost,) = folder.glob("03_*")
    cost.write_bytes(made.replaced(cost.read_bytes(), "xl/sharedStrings.xml", f">{text}<", f">{text}_x000B_旧<"))
    findings = [f for f in judge(read_case(folder))[0] if f.rule.code == "F034"]
    assert [(f.at.cell, f.values["found"]) for f in findings] == [("D7", f"{text}\ufffd旧")]
