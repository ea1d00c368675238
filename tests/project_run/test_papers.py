"""Unsigned papers in an archive (W230), and pages that the handover list tells otherwise (W231)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from pipeline.core.attachments import SIGNED, Attachment
from pipeline.core.sheets import Cell, Record, Sheet
from pipeline.derive.facts import derive
from pipeline.project_run.papers import pages_otherwise, unsigned_in_archive
from pipeline.render.context.handed import MadePaper
from pipeline.render.context.shown import Source
from tests.cases import AS_OF, DORM, TV
from tests.render.cuts import changed, sample

SURVEY = MadePaper("CSR", "", "JL-03.2-01", "网络工程客户需求调查表", "V1.6", "记录", 5)


def emptied(source: Source, sheet: str, *keys: str) -> Source:
    """A sample with some labelled values of a sheet taken out."""

    def cut(old: Sheet) -> Sheet:
        cells = {key: Cell(cell.at) if key in keys else cell for key, cell in old.head.cells.items()}
        return replace(old, head=Record(old.head.sheet, cells))

    project = changed(source.project, sheet, cut)
    return replace(source, project=project, facts=derive(project, source.company, source.forms, AS_OF))


def test_registered_papers_are_no_matter() -> None:
    assert [list(unsigned_in_archive(sample(code))) for code in (TV, DORM)] == [[], []]


def test_an_archive_with_a_paper_that_nobody_registered() -> None:
    (found,) = unsigned_in_archive(emptied(sample(TV), "bidding", "conclusion", "conclusion_date"))
    assert (found.rule.code, found.at.sheet, found.at.cell) == ("W230", "移交清单", "C10")
    assert found.message() == "归档时还有1份质量记录没有登记:投标（响应）文件评审单。"


def test_a_department_that_was_renamed_since_has_registered_its_papers() -> None:
    """Workbook 00 knows it by another name; its opinion stands under the name of then."""
    source = sample(DORM)
    offices = tuple(
        replace(one, name="供应链管理部", former=("商务采购部",)) if one.code == "D05" else one
        for one in source.company.offices
    )
    company = replace(source.company, offices=offices, departments={one.code: one for one in offices})
    facts = derive(source.project, company, source.forms, AS_OF)
    assert "供应链管理部" in facts.reviewers
    assert list(unsigned_in_archive(replace(source, company=company, facts=facts))) == []


def test_its_signed_scan_will_do_and_before_the_archive_nothing_is_asked() -> None:
    source = emptied(sample(TV), "bidding", "conclusion", "conclusion_date")
    scan = Attachment("签字件/投标评审.pdf", "投标评审.pdf", "pdf", 1, "0" * 64, 1, SIGNED, "BRV")
    project = replace(source.project, attachments=(*source.project.attachments, scan))
    assert list(unsigned_in_archive(replace(source, project=project))) == []
    assert list(unsigned_in_archive(emptied(source, "handover", "archive_date"))) == []


def typed(pages: int | None) -> Source:
    """The sample with pages typed for the survey, which the form leaves to the program."""

    def type_in(old: Sheet) -> Sheet:
        rows = [
            replace(
                row, cells={**row.cells, "pages": replace(row.cell("pages"), value=Decimal(pages) if pages else None)}
            )
            if row.text("doc_no") == SURVEY.number
            else row
            for row in old.rows
        ]
        return replace(old, rows=tuple(rows))

    source = sample(TV)
    return replace(source, project=changed(source.project, "handover", type_in))


def test_pages_of_a_paper_of_ours_are_told_where_the_list_has_others() -> None:
    (found,) = pages_otherwise(typed(9), [SURVEY])
    assert (found.rule.code, found.at.sheet, found.values["typed"], found.values["pages"]) == (
        "W231",
        "移交清单",
        "9",
        "5",
    )


def test_pages_that_agree_or_are_not_known_are_no_matter() -> None:
    assert list(pages_otherwise(typed(9), [replace(SURVEY, pages=9)])) == []
    assert list(pages_otherwise(typed(9), [replace(SURVEY, pages=0)])) == []
    assert list(pages_otherwise(typed(9), [])) == []
    assert list(pages_otherwise(typed(None), [SURVEY])) == []


def test_a_review_without_problems_leaves_no_table_to_register() -> None:
    source = sample(TV, cleared=("problems",))
    agreed = changed(
        source.project,
        "creview",
        lambda old: replace(
            old,
            rows=tuple(
                replace(row, cells={**row.cells, "opinion": replace(row.cell("opinion"), value="同意")})
                for row in old.rows
            ),
        ),
    )
    facts = derive(agreed, source.company, source.forms, AS_OF)
    assert list(unsigned_in_archive(replace(source, project=agreed, facts=facts))) == []
