"""`fillers.toml`: the one list of words that are no answer."""

from __future__ import annotations

import pytest

from pipeline.definitions.fillers import is_decision, is_filler


@pytest.mark.parametrize("text", ["略", "?", "-", "...", "…", "n/a", "待定。", "/"])
def test_width_case_and_a_full_stop_do_not_matter(text: str) -> None:
    assert is_filler(text)


@pytest.mark.parametrize("text", ["无", "没有", "0", "", "3家"])
def test_answers(text: str) -> None:
    assert not is_filler(text)


def test_decisions() -> None:
    assert is_decision("同意。")
    assert not is_decision("同意,注意资金占用")
