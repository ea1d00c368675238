from __future__ import annotations

import pytest
from click.testing import CliRunner

from pipeline.cli.procedure import show_procedure
from pipeline.definitions.catalogue import load_catalogue
from pipeline.definitions.clauses import clauses_of, procedure, siblings
from pipeline.definitions.forms import load_forms
from pipeline.definitions.procedure import load_procedure
from pipeline.definitions.stage_models import load_stage_models

ORDER = [
    *("1", "2", "3", "4.1", "4.2", "4.3", "4.4"),
    *("5.1", "5.1 a", "5.1 b", "5.1 c", "5.1 d", "5.1 e", "5.1 f", "5.1 g", "5.2"),
    *("6.1", "6.1–6.7", "6.2.1", "6.2.2", "6.2.3"),
    *("6.3.1", "6.3.1 –1", "6.3.1 –2", "6.3.1 –3", "6.3.1 –4", "6.3.1 –5", "6.3.2"),
    *("6.4", "6.4.1", "6.4.1 必须", "6.4.1 可能"),
    *("6.4.2跟踪", "6.4.2评审", "6.4.3", "6.4.4", "6.4.5", "6.4.6", "6.4.7", "6.4.8", "6.4.9"),
    *("6.5", "6.6", "6.7", "6.7 a", "6.7 b", "6.7 c", "6.7 d", "7.1", "7.2", "8", "通用"),
    *("项目售前全流程管理", "网络营销前台业务操作指导书", "项目售前实施方案流程", "网络工程项目工作流程要点"),
    *("售前项目管理流程(四阶段)", "亿联网络项目售前流程", "售前项目管理流程(SWOT)", "售前项目管理流程(总则)"),
    *("售前工作流程", "售前项目管理流程(五步)", "项目售前支持的六个阶段", "项目售前实施流程"),
    "售前技术支持控制程序",
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
        ("售前工作流程;6.1", ["售前工作流程", "6.1"]),
        ("", []),
    ],
)
def test_clauses_of_a_citation(text: str, clauses: list[str]) -> None:
    assert clauses_of(text) == clauses


def test_every_rule_and_every_cited_sheet_is_somewhere() -> None:
    found = procedure()
    assert {rule.code for clause in found for rule in clause.rules} == set(load_catalogue())
    cited = {(form.key, sheet.key) for form in load_forms().values() for sheet in form.sheet if sheet.clause}
    assert {(form.key, sheet.key) for clause in found for form, sheet in clause.forms} >= cited


def test_every_clause_is_served_by_something() -> None:
    """All of Q/DY 03.2-2002 stands here, and each sentence says what carries it out."""
    for clause in procedure():
        assert clause.steps or clause.forms or clause.rules or clause.documents, clause.number
    assert {step.key for clause in procedure() for step in clause.steps} == set(load_procedure().steps)


def test_the_print_reads_clause_form_rules_documents() -> None:
    done = CliRunner().invoke(show_procedure)
    assert done.exit_code == 0
    part = done.stdout.split("\n\n")[ORDER.index("6.3.2") + 1].splitlines()
    assert part[:3] == ["6.3.2", "  步骤  部门会签（countersign，必须）", "  表单  过程记录 / 计划会签"]
    kinds = [line.split()[0] for line in part[1:]]
    assert kinds == sorted(kinds, key=["步骤", "表单", "规则", "文档"].index)
    assert any(line.startswith("  规则  X217 [错误] ") for line in part)
    assert any(line.startswith("  文档  PAF ") for line in part)


def test_each_sibling_procedure_has_forms_rules_and_documents() -> None:
    found = [clause for clause in procedure() if clause.number in siblings()]
    assert len(found) == 13
    assert [clause.number for clause in found if not (clause.forms and clause.rules and clause.documents)] == []
    judged = {clause.number for clause in found if any(rule.code == "P527" for rule in clause.rules)}
    assert judged == {model.clause for model in load_stage_models().values()}


def test_the_print_tells_the_siblings_and_their_stages() -> None:
    text = CliRunner().invoke(show_procedure).stdout
    before, after = text.split("同一汇编的其余13个流程")
    assert "\n8  附录A" in before
    assert "\n  阶段  六个阶段：1 接触、2 咨询、3 跟踪、4 招标、5 投标、6 实施\n" in after
    assert after.count("\n  阶段  ") == len(load_stage_models())
