from __future__ import annotations

from typing import Any

import docx
import pytest
from docx.enum.section import WD_SECTION

from pipeline.render.word.watermark import DRAFT, mark_draft


def marks(header: Any) -> int:
    return 0 if header.is_linked_to_previous else str(header._element.xml).count(f'string="{DRAFT}"')


def test_one_header_serves_all_sections_that_inherit_it() -> None:
    made = docx.Document()
    made.add_section(WD_SECTION.NEW_PAGE)
    mark_draft(made)
    assert [marks(section.header) for section in made.sections] == [1, 0]
    assert made.sections[1].header.is_linked_to_previous


def test_every_header_of_its_own_is_marked_and_keeps_its_text() -> None:
    made = docx.Document()
    made.sections[0].header.paragraphs[0].text = "甲"
    made.add_section(WD_SECTION.NEW_PAGE).header.is_linked_to_previous = False
    made.sections[1].header.paragraphs[0].text = "乙"
    mark_draft(made)
    assert [marks(section.header) for section in made.sections] == [1, 1]
    assert [section.header.paragraphs[0].text for section in made.sections] == ["甲", "乙"]


@pytest.mark.parametrize("first", [0, 1])
def test_a_first_page_of_its_own_is_marked_too(first: int) -> None:
    made = docx.Document()
    made.add_section(WD_SECTION.NEW_PAGE)
    made.sections[first].different_first_page_header_footer = True
    mark_draft(made)
    assert marks(made.sections[first].first_page_header) == 1


def test_a_template_that_brings_the_mark_itself_is_marked_once() -> None:
    made = docx.Document()
    mark_draft(made)
    mark_draft(made)
    assert marks(made.sections[0].header) == 1


def test_even_pages_are_marked_where_they_differ() -> None:
    made = docx.Document()
    made.settings.odd_and_even_pages_header_footer = True
    mark_draft(made)
    section = made.sections[0]
    assert [marks(h) for h in (section.header, section.even_page_header)] == [1, 1]


def test_a_header_that_is_only_a_table_is_marked_beside_it() -> None:
    made = docx.Document()
    header = made.sections[0].header
    header.add_table(1, 1, 100)
    header._element.remove(header.paragraphs[0]._p)
    mark_draft(made)
    assert marks(header) == 1
