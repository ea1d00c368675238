from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.audit.figures import figures_of
from pipeline.audit.papers import Paper, PrintedField
from pipeline.audit.printed import Grounds, missing_lines, of_other_rows, printed, where_printed
from tests.audit.made import opened, sample

BOOKS = opened(sample())
GROUNDS = Grounds(BOOKS, *figures_of(BOOKS))
TOTAL = GROUNDS.figures["cost", "total"]
LINES = GROUNDS.books.lines("cost", "lines")

ROWS = LINES.frame
FIRST, SECOND = ROWS["desc"][0], ROWS["desc"][1]


def field(name: str, text: str, value: str, *cells: str) -> PrintedField:
    return PrintedField(name, text, value, cells)


def differences(*fields: PrintedField) -> list[str]:
    return [line.where for line in printed([Paper("PP1", "pp1.docx", fields)], GROUNDS).lines]


SHOWN = f"{TOTAL.value:,.2f}"


@pytest.mark.parametrize(
    ("given", "differs"),
    [
        (field("cost.total", SHOWN, str(TOTAL.value), *TOTAL.cells), False),
        (field("cost.total", "1.00", "1", *TOTAL.cells), True),
        (field("cost.total", "1.00", str(TOTAL.value), *TOTAL.cells), True),
        (field("cost.total", "5.00", "5", f"[{LINES.book}]别的表!F7"), False),
        (field("cost.lines[0].acc", "1006", "1006", LINES.place("B7")), False),
        (field("cost.lines[0].amount", "1,800.00", "1800", LINES.place("K7")), False),
        (field("cost.lines[0].amount", "1,800.01", "1800.01", LINES.place("K7")), True),
        (field("cost.count", "2", "2", LINES.place("B7")), False),
        (field("cost.lines[0].desc", FIRST, FIRST, LINES.place(ROWS["desc@"][0])), False),
        (field("cost.lines[0].desc", SECOND, SECOND, LINES.place(ROWS["desc@"][0])), True),
        (field("cost.count", SECOND, SECOND, LINES.place(ROWS["desc@"][0])), False),
        (field("cost.lines[0].desc", "其他", "其他", LINES.place(ROWS["desc@"][0])), False),
    ],
)
def test_a_printed_value_is_held_against_the_workbooks(given: PrintedField, differs: bool) -> None:
    assert bool(differences(given)) is differs


def test_what_was_signed_is_not_held_against_the_workbooks_of_today() -> None:
    fields = [field("cost.total", "1.00", "1", *TOTAL.cells), field("cost.total_excl", "2.00", "2", *TOTAL.cells)]
    paper = Paper("PAF", "paf.docx", fields, kept=frozenset(["cost.total"]))
    assert [line.where for line in printed([paper], GROUNDS).lines] == ["PAF cost.total_excl"]


def test_where_a_figure_is_printed() -> None:
    paper = Paper("PP1", "pp1.docx", [field("cost.total.wan", "71.23", str(TOTAL.value), *TOTAL.cells)])
    assert where_printed([paper], GROUNDS) == {("cost", "total"): ["PP1"]}


def test_a_line_that_is_left_out_of_its_list_is_named() -> None:
    from pipeline.audit.frames import AT

    rows = LINES.frame[LINES.frame["scope"] == "售前"]
    every = [
        field(f"cost.presales_lines[{n}].amount", f"{value:,.2f}", str(value), LINES.place(at))
        for n, (value, at) in enumerate(zip(rows["amount"], rows["amount" + AT], strict=True))
    ]
    paper = Paper("PP1", "pp1.docx", every)
    assert list(missing_lines([paper], GROUNDS)) == []
    [line] = missing_lines([replace(paper, fields=every[1:])], GROUNDS)
    assert line.cells == f"03 {LINES.sheet}!K7"


def of_line(key: str, row: int) -> PrintedField:
    value = str(ROWS[key][row])
    return field(f"cost.lines[0].{key}", value, value, LINES.place(ROWS[f"{key}@"][row]))


def test_a_field_of_the_row_below_is_named() -> None:
    fields = [of_line("account", 0), of_line("qty", 0), of_line("amount", 1)]
    [line] = of_other_rows([Paper("PP1", "pp1.docx", fields)], GROUNDS)
    assert line.where == "PP1 cost.lines[0].amount"
    assert "其余各格在第7行" in line.cells
    assert not list(of_other_rows([Paper("PP1", "pp1.docx", fields, kept=frozenset("x"))], GROUNDS))


def test_a_value_that_is_called_otherwise_may_come_from_another_row() -> None:
    other = field("cost.lines[0].before", "1", "1", LINES.place(ROWS["amount@"][1]))
    fields = [of_line("account", 0), of_line("amount", 0), other]
    assert list(of_other_rows([Paper("PP1", "pp1.docx", fields)], GROUNDS)) == []
