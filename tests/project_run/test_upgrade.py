"""A workbook of an older version of its form moves to the present one, and nothing is lost in silence."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner

from pipeline.adapters.ooxml.edit import Editor
from pipeline.check.judge import judge
from pipeline.cli.forms import forms as forms_command
from pipeline.core.company import Company
from pipeline.core.errors import UsageProblem
from pipeline.core.sheets import Workbook
from pipeline.definitions.forms import Field, Form, load_forms
from pipeline.definitions.values import Master00
from pipeline.definitions.writer import write_workbook
from pipeline.intake.company import read_company
from pipeline.intake.workbooks import Opened, open_file, read_workbook
from pipeline.project_run.upgrade import upgrade
from tests.cases import AS_OF, DORM, read_case, sample_builder, sample_data, write_sample

FORMS = load_forms()
DAY = AS_OF


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sample(tmp_path_factory.mktemp("sample"), (), DORM)


@pytest.fixture(scope="module")
def voluntary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sample(tmp_path_factory.mktemp("voluntary"), (), DORM, voluntary=True)


@pytest.fixture(scope="module")
def company(sample: Path) -> Company:
    return read_company(next(sample.glob("00_*.xlsx")), FORMS)


def only(folder: Path, no: str) -> Path:
    return next(folder.glob(f"{no}_*.xlsx"))


def read(path: Path, forms: Mapping[str, Form] = FORMS) -> Workbook:
    opened = open_file(path, forms)
    assert isinstance(opened, Opened)
    assert opened.form
    return read_workbook(opened, opened.form, {})


def values(book: Workbook) -> dict[tuple[str, int, str], Any]:
    found = {}
    for key, sheet in book.sheets.items():
        for number, record in enumerate((sheet.head, sheet.totals, *sheet.rows)):
            found |= {(key, number, name): cell.value for name, cell in record.cells.items()}
    return found


@pytest.mark.parametrize("no", ["01", "02", "03", "04", "05", "06"])
def test_a_sample_keeps_every_value(sample: Path, company: Company, tmp_path: Path, no: str) -> None:
    before = only(sample, no).read_bytes()
    done = upgrade(only(sample, no), tmp_path / "new.xlsx", company, FORMS, DAY)
    assert done.told == ()
    assert values(read(done.path)) == values(read(only(sample, no)))
    assert only(sample, no).read_bytes() == before
    version = next(form.version for form in FORMS.values() if form.no == no)
    assert (done.old, done.new) == (version, version)


@pytest.mark.parametrize("no", ["07", "08", "09"])
def test_a_voluntary_workbook_keeps_every_value(voluntary: Path, company: Company, tmp_path: Path, no: str) -> None:
    done = upgrade(only(voluntary, no), tmp_path / "new.xlsx", company, FORMS, DAY)
    assert done.told == ()
    assert values(read(done.path)) == values(read(only(voluntary, no)))


OLDER = [(key, version) for key, form in FORMS.items() for version in form.supported[:-1]]


def as_it_was(form: Form, version: str) -> Form:
    """The form of an older version: without the fields and sheets that came later."""
    later = form.supported[form.supported.index(version) + 1 :]

    def kept(fields: tuple[Field, ...]) -> tuple[Field, ...]:
        return tuple(field for field in fields if field.since not in later)

    sheets = (replace(s, fields=kept(s.fields), header=kept(s.header)) for s in form.sheet if kept(s.fields))
    return replace(form, version=version, sheet=tuple(sheets))


@pytest.mark.parametrize(("key", "version"), OLDER)
def test_a_workbook_of_every_supported_version_checks_clean_and_moves_on(
    key: str, version: str, sample: Path, company: Company, tmp_path: Path
) -> None:
    folder = tmp_path / "case"
    shutil.copytree(sample, folder)
    form, made = FORMS[key], sample_builder().contents(sample_data(), DORM)
    path = only(folder, form.no)
    write_workbook(as_it_was(form, version), path, made[key], Master00(made["master"].sheets))
    expected = {(f.rule.code, f.at.sheet) for f in judge(read_case(sample))[0]}
    assert {(f.rule.code, f.at.sheet) for f in judge(read_case(folder))[0]} == expected
    done = upgrade(path, tmp_path / "new.xlsx", company, FORMS, DAY)
    assert (done.old, done.new, done.told) == (version, form.version, ())
    old, new = values(read(path)), values(read(done.path))
    assert {place: new[place] for place in old} == old
    assert all(value in (None, ()) for place, value in new.items() if place not in old)


def old_and_new() -> tuple[Form, dict[str, Form]]:
    """Form 03 as it was (with a column 旧列), and the forms with a version 1.1 that has 负责人 in its place."""
    form = FORMS["cost"]
    lines = form.sheet_form("lines")
    gone = Field("old_no", "旧编号", "text", max_len=20)
    came = Field("owner", "负责人", "text", max_len=20, required="Y", since="1.1")
    others = tuple(sheet for sheet in form.sheet if sheet is not lines)
    old = replace(form, sheet=(replace(lines, fields=(*lines.fields, gone)), *others))
    new_lines = replace(lines, fields=(*lines.fields, came))
    new = replace(form, version="1.1", supported=("1.0", "1.1"), sheet=(new_lines, *others))
    return old, {**FORMS, "cost": new}


@pytest.fixture(scope="module")
def old_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cost plan of version 1.0; its first line holds a value in the column that version 1.1 has no more."""
    old, _ = old_and_new()
    made = sample_builder().contents(sample_data(), DORM)
    content = made["cost"]
    rows = [{**row, "old_no": "K-17" if index == 0 else None} for index, row in enumerate(content.sheets["lines"])]
    path = tmp_path_factory.mktemp("old") / f"03_项目费用计划明细表_{DORM}.xlsx"
    content = replace(content, sheets={**content.sheets, "lines": rows})
    write_workbook(old, path, content, Master00(made["master"].sheets))
    return path


def test_an_older_supported_version_lacks_the_new_field_without_a_finding(old_file: Path) -> None:
    _, forms = old_and_new()
    book = read(old_file, forms)
    assert (book.form_version, book.known_version) == ("1.0", True)
    assert book.sheets["lines"].missing == ()


def test_a_file_of_the_present_version_without_the_field_is_named(old_file: Path, tmp_path: Path) -> None:
    _, forms = old_and_new()
    path = tmp_path / old_file.name
    editor = Editor(old_file.read_bytes())
    editor.set_value("_meta", "B2", "1.1")
    path.write_bytes(editor.to_bytes())
    assert read(path, forms).sheets["lines"].missing == (("负责人", "owner"),)


def test_an_older_version_moves_to_the_present_one(old_file: Path, company: Company, tmp_path: Path) -> None:
    _, forms = old_and_new()
    done = upgrade(old_file, tmp_path / "new.xlsx", company, forms, DAY)
    assert (done.old, done.new) == ("1.0", "1.1")
    new = read(done.path, forms)
    assert new.form_version == "1.1"
    assert new.sheets["lines"].rows[0].blank("owner")
    kept = {key: value for key, value in values(new).items() if key[2] != "owner"}
    assert kept == values(read(old_file, forms))
    assert [str(told).partition("]")[2] for told in done.told] == ["费用明细!Q7:列“旧编号”没有带过去:Q7“K-17”。"]


def test_what_has_no_place_is_listed(sample: Path, company: Company, tmp_path: Path) -> None:
    source = tmp_path / "03.xlsx"
    book = Editor(only(sample, "03").read_bytes())
    book.set_value("费用明细", "R5", "我的列")
    book.set_value("费用明细", "R7", "问过三家")
    book.set_value("费用明细", "A114", "注:以上含税")
    book.set_value("费用明细", "I8", "1,800.00")
    book.set_value("费用明细", "I9", "面议")
    book.set_value("费用明细", "K9", 12345)
    source.write_bytes(book.to_bytes())
    other = openpyxl.load_workbook(source)
    other.create_sheet("底稿")["A1"] = "测算"
    with_sheet = tmp_path / "03b.xlsx"
    other.save(with_sheet)

    done = upgrade(source, None, company, FORMS, DAY)
    assert done.path == tmp_path / "03_V1.0.xlsx"
    said = {str(told.at.cell or told.at.sheet): told.text for told in done.told}
    assert said["R7"] == "列“我的列”没有带过去:R7“问过三家”。"
    assert said["A114"].endswith("A114“注:以上含税”。")
    assert "12345" in said["K9"]
    new = read(done.path).sheets["lines"]
    assert [row.cell("unit_price").shown for row in new.rows[1:3]] == ["1,800.00", "面议"]
    assert new.rows[2].cell("amount").shown == "12345"

    listed = upgrade(with_sheet, None, company, FORMS, DAY).told
    assert "工作表“底稿”不属于本表,没有带过去。" in [told.text for told in listed]


def test_the_new_file_checks_as_the_old_one(sample: Path, company: Company, tmp_path: Path) -> None:
    folder = tmp_path / "case"
    shutil.copytree(sample, folder)
    path = only(folder, "03")
    done = upgrade(path, tmp_path / "new.xlsx", company, FORMS, DAY)
    shutil.copyfile(done.path, path)
    clean = {(f.rule.code, str(f.at)) for f in judge(read_case(sample))[0]}
    assert {(f.rule.code, str(f.at)) for f in judge(read_case(folder))[0]} == clean


def test_what_it_refuses(sample: Path, company: Company, tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="不覆盖"):
        upgrade(only(sample, "03"), only(sample, "04"), company, FORMS, DAY)
    (tmp_path / "x.xlsx").write_bytes(b"no zip")
    with pytest.raises(UsageProblem, match=r"x\.xlsx"):
        upgrade(tmp_path / "x.xlsx", None, company, FORMS, DAY)
    book = openpyxl.Workbook()
    book.save(tmp_path / "其他.xlsx")
    with pytest.raises(UsageProblem, match="不是本流程的表单"):
        upgrade(tmp_path / "其他.xlsx", None, company, FORMS, DAY)


def test_the_command_says_what_it_did(sample: Path, tmp_path: Path) -> None:
    target = tmp_path / "new.xlsx"
    run = CliRunner().invoke(forms_command, ["upgrade", str(only(sample, "05")), "-o", str(target)])
    assert run.exit_code == 0, run.output
    assert "1.0 → 1.0" in run.output
    assert target.is_file()
