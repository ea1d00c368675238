"""Every printed table adds up to the total printed below it, or there is no document."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import docx
import pytest

from pipeline.core.errors import DocumentFailed
from pipeline.definitions.documents import load_documents
from pipeline.definitions.forms import data_folder
from pipeline.render.word.added_up import mark
from pipeline.render.word.fill import render
from pipeline.render.word.package import W
from tests.render.made_up import form
from tests.render.word.test_fill import context, leaf

Rows = Sequence[Sequence[str]]
LIST: Rows = (
    ("部门", "人天", "金额", "万元"),
    ("{%tr for x in rows %}", "", "", ""),
    ("{{ x.name }}", "{{ x.days }}", "{{ x.amount }}", "{{ x.amount.wan }}"),
    ("{%tr endfor %}", "", "", ""),
    ("合计", "{{ days }}", "{{ amount }}", "{{ amount.wan }}"),
    ("其中:售前", "{{ days }}", "{{ days }}", ""),
)
GROUPS: Rows = (
    ("名称", "金额"),
    ("{%tr for g in groups %}", ""),
    ("{{ g.name }}", ""),
    ("{%tr for x in g.rows %}", ""),
    ("{{ x.name }}", "{{ x.amount }}"),
    ("{%tr endfor %}", ""),
    ("{{ g.name }}小计", "{{ g.sum }}"),
    ("{%tr endfor %}", ""),
    ("总计", "{{ amount }}"),
)
PARTS: Rows = (
    ("名称", "金额"),
    ("{%tr for x in first %}", ""),
    ("{{ x.name }}", "{{ x.amount }}"),
    ("{%tr endfor %}", ""),
    ("售前小计", "{{ a }}"),
    ("{%tr for x in second %}", ""),
    ("{{ x.name }}", "{{ x.amount }}"),
    ("{%tr endfor %}", ""),
    ("工程小计", "{{ b }}"),
    ("合计", "{{ c }}"),
)
MATRIX: Rows = (
    ("部门", "{%tc for s in stages %}", "{{ s }}", "{%tc endfor %}", "合计"),
    ("{%tr for r in rows %}", "", "", "", ""),
    ("{{ r.name }}", "{%tc for c in r.cells %}", "{% if c %}{{ c }}{% endif %}", "{%tc endfor %}", "{{ r.total }}"),
    ("{%tr endfor %}", "", "", "", ""),
    ("合计", "{%tc for c in totals %}", "{% if c %}{{ c }}{% endif %}", "{%tc endfor %}", "{{ whole }}"),
)


def template(folder: Path, rows: Rows) -> None:
    document = docx.Document()
    table = document.add_table(rows=len(rows), cols=len(rows[0]))
    for row, texts in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    document.save(str(folder / "TST.docx"))


def row(name: str, days: str, amount: str, wan: str = "") -> dict[str, Any]:
    shown = leaf(amount, forms={"wan": lambda _: wan or "0.00"}, value=1)
    return {"name": leaf(name), "days": leaf(days), "amount": shown}


def made(folder: Path, rows: Rows, /, *, adds_up: bool = True, **values: Any) -> Any:
    template(folder, rows)
    target = folder / "out.docx"
    render(form(), context(**values), target, draft=False, folder=folder, adds_up=adds_up)
    return docx.Document(str(target))


def total(amount: str, wan: str = "0.00") -> Any:
    return leaf(amount, forms={"wan": lambda _: wan}, value=1)


THREE = [
    row("甲", "27", "33,900.00", "3.39"),
    row("A.V.乙", "16.5", "16,500.00", "1.65"),
    row("丙", "", "0.01", "0.00"),
]


def test_a_table_that_adds_up_is_printed_without_a_mark(tmp_path: Path) -> None:
    document = made(tmp_path, LIST, rows=THREE, days=leaf("43.5"), amount=total("50,400.01", "5.04"))
    assert [cell.text for cell in document.tables[0].rows[-2].cells] == ["合计", "43.5", "50,400.01", "5.04"]
    assert all(not cell.get(f"{W}id") for cell in document.element.body.iter(f"{W}tc"))


@pytest.mark.parametrize(
    ("rows", "days", "amount", "said"),
    [
        (THREE[:2], "43.5", "50,400.01", "列“金额”,印出的合计 50,400.01,各行之和 50,400.00"),
        (THREE[1:], "16.5", "50,400.01", "列“金额”,印出的合计 50,400.01,各行之和 16,500.01"),
        (THREE, "69.5", "50,400.01", "列“人天”,印出的合计 69.50,各行之和 43.50"),
        ([], "0", "1.00", "列“金额”,印出的合计 1.00,各行之和 0.00"),
    ],
)
def test_a_table_that_does_not_add_up_is_no_document(
    tmp_path: Path, rows: list[Any], days: str, amount: str, said: str
) -> None:
    with pytest.raises(DocumentFailed) as failed:
        made(tmp_path, LIST, rows=rows, days=leaf(days), amount=total(amount, "5.04" if rows else "0.00"))
    assert said in str(failed.value)
    assert "表“部门、人天、金额、万元”" in str(failed.value)
    assert failed.value.exit_code == 6
    assert not (tmp_path / "out.docx").exists()


def test_while_lines_are_known_to_be_wrong_a_draft_may_not_add_up(tmp_path: Path) -> None:
    document = made(tmp_path, LIST, adds_up=False, rows=THREE, days=leaf("1"), amount=total("2"))
    assert all(not cell.get(f"{W}id") for cell in document.element.body.iter(f"{W}tc"))


@pytest.mark.parametrize(("wan", "fits"), [("0.03", True), ("0.04", True), ("0.05", True), ("0.06", False)])
def test_amounts_in_wan_were_each_rounded(tmp_path: Path, wan: str, fits: bool) -> None:
    """3 x 0.01; with the total, four roundings of at most 0.005 each."""
    lines = [row(name, "1", "100.00", "0.01") for name in "甲乙丙"]
    values = {"rows": lines, "days": leaf("3"), "amount": total("300.00", wan)}
    if fits:
        made(tmp_path, LIST, **values)
    else:
        with pytest.raises(DocumentFailed, match="万元"):
            made(tmp_path, LIST, **values)


def group(name: str, total: str, *amounts: str) -> dict[str, Any]:
    return {"name": leaf(name), "sum": leaf(total), "rows": [row("线", "", amount) for amount in amounts]}


@pytest.mark.parametrize(
    ("groups", "amount", "fits"),
    [
        ([group("硬件", "3.00", "1.00", "2.00"), group("软.件", "-4.00", "-4.00")], "-1.00", True),
        ([group("硬件", "3.00", "1.00", "2.00"), group("软.件", "4.00", "4.00")], "8.00", False),
        ([group("硬件", "3.00", "1.00"), group("软.件", "4.00", "4.00")], "5.00", False),
        ([group("硬件", "1.00", "1.00"), group("软.件", "5.00", "4.00")], "5.00", False),
        ([], "0.00", True),
    ],
)
def test_groups_add_up_and_so_does_the_whole(tmp_path: Path, groups: list[Any], amount: str, fits: bool) -> None:
    if fits:
        made(tmp_path, GROUPS, groups=groups, amount=leaf(amount))
    else:
        with pytest.raises(DocumentFailed):
            made(tmp_path, GROUPS, groups=groups, amount=leaf(amount))


@pytest.mark.parametrize(("sums", "fits"), [("123", True), ("133", False), ("124", False), ("213", False)])
def test_a_part_begins_after_the_part_before(tmp_path: Path, sums: str, fits: bool) -> None:
    values = {key: leaf(text) for key, text in zip("abc", sums, strict=True)}
    lists = {"first": [row("甲", "", "1")], "second": [row("乙", "", "2")]}
    if fits:
        made(tmp_path, PARTS, **values, **lists)
    else:
        with pytest.raises(DocumentFailed):
            made(tmp_path, PARTS, **values, **lists)


@pytest.mark.parametrize(("totals", "whole", "fits"), [("34", "7", True), ("43", "7", False), ("34", "8", False)])
def test_every_column_of_a_matrix_adds_up(tmp_path: Path, totals: str, whole: str, fits: bool) -> None:
    lines = [
        {"name": leaf("A.V.甲"), "cells": [leaf("3"), leaf("")], "total": leaf("3")},
        {"name": leaf("乙|丙"), "cells": [leaf(""), leaf("4")], "total": leaf("4")},
    ]
    values = {"stages": [leaf("S1.1"), leaf("S2")], "rows": lines, "totals": [leaf(t) for t in totals]}
    if fits:
        made(tmp_path, MATRIX, **values, whole=leaf(whole))
    else:
        with pytest.raises(DocumentFailed):
            made(tmp_path, MATRIX, **values, whole=leaf(whole))


def test_a_total_that_counts_more_than_the_rows_is_left_alone(tmp_path: Path) -> None:
    rows = (*LIST[:4], ("合计(含封面、目录)", "{{ days }}", "{{ amount }}", ""))
    assert made(tmp_path, rows, rows=THREE, days=leaf("99"), amount=total("99"))


@pytest.mark.parametrize(("code", "count"), [("PP1", 16), ("PP2", 4), ("PP3", 6), ("PPR", 30)])
def test_every_total_of_our_templates_is_held_against_its_rows(code: str, count: int) -> None:
    """What stands in a row of a total and is a single number; 大写 stands there, too, and is none."""
    body = docx.Document(str(data_folder("output_templates") / load_documents()[code].template)).element.body
    mark(body)
    marks = [cell.get(f"{W}id", "row") for cell in body.iter(f"{W}tc")]
    assert len([one for one in marks if not one.startswith("row")]) == count
