from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.adapters.office.libreoffice import LibreOffice
from pipeline.definitions.catalogue import load_catalogue
from pipeline.definitions.forms import Form, SheetForm, load_forms
from pipeline.definitions.layout import FIRST_ROW, KEY_ROW, LABEL_ROW, Layout, lay_out
from pipeline.definitions.texts import in_print
from pipeline.definitions.values import Content, ErrorValue, Master00, Pasted, RawText, content_from_json
from pipeline.definitions.writer import write_workbook
from tests.cases import TV, sample_builder, sample_data

HEAD = {"project_code": "LY-SQ-2026-031", "project_name": "澄江医院", "version": "A/0", "filled_by": "E302"}
LINE: Mapping[str, Any] = {
    "no": Decimal(1),
    "acc": "1005",
    "desc": "测试仪租赁",
    "scope": "售前",
    "stage": "S4",
    "qty": Decimal(3),
    "unit": "项",
    "unit_price": Decimal("1234.565"),
    "tax_rate": Decimal(13),
    "use_month": "2026-06",
    "dept": "网络工程部",
}


def master() -> Master00:
    return Master00(content_from_json(load_forms()["master"], sample_data()["master"]).sheets)


def written(path: Path, *lines: Mapping[str, Any], form: str = "cost", **totals: Any) -> Path:
    """A cost workbook with these rows."""
    content = Content(HEAD, {"lines": list(lines)}, {"lines": totals})
    write_workbook(load_forms()[form], path, content, master())
    return path


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """The workbooks of one sample by form key."""
    folder = tmp_path_factory.mktemp("tv")
    builder = sample_builder()
    made = builder.contents(sample_data(), TV)
    return dict(zip(made, builder.write(made, TV, folder), strict=True))


@pytest.fixture(scope="module")
def formulas(sample: Mapping[str, Path]) -> Mapping[str, Workbook]:
    return {key: openpyxl.load_workbook(path) for key, path in sample.items()}


@pytest.fixture(scope="module")
def values(sample: Mapping[str, Path]) -> Mapping[str, Workbook]:
    return {key: openpyxl.load_workbook(path, data_only=True) for key, path in sample.items()}


def tables(formulas: Mapping[str, Workbook]) -> list[tuple[str, Any, Worksheet]]:
    """Every table sheet of the sample: form key, definition, sheet."""
    return [
        (key, sheet, formulas[key][sheet.name])
        for key, form in load_forms().items()
        if key in formulas
        for sheet in form.sheet
        if sheet.kind == "table"
    ]


def test_the_same_content_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = written(tmp_path / "a.xlsx", LINE), written(tmp_path / "b.xlsx", LINE)
    assert first.read_bytes() == second.read_bytes()


def test_the_day_of_a_set_stands_in_meta_only_when_given(tmp_path: Path) -> None:
    form = load_forms()["cost"]
    for day, text in ((None, ""), (date(2026, 11, 23), "2026-11-23")):
        write_workbook(form, tmp_path / "x.xlsx", Content(HEAD), Master00({}), day)
        rows = openpyxl.load_workbook(tmp_path / "x.xlsx")["_meta"].iter_rows(values_only=True)
        assert dict(rows) == {
            "template_id": "presales.cost",
            "template_version": "1.0",
            "form_code": "JL-PM-02",
            "project_code": "LY-SQ-2026-031",
            "generated_by": "presales",
            "generated_at": text,
        }


def test_helper_sheets_are_hidden_and_the_others_are_not(formulas: Mapping[str, Workbook]) -> None:
    for key, book in formulas.items():
        names = [sheet.name for sheet in load_forms()[key].sheet]
        assert book.sheetnames == ["填写说明", *names, "_lists", "_meta"]
        hidden = {sheet.title for sheet in book if sheet.sheet_state != "visible"}
        assert hidden == {"_lists", "_meta"}


def test_labels_and_hidden_keys_stand_in_the_order_of_the_form(formulas: Mapping[str, Workbook]) -> None:
    for _, form, sheet in tables(formulas):
        keys = [cell.value for cell in sheet[KEY_ROW] if cell.value]
        labels = [str(cell.value).removesuffix("*") for cell in sheet[LABEL_ROW] if cell.value]
        assert keys == [field.key for field in form.fields]
        assert labels == [in_print(field.label) for field in form.fields]
        assert sheet.row_dimensions[KEY_ROW].hidden


def test_a_long_text_above_a_table_has_room(formulas: Mapping[str, Workbook]) -> None:
    sheet = formulas["records"]["需求评审"]
    form = load_forms()["records"].sheet_form("req_review")
    (long,) = (field.label for field in form.header if field.type == "long")
    heights = {
        str(row[0].value).removesuffix("*"): sheet.row_dimensions[row[0].row].height for row in sheet.iter_rows()
    }
    assert heights[long] >= 3 * 14
    (day,) = (field.label for field in form.header if field.key == "date")
    assert (heights[day] or 15) < 2 * 14


def test_the_star_marks_what_staff_must_fill(formulas: Mapping[str, Workbook]) -> None:
    for _, form, sheet in tables(formulas):
        starred = {
            field.key for field, cell in zip(form.fields, sheet[LABEL_ROW], strict=False) if "*" in str(cell.value)
        }
        assert starred == {field.key for field in form.fields if field.required == "Y" and field.fill == "input"}


def test_forms_have_keys_labels_and_values_in_a_b_c(formulas: Mapping[str, Workbook]) -> None:
    for key, book in formulas.items():
        for form in (s for s in load_forms()[key].sheet if s.kind == "form"):
            sheet = book[form.name]
            rows = {a.value: (str(b.value).removesuffix("*"), c.coordinate) for a, b, c, *_ in sheet.iter_rows()}
            assert sheet.column_dimensions["A"].hidden
            for field in form.fields:
                assert rows[field.key][0] == in_print(field.label)
                target = book.defined_names[f"f_{form.key}_{field.key}"].attr_text
                assert target.replace("$", "") == f"'{form.name}'!{rows[field.key][1]}"


def test_defined_names_point_at_columns_totals_and_survey_answers(formulas: Mapping[str, Workbook]) -> None:
    names = {key: {n: d.attr_text for n, d in book.defined_names.items()} for key, book in formulas.items()}
    assert names["cost"]["f_lines_amount"] == "'费用明细'!$K$7:$K$106"
    assert names["cost"]["NR_TOTAL"] == names["cost"]["f_lines_grand_total"] == "'费用明细'!$K$109"
    assert names["cost"]["f_head_project_code"] == "'费用明细'!$H$2"
    sheet = formulas["survey"]["调查表"]
    for row in range(FIRST_ROW, FIRST_ROW + 114):
        assert names["survey"][f"s_{sheet.cell(row, 1).value}"] == f"'调查表'!$E${row}"


def test_code_and_name_are_typed_once(formulas: Mapping[str, Workbook], values: Mapping[str, Workbook]) -> None:
    plan = formulas["plan"]
    typed = [cell for sheet in plan for row in sheet.iter_rows(max_row=8) for cell in row if cell.value == TV]
    assert len([cell for cell in typed if cell.parent.title != "_meta"]) == 1
    for sheet in values["cost"].worksheets[1:4]:
        assert TV in [cell.value for cell in sheet[2]]


def test_formulas_are_live_and_carry_their_values(tmp_path: Path) -> None:
    path = written(tmp_path / "03.xlsx", LINE)
    live = openpyxl.load_workbook(path)["费用明细"]
    kept = openpyxl.load_workbook(path, data_only=True)["费用明细"]
    table = [
        ("C7", '=IF(B7="","",IFERROR(INDEX(', "仪器租赁费"),
        ("K7", '=IF(G7="","",ROUND(G7*I7,2))', 3703.7),
        ("L7", '=IF(K7="","",ROUND(K7/(1+J7/100),2))', 3277.61),
        ("K8", '=IF(G8="","",ROUND(G8*I8,2))', None),  # a prepared row
        ("K107", '=SUMIFS(K7:K106,E7:E106,"售前")', 3703.7),
        ("K108", '=SUMIFS(K7:K106,E7:E106,"工程")', 0),
        ("K109", "=SUM(K7:K106)", 3703.7),
        ("D110", '="人民币"&IF(', "人民币叁仟柒佰零叁元柒角"),
    ]
    for cell, formula, value in table:
        assert str(live[cell].value).startswith(formula), cell
        assert kept[cell].value == value, cell


def test_a_formula_that_gives_the_empty_text_says_that_it_was_calculated(tmp_path: Path) -> None:
    path = written(tmp_path / "03.xlsx", LINE)
    part = zipfile.ZipFile(path).read("xl/worksheets/sheet2.xml").decode()
    empty = re.findall(r'<c r="K8"[^>]*>', part)
    assert len(empty) == 1
    assert 't="str"' in empty[0]
    assert not re.findall(r'<c r="[A-Z]+\d+"(?: s="\d+")?><f>[^<]*</f><v></v>', part)


def test_constants_keep_their_type(tmp_path: Path) -> None:
    path = written(
        tmp_path / "03.xlsx",
        {**LINE, "qty": RawText("3台"), "amount": Pasted(Decimal("99.5")), "amount_excl": ErrorValue("#REF!")},
        {**LINE, "no": Decimal(2), "desc": "=HYPERLINK(1)", "remark": "https://example.org"},
        grand_total=Pasted(Decimal("99.5")),
        grand_total_upper="人民币玖拾玖圆伍角正",
    )
    live = openpyxl.load_workbook(path)["费用明细"]
    kept = openpyxl.load_workbook(path, data_only=True)["费用明细"]
    assert live["G7"].value == "3台"
    assert live["K7"].value == 99.5
    assert kept["L7"].value == "#REF!"
    assert live["D8"].data_type == "s"  # what staff type is never a formula
    assert live["D8"].value == "=HYPERLINK(1)"
    assert live["P8"].hyperlink is None
    assert live["K109"].value == 99.5
    assert live["D110"].value == "人民币玖拾玖圆伍角正"


def test_dates_people_and_lists(values: Mapping[str, Workbook]) -> None:
    stages = values["plan"]["阶段计划"]
    row = {key.value: cell for key, cell in zip(stages[KEY_ROW], stages[FIRST_ROW], strict=False)}
    assert row["start"].value == datetime(2026, 3, 2)
    assert row["start"].number_format == "yyyy-mm-dd"
    assert row["owner"].value == "E102 许知行"
    assert row["kind"].value == "立项"
    assert row["budget"].number_format == "#,##0.00"


def test_sheets_are_protected_against_slips_only(formulas: Mapping[str, Workbook]) -> None:
    """No password; rows may be inserted and deleted, sorted, filtered; formulas are locked, the rest is not."""
    for _, form, sheet in tables(formulas):
        protection = sheet.protection
        assert protection.sheet
        assert protection.hashValue is None
        assert protection.password is None
        for allowed in ("insertRows", "deleteRows", "sort", "autoFilter", "formatCells", "formatColumns", "formatRows"):
            assert getattr(protection, allowed) is False, allowed  # the flag says what is forbidden
        assert sheet.auto_filter.ref.startswith(f"A{LABEL_ROW}:")
        for column, field in enumerate(form.fields, start=1):
            locked = sheet.cell(FIRST_ROW, column).protection.locked
            assert locked is (field.fill != "input"), f"{form.key}.{field.key}"


def test_pages_are_one_wide_with_repeated_heads(formulas: Mapping[str, Workbook]) -> None:
    for _, form, sheet in tables(formulas):
        assert sheet.page_setup.orientation == "landscape"
        wide = sum(float(field.width) for field in form.fields) > 190
        assert str(sheet.page_setup.paperSize) == ("8" if wide else "9")  # A3, A4
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.page_setup.fitToHeight == 0
        assert sheet.page_setup.fitToWidth in (None, 1)  # 1 is the default
        assert sheet.print_title_rows == "$1:$6"
        assert sheet.oddFooter.center.text == "第 &P 页  共 &N 页"
        assert sheet.freeze_panes.lstrip("ABCD") == str(FIRST_ROW), form.key


def test_prepared_rows_and_totals_below_them(formulas: Mapping[str, Workbook]) -> None:
    assert formulas["materials"]["物资明细"]["A207"].value == "合计"
    assert formulas["materials"]["物资明细"]["J206"].value == '=IF(G206="","",ROUND(G206*H206,2))'
    assert formulas["cost"]["费用明细"]["A107"].value == "售前小计"


# -- drop-downs -------------------------------------------------------------------------------------------------


def drop_down(sheet: Worksheet, cell: str) -> tuple[str, list[Any]]:
    """Error style and choices of a cell's drop-down."""
    rules = [rule for rule in sheet.data_validations.dataValidation if cell in rule.sqref and rule.type == "list"]
    assert len(rules) == 1, cell
    name, area = rules[0].formula1.split("!")
    rows = sheet.parent[name][area.replace("$", "")]
    cells = [cell for row in rows for cell in row] if isinstance(rows, tuple) else [rows]
    return rules[0].errorStyle or "stop", [cell.value for cell in cells]


def test_choices_are_firm_and_people_may_be_new(formulas: Mapping[str, Workbook]) -> None:
    cost = formulas["cost"]["费用明细"]
    assert drop_down(cost, "E7") == ("stop", ["售前", "工程"])
    style, departments = drop_down(cost, "O106")
    assert style == "warning"
    assert departments[-1] == "相关部门"
    assert "网络工程部" in departments
    style, people = drop_down(formulas["staffing"]["人员需求"], "C7")
    assert style == "warning"
    assert "E302 卢海峰" in people
    style, stages = drop_down(cost, "F7")
    assert (style, stages[0], stages[-1]) == ("warning", "S1", "G9")


def test_people_who_left_are_not_offered(tmp_path: Path) -> None:
    people = [
        {"emp_no": "E001", "name": "在", "status": "在职"},
        {"emp_no": "E002", "name": "离", "status": "离职"},
    ]
    write_workbook(load_forms()["staffing"], tmp_path / "05.xlsx", Content(HEAD), Master00({"persons": people}))
    sheet = openpyxl.load_workbook(tmp_path / "05.xlsx")["人员需求"]
    assert drop_down(sheet, "C7") == ("warning", ["E001 在"])


def test_without_workbook_00_there_are_no_empty_drop_downs(tmp_path: Path) -> None:
    write_workbook(load_forms()["cost"], tmp_path / "03.xlsx", Content(), Master00({}))
    sheet = openpyxl.load_workbook(tmp_path / "03.xlsx")["费用明细"]
    lists = [rule for rule in sheet.data_validations.dataValidation if rule.type == "list"]
    assert {str(rule.sqref) for rule in lists} == {"E7:E106", "F7:F106", "O7:O106"}


def test_survey_answers_have_the_drop_down_of_their_item(formulas: Mapping[str, Workbook]) -> None:
    sheet = formulas["survey"]["调查表"]
    row = next(row for row in range(FIRST_ROW, FIRST_ROW + 114) if sheet.cell(row, 1).value == "A04")
    assert drop_down(sheet, f"E{row}") == ("stop", ["广电", "医疗", "教育", "政务", "企业", "其他"])


def test_no_drop_down_is_written_into_the_rule_itself(formulas: Mapping[str, Workbook]) -> None:
    """Excel refuses a list of more than 255 characters there (domain C.0 4)."""
    for book in formulas.values():
        for sheet in book.worksheets:
            for rule in sheet.data_validations.dataValidation:
                assert rule.type != "list" or rule.formula1.startswith("_lists!"), rule.sqref


def test_forms_help_like_tables(formulas: Mapping[str, Workbook]) -> None:
    """Every labelled cell that staff type has its drop-down or limit, where its field has choices, days or bounds."""
    bare = []
    for form in load_forms().values():
        for sheet in (s for s in form.sheet if s.kind == "form" and form.key in formulas):
            rules = formulas[form.key][sheet.name].data_validations.dataValidation
            covered = {str(area) for rule in rules for area in rule.sqref.ranges}
            for row, form_field in enumerate(sheet.fields, start=layout_of(form, sheet).first):
                helped = (
                    form_field.choices or form_field.type in {"emp", "date", "datetime"} or form_field.min is not None
                )
                if helped and form_field.fill == "input" and f"C{row}" not in covered:
                    bare.append(f"{form.key}.{sheet.key}.{form_field.key}")
    assert bare == []


def layout_of(form: Form, sheet: SheetForm) -> Layout:
    return lay_out(form, sheet, 0, first_sheet=form.sheet[0] is sheet)


def test_what_a_required_cell_is_made_from_is_marked_as_required(formulas: Mapping[str, Workbook]) -> None:
    assert formulas["plan"]["基本信息"]["C3"].value == "A/1"
    assert formulas["plan"]["基本信息"]["C3"].fill.fgColor.rgb == "FFFFF9DB"


def test_hints_are_in_the_words_of_staff() -> None:
    """No rule numbers, no keys of the form, no names of files or functions."""
    codes = set(load_catalogue())
    for form in load_forms().values():
        fields = [f for s in form.sheet for f in (*s.fields, *s.header)]
        texts = [form.note, *(f.help for f in (*form.head.fields, *fields))]
        texts += [text for s in form.sheet for text in (s.note, s.unit_note, *(i.help for i in (*s.items, *s.totals)))]
        for text in texts:
            assert codes.isdisjoint(re.findall(r"[A-Z]\d{3}", text)), text
            assert not re.search(r"[a-z]+_[a-z{]|\.json|[a-z]+\.[a-z]+|[a-z]=", text), text


def test_a_name_typed_alone_is_found_by_the_formulas(tmp_path: Path, office: LibreOffice) -> None:
    """LibreOffice calculates them; a name that two people bear finds nobody."""
    people = [
        {"emp_no": "E001", "name": "陆子昂", "dept_code": "D01", "grade": "L4", "status": "在职"},
        {"emp_no": "E002", "name": "王伟", "dept_code": "D01", "grade": "L1", "status": "在职"},
        {"emp_no": "E003", "name": "王伟", "dept_code": "D01", "grade": "L2", "status": "在职"},
    ]
    departments = [{"dept_code": "D01", "dept_name": "网络工程部", "is_construction": "是"}]
    rows = [{"no": n, "emp_no": RawText(typed)} for n, typed in enumerate(("陆子昂", "E003 王伟", "王伟", "E001"), 1)]
    path, back = tmp_path / "05.xlsx", tmp_path / "back.xlsx"
    master = Master00({"persons": people, "departments": departments})
    write_workbook(load_forms()["staffing"], path, Content(HEAD, {"lines": rows}), master)
    office.resave(path, back)
    sheet = openpyxl.load_workbook(back, data_only=True)["人员需求"]
    found = [[sheet.cell(row, column).value or "" for column in (4, 5, 6, 18)] for row in range(7, 11)]
    first = ["陆子昂", "网络工程部", "L4", "是"]
    assert found == [first, ["王伟", "网络工程部", "L2", "是"], [""] * 4, first]


def test_numbers_are_limited_as_the_form_says(formulas: Mapping[str, Workbook]) -> None:
    sheet = formulas["staffing"]["人员需求"]
    rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
    share = rules["L7:L106"]
    assert (share.type, share.formula1, share.formula2, share.errorStyle) == ("decimal", "0.0", "100.0", "warning")
    assert rules["I7:I106"].type == "date"


def test_instructions_come_first_and_say_the_order_of_filling(formulas: Mapping[str, Workbook]) -> None:
    """In Chinese alone, without names of rules; the note of clause 6.2.1 stands where there are survey items."""
    for key, book in formulas.items():
        text = "\n".join(str(cell) for row in book["填写说明"].iter_rows(values_only=True) for cell in row if cell)
        form = load_forms()[key]
        assert form.steps
        assert all(in_print(step) in text for step in form.steps)
        assert "联系人" in text
        assert ("需求不明确的，应当注明“不明确”" in text) == (key == "survey")
        assert not re.search(r"[A-Z]\d{3}|[a-z]{4,}", text.replace("presales forms prefill", ""))


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("写 A/0,如首版;示例:E302", "写 A/0，如首版；示例：E302"),
        ("金额(含税)为元,不写万元", "金额（含税）为元，不写万元"),
        ("1,234.50 和 16:30", "1,234.50 和 16:30"),
        ("Q/DY (6.3.1)", "Q/DY (6.3.1)"),
        ("寒假能否施工?", "寒假能否施工？"),
    ],
)
def test_our_texts_have_chinese_signs_and_figures_keep_theirs(typed: str, printed: str) -> None:
    assert in_print(typed) == printed


_HALF = re.compile(r"(?<=[\u4e00-\u9fff“”《》])[,;:?()]|(?<![a-z])[,;:?()](?=[\u4e00-\u9fff“《])")  # a) b) are letters


def our_texts(form: Form, path: Path) -> Iterator[str]:
    """Everything that a blank says by itself: cells above its rows, notes, what a wrong entry is told."""
    book = openpyxl.load_workbook(path)
    yield from (str(cell) for row in book["填写说明"].iter_rows(values_only=True) for cell in row if cell)
    for sheet in form.sheet:
        page, layout = book[sheet.name], lay_out(form, sheet, 0, first_sheet=form.sheet[0] is sheet)
        above = layout.first - 1 if sheet.kind != "form" else layout.first + len(sheet.fields)
        cells = [cell for row in page.iter_rows(max_row=above) for cell in row]
        yield from (cell.value for cell in cells if isinstance(cell.value, str) and cell.data_type != "f")
        yield from (cell.comment.text for cell in cells if cell.comment)
        yield from (rule.error for rule in page.data_validations.dataValidation if rule.error)


@pytest.mark.parametrize("key", load_forms())
def test_what_a_blank_says_has_the_signs_of_chinese_print(key: str, tmp_path: Path) -> None:
    form = load_forms()[key]
    write_workbook(form, tmp_path / "blank.xlsx", Content(), master())
    texts = list(our_texts(form, tmp_path / "blank.xlsx"))
    assert {in_print(sheet.opening) for sheet in form.sheet if sheet.opening} <= set(texts)
    assert [text for text in texts if _HALF.search(text)] == []
