"""What the pipeline fills itself is asked for once a workbook, with all its cells (rule F058)."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pipeline.check.judge import judge
from pipeline.core.findings import Finding, Severity
from pipeline.project_run.prefill import prefill
from tests.cases import AS_OF, load_case, read_case
from tests.check.followed import followed, typed, with_files
from tests.check.reported import cells
from tests.project_run.test_typed_once import ORDER, small, write, write_company


def said(folder: Path) -> dict[str, Finding]:
    """Findings but those about workbooks that are not there, by rule and workbook."""
    found = judge(read_case(folder))[0]
    wanted = [f for f in found if f.rule.severity is not Severity.INFO and f.rule.code != "B412"]
    assert len({(f.rule.code, f.at.workbook[:2]) for f in wanted}) == len(wanted)
    return {f"{f.rule.code} {f.at.workbook[:2]}": f for f in wanted}


def test_what_was_typed_and_not_prefilled_is_one_finding_a_workbook(tmp_path: Path) -> None:
    """Blank names, dates, rates, numbers and sums are its cells; no rule says the same once more."""
    write_company(tmp_path)
    for form in ORDER:
        write(tmp_path, form, small()[form])
    found = said(tmp_path)
    assert set(found) == {"F058 01", "F058 02", "F058 03", "F058 04", "F058 05"}
    assert not any(one.pending for one in found.values())
    assert "人员需求!N7" in cells(found["F058 05"])


def test_sums_of_workbooks_that_are_still_to_come_are_not_due(tmp_path: Path) -> None:
    write_company(tmp_path)
    write(tmp_path, "survey", small()["survey"])
    write(tmp_path, "plan", {**small()["plan"], "head": {"version": "A/0"}})
    done = prefill(tmp_path, tmp_path / "out", None, None, AS_OF)
    for path in done.files:
        shutil.copyfile(path, tmp_path / path.name)
    shutil.rmtree(tmp_path / "out")
    (finding,) = said(tmp_path).values()
    assert (finding.rule.code, finding.pending, finding.values["n"]) == ("F058", True, "18")
    assert finding.at.cell == "C28"
    assert {"阶段计划!M12", "修订记录!F7"} <= cells(finding)


@pytest.mark.parametrize("field", ["customer_name", "planned_total_cost"])
def test_a_single_blank_is_told_by_itself(field: str) -> None:
    """One value that somebody took out is a blank cell like another."""
    case = followed(load_case(), [typed("plan", "basics", "head", **{field: None})])
    assert [(f.rule.code, f.at) for f in judge(with_files(case))[0] if f.blocks and f.rule.code == "F001"] == [
        ("F001", case.project.head("plan", "basics").at(field))
    ]
