"""The formula language gives what the sample data state, and LibreOffice gives the same from the written formulas."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from pipeline.adapters.office.libreoffice import LibreOffice
from pipeline.adapters.ooxml.reader import RawSheet, read_book
from pipeline.core.money import from_words
from pipeline.definitions.calculate import FormulaError, serial
from pipeline.definitions.expressions import excel, parse
from pipeline.definitions.forms import Form, SheetForm, load_forms
from pipeline.definitions.values import (
    Content,
    ErrorValue,
    Master00,
    Pasted,
    RawText,
    Values,
    content_from_json,
    typed,
)
from pipeline.definitions.writer import with_fixed_rows
from tests.cases import DORM, TV, sample_data, write_sample
from tests.core.test_money import VECTORS


def master() -> Master00:
    return Master00(content_from_json(load_forms()["master"], sample_data()["master"]).sheets)


def contents(code: str) -> Iterator[tuple[Form, Content]]:
    """Every workbook of a sample that has a form, as its data state it."""
    forms = load_forms()
    project = next(p for p in sample_data()["projects"] if p["code"] == code)
    for key, raw in project["workbooks"].items():
        if key in forms:
            content = content_from_json(forms[key], raw)
            yield forms[key], with_fixed_rows(forms[key], content, master(), None)


def bare(form: Form, content: Content) -> Content:
    """The same workbook with every formula cell and formula total taken out."""
    sheets: dict[str, Any] = {}
    for sheet in form.sheet:
        live = {f.key for f in sheet.fields if f.formula}
        given = content.sheets.get(sheet.key) or ()
        strip = [{k: v for k, v in row.items() if k not in live} for row in rows_of(given)]
        sheets[sheet.key] = strip[0] if isinstance(given, dict) else strip
    return Content(content.head, sheets, {})


def rows_of(given: Any) -> list[dict[str, Any]]:
    return [given] if isinstance(given, dict) else list(given)


def stated_formulas(form: Form, content: Content) -> Iterator[tuple[SheetForm, int, str, Any]]:
    """Formula cells with the value that the data state; a row the sample left blank states nothing."""
    for sheet in form.sheet:
        for index, row in enumerate(rows_of(content.sheets.get(sheet.key) or ())):
            for field in sheet.fields:
                if field.formula and row.get(field.key) is not None:
                    yield sheet, index, field.key, serial(row[field.key])


@pytest.mark.parametrize("code", [TV, DORM])
def test_every_formula_gives_what_the_sample_states(code: str) -> None:
    wrong, checked = [], 0
    for form, content in contents(code):
        values = Values(form, bare(form, content), master())
        for sheet, index, key, stated in stated_formulas(form, content):
            found, checked = values.cell(sheet, index, key), checked + 1
            if found != stated:
                wrong.append((form.key, sheet.key, index, key, found, stated))
    assert wrong == []
    assert checked > 200  # the sample does not run dry unnoticed


@pytest.mark.parametrize("code", [TV, DORM])
def test_every_total_gives_what_the_sample_states(code: str) -> None:
    wrong, checked = [], 0
    for form, content in contents(code):
        values = Values(form, bare(form, content), master())
        for sheet in form.sheet:
            for total in sheet.totals:
                stated = content.totals.get(sheet.key, {}).get(total.key)
                if stated is not None:
                    found, checked = values.total(sheet, total), checked + 1
                    if found != serial(stated):
                        wrong.append((form.key, sheet.key, total.key, found, stated))
    assert wrong == []
    assert checked >= 9


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sample(tmp_path_factory.mktemp("stored"))


@pytest.mark.parametrize(("no", "formulas"), [("01", 100), ("02", 40), ("03", 250), ("04", 300), ("05", 500)], ids=str)
def test_libreoffice_recalculates_to_the_stored_values(
    resaved: Callable[[Path], Path], stored: Path, no: str, formulas: int
) -> None:
    """Formulas as written and values as stored agree in a spreadsheet program that never saw our language."""
    wrong, checked = [], 0
    (path,) = stored.glob(f"{no}_*.xlsx")
    fresh = {sheet.name: sheet.cells for sheet in cells_of(resaved(path))}
    for sheet in cells_of(path):
        for place, cell in sheet.cells.items():
            if cell.formula:
                again, checked = fresh[sheet.name].get(place), checked + 1
                if not same(cell.text, again and again.text):
                    wrong.append((sheet.name, cell.ref, cell.text, again))
    assert wrong == []
    assert checked >= formulas


def test_libreoffice_writes_amounts_in_words_as_we_do(office: LibreOffice, tmp_path: Path) -> None:
    amounts = [
        *(amount for amount, _ in VECTORS),
        "0.1",
        "0.11",
        "1",
        "10.01",
        "1000000.1",
        "5186545.40",
        "999999999.99",
    ]
    book = xlsxwriter.Workbook(str(tmp_path / "words.xlsx"))
    sheet = book.add_worksheet()
    for row, amount in enumerate(amounts, start=1):
        sheet.write_number(f"A{row}", float(amount))
        sheet.write_formula(f"B{row}", "=" + excel(parse("RMB(x)"), lambda _, row=row: f"A{row}"))
    book.close()
    office.resave(tmp_path / "words.xlsx", tmp_path / "again.xlsx")
    cells = cells_of(tmp_path / "again.xlsx")[0].cells
    words = {amount: cells[row, 2].text for row, amount in enumerate(amounts, start=1)}
    assert {amount: from_words(text or "") for amount, text in words.items()} == {a: Decimal(a) for a in amounts}
    assert {text for text in words.values() if not str(text).startswith("人民币")} == set()


def cells_of(path: Path) -> tuple[RawSheet, ...]:
    with path.open("rb") as stream:
        return read_book(stream).sheets


def same(stored: str | None, fresh: str | None) -> bool:
    try:
        return abs(Decimal(stored or "0") - Decimal(fresh or "0")) < Decimal("0.000001")
    except InvalidOperation:
        return (stored or "") == (fresh or "")


# -- what stands in the cells beside formulas ---------------------------------------------------------------------


def cost(*lines: dict[str, Any], totals: dict[str, Any] | None = None) -> tuple[Values, SheetForm]:
    form = load_forms()["cost"]
    content = Content({}, {"lines": list(lines)}, {"lines": totals or {}})
    return Values(form, content, master(), LIMITS.__getitem__), form.sheet_form("lines")


LIMITS = {"basis_limit": Decimal(10000)}
LINE = {"qty": Decimal(3), "unit_price": Decimal("1234.565"), "tax_rate": Decimal(13), "scope": "售前"}


def test_a_pasted_constant_is_what_the_sheet_shows_and_the_formula_what_it_should() -> None:
    values, lines = cost({**LINE, "amount": Pasted(Decimal(99))})
    assert values.cell(lines, 0, "amount") == 99
    assert values.calculated(lines, 0, "amount") == Decimal("3703.70")
    assert values.cell(lines, 0, "amount_excl") == Decimal("87.61")  # from what the cell shows


def test_a_text_number_counts_and_any_other_text_is_an_error() -> None:
    values, lines = cost({**LINE, "qty": RawText("1,000")}, {**LINE, "qty": RawText("3台")})
    assert values.cell(lines, 0, "amount") == Decimal("1234565.00")
    with pytest.raises(FormulaError, match="#VALUE!"):
        values.cell(lines, 1, "amount")


def test_an_error_goes_on_to_what_is_made_of_it_but_not_into_sums() -> None:
    values, lines = cost({**LINE, "amount": ErrorValue("#REF!")}, LINE)
    with pytest.raises(FormulaError, match="#REF!"):
        values.cell(lines, 0, "amount_excl")
    total = next(t for t in lines.totals if t.key == "grand_total")
    assert values.total(lines, total) == Decimal("3703.70")


def test_a_stated_total_is_shown_and_a_fresh_one_is_added() -> None:
    values, lines = cost(LINE, totals={"grand_total": Pasted(Decimal(1)), "grand_total_upper": "人民币贰元整"})
    total, words = (next(t for t in lines.totals if t.key == key) for key in ("grand_total", "grand_total_upper"))
    assert values.total(lines, total) == 1
    assert values.total(lines, total, fresh=True) == Decimal("3703.70")
    assert values.total(lines, words) == "人民币贰元整"
    assert values.default(lines, words) == "人民币壹元整"  # over the total that stands there
    assert values.total(lines, words, fresh=True) == "人民币叁仟柒佰零叁元柒角"


def test_a_total_in_error_is_an_error() -> None:
    values, lines = cost(LINE, totals={"grand_total": ErrorValue("#NAME?")})
    with pytest.raises(FormulaError, match=r"#NAME\?"):
        values.total(lines, next(t for t in lines.totals if t.key == "grand_total"))


@pytest.mark.parametrize(
    ("condition", "amount", "wanted"),
    [
        ("amount>=param.basis_limit", "9999.99", False),
        ("amount>=param.basis_limit", "10000", True),
        ("day_rate<>standard_rate", None, False),
    ],
)
def test_conditions_read_parameters_of_workbook_00(condition: str, amount: str | None, wanted: bool) -> None:
    if amount is None:
        form = load_forms()["staffing"]
        rate = master().standard_rate("L3", date(2026, 3, 2))
        row = {"grade": "L3", "start": date(2026, 3, 2), "day_rate": rate}
        values, sheet = Values(form, Content({}, {"lines": [row]}), master()), form.sheet_form("lines")
    else:
        values, sheet = cost({**LINE, "amount": Pasted(Decimal(amount))})
    assert values.required(sheet, 0, condition) is wanted


@pytest.mark.parametrize(("industry", "applies"), [("广电", "适用"), ("医疗", "不适用"), (None, "不适用")])
def test_items_apply_by_industry(industry: str | None, applies: str) -> None:
    form = load_forms()["survey"]
    items = form.sheet_form("items")
    rows = [{"no": item.no, "value": industry if item.no == "A04" else None} for item in items.items]
    values = Values(form, Content({}, {"items": rows}), master())
    index = next(i for i, item in enumerate(items.items) if item.applies == "TV")
    assert values.cell(items, index, "applies") == applies
    always = next(i for i, item in enumerate(items.items) if item.applies == "ALL")
    assert values.cell(items, always, "applies") == "适用"


@pytest.mark.parametrize(("answer", "wanted"), [("是", True), ("否", False), (None, False)])
def test_an_item_may_depend_on_another_answer(answer: str | None, wanted: bool) -> None:
    form = load_forms()["survey"]
    items = form.sheet_form("items")
    item = items.item("B14")
    assert item is not None
    assert item.required_when == 'B13="是"'
    values = Values(form, Content({}, {"items": [{"no": "B13", "value": answer}]}), master())
    assert values.item_required(items, item) is wanted


@pytest.mark.parametrize(
    ("sheet", "key", "raw", "value"),
    [
        ("lines", "amount", "18000.00", Decimal("18000.00")),
        ("lines", "qty", 1, Decimal(1)),
        ("lines", "qty", "约三台", "约三台"),
        ("lines", "use_month", "2026-06", "2026-06"),
        ("deposits", "pay_date", "2026-06-30", date(2026, 6, 30)),
        ("lines", "remark", None, None),
        ("lines", "amount", Pasted(Decimal(1)), Pasted(Decimal(1))),
    ],
)
def test_typed_values_from_json(sheet: str, key: str, raw: Any, value: Any) -> None:
    found = typed(load_forms()["cost"].sheet_form(sheet).field(key), raw)
    assert found == value
    assert type(found) is type(value)


def test_what_does_not_fit_the_type_of_an_item_stays_text() -> None:
    form = load_forms()["survey"]
    raw = {
        "items": [
            {"no": "A12", "value": "不明确"},
            {"no": "A12", "value": "2026-03-05"},
            {"no": "A14", "value": ["面谈"]},
        ]
    }
    rows = content_from_json(form, raw).sheets["items"]
    assert [row["value"] for row in rows] == ["不明确", date(2026, 3, 5), ("面谈",)]


@pytest.mark.parametrize(("number", "typed"), [("YG0012", "YG0012 王小明"), ("E7", "E7 王小明"), ("E777", "E777")])
def test_the_name_follows_an_employee_number_of_any_length(number: str, typed: str) -> None:
    form = load_forms()["staffing"]
    people = [{"emp_no": "E302", "name": "卢海峰"}, {"emp_no": number, "name": "王小明"}]
    values = Values(form, Content({}, {"lines": [{"emp_no": typed}]}), Master00({"persons": people}))
    assert values.cell(form.sheet_form("lines"), 0, "name") == "王小明"
