from __future__ import annotations

from pathlib import Path

from pipeline.audit.papers import Paper, PrintedField, distinct, of_document, of_provenance
from pipeline.core.documents import Document, Printed
from pipeline.core.places import Place
from tests.cases import AS_OF


def one(name: str, text: str = "x") -> PrintedField:
    return PrintedField(name, text, text)


def test_runs_of_a_list_are_rows_also_within_other_lists() -> None:
    names = ["a", "l[0].x", "l[0].y", "l[1].x", "s[0].i[2].v", "m.rows[0].dept", "m.rows[0].cells[3]", "r[0]"]
    runs = [(owner, len(run)) for owner, run in Paper("P", "p.docx", [one(name) for name in names]).items()]
    assert runs == [("l[0]", 2), ("l[1]", 1), ("s[0].i[2]", 1), ("m.rows[0]", 2)]


def test_a_document_and_its_provenance_are_the_same_paper(tmp_path: Path) -> None:
    printed = Printed("cost.total", "1.00", "1", (Place("03.xlsx", "表", "K7"),))
    document = Document(
        "CRO", "意见", "A/0", "记录", AS_OF, tmp_path / "docx" / "x.docx", None, 0, (printed, printed), "财务部"
    )
    told = {
        "documents": [
            {
                "code": "CRO",
                "part": "财务部",
                "file": "x.docx",
                "fields": [{"name": "cost.total", "text": "1.00", "value": "1", "cells": ["[03.xlsx]表!K7"]}],
            }
        ]
    }
    [paper] = of_provenance(told, tmp_path)
    made = of_document(document)
    assert (paper.label, paper.file, list(paper.fields)) == (made.label, made.file, list(made.fields))
    assert paper.docx is None


def test_a_paper_that_lies_beside_the_merged_pdf_says_so(tmp_path: Path) -> None:
    papers = [{"code": "PP1", "file": "x.docx", "fields": [], **more} for more in ({}, {"bound": False})]
    assert [paper.bound for paper in of_provenance({"documents": papers}, tmp_path)] == [True, False]


def test_a_name_in_a_pack_leads_nowhere_else(tmp_path: Path) -> None:
    (tmp_path / "secret.docx").touch()
    told = {"documents": [{"code": "X", "file": "../secret.docx", "fields": []}]}
    assert of_provenance(told, tmp_path / "pack")[0].docx is None


def test_texts_are_counted_once_and_blanks_not_at_all() -> None:
    assert distinct([one("a", "1"), one("b", " "), one("c", "1"), one("d", "2")]) == ["1", "2"]
