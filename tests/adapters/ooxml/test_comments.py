from __future__ import annotations

import pytest

from pipeline.adapters.ooxml.edit import Editor
from tests.adapters.packages import faults, parts, rich, zipped

OURS = "系统校验:"
THREAD = "[Threaded comment]"


def commented(content: bytes, comments: dict[str, str], sheet: str = "表") -> bytes:
    book = Editor(content)
    book.add_comments(sheet, comments, "系统校验")
    return book.to_bytes()


def cleared(content: bytes) -> bytes:
    book = Editor(content)
    book.remove_comments(OURS)
    return book.to_bytes()


def texts(content: bytes, sheet: str = "表") -> dict[str, str]:
    return Editor(content).comments(sheet)


def threaded() -> bytes:
    """The rich workbook, its comment by the author that stands for a conversation."""
    found = parts(rich())
    part = found["xl/comments1.xml"].decode()
    found["xl/comments1.xml"] = part.replace("质量管理部", "tc={1}").replace("填表说明", THREAD).encode()
    return zipped(found)


def test_comments_are_added_to_a_sheet_with_and_without_any() -> None:
    content = commented(commented(rich(), {"B2": f"{OURS}\n一", "XFD1048576": f"{OURS}\n二"}), {"A1": OURS}, "别表")
    assert texts(content) == {"A1": "填表说明", "B2": f"{OURS}\n一", "XFD1048576": f"{OURS}\n二"}
    assert texts(content, "别表") == {"A1": OURS}
    assert faults(content) == []


def test_text_is_put_under_a_comment_and_taken_away_again() -> None:
    content = commented(rich(), {"A1": f"{OURS}\n错误"})
    assert texts(content) == {"A1": f"填表说明\n\n{OURS}\n错误"}
    assert faults(content) == []
    assert texts(cleared(content)) == {"A1": "填表说明"}


def test_comments_of_ours_go_with_parts_that_hold_nothing_else() -> None:
    content = commented(rich(), {"B2": f"{OURS}\n错误"}, "别表")
    after = cleared(content)
    assert set(parts(content)) - set(parts(after)) >= {"xl/comments2.xml"}
    assert set(parts(after)) == set(parts(rich()))
    assert faults(after) == []


@pytest.mark.parametrize("text", [f"我说的是{OURS}这句话", "系统校验", ""])
def test_words_of_people_stay(text: str) -> None:
    content = commented(rich(), {"B2": text})
    assert texts(cleared(content))["B2"] == text


def test_a_conversation_is_left_alone_and_named() -> None:
    book = Editor(threaded())
    assert book.add_comments("表", {"A1": f"{OURS}\n错误", "B2": f"{OURS}\n错误"}, "系统校验") == ("A1",)
    assert book.comments("表") == {"A1": THREAD, "B2": f"{OURS}\n错误"}


def test_many_comments_at_once() -> None:
    content = commented(rich(), {f"B{n}": f"{OURS}\n{n}" for n in range(2, 2002)})
    assert faults(content) == []
    assert len(texts(cleared(content))) == 1


def test_awkward_text_stays_letter_for_letter() -> None:
    text = f"{OURS}\n甲&乙<丙>]]> 😀\x0b末 "
    assert texts(commented(rich(), {"B2": text}))["B2"] == text.replace("\x0b", "_x000B_")
