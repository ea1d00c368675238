"""Names that hold what other programs take for separators go through a whole project, and every table adds up."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import docx
import pytest

from pipeline.core.documents import ProjectResult
from pipeline.core.findings import Severity
from pipeline.definitions.values import Master00
from tests.cases import TV, sample_builder, sample_data
from tests.e2e.built import build

ORDER = ("市场销售部", "网络产品部", "网络工程部", "研发中心", "商务采购部", "财务部", "质量管理部")
DEPARTMENTS: Mapping[str, str] = {
    "网络产品部": "A.V.网络|产品部",
    "网络工程部": "工程/施工\\安:装“一”部",
    "商务采购部": "{{ 采购 }}{% x %}",
    "财务部": "1２３\"财务' 部",
    "质量管理部": "质量&<管理>部",
}
NAMES = tuple(DEPARTMENTS.get(name, name) for name in ORDER)
STAGES: Mapping[str, str] = {
    "S1": "S1.1",
    "S2": "S2|G",
    "S3": "S/3",
    "S4": "S:4",
    "S5": "S{{",
    "G1": "G.1",
    "G2": "2,G",
}
CHANGES: Mapping[str, str] = {"CR-01": "C|.01", "CR-02": "C/:,2"}
CODES = ("PPR", "PP1", "PP2", "PP3", "CRO", "CHG")
ACCOUNTS: Mapping[str, str] = {"人工费": "人工.费|甲/乙", "设备购置费": "设备{{购置}}, “费”"}


def renamed(value: Any, change: Callable[[str], str]) -> Any:
    """Sample data with other texts, wherever they stand by themselves."""
    if isinstance(value, dict):
        return {key: renamed(one, change) for key, one in value.items()}
    if isinstance(value, list):
        return [renamed(one, change) for one in value]
    return change(value) if isinstance(value, str) else value


def rows_of(path: Path, head: str) -> list[list[str]]:
    """Rows of the first table whose first cell reads `head`."""
    tables = (table for table in docx.Document(str(path)).tables if table.rows[0].cells[0].text == head)
    return [[cell.text for cell in row.cells] for row in next(tables).rows]


def made(folder: Path, names: Mapping[str, str], *, draft: bool) -> ProjectResult:
    """The large sample with other names, built without PDFs."""
    data = renamed(dict(sample_data()), lambda text: names.get(text, text))
    builder = sample_builder()
    contents = builder.contents(data, TV)
    for key, content in contents.items():
        builder.write_one(key, content, Master00(contents["master"].sheets), TV, folder)
    builder.write_attachments(data, TV, folder)
    return build(folder, folder / "out", *CODES, draft=draft, pdf=False)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> ProjectResult:
    """Names that the company gives itself: nothing is wrong with them."""
    return made(tmp_path_factory.mktemp("odd"), {**DEPARTMENTS, **ACCOUNTS}, draft=False)


@pytest.fixture(scope="module")
def draft(tmp_path_factory: pytest.TempPathFactory) -> ProjectResult:
    """Codes that the program reads are an error in another spelling; the draft shows them all the same."""
    return made(tmp_path_factory.mktemp("draft"), {**DEPARTMENTS, **ACCOUNTS, **STAGES, **CHANGES}, draft=True)


def warned(result: ProjectResult) -> set[str]:
    return {finding.rule.code for finding in result.findings if finding.rule.severity is not Severity.INFO}


def test_nothing_is_found_but_what_is_misspelt(built: ProjectResult, draft: ProjectResult) -> None:
    assert warned(built) <= {"F030"}
    assert warned(draft) <= {"F030", "F038"}
    for result in (built, draft):
        assert {document.code for document in result.documents} >= set(CODES)


def test_every_department_has_its_row_and_its_paper(built: ProjectResult) -> None:
    plan = next(document for document in built.documents if document.code == "PP3")
    rows = rows_of(plan.docx, "部门")
    planned = {value.text for value in plan.printed if re.fullmatch(r"staffing\.lines\[\d+\]\.dept", value.name)}
    assert [row[0] for row in rows[1:-1]] == [name for name in NAMES if name in planned]
    assert {"A.V.网络|产品部", "工程/施工\\安:装“一”部"} <= planned
    assert sum(Decimal(row[1]) for row in rows[1:-1]) == Decimal(rows[-1][1])
    asked = [document for document in built.documents if document.code == "CRO"]
    assert {document.part for document in asked} == {*NAMES, "客户服务部"}
    assert len({document.docx for document in built.documents}) == len(built.documents)


def amount(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


def test_every_stage_account_and_change_has_its_row(draft: ProjectResult) -> None:
    plan = next(document for document in draft.documents if document.code == "PP1")
    rows = rows_of(plan.docx, "阶段")
    assert set(STAGES.values()) <= {row[0] for row in rows}
    assert sum(amount(row[2]) for row in rows[1:-1]) == amount(rows[-1][2])
    assert set(ACCOUNTS.values()) & {row[1] for row in rows_of(plan.docx, "科目编码")}
    changes = {document.part: document for document in draft.documents if document.code == "CHG"}
    assert set(changes) == set(CHANGES.values())
    for document in changes.values():
        assert {value.text for value in document.printed if value.name == "change.after"} == {"5,186,545.40"}
