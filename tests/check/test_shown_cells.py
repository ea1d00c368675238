"""What a cell shows is what counts: read as shown, or named at its cell (rules F031, F035, F036)."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Font

from pipeline.adapters.ooxml.edit import Editor
from pipeline.adapters.ooxml.remote import reaches_outside
from pipeline.check import fields, shown_cells, totals
from pipeline.check.case import Case
from pipeline.core.findings import Verdict
from tests.cases import read_case, write_sample
from tests.check.reported import found_by
from tests.intake import made_files as made

D = Decimal
COST, MATERIALS, STAFFING = ("03_", "费用明细"), ("04_", "物资明细"), ("05_", "人员需求")


def typed(folder: Path, book: tuple[str, str], cells: Mapping[str, tuple[Any, str]]) -> Case:
    """The sample with other values, each under its number format."""
    (path,) = write_sample(folder).glob(f"{book[0]}*")
    editor = Editor(path.read_bytes())
    for ref, (value, code) in cells.items():
        editor.set_value(book[1], ref, value, number_format=code)
    path.write_bytes(editor.to_bytes())
    return read_case(folder)


def told(case: Case, *rules: str) -> list[tuple[str, str | None, str]]:
    """Rule, cell and what was found, of the findings of some rules."""
    return [(f.rule.code, f.at.cell, f.values["found"]) for f in found_by(fields.CHECKS, case) if f.rule.code in rules]


@pytest.mark.parametrize(
    ("code", "stored", "value"),
    [
        ('0"%"', 50, D(50)),
        ("0.0\\%", 50, D(50)),
        ("0!%", 50, D(50)),
        ("0%", D("0.5"), D(50)),
        ("0.00%", D("0.5"), D(50)),
        ("0.##", 50, D(50)),
    ],
)
def test_only_a_plain_per_cent_sign_counts(tmp_path: Path, code: str, stored: Any, value: Decimal) -> None:
    case = typed(tmp_path, STAFFING, {"L7": (stored, code)})
    assert case.project.rows("staffing", "lines")[0].value("alloc") == value
    assert not told(case, "F017", "F031")


def test_another_currency_is_an_error_in_an_amount(tmp_path: Path) -> None:
    formats = {
        "H7": '"$"#,##0.00',
        "H8": "[$USD] #,##0.00",
        "H9": "[$¥-411]#,##0",
        "H10": "[$¥-804]#,##0.00",
        "H11": '#,##0.00"元"',
        "H12": "[$CNY] 0.00",
    }
    case = typed(tmp_path, MATERIALS, {ref: (520, code) for ref, code in formats.items()})
    found = [("F035", "H7", "$520.00"), ("F035", "H8", "USD 520.00"), ("F035", "H9", "¥520")]
    assert told(case, "F031", "F035") == found


def test_in_chinese_the_built_in_currency_is_the_yuan(tmp_path: Path) -> None:
    """Number 44 has no text of its own in the file: Excel in Chinese shows it with ¥."""
    code = '_("$"* #,##0.00_)_("$"* \\(#,##0.00\\)_("$"* "-"??_)_(@_)'
    assert told(typed(tmp_path, MATERIALS, {"H7": (520, code)}), "F031", "F035") == []


def test_a_text_is_printed_as_it_is_shown(tmp_path: Path) -> None:
    case = typed(
        tmp_path, MATERIALS, {"D7": (12, '0"芯"'), "P7": (5, '"EQ-AP-"00'), "D8": (D("0.5"), "0%"), "D9": (2960, "0")}
    )
    rows = case.project.rows("materials", "lines")
    assert [rows[0].text("model"), rows[0].text("asset_no")] == ["12芯", "EQ-AP-05"]
    assert [rows[1].text("model"), rows[2].text("model")] == ["50%", "2960"]
    assert told(case, "F031", "F036") == []


def test_what_the_program_made_of_a_typed_text_is_named(tmp_path: Path) -> None:
    cells = {
        "D7": (46024, 'm"月"d"日"'),  # 1-2
        "D8": (D("0.0472222222222222"), "h:mm"),  # 1:8
        "D9": (60, "0.00E+00"),  # 6E1
        "D10": (D("0.5"), "# ?/?"),  # 0 1/2
        "D11": (41190, "yyyy/m/d"),  # 12-10-8
        "U7": (46024, "yyyy/m/d"),  # a day in a remark
        "S7": (46024, "mmm-yy"),  # 2026-1
    }
    shown = ["1月2日", "1:08", "6.00E+01", "1/2", "2012-10-08", "Jan-26"]
    case = typed(tmp_path, MATERIALS, cells)
    assert told(case, "F036") == [
        ("F036", ref, text)
        for ref, text in zip(["D7", "S7", "D8", "D9", "D10", "D11"], [shown[0], shown[5], *shown[1:5]], strict=True)
    ]
    assert case.project.rows("materials", "lines")[1].text("model") == "1:08"


def test_a_mobile_number_in_groups_is_one(tmp_path: Path) -> None:
    case = typed(tmp_path, ("01_", "调查表"), {"E14": (13800138000, "000-0000-0000")})
    assert told(case, "F014") == []


def test_what_looks_like_a_code_a_choice_or_a_date_is_read_as_one(tmp_path: Path) -> None:
    """Kangxi radicals from a PDF, dashes that an IME or AutoFormat made, full-width signs, blanks of a web page."""
    texts = {
        "E7": "⼯程",  # U+2F2F
        "E8": "工\u200b程 ",
        "F7": "S\uff15",
        "M7": "2026\u201407",
        "M8": "2026\u201307",
        "O7": "商务采购部",
    }
    case = typed(tmp_path, COST, {ref: (text, "@") for ref, text in texts.items()})
    rows = case.project.rows("cost", "lines")
    assert [rows[0].text("scope"), rows[1].text("scope"), rows[0].text("stage")] == ["工程", "工程", "S5"]
    assert [rows[0].text("use_month"), rows[1].text("use_month")] == ["2026-07", "2026-07"]
    assert told(case, "F006", "F011") == []


def test_the_project_code_with_other_dashes_is_the_same_code(tmp_path: Path) -> None:
    case = typed(tmp_path, COST, {"B3": ("LY\u2013SQ\u20112026\uff0d015", "@")})
    assert case.project.workbooks["cost"].head.text("project_code") in {"LY-SQ-2026-015", ""}
    assert told(case, "F012", "X201") == []


def test_a_character_that_is_another_is_named_with_its_place(tmp_path: Path) -> None:
    case = typed(tmp_path, COST, {"E7": ("工程Е", "@"), "M7": ("2026-О7", "@")})  # Cyrillic
    found = {f.rule.code: f.message("zh") for f in found_by(fields.CHECKS, case) if f.rule.code in {"F006", "F011"}}
    assert "第3个字符“Е”是CYRILLIC CAPITAL LETTER IE(U+0415)" in found["F011"]
    assert "第6个字符“О”是CYRILLIC CAPITAL LETTER O(U+041E)" in found["F006"]


def test_unseen_characters_are_named_and_usual_ones_are_not(tmp_path: Path) -> None:
    texts = {"D7": "设备\u3164", "D8": "柜\ue000", "D9": "面积 20 m²,误码率 10⁻⁹,≤5 μs,①", "D10": "a\u2028b"}
    case = typed(tmp_path, COST, {ref: (text, "@") for ref, text in texts.items()})
    assert [cell for _, cell, _ in told(case, "F042")] == ["D7", "D8", "D10"]


def test_a_date_as_a_text_is_named_where_it_was_typed(tmp_path: Path) -> None:
    case = typed(tmp_path, COST, {"M7": ("2026年12月", "@"), "M8": ("2026-07", "@")})
    assert case.project.rows("cost", "lines")[0].text("use_month") == "2026-12"
    assert told(case, "F006", "F048") == [("F048", "M7", "2026年12月")]


def test_formulas_that_follow_from_a_date_as_text_are_not_blamed(tmp_path: Path) -> None:
    """2026.12.28 is a date to us and a text to Excel: the days between are #VALUE!, and the text is what to mend."""
    (plan,) = write_sample(tmp_path).glob("02_*")
    row = read_case(tmp_path).project.rows("plan", "stages")[0]
    start, sheet = row.cell("start"), str(row.sheet.sheet)
    editor = Editor(plan.read_bytes())
    dotted = str(start.value).replace("-", ".")
    editor.set_value(sheet, str(start.at.cell), dotted, number_format="@")
    editor.set_value(sheet, str(row.at("workdays").cell), "#VALUE!", keep_formula=True)
    content, name = editor.to_bytes(), sheet_part(plan, sheet)
    ref = row.at("workdays").cell
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        (old,) = re.findall(rf'<c r="{ref}"[^>]*?t="str"', package.read(name).decode())
    plan.write_bytes(made.replaced(content, name, old, old.replace('t="str"', 't="e"')))
    case = read_case(tmp_path)
    assert case.project.rows("plan", "stages")[0].value("start") == start.value
    assert told(case, "F006", "F026", "F027", "F048") == [("F048", start.at.cell, dotted)]


def sheet_part(path: Path, sheet: str) -> str:
    """Part of a sheet; ours stand in their order."""
    return f"xl/worksheets/sheet{openpyxl.load_workbook(path, read_only=True).sheetnames.index(sheet) + 1}.xml"


def test_a_line_of_subtotals_is_left_out_and_named(tmp_path: Path) -> None:
    (path,) = write_sample(tmp_path).glob("03_*")
    editor = Editor(path.read_bytes())
    rows = read_case(tmp_path).project.rows("cost", "lines")
    last = rows[-1].number + 1
    editor.set_value("费用明细", f"A{last}", "售前小计")
    editor.set_value("费用明细", f"K{last}", 1000)
    editor.set_value("费用明细", "D7", "费用合计复核服务")
    path.write_bytes(editor.to_bytes())
    case = read_case(tmp_path)
    assert told(case, "F041", "F008") == [("F041", f"A{last}", "售前小计")]
    assert len(case.project.rows("cost", "lines")) == len(rows)
    total = case.facts.figures["cost", "total"]
    assert [place.cell for place in total.broken] == [f"A{last}"]


def test_a_line_of_an_unknown_scope_leaves_the_sums_by_scope_unchecked(tmp_path: Path) -> None:
    case = typed(tmp_path, COST, {"E7": ("工地", "@")})
    assert {"E7"} == {place.cell for place in case.facts.figures["cost", "presales"].broken}
    assert not case.facts.figures["cost", "total"].broken


def with_string(folder: Path, book: str, old: str, new: str) -> Case:
    """The sample with a shared string put in another way."""
    (path,) = write_sample(folder).glob(f"{book}*")
    path.write_bytes(made.replaced(path.read_bytes(), "xl/sharedStrings.xml", f"<t>{old}</t>", new))
    return read_case(folder)


STRIKE = "<rPr><strike/></rPr>"


def test_a_struck_part_of_a_text_is_named(tmp_path: Path) -> None:
    runs = f"<r><t>面板型</t></r><r>{STRIKE}<t>旧</t></r><r><t>AP</t></r>"
    case = with_string(tmp_path, "04_", "面板型AP", runs)
    assert told(case, "F043", "F044") == [("F044", "C7", "面板型旧AP")]


def test_struck_digits_make_no_number(tmp_path: Path) -> None:
    typed(tmp_path, MATERIALS, {"G7": ("46", "@")})
    (path,) = tmp_path.glob("04_*")
    name = next(name for name in names(path) if b"<t>46</t>" in part(path, name))
    runs = f"<r>{STRIKE}<t>4</t></r><r><t>6</t></r>"
    path.write_bytes(made.replaced(path.read_bytes(), name, "<t>46</t>", runs))
    case = read_case(tmp_path)
    assert case.project.rows("materials", "lines")[0].value("qty") is None
    assert told(case, "F007", "F043") == [("F043", "G7", "46")]


def names(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as package:
        return [name for name in package.namelist() if name.endswith(".xml")]


def part(path: Path, name: str) -> bytes:
    with zipfile.ZipFile(path) as package:
        return package.read(name)


def test_a_struck_row_is_an_error_and_a_struck_remark_elsewhere_a_warning(tmp_path: Path) -> None:
    for book, rule in (("03_", "F043"), ("01_", "F044")):
        folder = tmp_path / book
        (path,) = write_sample(folder).glob(f"{book}*")
        styles = part(path, "xl/styles.xml").decode()
        struck = styles.replace("<font>", "<font><strike/>")
        path.write_bytes(made.replaced(path.read_bytes(), "xl/styles.xml", styles, struck))
        found = [f for f in found_by(shown_cells.CHECKS, read_case(folder)) if f.at.workbook.startswith(book)]
        assert {f.rule.code for f in found} >= {rule}
        if rule == "F043":  # one finding a row: the amount, beside it the others that are struck
            (row,) = (f for f in found if f.at.cell == "K7")
            assert [p.cell for p in row.related] == [f"{column}7" for column in "ABCDEFGHIJLMNO"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('=DISPIMG("ID_0F",1)', "WPS嵌入单元格的图片"),
        ("=SUM(A1:A3)", "没有算出来的公式"),
        ("#N/A", "公式错误值的文字"),
        ("6.22202E+18", "被改成科学记数的号码,末几位已丢失"),
        ("=D8", "没有算出来的公式"),
        ("=24*2", "没有算出来的公式"),
        ("#BUSY!", "公式错误值的文字"),
        ("Err:502", "公式错误值的文字"),
        ("########", "列宽不够时显示的井号"),
        ("Loading...", "还没有取到的内容"),
        ("正在加载...", "还没有取到的内容"),
        ("NaN", "导出程序留下的空值"),
        ("undefined", "导出程序留下的空值"),
        ("[object Object]", "导出程序留下的空值"),
        ("System.Object[]", "导出程序留下的空值"),
        ("N/A", ""),
        ("#2", ""),
        ("=24口", ""),
        ("Nano", ""),
        ("System x3650", ""),
        ("[室外]AP", ""),
        ("=≥ 10 Mbps", ""),
        ("6E系列", ""),
        ("WS-C2960+24TC", ""),
        ("1E3", ""),
    ],
)
def test_what_is_no_text_is_named_as_what_it_is(tmp_path: Path, text: str, kind: str) -> None:
    case = typed(tmp_path, MATERIALS, {"D7": (text, "@")})
    assert told(case, "F045") == ([("F045", "D7", kind)] if kind else [])


def test_a_text_is_read_as_its_format_completes_it(tmp_path: Path) -> None:
    cells = {"D7": ("24口", '@"千兆POE+"'), "D8": ("05", ';;;"EQ-"@'), "D9": ("8口", "_ @_ ")}
    case = typed(tmp_path, MATERIALS, cells)
    rows = case.project.rows("materials", "lines")
    assert [row.text("model") for row in rows[:3]] == ["24口千兆POE+", "EQ-05", "8口"]
    assert not told(case, "F031", "F044")


def test_strokes_that_phones_put_on_each_sign_are_a_struck_text(tmp_path: Path) -> None:
    case = typed(tmp_path, MATERIALS, {"D7": ("2\u03364\u0336口48口", "@"), "D8": ("≠24口", "@")})
    assert [(rule, cell) for rule, cell, _ in told(case, "F044")] == [("F044", "D7")]


def test_a_time_in_a_day_is_named(tmp_path: Path) -> None:
    case = typed(tmp_path, MATERIALS, {"N7": (D("46244.6666666667"), "yyyy-mm-dd"), "N8": (46244, "yyyy-mm-dd")})
    assert told(case, "F046", "F039") == [("F046", "N7", "2026-08-10 16:00")]


def test_a_workbook_that_was_not_calculated_is_named(tmp_path: Path) -> None:
    (path,) = write_sample(tmp_path).glob("03_*")
    text = part(path, "xl/workbook.xml").decode()
    (old,) = re.findall(r"<calcPr[^>]*/>", text)
    new = '<calcPr calcMode="manual" calcCompleted="0"/>'
    path.write_bytes(made.replaced(path.read_bytes(), "xl/workbook.xml", old, new))
    assert told(read_case(tmp_path), "F031", "F047") == [("F047", None, "手动计算,没有重算")]


def with_formulas(folder: Path, cells: Mapping[str, tuple[str, str]]) -> Case:
    """The sample with formulas typed into 04, each with the value that the file stores beside it."""
    (path,) = write_sample(folder).glob("04_*")
    (name,) = [n for n in zipfile.ZipFile(path).namelist() if n.endswith("sheet2.xml")]
    text = part(path, name).decode()
    for ref, (formula, value) in cells.items():
        (old,) = re.findall(rf'<c r="{ref}"[^>]*>.*?</c>', text)
        style = re.search(r's="\d+"', old)
        new = f'<c r="{ref}" {style[0] if style else ""}><f>{formula}</f><v>{value}</v></c>'
        path.write_bytes(made.replaced(path.read_bytes(), name, old, new))
    return read_case(folder)


def test_a_typed_formula_that_gives_another_value_than_the_stored_one_is_named(tmp_path: Path) -> None:
    """As libraries leave it that change a formula and not its value: Excel shows 700 as soon as it opens the file."""
    cells = {"H7": ("2*350", "520"), "H8": ("$H$9-11000", "4300"), "H9": ("31600/2", "15800"), "G7": ("TEXT(1)", "412")}
    case = with_formulas(tmp_path, cells)
    assert told(case, "F031", "F049") == [("F049", "H7", "520"), ("F049", "H8", "4300")]
    (first, _) = [f for f in found_by(shown_cells.CHECKS, case) if f.rule.code == "F049"]
    assert (first.values["formula"], first.values["expected"]) == ("=2*350", "700")


def test_a_formula_that_changes_by_itself_is_named_where_something_is_typed(tmp_path: Path) -> None:
    cells = {"N7": ("TODAY()", "46244"), "H8": ("RANDBETWEEN(4000,5000)", "4300"), "N9": ("N7+0", "46244")}
    assert [(rule, cell) for rule, cell, _ in told(with_formulas(tmp_path, cells), "F031", "F049")] == [("F031", "N7")]
    (finding,) = [f for f in found_by(fields.CHECKS, read_case(tmp_path)) if f.rule.code == "F031"]
    assert [at.cell for at in finding.related] == ["H8"]


def test_what_google_took_from_another_document_is_a_link(tmp_path: Path) -> None:
    assert reaches_outside('IFERROR(__xludf.DUMMYFUNCTION("IMPORTRANGE(""https://x"",""A!B1"")"),600)')
    assert reaches_outside('__xludf.DUMMYFUNCTION("GOOGLEFINANCE(""USDCNY"")")')
    assert not reaches_outside('__xludf.DUMMYFUNCTION("UNIQUE(A1:A9)")')


def test_a_month_spelled_as_no_formula_reads_it_leaves_its_sum_unchecked(tmp_path: Path) -> None:
    """The summary lacks the line because of its text: its formula is right, the text is what to mend."""
    case = typed(tmp_path, COST, {"M7": ("2026年07月", "@")})
    verdicts = {(c.subject, c.verdict) for c in totals.summary(case) if "月份 2026-07" in c.subject}
    assert verdicts == {("汇总 月份 2026-07(元)", Verdict.UNCHECKED), ("汇总 月份 2026-07(万元)", Verdict.UNCHECKED)}
    others = {c.verdict for c in totals.summary(case) if "月份 2026-07" not in c.subject}
    assert others == {Verdict.EQUAL}


def test_ink_that_a_condition_makes_white_is_told_at_its_cells(tmp_path: Path) -> None:
    (path,) = write_sample(tmp_path).glob("04_*")
    book = openpyxl.load_workbook(path)
    book["物资明细"].conditional_formatting.add("H7:H9", FormulaRule(formula=["H7>600"], font=Font(color="FFFFFF")))
    book.save(path)
    case = read_case(tmp_path)
    (hidden,) = [f for f in found_by(fields.CHECKS, case) if "条件格式" in f.values.get("found", "")]
    rows = case.project.rows("materials", "lines")[:3]
    dear = [row.cell("unit_price").at.cell for row in rows if row.value("unit_price") > 600]
    assert (hidden.rule.code, [at.cell for at in (hidden.at, *hidden.related)]) == ("F031", dear)
