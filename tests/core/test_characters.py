from __future__ import annotations

import pytest

from pipeline.core.characters import is_printable, printable


@pytest.mark.parametrize("text", ["", "青岚台\t1\n2\r3", "😀 \u202e שלום", "\ue000\ufffc"])
def test_what_a_document_can_hold_stays(text: str) -> None:
    assert is_printable(text)
    assert printable(text) == text


@pytest.mark.parametrize("bad", ["\x00", "\x0b", "\x1f", "\ud800", "\ufffe", "\uffff"])
def test_what_it_cannot_becomes_the_replacement(bad: str) -> None:
    assert not is_printable(f"甲{bad}乙")
    assert printable(f"甲{bad}乙") == "甲\ufffd乙"
    assert not is_printable(printable(bad))
