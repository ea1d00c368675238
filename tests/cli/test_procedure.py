from __future__ import annotations

import pytest
from click.testing import CliRunner

from pipeline.cli.procedure import show_procedure
from pipeline.definitions.catalogue import load_catalogue
from pipeline.definitions.forms import load_forms
from pipeline.definitions.procedure import clauses_of, procedure

ORDER = [
    *("4.1", "4.2", "4.3", "4.4", "5.1", "6.1", "6.1–6.7", "6.2.1", "6.2.2", "6.2.3", "6.3.1", "6.3.2"),
    *("6.4", "6.4.1", "6.4.2跟踪", "6.4.2评审", "6.4.3", "6.4.4", "6.4.5", "6.4.6", "6.4.7", "6.4.8", "6.4.9"),
    *("6.5", "6.6", "6.7", "7.1", "7.2", "通用"),
]


def test_clauses_stand_in_the_order_of_the_procedure() -> None:
    assert [clause.number for clause in procedure()] == ORDER


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("6.2.2 a)–h)", ["6.2.2"]),
        ("6.2.2;4.4", ["6.2.2", "4.4"]),
        ("6.4.2注", ["6.4.2跟踪"]),
        ("6.4.2评审", ["6.4.2评审"]),
        ("6.3.1(时限)", ["6.3.1"]),
        ("6.2.1注;通用", ["6.2.1", "通用"]),
        ("6.1–6.7", ["6.1–6.7"]),
        ("", []),
    ],
)
def test_clauses_of_a_citation(text: str, clauses: list[str]) -> None:
    assert clauses_of(text) == clauses


def test_every_rule_and_every_cited_sheet_is_somewhere() -> None:
    found = procedure()
    assert {rule.code for clause in found for rule in clause.rules} == set(load_catalogue())
    cited = {(form.key, sheet.key) for form in load_forms().values() for sheet in form.sheet if sheet.clause}
    assert {(form.key, sheet.key) for clause in found for form, sheet in clause.forms} == cited


def test_the_print_reads_clause_form_rules_documents() -> None:
    done = CliRunner().invoke(show_procedure)
    assert done.exit_code == 0
    part = done.stdout.split("\n\n")[ORDER.index("6.3.2") + 1].splitlines()
    assert part[:2] == ["6.3.2", "  表单  过程记录 / 计划会签"]
    kinds = [line.split()[0] for line in part[1:]]
    assert kinds == sorted(kinds, key=["表单", "规则", "文档"].index)
    assert any(line.startswith("  规则  X217 [错误] ") for line in part)
    assert any(line.startswith("  文档  PAF ") for line in part)
