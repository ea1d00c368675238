"""What every document goes through, those of a project and those over all projects alike."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import docx
import pytest

from pipeline.adapters.libreoffice import LibreOffice
from pipeline.adapters.limited import Limited
from pipeline.core.errors import DefinitionError, DocumentFailed
from pipeline.definitions.documents import PORTFOLIO, DocumentForm
from pipeline.render import batch_report as reporting
from pipeline.render import docx as rendering
from pipeline.render import maker as making
from pipeline.render import writer as writing
from pipeline.render.batch_report import batch_report
from pipeline.render.contents import MARK
from pipeline.render.maker import Maker
from pipeline.render.orders import Order
from pipeline.render.shown import Source
from tests.cases import load_case
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
