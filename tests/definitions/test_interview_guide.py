from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.core.errors import DefinitionError
from pipeline.definitions.forms import load_forms
from pipeline.definitions.interview_guide import FILE, load_guide


def test_every_item_is_asked_of_one_role_or_is_ours_to_fill() -> None:
    guide = load_guide()
    claims = {
        item.no: [r.claim(item.no) for r in guide.role] for item in load_forms()["survey"].sheet_form("items").items
    }
    asked = {no: found for no, found in claims.items() if no not in guide.unasked}
    assert all(found.count(max(found)) == 1 and max(found) for found in asked.values())


@pytest.mark.parametrize(
    ("no", "role"),
    [
        ("A06", "经办人员"),
        ("A11", "分管领导"),
        ("C06", "使用部门"),
        ("C05", "信息技术部门"),
        ("I01", "财务部门"),
        ("I02", "采购部门"),
    ],
)
def test_the_closer_word_wins(no: str, role: str) -> None:
    asked = load_guide().asked(no)
    assert asked
    assert asked.name == role


def test_what_is_ours_is_asked_of_nobody() -> None:
    assert load_guide().asked("B08") is None


def test_the_questions_of_the_text_are_all_there() -> None:
    (clerk,) = [role for role in load_guide().role if role.name == "经办人员"]
    assert len(clerk.question) == 7


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('"B01", "B02"', '"B01", "K02"', "K02"),
        ('item = "B11"', 'item = "B99"', "B99"),
        ('stakeholders = ["经办"]', 'stakeholders = ["经办人"]', "经办人"),
        ('unasked = ["A12"', 'unasked = ["A99"', "A99"),
        ('clause = "亿联网络项目售前流程"', 'clause = "亿联"', "亿联"),
    ],
)
def test_a_wrong_word_is_named(old: str, new: str, named: str, tmp_path: Path) -> None:
    text = FILE.read_text("utf-8")
    assert old in text
    file = tmp_path / "interview_guide.toml"
    file.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(DefinitionError, match=named):
        load_guide(file)
