from __future__ import annotations

from pathlib import Path

import docx
import pytest

from pipeline.core.errors import DefinitionError, ExitCode
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
