"""What every document goes through, those of a project and those over all projects alike."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from pipeline.adapters.limited import Limited
from pipeline.adapters.office.converters import Awaited
from pipeline.adapters.office.libreoffice import LibreOffice
from pipeline.core.errors import DefinitionError, DocumentFailed
from pipeline.definitions.documents import PORTFOLIO, DocumentForm
from pipeline.render import maker as making
from pipeline.render import writer as writing
from pipeline.render.context.shown import Source
from pipeline.render.daily import report as reporting
from pipeline.render.daily.report import batch_report
from pipeline.render.maker import Maker
from pipeline.render.orders import Order
from pipeline.render.word import fill as rendering
from pipeline.render.word.contents import MARK, UNKNOWN_PAGE
from tests.cases import ROOT, load_case
from tests.made_portfolio import many, remembered, surveyed
from tests.made_projects import company, made
from tests.render.cuts import sample


def form(**given: str) -> DocumentForm:
    return DocumentForm(**{"code": "TST", "title": "测试", "template": "TST.docx", **given})  # type: ignore[arg-type]


def one_template(folder: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    document = docx.Document()
    for line in text.split("\n"):
        document.add_paragraph(line.lstrip("# "), style="Heading 1" if line.startswith("#") else None)
    document.save(str(folder / "TST.docx"))
    monkeypatch.setattr(rendering, "data_folder", lambda _: folder)
    monkeypatch.setattr(writing, "data_folder", lambda _: folder)
    writing._wants_contents.cache_clear()


def background(text: str) -> Source:
    case = load_case([{"op": "set", "workbook": "plan", "sheet": "narrative", "field": "background", "value": text}])
    return Source(case.project, case.company, case.facts, case.forms)


def test_a_character_without_a_glyph_is_named_with_its_cell_before_anything_is_converted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_template(tmp_path, monkeypatch, "{{ plan.narrative.background }}")
    maker = Maker(background("生僻字\U0010fffd龘"), tmp_path, LibreOffice(worker=tmp_path / "never.py"))
    with pytest.raises(DocumentFailed, match=r"U\+10FFFD\) \[02_.*\].*![A-Z]+\d+") as caught:
        maker.make(Order(form()))
    assert "龘" not in str(caught.value)
    assert list(tmp_path.glob("*.pdf")) == []


def test_a_value_that_does_not_reach_the_pdf_is_named_with_its_cell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, office: LibreOffice
) -> None:
    one_template(tmp_path, monkeypatch, "{{ plan.narrative.background }}")
    maker = Maker(background("青岚台的背景"), tmp_path, office)
    assert maker.make(Order(form())).pages == 1
    monkeypatch.setattr(writing, "pdf_text", lambda _: "另一页")
    with pytest.raises(DocumentFailed, match=r"青岚台的背景 \[02_.*!"):
        maker.make(Order(form()))


def test_a_template_that_outlives_its_limit_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(*_: object, **__: object) -> None:
        while True:
            pass

    monkeypatch.setattr(making, "render", endless)
    monkeypatch.setattr(writing, "Limited", lambda work: Limited(work, seconds=0.5))
    with pytest.raises(DefinitionError, match=r"TST\.docx.*took too long"):
        Maker(sample(), tmp_path, None).make(Order(form()))


def tall_row_held(folder: Path, monkeypatch: pytest.MonkeyPatch) -> DocumentForm:
    """A row of 90 lines below a repeated head that may not be parted: LibreOffice loses what one page does not hold."""
    made: Any = docx.Document(str(ROOT / "output_templates" / "STYLES.docx"))
    table = made.add_table(rows=3, cols=2)
    for number, row in enumerate(table.rows):
        row.cells[0].text = f"第{number}行"
        row.cells[1].text = "\n".join(f"R{number}L{line:02}" for line in range(90 if number == 1 else 1))
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    table.rows[0]._tr.trPr.append(OxmlElement("w:tblHeader"))
    made.save(str(folder / "TALL.docx"))
    monkeypatch.setattr(rendering, "hold_rows", lambda _: None)
    return form(template=str(folder / "TALL.docx"))


def test_a_document_that_loses_rows_is_laid_out_another_way_and_kept_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, office: LibreOffice, caplog: pytest.LogCaptureFixture
) -> None:
    made = Maker(sample(), tmp_path, office).make(Order(tall_row_held(tmp_path, monkeypatch)))
    assert made.pdf is not None
    text = writing.pdf_text(made.pdf)
    assert [line for line in range(90) if f"R1L{line:02}" not in text] == []
    assert "换排法" in caplog.text
    held = [
        row._tr.find(f"{qn('w:trPr')}/{qn('w:cantSplit')}") for row in docx.Document(str(made.docx)).tables[-1].rows
    ]
    assert [one is not None for one in held] == [True, False, True]


def test_rows_that_are_lost_in_every_layout_stop_the_document_and_say_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, office: LibreOffice
) -> None:
    tall = tall_row_held(tmp_path, monkeypatch)
    monkeypatch.setattr(writing, "LAYOUTS", writing.LAYOUTS[:1])
    with pytest.raises(DocumentFailed, match=r"测试\(TST\):LibreOffice 丢了 1 行.*第1行.*换一个版本"):
        Maker(sample(), tmp_path, office).make(Order(tall))


def test_a_document_whose_bytes_stand_gets_page_numbers_and_all_rows_in_its_pdf(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, office: LibreOffice
) -> None:
    """It was issued without a PDF: the contents has no numbers yet, and nobody looked for lost rows."""
    tall = tall_row_held(tmp_path, monkeypatch)
    made: Any = docx.Document(tall.template)
    made.paragraphs[0].insert_paragraph_before(MARK) if made.paragraphs else made.add_paragraph(MARK)
    made.add_heading("一章", 1)
    made.save(tall.template)
    document = Maker(sample(), tmp_path, None).make(Order(tall))
    before = document.docx.read_bytes()
    pdf = Maker(sample(), tmp_path, office).write.add_pdf(tall, document.docx, document.printed)
    assert pdf == document.docx.with_suffix(".pdf")
    text = writing.pdf_text(pdf)
    assert [line for line in range(90) if f"R1L{line:02}" not in text] == []
    assert UNKNOWN_PAGE not in text
    assert document.docx.read_bytes() == before


# -- the documents over all projects go the same way -------------------------------------------------------------------


@pytest.fixture
def daily(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder where a small template stands for that of the daily report."""
    report = form(code="BAT", title="批次日报", per=PORTFOLIO)
    monkeypatch.setattr(reporting, "load_documents", lambda: {"BAT": report})
    out = tmp_path / "批次日报"
    out.mkdir()
    return out


LIST = "{% for row in portfolio.projects %}{{ row.code }} {{ row.name }};{% endfor %}"


def test_the_report_is_filled_in_another_process(daily: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one_template(daily.parent, monkeypatch, LIST)
    real, process = reporting.render, daily.parent / "process"

    def telling(*given: object, **more: object) -> object:
        process.write_text(str(os.getpid()), "utf-8")
        return real(*given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(reporting, "render", telling)
    made_ones = batch_report(surveyed(many(3)), company(), daily, None)
    assert [path.suffix for path in made_ones] == [".docx", ".xlsx"]
    assert int(process.read_text("utf-8")) != os.getpid()


def test_an_endless_template_of_the_report_is_stopped_and_leaves_the_report_before(
    daily: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = daily / "批次日报_20261123.docx"
    before.write_text("昨天", "utf-8")

    def endless(*_: object, **__: object) -> None:
        while True:
            pass

    monkeypatch.setattr(reporting, "render", endless)
    monkeypatch.setattr(writing, "Limited", lambda work: Limited(work, seconds=0.5))
    with pytest.raises(DefinitionError, match=r"TST\.docx.*took too long"):
        batch_report(surveyed(many(3)), company(), daily, None)
    assert [path.read_text("utf-8") for path in daily.iterdir()] == ["昨天"]


def test_a_value_of_the_report_that_does_not_reach_the_pdf_leaves_no_report(
    daily: Path, monkeypatch: pytest.MonkeyPatch, office: LibreOffice
) -> None:
    one_template(daily.parent, monkeypatch, LIST)
    monkeypatch.setattr(writing, "pdf_text", lambda _: "另一页")
    with pytest.raises(DocumentFailed, match=r"批次日报\(BAT\).*LY-SQ-2026-101"):
        batch_report(surveyed(many(3)), company(), daily, office)
    assert list(daily.iterdir()) == []


def test_a_name_that_no_font_has_is_spelled_in_the_report(
    daily: Path, monkeypatch: pytest.MonkeyPatch, office: LibreOffice
) -> None:
    one_template(daily.parent, monkeypatch, LIST)
    odd = remembered(replace(made(1), name="项目\U0010fffd一"))
    docx_file, pdf, _ = batch_report(surveyed([odd]), company(), daily, office)
    assert "项目[U+10FFFD]一" in docx.Document(str(docx_file)).paragraphs[0].text
    assert "项目[U+10FFFD]一" in writing.pdf_text(pdf)


def test_a_contents_of_the_report_has_its_page_numbers(
    daily: Path, monkeypatch: pytest.MonkeyPatch, office: LibreOffice
) -> None:
    one_template(daily.parent, monkeypatch, f"{MARK}\n# 项目一览\n{LIST}")
    docx_file, _, _ = batch_report(surveyed(many(3)), company(), daily, office)
    assert docx.Document(str(docx_file)).paragraphs[0].text == "项目一览\t1"


class Counting:
    """The converter, and how often it was asked."""

    def __init__(self, office: LibreOffice) -> None:
        self.office, self.identity, self.asked = office, office.identity, 0

    def begin(self) -> None:
        self.office.begin()

    def expect(self, source: Path) -> None:
        """Nothing ahead."""

    def work_until(self, other: Awaited) -> None:
        """Nothing ahead."""

    def ready(self, source: Path) -> bool:
        return False

    def to_pdf(self, source: Path, target: Path) -> None:
        self.asked += 1
        self.office.to_pdf(source, target)


def test_the_same_document_is_converted_once_by_the_same_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, office: LibreOffice
) -> None:
    one_template(tmp_path, monkeypatch, "{{ plan.narrative.background }}")
    counting = Counting(office)

    def make(text: str, turn: str) -> bytes:
        work = tmp_path / turn
        work.mkdir()
        pdf = Maker(replace(background(text), cache=tmp_path / "cache"), work, counting).make(Order(form())).pdf
        assert pdf
        return pdf.read_bytes()

    assert make("甲", "one") == make("甲", "two")
    assert counting.asked == 1
    make("乙", "three")
    assert counting.asked == 2
    counting.identity += "another version"
    make("乙", "four")
    assert counting.asked == 3
