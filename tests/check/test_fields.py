from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.check import fields, plan, survey
from pipeline.check.case import Case
from pipeline.check.required import TOLD_ELSEWHERE
from pipeline.core.findings import Finding
from pipeline.core.places import Place
from pipeline.core.sheets import Cell, Flaw, Record, Remark, Value
from tests.cases import DORM, TV, load_case
from tests.check.reported import cells, found_by, retyped, table, typed_in, with_books, with_sheet, without

D = Decimal


def stored(workbook: str, sheet: str, match: dict[str, Any], field: str, text: str) -> list[dict[str, Any]]:
    """A cell that stores this text, whatever its field wants."""
    return [{"op": "set_raw_text", "workbook": workbook, "sheet": sheet, "match": match, "field": field, "value": text}]


def errors(workbook: str, sheet: str, match: dict[str, Any], field: str, name: str) -> list[dict[str, Any]]:
    return [{"op": "set_error", "workbook": workbook, "sheet": sheet, "match": match, "field": field, "value": name}]


def item(no: str, **values: Any) -> list[dict[str, Any]]:
    return typed_in("survey", "items", {"no": no}, **values)


def cost(no: int, **values: Any) -> list[dict[str, Any]]:
    return typed_in("cost", "lines", {"no": no}, **values)


def staffing(no: int, **values: Any) -> list[dict[str, Any]]:
    return typed_in("staffing", "lines", {"no": no}, **values)


def stage(code: str, **values: Any) -> list[dict[str, Any]]:
    return typed_in("plan", "stages", {"code": code}, **values)


MISTAKES = [
    *typed_in("plan", "basics", {}, customer_name=None, skip_tracking="是", secrecy="绝密"),
    *typed_in("plan", "basics", {}, customer_uscc="9135010000M00100Y4", contract_amount="92.00", author="E999"),
    *typed_in("plan", "basics", {}, plan_end="2226-08-05"),
    *stored("plan", "basics", {}, "plan_sign", "2026-06-31"),
    *stored("plan", "basics", {}, "pm", "E106 田一诺"),
    *stage("S1", actual_end="2027-01-04"),
    *stored("plan", "stages", {"code": "S1"}, "person_days", "四"),
    *stage("S2", budget="-1.00"),
    *stage("S3", budget="24400.005"),
    *stage("S4", kind=["测试", "聚餐"]),
    *stage("S7", end="2026-08-08"),
    *typed_in("plan", "interfaces", {"no": "IF-03"}, contact=None),
    *typed_in("plan", "revenue", {"kind": "安装集成(建筑服务)"}, tax_rate=11),
    *errors("plan", "risks", {"no": "R02"}, "level", "#N/A"),
    *item("A02", value="91350211M0000XUF46"),
    *item("A05", value="华" * 201),
    *item("A08", value="12345"),
    *item("A09", value="kong.hclg.example"),
    *item("A13", value="E998"),
    *item("B05", value="95.00"),
    *stored("survey", "items", {"no": "B08"}, "value", "92万"),
    *stored("survey", "items", {"no": "C03"}, "value", "约200"),
    *stored("survey", "items", {"no": "B11"}, "value", "开学前"),
    *item("D06", value="20G"),
    *item("D09", value=89),
    *typed_in("survey", "versions", {"version": "V1.0"}, by=None, date="1999-12-31"),
    *[{"op": "set", "workbook": "cost", "sheet": "_head", "part": "head", "field": "project_name", "value": None}],
    *cost(1, tax_rate=17, unit_price="1800.00005"),
    *cost(9, dept="相关部门", desc=None),
    *stored("cost", "lines", {"no": 10}, "use_month", "2026-13"),
    *cost(11, acc="7777", unit="打"),
    *cost(12, use_month="1926-07"),
    *stored("cost", "lines", {"no": 14}, "unit_price", "８，２８０"),
    *cost(23, amount="18666.00", dept="不存在部"),
    *typed_in("materials", "lines", {"no": 1}, owner=None, unit=None),
    *staffing(3, name="张三"),
    *staffing(4, dept="财务部"),
    *staffing(7, alloc=120),
    *staffing(8, alloc=0),
    *typed_in("master", "persons", {"emp_no": "E601"}, status="离职", email="fy@lanyu", phone="5550"),
]

EXPECTED = {
    "F001": [
        "基本信息!C12",  # customer_name
        "基本信息!C36",  # why following the customer is left out
        "技术接口!F9",  # a customer interface names its contact
        "版本与确认!C7",
        "费用明细!C3",  # stamp: project_name
        "费用明细!D15",
        "物资明细!F7",
        "物资明细!T7",
    ],
    "F006": ["基本信息!C23", "调查表!E31", "费用明细!M16"],
    "F007": ["费用明细!I20"],
    "F008": ["阶段计划!L7", "调查表!E28", "调查表!E41"],
    "F009": ["阶段计划!M8"],
    "F010": ["阶段计划!M9", "阶段计划!M27", "费用明细!I7"],
    "F011": ["基本信息!C37", "阶段计划!C10", "调查表!E54"],
    "F013": ["基本信息!C13", "调查表!E8"],
    "F014": ["调查表!E14", "人员!G35"],
    "F015": ["调查表!E15", "人员!H35"],
    "F016": ["收入与毛利!C8", "费用明细!J7"],
    "F017": ["调查表!E57", "人员需求!L13", "人员需求!L14"],
    "F018": ["基本信息!C15", "调查表!E25", "调查表!E28"],
    "F019": ["基本信息!C26", "调查表!E19"],
    "F020": ["基本信息!C20", "人员需求!D9"],
    "F021": ["费用明细!O15", "费用明细!O29", "人员需求!E10"],
    "F022": ["费用明细!B17"],
    "F023": ["费用明细!H17", "物资明细!F7"],
    "F024": ["阶段计划!E13"],
    "F025": ["阶段计划!O7", "基本信息!C24", "版本与确认!B7", "费用明细!M18"],
    "F026": ["风险!E8"],
    "F027": ["费用明细!K29", "人员需求!D9", "人员需求!E10"],
    "F030": ["调查表!E11"],
}


@cache
def mistaken() -> tuple[Finding, ...]:
    return tuple(found_by(fields.CHECKS, load_case(MISTAKES)))


def message(rule: str, cell: str, lang: str = "zh") -> str:
    return next(f.message(lang) for f in mistaken() if f.rule.code == rule and f.at.cell == cell)


# -- fires --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", EXPECTED)
def test_rule_at_its_cells(rule: str) -> None:
    assert {cell for cell, code in table(mistaken()) if code == rule} == set(EXPECTED[rule])


def test_nothing_else_is_reported() -> None:
    assert {finding.rule.code for finding in mistaken()} == set(EXPECTED)


@pytest.mark.parametrize(
    ("rule", "cell", "text"),
    [
        ("F001", "C12", "【基本信息】C12“客户名称”为必填项,不得留空。"),
        ("F006", "C23", "C23“2026-06-31”不是有效日期(示例 2026-03-05)。"),
        ("F007", "I20", "I20的数字以文本存储(“８，２８０”),已按8280处理。"),
        ("F010", "M9", "M9金额超过两位小数:24400.005。"),
        (
            "F011",
            "C10",
            "C10“聚餐”不在可选值内:立项、跟踪、需求评审、方案、测试、洽谈投标、合同评审、移交、工程、其他。",
        ),
        ("F017", "E57", "E57“89”超出允许范围90–100。"),
        ("F017", "L14", "L14“0”超出允许范围>0–100。"),
        ("F018", "E28", "E28为92万,疑似按“万元”填写;本表单位为“元”。"),
        ("F019", "C26", "工号E999不在人员表中。"),
        ("F020", "C20", "工号E106应为“秦川”,填写为“田一诺”。"),
        ("F021", "E10", "部门“财务部”不是E106 秦川的部门。"),
        ("F025", "O7", "O7日期2027-01-04不合理(实际发生日期不得晚于今天)。"),
        ("F027", "K29", "K29“含税金额”的公式被键入的内容盖掉,已由系统计算为18666。"),
        ("F030", "E11", "E11文字超过200字,文档中将自动换行或截断。"),
    ],
)
def test_message_says_cell_and_fact(rule: str, cell: str, text: str) -> None:
    assert message(rule, cell) == text


def test_credit_code_of_the_company() -> None:
    case = load_case(typed_in("master", "company", {}, uscc="91110108MA00000Y96"))
    assert table(found_by(fields.CHECKS, case)) == {("公司!C6", "F013")}


def test_a_date_in_the_last_minute_of_a_day_is_told_with_both_readings() -> None:
    late = stored("plan", "basics", {}, "plan_end", "2026-12-30 23:59:45")
    (finding,) = [f for f in found_by(fields.CHECKS, load_case(late)) if f.rule.code == "F039"]
    assert (finding.at.sheet, finding.at.cell, finding.rule.severity.value) == ("基本信息", "C24", "warning")
    assert "存的是2026-12-30 23:59:45,离午夜不到1分钟,按2026-12-31计" in finding.message()
    assert "2026-12-30 23:59:45" in finding.message("en")
    assert "2026-12-31" in finding.message("en")


def test_error_that_only_a_text_number_caused_is_a_warning() -> None:
    """Design: the amount that counts is quantity x price, and F027 says so."""
    both = frozenset({Flaw.ERROR, Flaw.UNCALCULATED})
    case = with_cell(load_case(), "cost", "amount", value=D(1800), shown="#VALUE!", calculated=D(1800), flaws=both)
    (finding,) = found_by(fields.CHECKS, case)
    assert (finding.rule.code, finding.at.cell, finding.values["calc"]) == ("F027", "K7", "1800")


def with_cell(case: Case, form: str, key: str, **changes: Any) -> Case:
    """The case with another first cell in a column of `lines`."""
    sheet = case.project.sheet(form, "lines")
    first = sheet.rows[0]
    cell = replace(first.cell(key), **changes)
    rows = (replace(first, cells={**first.cells, key: cell}), *sheet.rows[1:])
    return with_sheet(case, form, "lines", replace(sheet, rows=rows))


# -- the form itself ----------------------------------------------------------------------------------------------


def with_book(case: Case, form: str, **changes: Any) -> Case:
    return with_books(case, {**case.project.workbooks, form: replace(case.project.workbooks[form], **changes)})


def with_form(case: Case, form: str, sheet: str, **changes: Any) -> Case:
    return with_sheet(case, form, sheet, replace(case.project.sheet(form, sheet), **changes))


def test_a_number_out_of_its_limits_is_told_with_what_helps() -> None:
    """Beds in a school building: the item does not apply, and per cent signs have nothing to do with it."""
    case = load_case(item("E18", value=0))
    share = retyped(load_case(), "staffing", "lines", 7, alloc=D(6000))
    remedies = [f.remedy() for one in (case, share) for f in found_by(fields.CHECKS, one) if f.rule.code == "F017"]
    assert remedies == [
        "改为允许范围内的数。这一项用不着的:明确状态选“不适用”,并写明理由。",
        "改为允许范围内的数。百分比写13表示13%。",
    ]


def test_unknown_version_at_the_workbook() -> None:
    case = with_book(load_case(), "cost", known_version=False, form_version="0.3")
    (finding,) = found_by(fields.CHECKS, case)
    assert (finding.rule.code, str(finding.at)) == ("F028", "[03_项目费用计划明细表_LY-SQ-2026-015.xlsx]")
    assert (finding.values["found"], finding.values["expected"]) == ("0.3", "1.0")
    assert finding.message() == "无法识别模板版本(版本0.3,由Microsoft Excel写出),请使用最新模板。"


def test_missing_column() -> None:
    (finding,) = found_by(fields.CHECKS, with_form(load_case(), "cost", "lines", missing=(("数量", "qty"),)))
    assert table([finding]) == {("费用明细", "F029")}
    assert finding.message() == "工作表“费用明细”缺少列“数量”(qty)。"


def test_missing_column_is_not_blank_in_every_row() -> None:
    case = load_case()
    sheet = case.project.sheet("cost", "lines")
    rows = tuple(replace(row, cells={k: c for k, c in row.cells.items() if k != "qty"}) for row in sheet.rows)
    case = with_sheet(case, "cost", "lines", replace(sheet, rows=rows, missing=(("数量", "qty"),)))
    assert table(found_by(fields.CHECKS, case)) == {("费用明细", "F029")}


def test_column_twice() -> None:
    (finding,) = found_by(fields.CHECKS, with_form(load_case(), "cost", "lines", doubled=(("数量", "qty"),)))
    assert finding.rule.code == "F029"
    assert "出现两次" in finding.message()


@pytest.mark.parametrize(("sheet", "reported"), [("stages", {("阶段计划", "F029")}), ("risks", set())])
def test_missing_sheet_unless_optional(sheet: str, reported: set[tuple[str, str]]) -> None:
    assert table(found_by(fields.CHECKS, with_form(load_case(), "plan", sheet, rows=(), present=False))) == reported


def test_remarks_of_the_reader() -> None:
    name = load_case().project.workbooks["cost"].name
    merged = Remark("数据区合并单元格", Place(name, "费用明细", "D8"), (Place(name, "费用明细", "D11"),))
    remarks = (Remark("外部链接", Place(name)), merged)
    found = found_by(fields.CHECKS, with_book(load_case(), "cost", remarks=remarks))
    assert table(found) == {(name, "F031"), ("费用明细!D8", "F031")}
    assert [f.values["where"] for f in found] == ["外部链接", "数据区合并单元格(费用明细!D8等2格)"]
    assert [place.cell for place in found[1].related] == ["D11"]
    assert [f.message() for f in found] == ["工作簿里有外部链接。", "工作簿里有数据区合并单元格(费用明细!D8等2格)。"]
    assert [f.remedy() for f in found] == ["断开链接,换成数字或文字。", "取消合并,每格各填各的。"]


def test_formula_never_calculated() -> None:
    case = with_cell(load_case(), "cost", "amount", shown="", calculated=D(1800), flaws=frozenset({Flaw.UNCALCULATED}))
    (finding,) = found_by(fields.CHECKS, case)
    assert table([finding]) == {("费用明细!K7", "F027")}
    assert finding.values["found"] == "未计算"
    (told,) = found_by(fields.CHECKS, with_book(case, "cost", program="Apache POI"))
    assert told.message() == "K7“含税金额”的公式没有计算过(由Apache POI写出),已由系统计算为1800。"
    assert told.remedy() == "在Excel或WPS里打开,按F9,保存。"
    looked_up = frozenset({Flaw.UNCALCULATED, Flaw.FOUND_NOTHING})
    (told,) = found_by(fields.CHECKS, with_cell(case, "cost", "amount", calculated=D(1800), flaws=looked_up))
    assert told.remedy().startswith("系统已经查到,可以不改")


def test_texts_in_one_column_are_one_finding() -> None:
    """F007: who pasted a column as text sees it once; another column is another finding."""
    written = [("qty", "1", 1), ("unit_price", "1800", 1), ("qty", "2", 3), ("qty", "3", 4)]
    texts = [edit for field, value, no in written for edit in stored("cost", "lines", {"no": no}, field, value)]
    found = found_by([fields.number_as_text], load_case(texts))
    assert [len(one.related) for one in found] == [2, 0]
    assert found[0].message().endswith("已按1处理(这一列共3格)。")
    assert found[0].message("en").endswith("read as 1 (3 cells of the column).")


def test_formulas_of_a_sheet_that_were_never_calculated_are_one_finding() -> None:
    """As openpyxl leaves them: one cause, one finding; a constant that differs from its formula stands alone."""
    case = load_case(cost(3, amount="1.00"))
    sheet = case.project.sheet("cost", "lines")
    rows = tuple(uncalculated(row) for row in sheet.rows)
    found = found_by(fields.CHECKS, with_sheet(case, "cost", "lines", replace(sheet, rows=rows)))
    assert table(found) == {("费用明细!K7", "F027"), ("费用明细!K9", "F027")}
    assert {finding.at.cell: len(finding.related) for finding in found} == {"K7": 21, "K9": 0}
    assert found[-1].message() == "K7“含税金额”的公式没有计算过(不是由Excel或WPS保存的),已由系统计算为1800(等22格)。"


def uncalculated(row: Record) -> Record:
    cell = row.cell("amount")
    if Flaw.OVERWRITTEN in cell.flaws:
        return row
    waiting = replace(cell, shown="", calculated=cell.value, flaws=frozenset({Flaw.UNCALCULATED}))
    return replace(row, cells={**row.cells, "amount": waiting})


# -- silent -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [TV, DORM])
def test_clean_sample_is_silent(code: str) -> None:
    assert found_by(fields.CHECKS, load_case(code=code)) == []


@pytest.mark.parametrize(
    ("workbook", "sheet", "where", "values"),
    [
        pytest.param("cost", "lines", 7, {"remark": None}, id="F001 optional"),
        pytest.param("plan", "interfaces", 7, {"contact": None}, id="F001 condition not met"),
        pytest.param("plan", "stages", 7, {"work": None}, id="F001 gives way to W113"),
        pytest.param("plan", "basics", "head", {"contract_amount": None}, id="F001 gives way to W116"),
        pytest.param("plan", "feasibility", "head", {"f_e": None}, id="F001 gives way to W117"),
        pytest.param("plan", "tests", 7, {"criteria": None}, id="F001 gives way to W119"),
        pytest.param("plan", "risks", 7, {"owner": None}, id="F001 gives way to W123"),
        pytest.param("cost", "lines", 7, {"use_month": None}, id="F001 gives way to W136"),
        pytest.param("cost", "lines", 21, {"basis": None}, id="F001 gives way to W139"),
        pytest.param("materials", "lines", 17, {"return_date": None}, id="F001 gives way to W150"),
        pytest.param("materials", "lines", 18, {"asset_no": None}, id="F001 gives way to W151"),
        pytest.param("materials", "lines", 7, {"model": None}, id="F001 gives way to W155"),
        pytest.param("materials", "lines", 7, {"quote_basis": None}, id="F001 gives way to W157"),
        pytest.param("staffing", "lines", 7, {"day_rate": D(999)}, id="F001 gives way to W163"),
        pytest.param("survey", "items", 53, {"value": None}, id="F001 gives way to F002"),
        pytest.param("cost", "lines", 7, {"unit_price": D(0)}, id="F009 zero"),
        pytest.param("cost", "lines", 7, {"unit_price": D("0.1234")}, id="F010 four decimals of a unit price"),
        pytest.param("plan", "stages", 7, {"kind": ("立项", "跟踪")}, id="F011 all elements known"),
        pytest.param("survey", "items", 54, {"value": "不明确", "status": "不明确"}, id="F011 unclear"),
        pytest.param("plan", "basics", "head", {"customer_uscc": "91350100M000100Y43"}, id="F013 valid"),
        pytest.param("survey", "items", 8, {"value": "不明确", "status": "不明确"}, id="F013 unclear"),
        pytest.param("survey", "items", 14, {"value": "13800138000"}, id="F014 mobile"),
        pytest.param("survey", "items", 14, {"value": "400-800-1234"}, id="F014 400 number"),
        pytest.param("survey", "items", 15, {"value": "a@b.cn"}, id="F015 short but whole"),
        pytest.param("cost", "lines", 7, {"tax_rate": D(0)}, id="F016 internal"),
        pytest.param("staffing", "lines", 7, {"alloc": D(100)}, id="F017 highest"),
        pytest.param("plan", "basics", "head", {"contract_amount": D(10000)}, id="F018 at the guard"),
        pytest.param("plan", "stages", 7, {"owner": "E103"}, id="F020 no name beside"),
        pytest.param("cost", "lines", 8, {"dept": "相关部门"}, id="F021 shared labour"),
        pytest.param("cost", "lines", 7, {"acc": None, "desc": "x"}, id="F022 blank is F001"),
        pytest.param("plan", "stages", 7, {"end": date(2026, 9, 20)}, id="F024 Sunday that is worked"),
        pytest.param("plan", "basics", "head", {"plan_end": date(2036, 11, 23)}, id="F025 ten years ahead"),
        pytest.param("plan", "stages", 7, {"actual_end": date(2026, 11, 23)}, id="F025 happened today"),
        pytest.param("survey", "items", 11, {"value": "华" * 200}, id="F030 just fits"),
    ],
)
def test_silent(workbook: str, sheet: str, where: int | str, values: dict[str, Value | None]) -> None:
    found = found_by(fields.CHECKS, retyped(load_case(), workbook, sheet, where, **values))
    assert [f for f in found if f.rule.code != "F001" or "acc" not in values] == []


def test_undecided_will_do_until_the_approval() -> None:
    approved = retyped(load_case(), "staffing", "lines", 7, emp_no="待定", name=None, dept=None)
    assert table(found_by(fields.CHECKS, approved)) == {("人员需求!C7", "F019")}
    assert found_by(fields.CHECKS, without(approved, "records")) == []


@pytest.mark.parametrize(
    ("text", "reported"),
    [
        ("E103 田一诺", set()),
        ("E103(田一诺)", set()),
        ("e103-田 一诺", set()),
        ("E103", set()),
        ("田一诺", set()),
        ("E103 秦川", {("人员需求!C7", "F020")}),
        ("E103 5", {("人员需求!C7", "F020")}),
        ("E1035", set()),  # a number of its own, which F019 looks up
    ],
)
def test_name_beside_the_number(text: str, reported: set[tuple[str, str]]) -> None:
    case = with_cell(load_case(), "staffing", "emp_no", value="E103", shown=text)
    assert table(found_by(fields.CHECKS, case)) == reported


def test_unclear_number_is_no_mistake() -> None:
    case = load_case([*item("C03", value="不明确", status="不明确"), *item("B11", value="不明确", status="不明确")])
    assert found_by(fields.CHECKS, case) == []


# -- F001 and the rules it gives way to -----------------------------------------------------------------------------


@pytest.mark.parametrize(("rule", "sheet", "names"), [entry[:3] for entry in TOLD_ELSEWHERE])
def test_table_names_real_rules_and_fields(rule: str, sheet: str, names: str) -> None:
    case = load_case()
    form, key = sheet.split(".")
    assert rule in case.rules
    definition = case.forms[form].sheet_form(key)
    required = {field.key: field.required for field in (*definition.labelled, *definition.fields)}
    for name in names.split():
        assert required[name] != "N"


@pytest.mark.parametrize(
    ("workbook", "sheet", "where", "values", "cell"),
    [
        pytest.param("plan", "tests", 7, {"criteria": None}, "测试活动!C7", id="no test is wanted: W119 is silent"),
        pytest.param("cost", "lines", 7, {"use_month": None, "stage": "S9"}, "费用明细!M7", id="stage unknown: W136"),
    ],
)
def test_f001_where_the_specific_rule_does_not_look(
    workbook: str, sheet: str, where: int, values: dict[str, Value | None], cell: str
) -> None:
    case = retyped(load_case(), "plan", "basics", "head", needs_test="否", no_test_reason="无新设备")
    found = found_by(fields.CHECKS, retyped(case, workbook, sheet, where, **values))
    assert table(found) == {(cell, "F001")}


def test_prefilled_plan_that_nobody_began_is_not_blank() -> None:
    """Project code and name come from the template; a form counts when somebody filled more than these."""
    case = load_case()
    sheets = {
        key: replace(sheet, rows=(), head=replace(sheet.head, cells=dict.fromkeys(sheet.head.cells, Cell(sheet.at))))
        for key, sheet in case.project.workbooks["plan"].sheets.items()
    }
    case = retyped(with_book(case, "plan", sheets=sheets), "plan", "basics", "head", project_code=DORM)
    assert found_by(fields.CHECKS, case) == []
    begun = retyped(case, "plan", "basics", "head", pm="E106")
    assert {code for _, code in table(found_by(fields.CHECKS, begun))} == {"F001"}


def test_related_cells_of_a_wrong_name() -> None:
    finding = next(f for f in mistaken() if f.rule.code == "F020" and f.at.cell == "D9")
    assert cells(finding) == {"人员需求!C9"}


# -- whatever stands in a cell --------------------------------------------------------------------------------------

JUNK: list[Value | None] = [
    *(None, "x", "E103、E9", "2026-13", "是", "高", ("a", "b"), date(1, 1, 1), date(9999, 12, 31)),
    *(D(number) for number in ("-1", "0", "0.005", "1E-30", "1E+15", "1E+30")),
]


def filled_cells(case: Case) -> list[tuple[str, str, int | str, str]]:
    return [
        (form, key, record.number or "head", field)
        for form, book in case.project.workbooks.items()
        for key, sheet in book.sheets.items()
        for record in sheet.records()
        for field in record.cells
    ]


@settings(deadline=None, max_examples=30)  # the first one reads the sample
@given(data=st.data(), values=st.lists(st.sampled_from(JUNK), min_size=1, max_size=4))
def test_no_rule_fails(data: st.DataObject, values: list[Value | None]) -> None:
    """A rule answers or is silent; one that crashed would stop the whole run."""
    case = load_case()
    for value in values:
        form, sheet, where, field = data.draw(st.sampled_from(filled_cells(case)))
        case = retyped(case, form, sheet, where, **{field: value})
    found_by([*fields.CHECKS, *survey.CHECKS, *plan.CHECKS], case)
