from __future__ import annotations

from pathlib import Path

import docx
import pytest

from pipeline.core.errors import DefinitionError, ExitCode
from pipeline.definitions.conditions import Condition
from pipeline.definitions.documents import load_documents

GOOD = """
[[document]]
code = "PP1"
title = "项目费用计划明细表"
record_no = "JL-PM-02"
template = "PP1.docx"
needs = ["plan", "cost"]
packs = ["计划包"]
order = 2
signers = ["编制人", "财务部"]
state = "待签"
gate = "会签"
audience = "internal"
quality_record = true
per = ""
folder = ""
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    docx.Document().save(str(tmp_path / "PP1.docx"))
    docx.Document().save(str(tmp_path / "VAL.docx"))
    return tmp_path


def written(folder: Path, text: str) -> Path:
    (folder / "documents.toml").write_text(text, encoding="utf-8")
    return folder


def test_a_row_becomes_a_document_form(folder: Path) -> None:
    form = load_documents(written(folder, GOOD))["PP1"]
    assert (form.title, form.record_no, form.needs, form.packs) == (
        "项目费用计划明细表",
        "JL-PM-02",
        ("plan", "cost"),
        ("计划包",),
    )
    assert (form.signers, form.state, form.quality_record) == (("编制人", "财务部"), "待签", True)


def test_documents_stand_in_the_order_of_the_packs(folder: Path) -> None:
    later = '[[document]]\ncode = "AAA"\ntitle = "t"\ntemplate = "VAL.docx"\norder = 9\n'
    assert list(load_documents(written(folder, later + GOOD))) == ["PP1", "AAA"]


@pytest.mark.parametrize(
    ("old", "new", "named", "hint"),
    [
        ("signers =", "signer =", "signer", "signers"),
        ('"cost"]', '"costs"]', "needs", "cost"),
        ('"计划包"', '"计划书"', "packs", "计划包"),
        ('"internal"', '"internl"', "audience", "internal"),
        ('"待签"', '"待鉴"', "state", "待签"),
        ('"PP1.docx"', '"PP11.docx"', "template", "PP1.docx"),
        ("quality_record = true", 'quality_record = "yes"', "quality_record", "yes"),
        ('title = "项目费用计划明细表"', "", "title", "title"),
        ("[[document]]", "[[documents]]", "documents", "document"),
    ],
)
def test_a_wrong_row_is_named_with_file_key_and_nearest_word(
    folder: Path, old: str, new: str, named: str, hint: str
) -> None:
    with pytest.raises(DefinitionError) as failure:
        load_documents(written(folder, GOOD.replace(old, new)))
    assert failure.value.exit_code == ExitCode.DEFINITION
    for word in ("documents.toml", named, hint):
        assert word in str(failure.value)


def test_a_code_is_used_once(folder: Path) -> None:
    with pytest.raises(DefinitionError, match="PP1"):
        load_documents(written(folder, GOOD + GOOD))


def test_the_shipped_documents_load() -> None:
    documents = load_documents()
    assert {"PPR", "PP1", "PP2", "PP3", "CSR", "PAF", "VAL", "XCK", "PKG"} <= set(documents)
    assert not documents["VAL"].needs


# -- columns of documents with a record ---------------------------------------------------------------------------

MEMO = """
[[document]]
code = "MEM"
title = "会议备忘录"
template = "PP1.docx"
needs = ["plan"]
state = "待签"
due = "notice"
record = "records.memos"
day = ["records.memos.start", "records.bidding.result_date"]
per = "records.memos"
row_name = "no"
when = "plan.basics.needs_test=是; records.agreements.origin=口头"
"""


def test_the_columns_of_a_document_with_a_record(folder: Path) -> None:
    form = load_documents(written(folder, MEMO))["MEM"]
    assert (form.due, form.records, form.row_name, form.by_row) == ("notice", ("records.memos",), "no", True)
    assert form.conditions == (
        Condition("plan.basics.needs_test", ("是",)),
        Condition("records.agreements.origin", ("口头",)),
    )


def test_a_row_without_the_new_columns_still_loads(folder: Path) -> None:
    form = load_documents(written(folder, GOOD))["PP1"]
    assert (form.due, form.records, form.day, form.row_name, form.conditions) == ("", (), (), "", ())
    assert not form.by_row


@pytest.mark.parametrize(
    ("old", "new", "named", "hint"),
    [
        ('due = "notice"', 'due = "notise"', "MEM.due", "notice"),
        ('record = "records.memos"', 'record = "record.memos"', "MEM.record", "records"),
        ('record = "records.memos"', 'record = "records.memo"', "MEM.record", "memos"),
        ('record = "records.memos"', 'record = "records.memos.titel"', "MEM.record", "title"),
        ('record = "records.memos"', 'record = "records.memos|records.memo"', "MEM.record", "memos"),
        ('"records.memos.start"', '"records.memos.strat"', "MEM.day", "start"),
        ('"records.memos.start"', '"records.memos.title"', "MEM.day", "is no date"),
        ('"records.memos.start"', '"records.memos"', "MEM.day", "unknown value"),
        ('"records.bidding.result_date"', '"records.bidding.result_dat"', "MEM.day", "result_date"),
        ('per = "records.memos"', 'per = "records.notice"', "MEM.per", "has no rows"),
        ('per = "records.memos"', 'per = "records.memos.no"', "MEM.per", "has no rows"),
        ('row_name = "no"', 'row_name = "nr"', "MEM.row_name", "no"),
        ('row_name = "no"', "", "MEM.row_name", "unknown value"),
        ('per = "records.memos"', "", "MEM.row_name", "needs per"),
        ("needs_test=是", "needs_tests=是", "MEM.when", "needs_test"),
        ("needs_test=是", "needs_test=有", "MEM.when", "有"),
        ("plan.basics.needs_test=是", "plan.basics.class|plan.basics.clas", "MEM.when", "class"),
        ("plan.basics.needs_test=是", "plan.basics=是", "MEM.when", "is no field"),
        ("plan.basics.needs_test=是", "=是", "when", "cannot read condition"),
        ("day =", "days =", "days", "day"),
    ],
)
def test_a_wrong_name_in_a_new_column_is_said_with_the_nearest_one(
    folder: Path, old: str, new: str, named: str, hint: str
) -> None:
    assert old in MEMO
    with pytest.raises(DefinitionError) as failure:
        load_documents(written(folder, MEMO.replace(old, new, 1)))
    for word in ("documents.toml", named, hint):
        assert word in str(failure.value)


@pytest.mark.parametrize(
    ("when", "conditions"),
    [
        ("records.problems", (Condition("records.problems"),)),
        ("records.bidding.result=中标|成交", (Condition("records.bidding.result", ("中标", "成交")),)),
        ("records.bidding.result != 未中标", (Condition("records.bidding.result", ("未中标",), False),)),
        ("records.changes.no|records.problems.no", (Condition("records.changes.no", others=("records.problems.no",)),)),
        ("", ()),
    ],
)
def test_conditions_are_read(folder: Path, when: str, conditions: tuple[Condition, ...]) -> None:
    text = MEMO.replace("plan.basics.needs_test=是; records.agreements.origin=口头", when)
    assert load_documents(written(folder, text))["MEM"].conditions == conditions
