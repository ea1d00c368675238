"""How much of a small project people type: what is known once is filled by the forms and by `forms prefill`."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipeline.check.judge import judge
from pipeline.core.sheets import Record
from pipeline.definitions.forms import load_forms
from pipeline.definitions.values import Content, Master00, content_from_json
from pipeline.definitions.writer import write_workbook
from pipeline.project_run.prefill import prefill
from tests.cases import AS_OF, ROOT, read_case, sample_data

D = date.fromisoformat
FEW = 300
# What a set of blanks of the project comes with (`forms blank --project --name`).
HEAD = {"project_code": "LY-SQ-2026-032", "project_name": "清溪县图书馆阅览楼有线网络改造项目"}
ORDER = ("survey", "plan", "materials", "staffing", "cost")
Typed = Mapping[str, Any]


def small() -> Typed:
    """What a person types into 01 to 05 of a small project: six stages, five materials, seven rows of staff."""
    found: Typed = json.loads((ROOT / "tests/data/small_project.json").read_text("utf-8"), parse_float=Decimal)
    return found


def typed_cells(typed: Typed) -> int:
    """Cells with something in them."""
    rows = [part for book in typed.values() for part in book.values()]
    return sum(len(row) for part in rows for row in (part if isinstance(part, list) else [part]))


def content(form: str, typed: Typed) -> Content:
    """The content of a workbook in which only that was typed."""
    raw = {key: value for key, value in typed.items() if key != "head"}
    if "items" in raw:
        raw["items"] = [{"no": no, "value": value} for no, value in raw["items"].items()]
    return content_from_json(load_forms()[form], {**raw, "_head": {**HEAD, **typed.get("head", {})}})


def write_company(folder: Path) -> None:
    """Workbook 00."""
    master = content_from_json(load_forms()["master"], sample_data()["master"])
    write_workbook(load_forms()["master"], folder / "00_公司基础资料.xlsx", master, Master00(master.sheets))


def write(folder: Path, form: str, typed: Typed) -> None:
    """Write a workbook as a person would have filled it."""
    master = Master00(content_from_json(load_forms()["master"], sample_data()["master"]).sheets)
    path = folder / load_forms()[form].file.format(**HEAD)
    write_workbook(load_forms()[form], path, content(form, typed), master)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project after one workbook after another was typed, prefilled and taken on."""
    folder = tmp_path_factory.mktemp("small")
    write_company(folder)
    for number, form in enumerate(ORDER):
        write(folder, form, small()[form])
        done = prefill(folder, folder / str(number), None, None, AS_OF)
        assert done.told == ()
        for path in done.files:
            shutil.copyfile(path, folder / path.name)
        shutil.rmtree(folder / str(number))
    return folder


def records(folder: Path) -> Iterator[tuple[str, str, Record]]:
    case = read_case(folder)
    for form in ORDER:
        for key, sheet in case.project.workbooks[form].sheets.items():
            yield from ((form, key, record) for record in sheet.records())


def test_a_small_project_is_typed_in_less_than_three_hundred_cells(filled: Path) -> None:
    assert typed_cells(small()) < FEW


def test_nothing_is_wrong_with_it_then(filled: Path) -> None:
    found = judge(read_case(filled))[0]
    assert [(f.rule.code, str(f.at), f.message()) for f in found if f.rule.severity != "info" and not f.pending] == []


def test_every_fact_of_the_papers_is_there(filled: Path) -> None:
    """All that staff typed before stands in the workbooks, and the rolled-up lines besides."""
    forms = load_forms()
    inputs = {
        (form, sheet.key, f.key)
        for form in ORDER
        for sheet in forms[form].sheet
        for f in (*sheet.fields, *sheet.header)
        if f.fill == "input"
    }
    there = sum(
        not cell.blank and (form, key, name) in inputs
        for form, key, record in records(filled)
        for name, cell in record.cells.items()
    )
    assert there - typed_cells(small()) > 200
    case = read_case(filled)
    required = {(form, key, f.key) for form, key, f in _required()}
    blank = [
        (form, key, name)
        for form, key, record in records(filled)
        for name, cell in record.cells.items()
        if cell.blank and (form, key, name) in required
    ]
    assert blank == []
    assert case.facts.figure("cost", "total").value == case.project.head("plan", "basics").value("planned_total_cost")


def _required() -> Iterator[tuple[str, str, Any]]:
    for form in ORDER:
        for sheet in load_forms()[form].sheet:
            yield from ((form, sheet.key, f) for f in (*sheet.fields, *sheet.header) if f.required == "Y")


EXPECTED: tuple[tuple[str, str, str, str, Any], ...] = (
    ("survey", "items", "no=B01", "value", "清溪县图书馆阅览楼有线网络改造项目"),
    ("survey", "versions", "version=V1.0", "by", "E102"),
    ("survey", "versions", "version=V1.0", "date", D("2026-08-05")),
    ("plan", "basics", "", "customer_name", "清溪县图书馆"),
    ("plan", "basics", "", "contract_amount", Decimal(300000)),
    ("plan", "basics", "", "class", "一般项目"),
    ("plan", "basics", "", "sales_rep", "E102"),
    ("plan", "basics", "", "author", "E102"),
    ("plan", "basics", "", "plan_version", "A/0"),
    ("plan", "basics", "", "plan_start", D("2026-08-03")),
    ("plan", "basics", "", "plan_sign", D("2026-09-18")),
    ("plan", "basics", "", "plan_end", D("2026-09-18")),
    ("plan", "stages", "code=S1", "owner", "E102"),
    ("plan", "stages", "code=S2", "start", D("2026-08-20")),
    ("plan", "stages", "code=S2", "owner", "E104"),
    ("plan", "stages", "code=S2", "name", "继续跟踪用户、客户需求评审、系统方案制作和审批"),
    ("plan", "stages", "code=G1", "start", D("2026-09-20")),
    ("plan", "stages", "code=G1", "owner", "E303"),
    ("plan", "organisation", "role=销售代表", "emp", "E102"),
    ("plan", "organisation", "role=售前项目经理", "report_to", "E101"),
    ("plan", "organisation", "role=商务", "report_to", "E104"),
    ("plan", "organisation", "role=领导小组", "report_to", None),
    ("plan", "interfaces", "kind=客户", "no", "IF-02"),
    ("plan", "interfaces", "kind=客户", "contact", "白晓 0559-5550312"),
    ("plan", "interfaces", "kind=内部", "contact", None),
    ("plan", "revenue", "kind=安装集成(建筑服务)", "tax_rate", Decimal(9)),
    ("plan", "risks", "prob=中", "no", "R01"),
    ("plan", "revisions", "change=首次编制", "version", "A/0"),
    ("plan", "revisions", "change=首次编制", "date", D("2026-08-14")),
    ("plan", "revisions", "change=首次编制", "by", "E102"),
    ("materials", "lines", "name=壁挂机柜", "no", Decimal(2)),
    ("materials", "lines", "name=壁挂机柜", "scope", "工程"),
    ("materials", "lines", "name=壁挂机柜", "tax_rate", Decimal(13)),
    ("materials", "lines", "name=壁挂机柜", "need_date", D("2026-09-20")),
    ("materials", "lines", "name=壁挂机柜", "owner", "E502"),
    ("materials", "lines", "name=响应文件材料", "need_date", D("2026-09-04")),
    ("staffing", "lines", "no=2", "role", "售前项目经理"),
    ("staffing", "lines", "no=2", "day_rate", Decimal(1300)),
    ("staffing", "lines", "no=2", "plan_days", Decimal(4)),
    ("staffing", "lines", "no=4", "end", D("2026-08-28")),
    ("staffing", "lines", "no=5", "skill", "项目管理"),
    ("staffing", "lines", "no=5", "core", "是"),
    ("staffing", "lines", "no=7", "core", "否"),
    ("staffing", "lines", "no=7", "role", "综合布线工程师"),
    ("staffing", "lines", "no=7", "plan_days", Decimal(15)),
    ("cost", "lines", "desc=差旅", "tax_rate", Decimal(0)),
    ("cost", "lines", "desc=布线分包", "scope", "工程"),
)


@pytest.mark.parametrize(("form", "sheet", "row", "field", "wanted"), EXPECTED)
def test_what_is_known_once_stands_everywhere(
    filled: Path, form: str, sheet: str, row: str, field: str, wanted: object
) -> None:
    """What was typed instead of a proposal stays as it was typed."""
    case = read_case(filled)
    key, _, value = row.partition("=")
    record = case.project.sheet(form, sheet).find(key, value) if row else case.project.head(form, sheet)
    assert record
    assert record.value(field) == wanted
