from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from pipeline.core.errors import DefinitionError
from pipeline.definitions.catalogue import load_catalogue
from pipeline.definitions.forms import load_forms

RULE = """
[F001]
severity = "error"
clause = "6.2.1"
zh = "必填"
en = "required"
remedy = "补填"
remedy_en = "fill in"
scope = "field"
workbooks = ["cost"]
"""


def test_codes_have_their_families() -> None:
    assert all(re.fullmatch(r"[FWXGBP]\d{3}", code) for code in load_catalogue())


def names(*texts: str) -> set[str]:
    found = {name for text in texts for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    return {name.removesuffix("_en") for name in found}


def test_both_languages_are_filled_by_the_same_values() -> None:
    for code, rule in load_catalogue().items():
        assert rule.zh, code
        assert rule.en, code
        assert rule.remedy, code
        assert "" not in names(rule.zh, rule.en, rule.remedy), code
        assert names(rule.en, rule.remedy_en) <= names(rule.zh, rule.remedy), code


def test_rules_speak_of_known_workbooks() -> None:
    known = {*load_forms(), "records", "presales"}
    for code, rule in load_catalogue().items():
        assert set(rule.workbooks) <= known, code


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"error"', '"eror"', r"F001.severity.*eror.*did you mean error"),
        ("clause", "clauses", r"F001.*clauses.*did you mean clause"),
        ('en = "required"\n', "", r"F001.*缺少键“en”"),
        ('["cost"]', '["cost"]\nlooks_at = ["typd"]', r"F001.looks_at.*typd.*did you mean typed"),
        ('["cost"]', '"cost"', r"F001.workbooks.*wrong type"),
    ],
)
def test_a_wrong_rule_is_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(RULE.replace(old, new), "utf-8")
    with pytest.raises(DefinitionError, match=message):
        load_catalogue(path)
