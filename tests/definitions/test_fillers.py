"""`fillers.toml`: the one list of words that are no answer."""

from __future__ import annotations

import pytest

from pipeline.definitions.fillers import is_decision, is_filler, is_nothing


@pytest.mark.parametrize("text", ["略", "?", "-", "...", "…", "n/a", "待定。", "/"])
def test_width_case_and_a_full_stop_do_not_matter(text: str) -> None:
    assert is_filler(text)


@pytest.mark.parametrize("text", ["无", "没有", "0", "", "3家"])
def test_answers(text: str) -> None:
    assert not is_filler(text)


def test_decisions() -> None:
    assert is_decision("同意。")
    assert not is_decision("同意,注意资金占用")


@pytest.mark.parametrize(
    ("text", "nothing"),
    [("无", True), ("不授权", True), ("", True), ("略", True), ("单价±3%", False), ("同档设备替换", False)],
)
def test_a_scope_that_says_there_is_none(text: str, nothing: bool) -> None:
    assert is_nothing(text) is nothing
