"""A document that is opened and saved elsewhere keeps what it says; its parts hold to the schemas of Open XML."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import docx
import pytest
from docx.oxml.ns import qn
from openxml_audit import OpenXmlValidator

from pipeline.adapters.office.libreoffice import probe
from pipeline.render.context.shown import Source
from pipeline.render.maker import Maker, wanted
from tests.cases import TV, load_case
from tests.e2e.built import docx_text, squeezed

CODES = ("PPR", "PAN", "CHG")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    case, folder = load_case((), TV), tmp_path_factory.mktemp("made")
    here = Source(case.project, case.company, case.facts, case.forms)
    maker = Maker(here, folder, None)
    orders = [order for order in wanted(here, blocked=False, draft=False) if order.form.code in CODES]
    return {order.form.code: maker.make(order).docx for order in orders}


@pytest.fixture(scope="module")
def resaved(made: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same documents saved by LibreOffice."""
    out, profile = tmp_path_factory.mktemp("resaved"), tmp_path_factory.mktemp("profile")
    command = [str(probe().program / "soffice"), f"-env:UserInstallation={profile.as_uri()}", "--headless"]
    command += ["--convert-to", "docx", "--outdir", str(out), *map(str, made.values())]
    subprocess.run(command, check=True, capture_output=True, timeout=120, env=os.environ)
    return out


def held(path: Path) -> tuple[str, int, int, list[str]]:
    """Text, tables, pictures, and the words of the pictures."""
    body = docx.Document(str(path)).element.body
    words = [node.get("descr", "") for node in body.iter(qn("wp:docPr")) if node.get("descr")]
    return squeezed(docx_text(path)), len(list(body.iter(qn("w:tbl")))), len(list(body.iter(qn("a:blip")))), words


@pytest.mark.parametrize("code", CODES)
def test_saved_by_libreoffice(made: dict[str, Path], resaved: Path, code: str) -> None:
    before, after = held(made[code]), held(resaved / made[code].name)
    assert after[1:] == before[1:]
    assert len(after[0]) == pytest.approx(len(before[0]), rel=0.02)
    assert before[3] or code == "PAN"


@pytest.mark.parametrize("code", CODES)
def test_saved_by_python_docx(made: dict[str, Path], tmp_path: Path, code: str) -> None:
    document = docx.Document(str(made[code]))
    document.save(str(tmp_path / "again.docx"))
    assert held(tmp_path / "again.docx") == held(made[code])


@pytest.mark.parametrize("code", CODES)
def test_the_parts_hold_to_the_schemas(made: dict[str, Path], code: str) -> None:
    found = OpenXmlValidator().validate(made[code]).errors
    assert [f"{error.part_uri} {error.description}" for error in found] == []


def test_nothing_in_the_document_asks_word_to_update(made: dict[str, Path]) -> None:
    document = docx.Document(str(made["PPR"]))
    assert document.settings.element.find(qn("w:updateFields")) is None
    dirty = [node for node in document.element.body.iter(qn("w:fldChar")) if node.get(qn("w:dirty"))]
    assert dirty == []
