"""Habits that only a whole form shows: a sample workbook edited as staff edit it, and the rules that name it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.adapters.ooxml.edit import Editor
from pipeline.check.case import Case
from pipeline.check.judge import judge
from pipeline.core.findings import Finding
from pipeline.core.sheets import Project
from pipeline.definitions.forms import data_folder, load_forms
from pipeline.derive.facts import derive
from pipeline.derive.formulas import settle
from pipeline.intake.projects import read_project
from pipeline.intake.workbooks import Opened, open_file, read_workbook
from tests.cases import AS_OF, DORM, load_case, write_sample
from tests.check.reported import table

Edit = Callable[[Editor], None]


@pytest.fixture(scope="module")
def plan03(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Cost plan of the ordinary sample; read only."""
    return next(write_sample(tmp_path_factory.mktemp("clean"), (), DORM).glob("03_*.xlsx"))


def found_in(plan03: Path, folder: Path, edit: Edit) -> list[Finding]:
    """What is said of the sample's cost plan, edited in its parts as Excel and WPS would leave it."""
    book = Editor(plan03.read_bytes())
    edit(book)
    path = folder / plan03.name
    path.write_bytes(book.to_bytes())
    clean = load_case()
    opened = open_file(path, clean.forms)
    assert isinstance(opened, Opened)
    read = read_workbook(opened, clean.forms["cost"], {})
    project = replace(clean.project, workbooks={**clean.project.workbooks, "cost": read})
    project = settle(project, clean.company, clean.forms)
    case = replace(clean, project=project, facts=derive(project, clean.company, clean.forms, AS_OF))
    return [f for f in judge(case)[0] if f.at.workbook == path.name]


def typed(**cells: str | int | Decimal) -> Edit:
    """Values typed over cells of 费用明细."""

    def edit(book: Editor) -> None:
        for ref, value in cells.items():
            book.set_value("费用明细", ref, value)

    return edit


def formatted(ref: str, code: str, sheet: str = "费用明细") -> Edit:
    """A number format given to a cell, its value kept."""
    return lambda book: book.set_value(sheet, ref, Decimal(1800), number_format=code)


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (typed(A4="金额单位:万元,含税"), {("费用明细!A4", "F018")}),
        (typed(K5="含税金额\n(万元)"), {("费用明细!K5", "F018")}),
        (typed(G5="单价(含税)*", I5="数量*"), {("费用明细!G5", "F029"), ("费用明细!I5", "F029")}),
        (typed(A109="总计"), set()),
        (
            typed(K109=Decimal("1.00")),
            {("费用明细!K109", "F027"), ("费用明细!K109", "W133"), ("费用明细!D110", "W134")},
        ),
        (typed(G115=2, I115=500), {("费用明细!G115", "F031")}),
        (typed(I7="1800"), {("费用明细!I7", "F007")}),
        (typed(I7="1,800.00"), {("费用明细!I7", "F007")}),
        (formatted("I7", '"200"'), {("费用明细!I7", "F031")}),
        (formatted("I7", "#,##0,"), {("费用明细!I7", "F031")}),
        (formatted("I7", "#,##0.00"), set()),
    ],
)
def test_what_staff_do_to_a_cost_plan(plan03: Path, tmp_path: Path, edit: Edit, expected: set[tuple[str, str]]) -> None:
    found = found_in(plan03, tmp_path, edit)
    untouched = table(f for f in found if f.pending)
    assert table(found) - untouched == expected


def test_a_unit_in_an_amount_is_named_in_every_workbook(plan03: Path, tmp_path: Path) -> None:
    found = table(found_in(plan03, tmp_path, typed(I7="0.18万元")))
    assert {("费用明细!I7", "F008"), ("费用明细!I7", "F018")} <= found


def test_a_typed_total_is_named_with_what_it_should_be(plan03: Path, tmp_path: Path) -> None:
    found = found_in(plan03, tmp_path, typed(K109=Decimal("1.00")))
    (formula,) = (f for f in found if f.rule.code == "F027")
    (total,) = (f for f in found if f.rule.code == "W133")
    assert (formula.values["found"], total.values["found"]) == ("1", "1.00")
    assert Decimal(formula.values["expected"]) == Decimal(total.values["expected"].replace(",", "")) > 100000


def test_the_messages_say_what_to_do(plan03: Path, tmp_path: Path) -> None:
    (note,) = (f for f in found_in(plan03, tmp_path, typed(A4="单位:万元")) if f.rule.code == "F018")
    assert note.message() == "A4为“单位:万元”,疑似按“万元”填写;本表单位为“元”。"
    assert "换算成元" in note.remedy()


def test_workbooks_that_are_out_stay_right_when_a_field_comes(tmp_path: Path) -> None:
    """The change as CONTRIBUTING tells it: the field with `since`, the version raised, the old one still supported."""
    definitions = tmp_path / "forms"
    shutil.copytree(data_folder("input_templates"), definitions)
    path = definitions / "04_项目所需物资明细表.toml"
    field = '{key = "warranty", label = "保修年限", type = "int", required = "Y", since = "1.1"},'
    text = path.read_text("utf-8").replace(
        'version = "1.0"\nsupported = ["1.0"]', 'version = "1.1"\nsupported = ["1.0", "1.1"]'
    )
    path.write_text(text.replace('  {key = "owner"', f'  {field}\n  {{key = "owner"', 1), "utf-8")
    forms = load_forms(definitions)
    assert forms["materials"].sheet_form("lines").field("warranty").since == "1.1"
    case = load_case()
    folder = write_sample(tmp_path / "sample")
    project = read_project(folder, case.company, forms, case.rules).project
    assert isinstance(project, Project)
    project = settle(project, case.company, forms)
    grown = Case(project, case.company, derive(project, case.company, forms, AS_OF), forms, case.rules)
    assert [(f.rule.code, f.at) for f in judge(grown)[0]] == [(f.rule.code, f.at) for f in judge(case)[0]]
