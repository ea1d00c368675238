from __future__ import annotations

import pytest

from pipeline.audit.frames import NotFound
from tests.audit.made import opened, sample


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
