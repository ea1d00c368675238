from __future__ import annotations

import io

import pytest
from openpyxl import load_workbook

from pipeline.audit.figures import figures_of
from pipeline.audit.frames import NotFound
from pipeline.definitions.forms import load_forms
from tests.audit.made import opened, sample, saved


def test_forms_are_known_by_what_the_workbook_says_of_itself() -> None:
    files = {f"x{number}.xlsx": content for number, content in enumerate(sample().values())}
    assert sorted(opened(files).opened) == sorted(
        ["master", "survey", "plan", "cost", "materials", "staffing", "records"]
    )


def test_what_cannot_be_opened_makes_only_its_own_sheets_unknown() -> None:
    [name] = [name for name in sample() if name.startswith("03")]
    books = opened({**sample(), name: b"PK broken"})
    with pytest.raises(NotFound, match="打不开"):
        books.lines("cost", "lines")
    assert len(books.lines("staffing", "lines").frame)


def test_two_workbooks_of_a_form_that_has_one_are_not_added() -> None:
    [name] = [name for name in sample() if name.startswith("04")]
    books = opened({**sample(), "04_另一本.xlsx": sample()[name]})
    with pytest.raises(NotFound, match="有2本"):
        books.lines("materials", "lines")


def test_parts_of_the_records_are_given_one_by_one() -> None:
    [name] = [name for name in sample() if name.startswith("06")]
    books = opened({**sample(), "06_另一本.xlsx": sample()[name]})
    assert len(books.parts("records", "changes")) == 2


def as_numbers_exports(content: bytes) -> bytes:
    """Each sheet named after its table, a list of them first, and the sheet of the form's own shown like the rest."""
    book = load_workbook(io.BytesIO(content), data_only=True)
    aliases = {sheet.name: sheet.aliases for form in load_forms().values() for sheet in form.sheet}
    for sheet in book.worksheets:
        name = next(iter(aliases.get(sheet.title, ())), sheet.title).replace("/", "")
        sheet.title = f"{name} - 表格 1"[:31]
        sheet.sheet_state = "visible"
    book.create_sheet("导出摘要", 0)["A1"] = "此文稿导出自Numbers表格。"
    return saved(book)


def test_what_apple_numbers_exports_is_read_by_its_hidden_keys() -> None:
    exported = {f"x{name}": as_numbers_exports(content) for name, content in sample().items()}
    (found, _), (known, _) = figures_of(opened(exported)), figures_of(opened(sample()))
    assert {key: one.value for key, one in found.items()} == {key: one.value for key, one in known.items()}
    assert not [key for key, one in found.items() if one.unread]


def test_a_sheet_that_is_gone_is_not_read_from_another_one() -> None:
    [name] = [name for name in sample() if name.startswith("06")]
    book = load_workbook(io.BytesIO(sample()[name]), data_only=True)
    del book["变更"]
    books = opened({**sample(), name: saved(book)})
    with pytest.raises(NotFound, match="没有工作表“变更”"):
        books.lines("records", "changes")
