"""Every rule of the catalogue has a test in which it fires and one in which it is silent."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from pipeline.check.judge import judge
from pipeline.core.sheets import Project
from pipeline.definitions.catalogue import load_catalogue
from pipeline.definitions.forms import load_forms
from pipeline.intake.company import read_company
from pipeline.intake.projects import read_project
from tests.cases import TV, load_case, write_sample
from tests.check.followed import with_files
from tests.check.reported import without

TESTS = Path(__file__).parents[1]
CODES = sorted(load_catalogue())


def named(source: str) -> Iterator[str]:
    """Strings of a test module that stand by themselves; what a test says is absent (`not in`) does not count."""
    tree = ast.parse(source)
    absent = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare) and any(isinstance(op, ast.NotIn) for op in node.ops)
        for part in ast.walk(node.left)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):  # tables of cases: "W195 ceiling": ...
            yield from (str(key.value).split(" ")[0] for key in node.keys if isinstance(key, ast.Constant))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in absent:
            yield node.value


@cache
def expected_somewhere() -> set[str]:
    """Codes that a test of checks, reading, delivery or a whole run expects, or that a mutation must hit."""
    parts = ("check", "intake", "deliver", "project_run", "e2e")
    modules = [module for part in parts for module in TESTS.glob(f"{part}/**/test_*.py")]
    codes = {text for module in modules if module != Path(__file__) for text in named(module.read_text("utf-8"))}
    mutations = json.loads((TESTS / "data" / "mutations.json").read_text(encoding="utf-8"))
    codes |= {expect["rule"] for mutation in mutations for expect in mutation["expect"]}
    return codes & set(CODES)


@pytest.fixture(scope="module")
def silent(tmp_path_factory: pytest.TempPathFactory) -> frozenset[str]:
    """Codes that stay silent over at least one project without a mistake, from reading it to judging it."""
    folder = write_sample(tmp_path_factory.mktemp("clean"))
    forms, rules = load_forms(), load_catalogue()
    read = read_project(folder, read_company(next(folder.glob("00_*.xlsx")), forms), forms, rules)
    assert isinstance(read.project, Project)
    begun = without(load_case(), *load_case().project.workbooks)
    runs = [judge(case)[0] for case in (with_files(load_case()), with_files(load_case(code=TV)), begun)]
    spoken = [{finding.rule.code for finding in (*found, *read.findings)} for found in runs]
    return frozenset(code for code in CODES if any(code not in codes for codes in spoken))


@pytest.mark.parametrize("code", CODES)
def test_every_rule_fires_in_a_test(code: str) -> None:
    assert code in expected_somewhere()


@pytest.mark.parametrize("code", CODES)
def test_every_rule_is_silent_over_a_clean_project(code: str, silent: frozenset[str]) -> None:
    assert code in silent


def test_what_is_said_to_be_absent_does_not_count() -> None:
    assert set(named('assert "X201" not in codes\nassert table(f) == {("C8", "X202")}')) == {"C8", "X202"}
