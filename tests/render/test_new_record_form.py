from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import docx
import pytest

from tests.cases import DORM, ROOT

SHEET = """
[[sheet]]
key = "visits"
name = "客户回访"
kind = "form+table"
clause = "6.4.2"
record_no = "JL-03.2-99"
documents = ["VST"]
optional = true
row_key = ["item"]
prepared = 10
header = [
  {key = "visit_date", label = "回访日期", type = "date", required = "N", example = "2026-08-06"},
  {key = "visitor", label = "回访人", type = "emp", required = "N", example = "E106"},
]
fields = [
  {key = "item", label = "事项", type = "text", required = "Y", max_len = 60, width = 30, example = "无线覆盖"},
  {key = "cost", label = "费用", type = "money", unit = "元", required = "N", width = 16, example = "1200.00"},
]
"""
ROW = """
[[document]]
code = "VST"
title = "客户回访记录"
record_no = "JL-03.2-99"
template = "VST.docx"
needs = ["plan"]
signers = ["项目经理"]
state = "待签"
due = "signing"
record = "records.visits.visit_date"
day = ["records.visits.visit_date"]
"""
# Runs in a copy of the house in which nothing but a sheet, a template and a row is new.
SCRIPT = """
import sys
from pathlib import Path
from tests.cases import DORM, sample_builder, sample_data
from pipeline.definitions.forms import load_forms
from pipeline.definitions.values import typed

builder, out = sample_builder(), Path(sys.argv[1])
made = builder.contents(sample_data(), DORM)
form = load_forms()["records"].sheet_form("visits")
head = {"visit_date": "2026-08-06", "visitor": "E106"} if sys.argv[2] == "filled" else {}
made["records"].headers["visits"] = {f.key: typed(f, head.get(f.key)) for f in form.header}
made["records"].sheets["visits"] = [
    {f.key: typed(f, row.get(f.key)) for f in form.fields}
    for row in ([{"item": "信号覆盖", "cost": "1200.00"}, {"item": "漫游", "cost": "0"}] if head else [])
]
made["records"].sheets["handover"].clear()  # its attachments are not here
made["records"].headers["handover"].clear()
for sheet in ("reports", "memos", "actions", "changes"):
    made["records"].sheets[sheet].clear()  # many papers, which take their time and prove nothing here
builder.write(made, DORM, out)
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("house")
    hidden = shutil.ignore_patterns("__pycache__", "expected", "LY-*")
    for name in ("pipeline", "input_templates", "output_templates", "samples"):
        shutil.copytree(ROOT / name, folder / name, ignore=hidden)
    (folder / "tests").mkdir()
    for name in ("__init__.py", "cases.py"):
        shutil.copy(ROOT / "tests" / name, folder / "tests" / name)
    with (folder / "input_templates" / "06_过程记录.toml").open("a", encoding="utf-8") as definition:
        definition.write(SHEET)
    with (folder / "output_templates" / "documents.toml").open("a", encoding="utf-8") as catalogue:
        catalogue.write(ROW)
    template(folder / "output_templates" / "VST.docx")
    return folder


def template(path: Path) -> None:
    made = docx.Document()
    made.add_paragraph("{{ doc.title }} {{ doc.state }} {{ project.code }}")
    made.add_paragraph("回访 {{ records.visits.visit_date.cn }} {{ records.visits.visitor }}")
    table = made.add_table(rows=3, cols=2)
    texts = (
        ("{%tr for v in records.visits.rows %}", ""),
        ("{{ v.item }}", "{{ v.cost }} {{ v.cost.upper }}"),
        ("{%tr endfor %}", ""),
    )
    for row, line in zip(table.rows, texts, strict=True):
        for cell, text in zip(row.cells, line, strict=True):
            cell.text = text
    made.save(str(path))


def run(house: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=house,
        env={**os.environ, "PYTHONPATH": str(house)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def built(house: Path, tmp_path: Path, filling: str) -> tuple[str, str]:
    """Name and text of the new document of a project whose new sheet is filled or not."""
    run(house, "-c", SCRIPT, str(tmp_path / "in"), filling)
    build = ["build", str(tmp_path / "in"), "-o", str(tmp_path / "out"), "--no-pdf", "--as-of", "2026-11-23"]
    run(house, "-c", "from pipeline.cli import main; main()", *build)
    (found,) = (tmp_path / "out" / DORM / "docx").glob("*_VST_*.docx")
    document = docx.Document(str(found))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return found.name, "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def test_a_new_sheet_with_its_document_needs_no_code(house: Path, tmp_path: Path) -> None:
    """Design section 5: a sheet in a TOML, a .docx, a row in documents.toml."""
    name, text = built(house, tmp_path, "filled")
    assert name == f"{DORM}_VST_A0_20260806.docx"
    assert text.split("\n") == [
        f"客户回访记录 记录 {DORM}",
        "回访 2026年8月6日 秦川",
        "信号覆盖",
        "1,200.00 人民币壹仟贰佰元整",
        "漫游",
        "0.00 人民币零元整",
    ]


def test_its_paper_comes_before_its_record(house: Path, tmp_path: Path) -> None:
    _, text = built(house, tmp_path, "empty")
    assert text.split("\n") == [f"客户回访记录 待签 {DORM}", "回访  "]


def test_its_template_is_checked_like_every_other(house: Path) -> None:
    check = (
        "from pathlib import Path; from pipeline.definitions.documents import load_documents;"
        "from pipeline.render.word.templates import check_template;"
        "f = Path('output_templates'); print(check_template(f / 'VST.docx', load_documents()['VST']))"
    )
    assert run(house, "-c", check).strip() == "[]"
