"""Papers speak as an office writes: no words of the program, no codes, punctuation of one kind but in entered text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import docx
import openpyxl
import pytest
from docx.oxml.ns import qn

from pipeline.definitions.documents import load_documents
from pipeline.definitions.procedure import load_procedure
from tests.cases import DORM, ROOT, TV
from tests.e2e.built import sample

# What nobody who signs wants to read: how the program works, its names for papers and rules.
WORDS = re.compile(r"系统不代签|登记[：:]|燃尽|代号|打勾|\bSHA|None|nan|\{\{|\{%")
RULES = re.compile(r"\b[FWXGB]\d{3}\b")
CODES = re.compile(rf"\b(?:{'|'.join(load_documents())})\b")
HALF = re.compile(r"[一-鿿][,;:()?!]|(?<![a-z])[,;:()?!][一-鿿]")  # a) ... are the letters of the procedure
# Where rules are named, by their purpose.
OF_CHECKS = {"VAL", "XCK", "AUD"}


@cache
def entered(code: str) -> tuple[str, ...]:
    """Every text in the workbooks of a sample, the longest first."""
    found = set()
    for path in (ROOT / "samples" / code).glob("0*.xlsx"):
        for sheet in openpyxl.load_workbook(path, data_only=True):
            found |= {v for row in sheet.iter_rows(values_only=True) for v in row if isinstance(v, str) and len(v) > 1}
    texts = {line.strip() for text in found for line in (text, *text.splitlines())}
    texts |= {"、".join(re.split("[,、;]", text)) for text in found if len(text) < 40}  # several choices of a cell
    cites = {name for clause in load_procedure().clause for name in clause.cites}
    return tuple(sorted(texts | cites, key=len, reverse=True))


def said(code: str) -> Iterator[tuple[str, str]]:
    """Code of the paper and each paragraph of ours in it, what was entered taken out."""
    for document in sample(code).result.documents:
        file = docx.Document(str(document.docx))
        edges = [edge._element for section in file.sections for edge in (section.header, section.footer)]
        for root in (file.element.body, *edges):
            for paragraph in root.iter(qn("w:p")):
                text = "".join(node.text or "" for node in paragraph.iter(qn("w:t")))
                for typed in entered(code) if any(one.search(text) for one in (HALF, WORDS, CODES)) else ():
                    text = text.replace(typed, "")
                yield document.code, text


@pytest.mark.parametrize("code", [TV, DORM])
def test_no_words_of_the_program(code: str) -> None:
    assert [pair for pair in said(code) if WORDS.search(pair[1])] == []


@pytest.mark.parametrize("code", [TV, DORM])
def test_no_codes_and_rules_but_where_checks_are_told(code: str) -> None:
    papers = [(name, text) for name, text in said(code) if name not in OF_CHECKS]
    assert len(papers) > 1000
    assert [(name, text) for name, text in papers if RULES.search(text) or CODES.search(text)] == []


@pytest.mark.parametrize("code", [TV, DORM])
def test_punctuation_of_ours_is_full_width(code: str) -> None:
    told = ((name, text.replace("!", "") if name in OF_CHECKS else text) for name, text in said(code))  # of a cell
    assert {pair for pair in told if HALF.search(pair[1])} == set()
