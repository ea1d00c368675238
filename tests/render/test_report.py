from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipeline.core.documents import Document, FileVerdict, Pack, ProjectResult, Run
from pipeline.core.findings import Comparison, Finding, Severity, Side, Verdict
from pipeline.core.places import Place
from pipeline.render.report import as_json, as_lines
from tests.render.made_up import DAY, rule, source

K12 = Place("03.xlsx", "费用明细", "K12")
ERROR = Finding(rule("F001"), K12, (Place("04.xlsx", "物资明细", "E8"),), {"found": "1", "expected": "2"})
LATER = Finding(rule("G302", zh="缺会签"), Place(""), pending=True)
WARNING = Finding(rule("W130", Severity.WARNING, zh="金额可疑"), Place("04.xlsx", "物资明细", "E8"))
COMPARISON = Comparison(
    "X203", "合计", Side("甲", Decimal("9E+6"), (K12,)), Side("乙", "13%"), Verdict.DIFFERENT, Decimal("0.10")
)
DOCUMENT = Document("PPR", "项目计划报告", "A/1", "待签", DAY, Path("o/PPR.docx"), Path("o/PPR.pdf"), 18)
PACK = Pack("LY_计划包_V1", 1, Path("o/p"), Path("o/p.zip"), None, "ab" * 32)
REFUSED = FileVerdict("x.xls", "refused", "B401", "请另存为 xlsx")


def run(**more: Any) -> Run:
    facts = replace(source().facts, missing=("审批单",))
    project = ProjectResult("LY-SQ-2026-007", "青岚项目", facts, (LATER, WARNING, ERROR), (COMPARISON,))
    return Run(DAY, (replace(project, **more),), (REFUSED,))


def test_the_json_has_the_shape_of_the_design() -> None:
    found = as_json(run(documents=(DOCUMENT,), packs=(PACK,)))
    assert json.loads(json.dumps(found)) == found
    assert list(found) == ["schema", "as_of", "projects", "files"]
    project = found["projects"][0]
    keys = ["code", "name", "status", "stage", "next_gate", "missing", "findings", "comparisons", "documents", "packs"]
    keys.append("marked")
    assert list(project) == keys
    assert (found["schema"], found["as_of"], project["status"]) == (1, "2026-03-24", "errors")
    assert (project["stage"], project["next_gate"], project["missing"]) == ("计划编制", "会签", ["审批单"])
    assert found["files"] == [{"path": "x.xls", "verdict": "refused", "rule": "B401", "message": "请另存为 xlsx"}]


def test_a_finding_in_the_json() -> None:
    findings = as_json(run())["projects"][0]["findings"]
    assert [(f["rule"], f["severity"], f["state"]) for f in findings] == [
        ("F001", "error", "open"),
        ("W130", "warning", "open"),
        ("G302", "error", "pending"),
    ]
    assert findings[0] == {
        "rule": "F001",
        "severity": "error",
        "state": "open",
        "workbook": "03.xlsx",
        "sheet": "费用明细",
        "cell": "K12",
        "found": "1",
        "expected": "2",
        "message": "K12为空",
        "clause": "6.3.1",
        "related": [{"workbook": "04.xlsx", "sheet": "物资明细", "cell": "E8"}],
    }
    assert (findings[2]["workbook"], findings[2]["cell"]) == (None, None)


def test_money_is_a_plain_decimal_string() -> None:
    one = as_json(run())["projects"][0]["comparisons"][0]
    assert (one["left"]["value"], one["right"]["value"], one["difference"]) == ("9000000", "13%", "0.10")
    assert (one["left"]["cell"], one["right"]["cell"], one["verdict"]) == ("K12", None, "different")


def test_documents_and_packs_in_the_json() -> None:
    project = as_json(run(documents=(DOCUMENT,), packs=(PACK,)))["projects"][0]
    assert (project["documents"][0]["date"], project["documents"][0]["pages"]) == ("2026-03-24", 18)
    assert (project["packs"][0]["name"], project["packs"][0]["pdf"]) == ("LY_计划包_V1", None)


def test_the_screen_groups_by_workbook_and_ends_with_the_verdict() -> None:
    assert as_lines(run()) == [
        "LY-SQ-2026-007 青岚项目",
        "  03.xlsx",
        "    错误 F001 费用明细!K12 K12为空 (6.3.1)",
        "      相关: [04.xlsx]物资明细!E8",
        "      处理: 补填K12",
        "  04.xlsx",
        "    警告 W130 物资明细!E8 金额可疑 (6.3.1)",
        "      处理: 补填E8",
        "  未到期(到下一关口前补齐)",
        "    整个项目",
        "      错误 G302 缺会签 (6.3.1)",
        "        处理: 补填",
        "  不通过: 1 个错误,1 个警告,1 项未到期",
        "  状态: 计划编制",
        "  下一关口: 会签",
        "  还缺: 审批单",
        "",
        "文件",
        "  x.xls 拒收 B401 请另存为 xlsx",
    ]


def test_findings_of_one_cause_are_one_block_with_the_remedy_once() -> None:
    careful = replace(WARNING.rule, zh="{cell}可疑", remedy="核对")
    same = tuple(Finding(careful, Place("04.xlsx", "物资明细", f"E{row}")) for row in range(11, 18))
    assert as_lines(run(findings=same))[2:9] == [
        *(f"    警告 W130 物资明细!E{row} E{row}可疑 (6.3.1)" for row in range(11, 16)),
        "      另有 2 处: [04.xlsx]物资明细!E16, [04.xlsx]物资明细!E17",
        "      处理: 核对",
    ]


def test_accepted_files_are_not_worth_a_line() -> None:
    good = FileVerdict("03.xlsx", "accepted", message="项目费用计划明细表")
    assert not [line for line in as_lines(run(files=(good,))) if "03.xlsx accepted" in line]
    assert as_json(run(files=(good,)))["files"][1]["verdict"] == "accepted"


def test_english() -> None:
    lines = as_lines(run(), "en")
    assert "    error F001 费用明细!K12 K12 is blank (6.3.1)" in lines
    assert "      do: Fill in K12" in lines
    assert "  failed: 1 errors, 1 warnings, 1 pending" in lines


def test_a_project_that_could_not_be_read_has_no_state() -> None:
    lines = as_lines(run(facts=None, findings=()))
    assert lines[:2] == ["LY-SQ-2026-007 青岚项目", "  通过: 0 个错误,0 个警告,0 项未到期"]
    assert as_json(run(facts=None))["projects"][0]["stage"] == ""
