from __future__ import annotations

import csv
import io
import re

import pytest

from pipeline.core.errors import UsageProblem
from pipeline.definitions.documents import load_documents
from pipeline.definitions.forms import load_forms
from pipeline.render.word.template_names import (
    HEAD,
    TemplateName,
    as_csv,
    as_markdown,
    as_text,
    document_form,
    names,
    unused_fields,
)

PPR = load_documents()["PPR"]


def by_path(code: str = "PPR") -> dict[str, TemplateName]:
    return {name.path: name for name in names(load_documents()[code])}


def test_a_field_is_told_by_the_words_of_its_form() -> None:
    found = by_path()["cost.lines[].amount"]
    field = load_forms()["cost"].sheet_form("lines").field("amount")
    assert (found.label, found.kind, found.forms) == (field.label, "金额", ("wan", "upper"))
    assert found.source == "03_项目费用计划明细表·费用明细"
    assert found.used


@pytest.mark.parametrize(
    ("path", "label", "kind", "written"),
    [
        ("project.code", "项目编号", "文字", "{{ project.code }}"),
        ("doc.date", "文档日期", "日期", "{{ doc.date }}"),
        ("doc.draft", "是否草稿(只能用在条件里)", "条件", "{% if doc.draft %}"),
        ("plan.gross_margin", "毛利率", "数", "{{ plan.gross_margin }}"),
        ("cost.by_month[].running", "累计金额", "金额", "{{ x.running }} 在 for x in cost.by_month 里"),
        ("doc.basis[]", "引用文件", "文字", "{{ x }} 在 for x in doc.basis 里"),
        ("survey.sections[].items[].label", "调查项", "文字", "{{ x.label }} 在 for x in survey.sections….items 里"),
    ],
)
def test_computed_names_have_words_too(path: str, label: str, kind: str, written: str) -> None:
    found = by_path()[path]
    assert (found.label, found.kind, found.written) == (label, kind, written)


def test_every_name_has_a_chinese_label() -> None:
    for code in ("PPR", "MEM", "PKG", "BAT"):
        bare = [name.path for name in by_path(code).values() if not re.search("[\u4e00-\u9fff]", name.label)]
        assert bare == [], "add them to output_templates/names.toml"


def test_a_document_of_a_row_has_its_row() -> None:
    assert by_path("MEM")["row.title"].source.endswith("会议备忘录")
    assert "row.title" not in by_path("PPR")


def test_a_name_is_marked_when_the_template_mentions_it() -> None:
    found = by_path("PAN")
    assert found["project.name"].used
    assert not found["findings.errors[].message"].used


@pytest.mark.parametrize("name", ["PPR", "ppr", "PPR.docx", " ppr.DOCX "])
def test_a_document_goes_by_its_code_or_file(name: str) -> None:
    assert document_form(name) == PPR


def test_an_unknown_document_is_answered_with_the_nearest() -> None:
    with pytest.raises(UsageProblem, match="PPR"):
        document_form("PPRR")


def test_fields_that_nobody_prints_are_found_once() -> None:
    found = unused_fields()
    keys = [(name.source, name.path.rpartition(".")[2]) for name in found]
    assert len(keys) == len(set(keys))
    assert all(source for source, _ in keys)
    assert ("03_项目费用计划明细表·费用明细", "amount") not in keys


def test_the_list_reads_back_from_its_files() -> None:
    found = names(PPR)[:20]
    rows = list(csv.reader(io.StringIO(as_csv(found))))
    assert rows[0] == list(HEAD)
    assert [tuple(row) for row in rows[1:]] == [name.row() for name in found]
    assert as_markdown(found).count("\n") == len(found) + 2
    assert as_text(found).count("\n") == len(found)


def test_no_example_becomes_a_formula() -> None:
    evil = TemplateName("a", "=1+1", "文字", "@SUM(1)", (), "", False)
    row = list(csv.reader(io.StringIO(as_csv([evil]))))[1]
    assert (row[1], row[3]) == ("'=1+1", "'@SUM(1)")


_BY_FACTS = "printed as project.*, cost.*, materials.* or staffing.*, with these cells"
_NOT_PRINTED = {
    "company.short_name": "author of the files, sender of the letters",
    **dict.fromkeys(("company.uscc", "company.address"), "no document of domain E wants them"),
    **dict.fromkeys(
        (
            *("support.req_confirm.suppliers", "support.req_confirm.review_date", "support.req_confirm.review_result"),
            *("support.requests.all_rows[].need_confirmed_date", "support.requests.all_rows[].site_confirmed_date"),
        ),
        "ours alone, on a paper that the customer signs, or for the rules",
    ),
    **dict.fromkeys(
        (f"records.agreements.all_rows[].{key}" for key in ("coo_date", "cto_date")),
        "the customer's paper names who signs; its date is written by hand",
    ),
    **dict.fromkeys(
        (f"plan.basics.{key}" for key in ("project_code", "project_name", "contract_amount")),
        _BY_FACTS,
    ),
    **dict.fromkeys(
        (f"plan.basics.{key}" for key in ("planned_total_cost", "presales_budget", "engineering_estimate")), _BY_FACTS
    ),
    **dict.fromkeys((f"plan.basics.{key}" for key in ("materials_total", "total_person_days")), _BY_FACTS),
    **dict.fromkeys((f"cost.summary.all_rows[].{key}" for key in ("dim", "amount_wan")), "summed anew; XCK compares"),
    "plan.stages[].actual_end": "drawn in the bar chart of a report; a plan carries no actual dates",
    "records.pauses.all_rows[].from": "a pause is told by the state of the project, on the page and in letters",
    "records.agreements.all_rows[].cost_effect": "printed as signing_check[], for who permits the signature",
    "records.agreements.all_rows[].part_amount": "added to the contract for the check against the bid",
    "records.actions.all_rows[].memo_no": "the number of the memo in which the action stands",
    **dict.fromkeys(
        (f"records.handover.all_rows[].{key}" for key in ("clause_item", "doc_name", "doc_no")),
        "printed as files[] and handover_check[]",
    ),
    **dict.fromkeys(
        (
            f"records.{sheet}.{key}"
            for sheet in ("handover", "archive")
            for key in ("archive_dept", "archive_date", "retention_years", "retention_until")
        ),
        "printed as archive.*, from whichever of the two sheets is filled",
    ),
}
"""Fields that no template prints by their own name, and why not; any other one that staff fill must be printed."""


def test_what_staff_fill_is_printed_or_known_not_to_be() -> None:
    assert {name.path for name in unused_fields()} == _NOT_PRINTED.keys()
