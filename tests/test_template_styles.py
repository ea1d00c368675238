"""One look: every template has the styles, numbers, headers and footers of STYLES.docx, and uses no others."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import docx
import pytest
from docx.oxml.ns import qn

from tests.cases import ROOT

TEMPLATES = [path for path in sorted((ROOT / "output_templates").glob("*.docx")) if path.name != "STYLES.docx"]
SCRIPT = ROOT / "scripts" / "template_styles.py"
COUNTS = re.compile(r"\{\{ (problems|check|s|x|project\.class_met)\.")  # numbers of things and words, not amounts
LISTS = ("CSR.docx", "CSC.docx", "VAL.docx", "SAF.docx", "MEM.docx", "SRP.docx", "SUM.docx", "PIA.docx")
"""Here one cell may be longer than a page: texts of the plan, answers of the survey, findings."""


def run(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    script = root / "scripts" / SCRIPT.name
    return subprocess.run([sys.executable, str(script), *arguments], capture_output=True, text=True, check=False)


def body(path: Path) -> docx.oxml.xmlchemy.BaseOxmlElement:
    return docx.Document(str(path)).element.body


def words(node: docx.oxml.xmlchemy.BaseOxmlElement) -> str:
    return "".join(text.text or "" for text in node.iter(qn("w:t")))


def test_all_templates_share_one_look() -> None:
    assert run(ROOT, "--check").stdout == "template_styles: all alike\n"


def test_a_template_of_another_look_is_named_and_mended(tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    shutil.copy(SCRIPT, tmp_path / "scripts")
    (tmp_path / "output_templates").mkdir()
    for name in ("STYLES.docx", "PP1.docx"):
        shutil.copy(ROOT / "output_templates" / name, tmp_path / "output_templates")
    odd = tmp_path / "output_templates" / "PP1.docx"
    document = docx.Document(str(odd))
    document.styles["表格文字"].font.size = 123456
    document.save(str(odd))
    found = run(tmp_path, "--check")
    assert (found.returncode, "PP1.docx" in found.stdout) == (1, True)
    assert run(tmp_path).returncode == 0
    assert run(tmp_path, "--check").returncode == 0


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_a_template_uses_only_the_shared_styles(path: Path) -> None:
    document = docx.Document(str(path))
    known = {style.style_id for style in document.styles}
    tags = (qn("w:pStyle"), qn("w:rStyle"), qn("w:tblStyle"))
    used = {node.get(qn("w:val")) for node in document.element.body.iter(*tags)}
    assert used <= known
    by_hand = document.element.body.iter(qn("w:rFonts"), qn("w:sz"))
    assert [dict(node.attrib) for node in by_hand if set(node.attrib) != {qn("w:hint")}] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_heads_repeat_and_rows_hold_together(path: Path) -> None:
    for table in body(path).iter(qn("w:tbl")):
        rows = table.findall(qn("w:tr"))
        headed = [row for row in rows if "TableHead" in {node.get(qn("w:val")) for node in row.iter(qn("w:pStyle"))}]
        for row in headed[:1]:
            assert row.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None, words(row)
        loose = [words(row) for row in rows if row.find(f"{qn('w:trPr')}/{qn('w:cantSplit')}") is None]
        assert not loose or path.name in LISTS, loose


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_captions_count_themselves(path: Path) -> None:
    for paragraph in body(path).iter(qn("w:p")):
        style = paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
        if style is not None and style.get(qn("w:val")) in ("Caption", "FigureCaption"):
            numbered = re.match(r"[表图]\s*\d", words(paragraph))
            fields = [node.text.split()[1] for node in paragraph.iter(qn("w:instrText"))]
            assert fields == ([words(paragraph)[0]] if numbered else []), words(paragraph)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_amounts_stand_right_and_days_in_the_middle(path: Path) -> None:
    wrong = []
    for paragraph in body(path).iter(qn("w:p")):
        style, text = paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}"), words(paragraph)
        name = style.get(qn("w:val")) if style is not None else ""
        amount = re.fullmatch(
            r"\{\{ [\w.]*(amount|amount_excl|total|presales|engineering|\.wan|unit_price)(\.wan)? \}\}", text
        )
        if name.startswith("Table") and amount and "Number" not in name and not COUNTS.match(text):
            wrong.append((name, text))
        if name == "TableText" and re.fullmatch(r"\{\{ \w+\.\w*date \}\}", text):
            wrong.append((name, text))
    assert wrong == []
