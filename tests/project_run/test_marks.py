"""Marked workbooks of a run: who gets one, and what happens when it is dropped again."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from pipeline.adapters.ooxml.edit import Editor
from pipeline.cli import run
from pipeline.core.documents import FileVerdict, ProjectResult
from pipeline.core.findings import Finding, Severity
from pipeline.core.places import Place
from pipeline.core.sheets import Workbook
from pipeline.definitions.catalogue import load_catalogue
from pipeline.definitions.forms import load_forms
from pipeline.deliver.files import OutputFolder
from pipeline.intake.workbooks import Opened, open_file, read_workbook
from pipeline.project_run.marks import put_marked
from pipeline.render.marked.copy import mark
from tests.adapters.packages import faults
from tests.cases import ROOT
from tests.render.findings import blank

WRONG = ROOT / "samples" / "wrong-015"
CODE = "LY-SQ-2026-015"
SAMPLES = sorted(path for path in (ROOT / "samples").glob("*/0*.xlsx"))
FORMS = load_forms()


def check(*arguments: object) -> int:
    return run(["check", *map(str, arguments), "--as-of", "2026-11-23"])


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Marked copies of the wrong sample; read only."""
    folder = tmp_path_factory.mktemp("marked")
    assert check(WRONG, "--annotate", folder) == 3
    return folder / CODE


def findings(folder: Path, tmp_path: Path) -> list[tuple[str, str, str]]:
    target = tmp_path / "found.json"
    check(folder, "--company", next(WRONG.glob("00_*")), "--json", target)
    (project,) = json.loads(target.read_text(encoding="utf-8"))["projects"]
    return [(f["rule"], f["sheet"], f["cell"]) for f in project["findings"]]


def read(path: Path) -> Workbook:
    opened = open_file(path, FORMS)
    assert isinstance(opened, Opened), opened
    assert opened.form is not None
    return read_workbook(opened, opened.form, {})


def values(book: Workbook) -> list[tuple[object, ...]]:
    """Everything that was read, without the name of the file."""
    return [
        (key, record.number, name, cell.at.sheet, cell.at.cell, cell.value, cell.shown, sorted(cell.flaws), cell.hidden)
        for key, sheet in book.sheets.items()
        for record in (sheet.stamp, sheet.head, *sheet.rows, sheet.totals)
        for name, cell in record.cells.items()
    ]


def test_every_workbook_with_findings_gets_a_copy(marked: Path) -> None:
    names = sorted(path.name[:2] for path in marked.glob("*_校验.xlsx"))
    assert names == ["01", "02", "03", "05", "06"]
    assert [name for path in marked.glob("*.xlsx") for name in faults(path.read_bytes())] == []


def test_marked_copies_are_read_as_if_the_marks_were_not_there(marked: Path) -> None:
    for path in marked.glob("*_校验.xlsx"):
        original = WRONG / path.name.replace("_校验", "")
        assert values(read(path)) == values(read(original))
        assert [what for what, _ in read(path).remarks] == [what for what, _ in read(original).remarks]


def test_a_mended_copy_dropped_again_is_accepted(marked: Path, tmp_path: Path) -> None:
    folder = tmp_path / "again"
    shutil.copytree(WRONG, folder, ignore=shutil.ignore_patterns("expected", "02_*"))
    shutil.copy(next(marked.glob("02_*")), folder)
    before = findings(folder, tmp_path)
    assert ("W117", "可行性分析", "C12") in before
    path = next(folder.glob("02_*"))
    book = Editor(path.read_bytes())
    book.set_value("可行性分析", "C12", "预计毛利率 22%")
    path.write_bytes(book.to_bytes())
    assert findings(folder, tmp_path) == [found for found in before if found != ("W117", "可行性分析", "C12")]
    assert check(folder, "--annotate", tmp_path / "second") == 3
    again = openpyxl.load_workbook(next((tmp_path / "second" / CODE).glob("02_*")))
    assert next((tmp_path / "second" / CODE).glob("02_*")).name == path.name
    assert again.sheetnames.count("校验结果") == 1
    assert again["可行性分析"]["C12"].comment is None
    assert (
        again["可行性分析"]["C12"].fill.fgColor.rgb
        == openpyxl.load_workbook(next(WRONG.glob("02_*")))["可行性分析"]["C12"].fill.fgColor.rgb
    )
    assert again["基本信息"]["C32"].comment.text.count("X210") == 1


def test_a_copy_of_records_that_came_back_replaces_its_original(marked: Path, tmp_path: Path) -> None:
    """There may be many workbooks 06; a marked one is not one more, or every mended row would contradict itself."""
    folder = tmp_path / "both"
    shutil.copytree(WRONG, folder, ignore=shutil.ignore_patterns("expected"))
    copied = Path(shutil.copy(next(marked.glob("06_*")), folder))
    book = Editor(copied.read_bytes())
    sheet = next(name for name in book.sheets if name == "问题对策")
    book.set_value(sheet, "I8", "处理中")
    copied.write_bytes(book.to_bytes())
    rules = [rule for rule, _, _ in findings(folder, tmp_path)]
    assert "X229" not in rules
    assert rules.count("B402") == 1


def result_of(tmp_path: Path, *found: Finding, verdict: str = "accepted") -> ProjectResult:
    path = tmp_path / "in" / "03_表.xlsx"
    path.parent.mkdir(exist_ok=True)
    shutil.copy(next(WRONG.glob("03_*")), path)
    return ProjectResult("X", "", None, tuple(found), files=(FileVerdict(str(path), verdict),))


def placed(result: ProjectResult, out: Path) -> ProjectResult:
    box = OutputFolder(out)
    done = put_marked(result, box, "check", "zh")
    box.close()
    return done


def test_a_refused_file_gets_no_copy(tmp_path: Path) -> None:
    result = result_of(tmp_path, blank("03_表.xlsx", "费用明细", "C7"), verdict="refused")
    assert placed(result, tmp_path / "out").marked == ()


def test_a_copy_goes_when_its_findings_are_gone(tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = result_of(tmp_path, blank("03_表.xlsx", "费用明细", "C7"))
    (path,) = placed(result, out).marked
    assert path == out / "check" / "03_表_校验.xlsx"
    assert placed(replace(result, findings=()), out).marked == ()
    assert not path.exists()
    (path,) = placed(result, out).marked
    path.write_bytes(path.read_bytes() + b"x")
    assert placed(replace(result, findings=()), out).marked == ()
    assert path.exists()  # somebody works in it


def test_a_remark_alone_makes_no_copy(tmp_path: Path) -> None:
    """A survey that is clear but for an item that will be clarified has its rates told, and nothing to mend."""
    path = next(WRONG.glob("01_*"))
    rule = replace(load_catalogue()["W101"], severity=Severity.INFO)
    rates = {"completeness": "100", "clear_rate": "99", "found": "99%", "expected": "100%"}
    told = Finding(rule, Place(path.name, "调查表"), (), rates)
    result = ProjectResult(CODE, "", None, (told,), (), files=(FileVerdict(str(path), "accepted", "", ""),))
    out = OutputFolder(tmp_path)
    assert put_marked(result, out, "", "zh").marked == ()
    worse = replace(told, rule=replace(rule, severity=Severity.WARNING))
    assert len(put_marked(replace(result, findings=(worse,)), out, "", "zh").marked) == 1


def test_a_file_saved_since_it_was_read_is_not_marked(tmp_path: Path) -> None:
    result = replace(result_of(tmp_path, blank("03_表.xlsx", "费用明细", "C7")), hashes={"03_表.xlsx": "00"})
    done = placed(result, tmp_path / "out")
    assert done.marked == ()
    assert "03_表.xlsx" in done.notes[0]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}-{path.name[:2]}")
def test_every_sample_takes_a_mark_and_stays_itself(path: Path, tmp_path: Path) -> None:
    sheets = Editor(path.read_bytes()).sheets
    target = tmp_path / path.name
    target.write_bytes(mark(path.read_bytes(), [blank(path.name, sheet, "A1") for sheet in sheets], path.name))
    assert faults(target.read_bytes()) == []
    assert values(read(target)) == values(read(path))
    book = openpyxl.load_workbook(target)
    assert book.sheetnames == ["校验结果", *sheets]
    assert [name for name in sheets if "F001" not in book[name]["A1"].comment.text] == []
