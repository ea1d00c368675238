from __future__ import annotations

import pytest

from pipeline.adapters.ooxml.edit import CannotEdit, Editor, Look
from pipeline.adapters.ooxml.sheets import NewCell, NewSheet
from tests.adapters.packages import faults, parts, rich
from tests.intake import made_files as made


def with_first(content: bytes, name: str = "校验结果") -> bytes:
    book = Editor(content)
    book.add_first_sheet(NewSheet(name, [{1: NewCell("甲", Look(), ("it's", "A1"))}], widths=(10,), frozen=1))
    return book.to_bytes()


def locals_of(content: bytes) -> dict[str, str]:
    book = Editor(content)
    nodes = book.package.root("xl/workbook.xml").iterfind("{*}definedNames/{*}definedName")
    return {str(node.get("name")): str(node.get("localSheetId")) for node in nodes}


def test_names_of_single_sheets_move_with_their_sheets() -> None:
    assert locals_of(rich()) == {"本表": "0", "别名": "1"}
    assert locals_of(with_first(rich())) == {"本表": "1", "别名": "2"}
    book = Editor(rich())
    book.remove_sheet("表")
    assert locals_of(book.to_bytes()) == {"别名": "0"}


def test_the_workbook_opens_on_the_new_sheet_and_later_on_a_visible_one() -> None:
    assert Editor(rich()).active == "别表"
    book = Editor(with_first(rich()))
    assert book.active == "校验结果"
    book.remove_sheet("校验结果")
    assert book.active == "表"
    assert faults(book.to_bytes()) == []


def test_quotes_in_sheet_names_are_doubled_in_links() -> None:
    assert b"location=\"'it''s'!A1\"" in parts(with_first(rich()))["xl/worksheets/sheet3.xml"]


def test_a_sheet_takes_the_parts_with_it_that_it_alone_uses() -> None:
    book = Editor(rich())
    book.remove_sheet("表")
    left = parts(book.to_bytes())
    assert [
        n for n in left if n.startswith(("xl/drawings", "xl/charts", "xl/media", "xl/comments", "xl/printer"))
    ] == []
    assert faults(book.to_bytes()) == []


def test_titles_in_the_properties_stay_right() -> None:
    app = parts(with_first(rich()))["docProps/app.xml"].decode()
    assert app.index("校验结果") < app.index(">表<") < app.index(">别表<")
    assert "<vt:i4>3</vt:i4>" in app


@pytest.mark.parametrize("name", ["", "a" * 32, "a/b", "a[b]"])
def test_a_name_that_no_sheet_can_have_is_refused(name: str) -> None:
    with pytest.raises(CannotEdit):
        with_first(rich(), name)


def test_a_taken_name_gets_a_number() -> None:
    book = Editor(rich())
    assert [book.free_name(name) for name in ("新", "表")] == ["新", "表 (2)"]


def test_the_only_sheet_and_a_missing_one_are_not_taken_out() -> None:
    for name in ("表", "没有"):
        with pytest.raises(CannotEdit):
            Editor(made.good()).remove_sheet(name)


def test_texts_kept_in_hidden_names() -> None:
    book = Editor(rich())
    book.set_notes("_x_", {"1": 'a"b', "2": "中"})
    again = Editor(book.to_bytes())
    assert again.notes("_x_") == {"1": 'a"b', "2": "中"}
    again.set_notes("_x_", {})
    assert locals_of(again.to_bytes()) == locals_of(rich())
    assert faults(book.to_bytes()) == []
