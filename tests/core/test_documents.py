from __future__ import annotations

import pickle

import pytest

from pipeline.core.documents import ProjectResult
from pipeline.core.findings import Finding, Severity
from pipeline.core.places import Place
from pipeline.definitions.catalogue import load_catalogue
from tests.cases import load_case


def finding(code: str, severity: Severity, *, pending: bool = False) -> Finding:
    rule = load_catalogue()[code]
    assert rule.severity is severity
    return Finding(rule, Place("03.xlsx"), pending=pending)


ERROR = finding("F001", Severity.ERROR)
WARNING = finding("F003", Severity.WARNING)


@pytest.mark.parametrize(
    ("findings", "status", "blocked"),
    [
        ((), "ok", False),
        ((WARNING,), "warnings", False),
        ((WARNING, ERROR), "errors", True),
        ((finding("F001", Severity.ERROR, pending=True),), "ok", False),
        ((finding("F003", Severity.WARNING, pending=True),), "ok", False),
    ],
)
def test_status_of_a_project(findings: tuple[Finding, ...], status: str, blocked: bool) -> None:
    result = ProjectResult("LY-SQ-2026-007", "青岚台", None, findings)
    assert result.status == status
    assert result.blocked is blocked


def test_a_result_crosses_a_process_border() -> None:
    facts = load_case().facts
    result = ProjectResult(facts.code, facts.name, facts, (ERROR, WARNING))
    assert pickle.loads(pickle.dumps(result)) == result
