"""Names that are odd but legal run through a whole project: read, judged, named as files, printed as they stand."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import docx
import pytest

from pipeline.check.case import Case
from pipeline.check.judge import judge
from pipeline.core.documents import Document
from pipeline.definitions.documents import load_documents
from pipeline.render.context.shown import Source
from pipeline.render.maker import Maker
from pipeline.render.orders import orders
from tests.cases import DORM, load_case, read_case, sample_builder, sample_data
from tests.check.followed import with_files

# As they stand in the sample, and what they are called here: 合计 heads no total, and two of one day are alike but for
# one sign.
NAMES: Mapping[str, str] = {
    "网络工程部": "合计",
    "网络产品部": "产品/部",
    "商务采购部": "产品|部",
    "财务部": "财务,资产.部",
    "9号至14号学生宿舍": "9/14号|宿舍, 第1.2期",
    "华澄理工大学": "华澄.理工|大学",
    "秦川": "秦·川 Jr.",
    "面板型AP": "面板型AP, 86|盒/套",
}
# Where departments, people and materials stand in tables with totals, and what is made once for each department.
PRINTED = ("PP1", "PP2", "PP3", "PAF", "CRO", "CRV", "PAR")


def renamed(value: Any) -> Any:
    """The sample's data under the other names, wherever they stand."""
    if isinstance(value, str):
        for old, new in NAMES.items():
            value = value.replace(old, new)
        return value
    if isinstance(value, Mapping):
        return {key: renamed(one) for key, one in value.items()}
    return [renamed(one) for one in value] if isinstance(value, list) else value


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    folder, builder = tmp_path_factory.mktemp("odd"), sample_builder()
    builder.write(builder.contents(renamed(sample_data()), DORM), DORM, folder)
    return with_files(read_case(folder))


@pytest.fixture(scope="module")
def documents(case: Case, tmp_path_factory: pytest.TempPathFactory) -> list[Document]:
    """Filled and added up as always, without PDFs."""
    findings, comparisons = judge(case)
    source = Source(case.project, case.company, case.facts, case.forms, tuple(findings), tuple(comparisons))
    maker = Maker(source, tmp_path_factory.mktemp("docx"), None)
    forms = load_documents()
    return [maker.make(order) for order in orders(source, [forms[code] for code in PRINTED])]


def test_nothing_is_said_against_a_name(case: Case) -> None:
    assert [finding.rule.code for finding in judge(case)[0]] == []
    assert case.project.name == "华澄.理工|大学9/14号|宿舍, 第1.2期无线网络覆盖项目"


def test_every_row_and_total_is_read_as_under_plain_names(case: Case) -> None:
    """A department called 合计 ends no table, and no row of it is taken for a subtotal."""
    plain = load_case()
    assert rows(case) == rows(plain)
    assert sorted(sum_.value for sum_ in case.facts.figures.values()) == sorted(
        sum_.value for sum_ in plain.facts.figures.values()
    )
    assert not any(sheet.subtotals for book in case.project.workbooks.values() for sheet in book.sheets.values())
    assert "合计" in case.facts.reviewers


def rows(case: Case) -> dict[str, int]:
    books = case.project.workbooks.values()
    return {str(sheet.at): len(sheet.rows) for book in books for sheet in book.sheets.values()}


def test_a_name_makes_no_folder_and_no_two_documents_one_file(documents: list[Document]) -> None:
    names = [document.docx.name for document in documents]
    assert len(set(names)) == len(names) >= len(PRINTED)
    assert all(document.docx.is_file() and document.docx.parent == documents[0].docx.parent for document in documents)
    assert sum(document.code == "CRO" for document in documents) == 6


def test_names_are_printed_as_they_stand(documents: list[Document]) -> None:
    text = "\n".join(map(said, (document.docx for document in documents)))
    assert [name for name in NAMES.values() if name not in text] == []


def said(path: Path) -> str:
    cells = docx.Document(str(path)).element.body.iter("{*}t")
    return "".join(cell.text or "" for cell in cells)
