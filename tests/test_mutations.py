"""Each mistake of the list is found at the cell where it was made, and nothing else is reported."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from pipeline.check.case import Case
from pipeline.check.judge import judge
from pipeline.check.portfolio.rules import judge_portfolio
from pipeline.core.findings import Finding, Severity
from pipeline.core.places import Place
from pipeline.core.sheets import Record
from tests.cases import AS_OF, DORM, TV, load_case

MUTATIONS = json.loads((Path(__file__).parent / "data" / "mutations.json").read_text(encoding="utf-8"))


def open_findings(case: Case) -> list[Finding]:
    found, _ = judge(case)
    return [f for f in found if not f.pending and f.rule.severity is not Severity.INFO]


def beside_others(case: Case, codes: Sequence[str]) -> list[Finding]:
    """What shows when the project is seen together with others."""
    others = [load_case(code=code).facts for code in codes]
    return list(judge_portfolio([case.facts, *others], case.company, case.rules, AS_OF)) if others else []


def records(case: Case, expect: Mapping[str, Any]) -> list[Record]:
    """The records that an expectation speaks of."""
    sheet = case.project.sheet(expect["workbook"], expect["sheet"])
    if expect.get("part") == "totals":
        return [sheet.totals]
    match = expect.get("match") or {}
    return [r for r in sheet.records() if all(r.text(key) == str(value) for key, value in match.items())]


def places(case: Case, expect: Mapping[str, Any]) -> set[Place]:
    """The cells that an expectation accepts; its own and the related ones."""
    wanted = [expect, *expect.get("related", [])]
    return {r.at(w["field"]) for w in wanted if w["field"] for r in records(case, w)}


@pytest.mark.parametrize("code", [TV, DORM])
def test_clean_sample_has_neither_error_nor_warning(code: str) -> None:
    found, _ = judge(load_case(code=code))
    assert [(f.rule.code, str(f.at)) for f in found] == []


@pytest.mark.parametrize("mutation", MUTATIONS, ids=[m["id"] for m in MUTATIONS])
def test_mutation_is_found_at_its_cell(mutation: Mapping[str, Any]) -> None:
    case = load_case(mutation["ops"], mutation["project"], recalculate=mutation["recalculate"])
    found = open_findings(case) + beside_others(case, mutation["with_projects"])
    expected = [e for e in mutation["expect"] if e["rule"] in case.rules and e["workbook"] in case.forms]
    for expect in expected:
        hits = [f for f in found if f.rule.code == expect["rule"]]
        if expect["field"] is None:
            sheet = case.project.sheet(expect["workbook"], expect["sheet"]).at
            assert any((f.at.workbook, f.at.sheet) == (sheet.workbook, sheet.sheet) for f in hits), (expect, found)
        else:
            wanted = places(case, expect)
            assert any(wanted & {f.at, *f.related} for f in hits), (expect, [(f.rule.code, str(f.at)) for f in found])
    named = {e["rule"] for e in mutation["expect"]} | set(mutation.get("also_allowed", []))
    assert {f.rule.code for f in found} <= named
