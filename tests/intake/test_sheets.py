"""How rows are found in sheets that people have changed; every sheet is drawn in its test."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import pytest

from pipeline.adapters.ooxml.reader import RawSheet, read_book
from pipeline.core.sheets import Flaw, Sheet
from pipeline.definitions.forms import load_forms
from pipeline.intake.convert import Reader
from pipeline.intake.finding import find_sheets
from pipeline.intake.labels import label_of
from pipeline.intake.sheets import read_sheet
from tests.intake import made_files as made

FORMATS = ("General", "yyyy-mm-dd")
STAMP = """
| 项目费用计划明细表 — 资金占用
| 记录编号 | JL-PM-02 | 版本 | A/0 | 项目编号 | LY-SQ-2026-007
| 项目名称 | 青岚台
|
"""
LABELS = "| 类型* | 金额* | 比例 | 交纳日期* | 预计退回* | 形式*\n"
KEYS = "| kind | amount | pct | pay_date | return_date | form\n"
BOND = "| 投标保证金 | 130000 | 1.91 | 2026-06-30 | 2026-07-31 | 保函\n"
RETENTION = "| 质保金 | 64000 | 1 | 2026-07-31 | 2028-07-31 | 电汇\n"


def read(drawn: str, *, form: str = "cost", sheet: str = "deposits", around: str = "") -> Sheet:
    """Read a drawn sheet; `around` is put behind the rows (merges, say)."""
    book = read_book(io.BytesIO(made.zipped(_package(drawn, around))))
    definition = load_forms()[form]
    return read_sheet(
        definition, definition.sheet_form(sheet), book.sheets[0], "03.xlsx", Reader(book, {"许知行": "E102"})
    )


def _package(drawn: str, around: str = "", name: str = "资金占用") -> dict[str, bytes]:
    return made.parts({name: f"<sheetData>{made.rows_of(drawn)}</sheetData>{around}"}, formats=FORMATS)


def rows(sheet: Sheet, *keys: str) -> list[tuple[Any, ...]]:
    """Row numbers with the values of some fields."""
    return [(row.number, *(row.value(key) for key in keys)) for row in sheet.rows]


def test_a_sheet_as_the_form_gives_it() -> None:
    sheet = read(STAMP + LABELS + KEYS + BOND + RETENTION)
    assert rows(sheet, "kind", "amount") == [(7, "投标保证金", Decimal(130000)), (8, "质保金", Decimal(64000))]
    assert str(sheet.rows[0].at("amount")) == "[03.xlsx]资金占用!B7"
    assert sheet.stamp.text("project_code") == "LY-SQ-2026-007"
    assert sheet.stamp.text("project_name") == "青岚台"
    assert str(sheet.stamp.at("version")) == "[03.xlsx]资金占用!D2"
    assert (sheet.missing, sheet.doubled) == ((), ())


def test_without_the_key_row_labels_are_enough() -> None:
    sheet = read(STAMP + LABELS + BOND + RETENTION)
    assert rows(sheet, "kind", "amount", "form") == [
        (6, "投标保证金", Decimal(130000), "保函"),
        (7, "质保金", Decimal(64000), "电汇"),
    ]
    assert sheet.missing == ()


def test_without_labels_the_keys_are_enough() -> None:
    assert rows(read(STAMP + "|\n" + KEYS + BOND), "kind", "form") == [(7, "投标保证金", "保函")]


def test_columns_may_move_and_others_may_come_between() -> None:
    sheet = read(
        STAMP
        + "| 备忘 | 形式* | 类型* | 交纳日期* | 金额* | 我的列 | 预计退回* | 比例\n"
        + "| | form | kind | pay_date | amount | | return_date | pct\n"
        + "| 问过 | 保函 | 投标保证金 | 2026-06-30 | 130000 | 999 | 2026-07-31 | 1.91\n"
    )
    assert rows(sheet, "kind", "amount", "form", "pct") == [(7, "投标保证金", Decimal(130000), "保函", Decimal("1.91"))]
    assert str(sheet.rows[0].at("amount")) == "[03.xlsx]资金占用!E7"
    assert "我的列" not in str(sheet.rows[0].cells)


@pytest.mark.parametrize("label", ["交纳日", "交 纳 日 期", "交纳日期:", "交纳日期\uff0a", "*交纳日期"])
def test_labels_are_known_by_aliases_and_without_decoration(label: str) -> None:
    sheet = read(STAMP + LABELS.replace("交纳日期*", label) + BOND)
    assert str(sheet.rows[0].value("pay_date")) == "2026-06-30"
    assert sheet.missing == ()


def test_a_label_fills_in_where_one_key_is_gone() -> None:
    sheet = read(STAMP + LABELS + KEYS.replace("pay_date", "") + BOND)
    assert str(sheet.rows[0].value("pay_date")) == "2026-06-30"
    assert sheet.missing == ()


def test_a_doubled_key_is_told_and_the_first_one_counts() -> None:
    sheet = read(STAMP + LABELS + "| kind | amount | amount | pay_date | return_date | form\n" + BOND)
    assert sheet.doubled == (("金额", "amount"),)
    assert sheet.rows[0].value("amount") == Decimal(130000)


def test_a_missing_column_is_told_by_label_and_key() -> None:
    sheet = read(
        STAMP
        + "| 类型* | 金额* | 交纳日期* | 形式*\n"
        + "| kind | amount | pay_date | form\n"
        + "| 投标保证金 | 130000 | 2026-06-30 | 保函\n"
    )
    assert sheet.missing == (("预计退回", "return_date"),)  # 比例 is optional
    assert sheet.rows[0].blank("return_date")
    assert str(sheet.rows[0].at("return_date")) == "[03.xlsx]资金占用"


def test_a_renamed_label_with_its_key_is_read_by_the_key() -> None:
    sheet = read(STAMP + LABELS.replace("金额*", "多少钱") + KEYS + BOND)
    assert sheet.rows[0].value("amount") == Decimal(130000)


def test_blank_rows_between_are_skipped_and_numbers_stay_those_of_excel() -> None:
    sheet = read(STAMP + LABELS + KEYS + "|\n" + BOND + "|\n|\n" + RETENTION)
    assert rows(sheet, "kind") == [(8, "投标保证金"), (11, "质保金")]


def test_blanks_typed_into_a_row_do_not_make_it_one() -> None:
    assert rows(read(STAMP + LABELS + KEYS + BOND + "| '  | | | '\u3000 | |\n" + RETENTION), "kind") == [
        (7, "投标保证金"),
        (9, "质保金"),
    ]


@pytest.mark.parametrize("key_row", [0, 1, 2])
def test_a_key_row_that_sorting_has_moved_loses_no_row(key_row: int) -> None:
    """The drop-down of the filter sorts the hidden key row with the data."""
    lines = [BOND, RETENTION]
    lines.insert(key_row, KEYS)
    sheet = read(STAMP + LABELS + "".join(lines))
    assert sorted(row.text("kind") for row in sheet.rows) == ["投标保证金", "质保金"]


# -- totals -----------------------------------------------------------------------------------------------------

REVENUE = """
| 项目计划基本信息 — 收入与毛利
| 项目编号 | LY-SQ-2026-007
|
|
| 收入类别* | 含税金额* | 税率* | 不含税金额 | 说明
| kind | amount | tax_rate | amount_excl | remark
| 设备及软件销售 | 5680000 | 13 | 5026548.67 |
| 技术服务 | 720000 | 6 | 679245.28 |
"""


def revenue(below: str) -> Sheet:
    return read(REVENUE + below, form="plan", sheet="revenue")


@pytest.mark.parametrize("label", ["合计", "合 计", "合计:"])
def test_rows_end_at_the_total(label: str) -> None:
    sheet = revenue(f"| {label} | 6400000 | | 5705793.95 |\n| 注:含税 | 1 | 2 | 3 |\n| 技术服务 | 9 | 6 | 8 |\n")
    assert rows(sheet, "amount") == [(7, Decimal(5680000)), (8, Decimal(720000))]
    assert sheet.totals.value("revenue_total") == Decimal(6400000)
    assert sheet.totals.value("revenue_excl_total") == Decimal("5705793.95")
    assert str(sheet.totals.at("revenue_total")) == "[03.xlsx]资金占用!B9"


def test_a_typed_total_is_known_as_typed() -> None:
    sheet = revenue("| 合计 | 6400000 | | =SUM(D7:D8) |")
    assert Flaw.OVERWRITTEN in sheet.totals.cell("revenue_total").flaws
    assert Flaw.UNCALCULATED in sheet.totals.cell("revenue_excl_total").flaws


def test_totals_move_with_their_column() -> None:
    moved = REVENUE.replace("含税金额* | 税率*", "税率* | 含税金额*").replace("amount | tax_rate", "tax_rate | amount")
    sheet = read(moved + "| 合计 | | 6400000 | 5705793.95 |", form="plan", sheet="revenue")
    assert sheet.totals.value("revenue_total") == Decimal(6400000)


def test_a_column_put_in_front_does_not_make_the_total_a_row() -> None:
    """It would be added to the sum of the rows."""
    in_front = "\n".join(f"| 备忘 {line}" if line else "" for line in REVENUE.strip().splitlines())
    sheet = read(in_front + "\n| 看 | 合计 | 6400000 | | 5705793.95 |", form="plan", sheet="revenue")
    assert rows(sheet, "amount") == [(7, Decimal(5680000)), (8, Decimal(720000))]
    assert sheet.totals.value("revenue_total") == Decimal(6400000)
    assert sheet.totals.at("revenue_total").cell == "C9"


def test_a_first_column_that_has_moved_takes_the_total_labels_along() -> None:
    drawn = """
| 项目计划基本信息 — 收入与毛利
|
|
|
| 含税金额* | 收入类别* | 税率* | 不含税金额 | 说明
| amount | kind | tax_rate | amount_excl | remark
| 5680000 | 设备及软件销售 | 13 | 5026548.67 |
| 6400000 | 合计 | | 5026548.67 |
"""
    sheet = read(drawn, form="plan", sheet="revenue")
    assert rows(sheet, "amount") == [(7, Decimal(5680000))]
    assert sheet.totals.value("revenue_total") == Decimal(6400000)


def test_without_a_total_row_all_rows_are_read() -> None:
    sheet = revenue("| 其他 | 1 | 6 | 0.94 |")
    assert len(sheet.rows) == 3
    assert sheet.totals.cells == {}


def test_several_totals_each_in_its_row() -> None:
    drawn = """
| 项目费用计划明细表 — 费用明细
| 项目编号 | LY-SQ-2026-007
|
|
| 序号 | 科目编码 | 说明 | 归属 | 含税金额 | 不含税金额
| no | acc | desc | scope | amount | amount_excl
| 1 | 1001 | 设备 | 工程 | 120 | 106.19
| 2 | 3001 | 差旅 | 售前 | 80 | 80
| 售前小计 | | | | 80 |
| 工程小计 | | | | 120 |
|
| 合计 | | | | 200 | 186.19
| 合计大写 | | 人民币贰佰元整 | | |
"""
    sheet = read(drawn, sheet="lines")
    assert [row.number for row in sheet.rows] == [7, 8]
    assert {key: cell.value for key, cell in sheet.totals.cells.items()} == {
        "presales_subtotal": Decimal(80),
        "eng_subtotal": Decimal(120),
        "grand_total": Decimal(200),
        "grand_total_excl": Decimal("186.19"),
        "grand_total_upper": "人民币贰佰元整",
    }


# -- what counts as a row ---------------------------------------------------------------------------------------


def test_a_row_with_only_formulas_is_a_prepared_one() -> None:
    sheet = revenue("| | | | =ROUND(B9/(1+C9/100),2) |\n| 合计 | 6400000 | | 5705793.95 |")
    assert [row.number for row in sheet.rows] == [7, 8]


def test_a_row_with_only_an_error_in_an_input_is_one() -> None:
    assert [row.number for row in revenue("| | !#REF! | | |").rows] == [7, 8, 9]


def test_fixed_rows_of_the_template_are_rows() -> None:
    drawn = """
| 项目费用计划明细表 — 汇总
|
|
|
| 汇总方式 | 代码 | 名称 | 金额(元) | 金额(万元)
| dim | code | name | amount | amount_wan
| 归属 | 售前 | 售前小计 | =1 | =1
| | | | =1 | =1
"""
    assert rows(read(drawn, sheet="summary"), "code") == [(7, "售前")]


def test_an_item_is_read_by_its_own_type() -> None:
    drawn = """
| 网络工程客户需求调查表
|
|
|
| 编号 | 调查项 | 填写值 | 明确状态
| no | label | value | status
| B05 | 客户预算 | '1,300,000 | 明确
| A12 | 调查日期 | @46086 | 明确
| A13 | 调查人 | 许知行 | 明确
| A14 | 调查方式 | 面谈、会议 | 明确
| B05 | 客户预算 | 不明确 | 不明确
| Z99 | 别的 | 46086 | 明确
"""
    sheet = read(drawn, form="survey", sheet="items")
    values = [row.value("value") for row in sheet.rows]
    assert values[0] == Decimal(1300000)
    assert str(values[1]) == "2026-03-05"
    assert values[2:4] == ["E102", ("面谈", "会议")]
    assert values[4] is None
    assert sheet.rows[4].cell("value").shown == "不明确"
    assert values[5] == "46086"
    assert [cell.at.cell for row in sheet.rows for cell in row.cells.values() if Flaw.TEXT_NUMBER in cell.flaws] == [
        "C7"
    ]


# -- top of the sheet -------------------------------------------------------------------------------------------


def test_the_value_stands_right_of_a_merged_label() -> None:
    drawn = """
| 项目费用计划明细表
| 记录编号 | | JL-PM-02 | 项目编号 | | LY-SQ-2026-007
| 项目名称 | | 青岚台
|
"""
    merges = "".join(f'<mergeCell ref="{ref}"/>' for ref in ("A1:F1", "A2:B2", "D2:E2", "A3:B3", "C3:F3"))
    sheet = read(drawn + LABELS + KEYS + BOND, around=f"<mergeCells>{merges}</mergeCells>")
    assert sheet.stamp.text("record_no") == "JL-PM-02"
    assert sheet.stamp.text("project_code") == "LY-SQ-2026-007"
    assert str(sheet.stamp.at("project_name")) == "[03.xlsx]资金占用!C3"


def test_a_blank_code_is_blank_at_its_place() -> None:
    sheet = read("| 项目费用计划明细表\n| 项目编号 | | 项目名称 | 青岚台\n|\n|\n" + LABELS + KEYS + BOND)
    assert sheet.stamp.blank("project_code")
    assert sheet.stamp.at("project_code").cell == "B2"


# -- forms ------------------------------------------------------------------------------------------------------


FORM = """
| | 项目计划基本信息 — 基本信息
| head.project_code | 项目编号 | LY-SQ-2026-007
| |
| | 项目 | 内容 | 说明
| customer_name | 客户名称* | 青岚台 |
| contract_amount | 合同额(含税)* | 6400000 | 单位元
| pm | 建议售前项目经理* | E104 | 批准后以通知书为准
"""


def test_a_form_is_read_by_its_hidden_keys() -> None:
    sheet = read(FORM, form="plan", sheet="basics")
    assert sheet.head.money("contract_amount") is not None
    assert str(sheet.head.at("contract_amount")) == "[03.xlsx]资金占用!C6"
    assert sheet.stamp.text("project_code") == "LY-SQ-2026-007"
    assert sheet.rows == ()
    assert ("销售代表", "sales_rep") in sheet.missing


def test_a_form_without_its_keys_is_read_by_its_labels() -> None:
    bare = (
        FORM.replace("contract_amount |", " |").replace("合同额(含税)*", "预计合同额").replace("head.project_code", "")
    )
    sheet = read(bare, form="plan", sheet="basics")
    assert sheet.head.value("contract_amount") == Decimal(6400000)
    assert sheet.head.text("customer_name") == "青岚台"


# -- which sheet ------------------------------------------------------------------------------------------------


def found(names: dict[str, str], key: str) -> str | None:
    book = read_book(
        io.BytesIO(made.zipped(made.parts({n: f"<sheetData>{made.rows_of(d)}</sheetData>" for n, d in names.items()})))
    )
    sheet: RawSheet | None = find_sheets(load_forms()["plan"], book.sheets, Reader(book, {})).get(key)
    return sheet.name if sheet else None


@pytest.mark.parametrize("name", ["收入与毛利", "收入构成", " 收入与毛利 ", "收入 与毛利"])
def test_a_sheet_is_known_by_name_or_alias(name: str) -> None:
    assert found({"别的": "| 1", name: "| 1"}, "revenue") == name


def test_a_renamed_sheet_is_known_by_its_keys() -> None:
    assert found({"别的": "| 1", "Sheet3": REVENUE}, "revenue") == "Sheet3"
    assert found({"别的": "| 1", "表1": FORM}, "revenue") is None


def test_a_renamed_form_sheet_is_known_by_its_column_of_keys() -> None:
    keys = "\n".join(f"| {f.key} | {f.label} | x" for f in load_forms()["plan"].sheet_form("narrative").fields)
    assert found({"Sheet1": "| 1", "Sheet2": keys}, "narrative") == "Sheet2"


@pytest.mark.parametrize(
    ("text", "label"),
    [("金额(元) *", "金额(元)"), ("金额\uff08元\uff09", "金额(元)"), ("合\n计\uff1a", "合计"), ("\uff0a金额", "金额")],
)
def test_labels_compare_without_decoration(text: str, label: str) -> None:
    assert label_of(text) == label
