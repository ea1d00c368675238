from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from pipeline.core.places import Place, Sourced
from pipeline.core.sheets import Cell, Flaw, Project, Record, Sheet, Workbook, no_sheet

SHEET = Place("03.xlsx", "费用明细")


def at(cell: str) -> Place:
    return Place("03.xlsx", "费用明细", cell)


ROW = Record(
    SHEET,
    {
        "amount": Cell(at("K7"), Decimal("100.00"), "100"),
        "month": Cell(at("M7"), "2026-06", "2026-06"),
        "when": Cell(at("N7"), datetime(2026, 3, 5, 9, 30), "2026-03-05 09:30"),
        "day": Cell(at("O7"), date(2026, 3, 5), "2026-03-05"),
        "kinds": Cell(at("P7"), ("立项", "跟踪"), "立项、跟踪"),
        "blank": Cell(at("Q7")),
        "broken": Cell(at("R7"), None, "#REF!", frozenset({Flaw.ERROR})),
        "zero": Cell(at("S7"), Decimal(0), "0"),
        "none": Cell(at("T7"), "无", "无"),
    },
    7,
)


def test_a_value_travels_with_its_cell() -> None:
    assert ROW.money("amount") == Sourced(Decimal("100.00"), at("K7"))
    assert ROW.date("day") == Sourced(date(2026, 3, 5), at("O7"))
    assert ROW.date("when") == Sourced(date(2026, 3, 5), at("N7"))
    assert ROW.person("none") == Sourced("无", at("T7"))


def test_what_is_of_another_type_is_not_there() -> None:
    assert ROW.money("month") is None
    assert ROW.date("month") is None
    assert ROW.money("broken") is None
    assert ROW.person("blank") is None


def test_blank_zero_none_and_error_are_four_things() -> None:
    assert [ROW.blank(key) for key in ("blank", "zero", "none", "broken")] == [True, False, False, False]


def test_a_missing_column_is_blank_and_points_at_the_sheet() -> None:
    assert ROW.blank("supplier")
    assert ROW.at("supplier") == SHEET
    assert ROW.text("supplier") == ""
    assert ROW.money("supplier") is None


def test_text_and_choices_of_a_list() -> None:
    assert ROW.text("kinds") == "立项、跟踪"
    assert ROW.choices("kinds") == ("立项", "跟踪")
    assert ROW.choices("month") == ("2026-06",)
    assert ROW.choices("blank") == ()


def workbook(form: str, name: str, sheets: dict[str, Sheet]) -> Workbook:
    return Workbook(form, name, Path(name), "0" * 64, "1.0", sheets)


def sheet(key: str, head: dict[str, str], rows: tuple[Record, ...] = (), stamp: str = "") -> Sheet:
    cells = {k: Cell(SHEET, v, v) for k, v in head.items()}
    named = {"project_name": Cell(SHEET, stamp, stamp)} if stamp else {}
    return Sheet(key, SHEET, Record(SHEET, named), Record(SHEET, cells), rows)


def test_a_missing_workbook_or_sheet_is_empty_not_an_error() -> None:
    project = Project("LY-SQ-2026-007", Path("x"), {})
    assert not project.has("cost")
    assert project.rows("cost", "lines") == ()
    assert project.head("plan", "basics").text("pm") == ""
    assert not no_sheet("lines").present


def test_the_plan_names_the_project_before_any_stamp() -> None:
    survey = workbook("survey", "01.xlsx", {"items": sheet("items", {}, stamp="青岚台")})
    plan = workbook("plan", "02.xlsx", {"basics": sheet("basics", {"project_name": "青岚制播网"}, stamp="别名")})
    assert Project("X", Path("x"), {"survey": survey, "plan": plan}).name == "青岚制播网"
    assert Project("X", Path("x"), {"survey": survey}).name == "青岚台"
    assert Project("X", Path("x"), {}).name == ""


def test_a_row_is_found_by_its_text() -> None:
    table = sheet("lines", {}, (ROW,))
    assert table.find("month", "2026-06") is ROW
    assert table.find("month", "2026-07") is None
    assert list(table.records()) == [ROW]
    assert next(iter(sheet("basics", {"pm": "E104"}).records())).text("pm") == "E104"
