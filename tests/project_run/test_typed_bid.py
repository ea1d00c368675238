"""How much of a small project's bid people type after `forms prefill`: request, survey, quotation, bid check."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipeline.check.judge import judge
from pipeline.core.findings import Severity
from pipeline.core.places import Place
from pipeline.core.sheets import Workbook
from pipeline.definitions.forms import load_forms
from pipeline.definitions.values import typed
from pipeline.project_run.prefill import prefill, write_cells
from pipeline.project_run.prefill_cells import Fill
from tests.cases import AS_OF, ROOT, read_case
from tests.project_run.test_typed_once import ORDER, small, write, write_company

D = Decimal
FEW = 80


def bid() -> Mapping[str, Any]:
    """What a person types into 07 and 08: a request, a building, prices and a service, thirty items looked at."""
    found: Mapping[str, Any] = json.loads((ROOT / "tests/data/small_bid.json").read_text("utf-8"))
    return found


def typed_cells(part: Any) -> int:
    """Cells with something in them."""
    if isinstance(part, Mapping | list):
        return sum(typed_cells(one) for one in (part.values() if isinstance(part, Mapping) else part))
    return 1


def cells(book: Workbook, sheets: Mapping[str, Any]) -> Iterator[Fill]:
    """The cells that somebody types: labelled ones, and rows from the first one on."""
    for key, part in sheets.items():
        form, sheet = load_forms()[book.form].sheet_form(key), book.sheets[key]
        header, rows = ({}, part) if isinstance(part, list) else (part["header"], part["rows"])
        fields = {field.key: field for field in form.header}
        for name, raw in header.items():
            yield Fill(sheet.head.at(name), typed(fields[name], raw))
        for number, row in enumerate(rows, sheet.first_row):
            for name, raw in row.items():
                at = Place(book.name, sheet.at.sheet, f"{sheet.columns[name]}{number}")
                yield Fill(at, typed(form.field(name), raw))


def take_on(folder: Path, out: Path) -> None:
    """Prefill, and go on with the copies."""
    done = prefill(folder, out, None, None, AS_OF)
    assert done.told == ()
    for path in done.files:
        shutil.copyfile(path, folder / path.name)
    shutil.rmtree(out)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small project with 07 and 08: prefilled, typed, prefilled again."""
    folder = tmp_path_factory.mktemp("bid")
    write_company(folder)
    for form in ORDER:
        write(folder, form, small()[form])
    for form in bid():
        write(folder, form, {})
    take_on(folder, folder / "first")
    case = read_case(folder)
    for form, sheets in bid().items():
        book = case.project.workbooks[form]
        write_cells(folder / book.name, list(cells(book, sheets)), case.company, case.forms)
    take_on(folder, folder / "second")
    return folder


def test_the_bid_of_a_small_project_is_typed_in_less_than_eighty_cells() -> None:
    assert typed_cells(bid()) < FEW


def test_nothing_is_left_to_say_then(filled: Path) -> None:
    """What the review of the needs and the approval of the scheme will prove in 06 is not asked for before (P527)."""
    found = [f for f in judge(read_case(filled))[0] if f.rule.severity is not Severity.INFO and not f.pending]
    assert [(str(f.at), f.message()) for f in found] == []


def test_what_is_known_elsewhere_stands_there(filled: Path) -> None:
    """A line a device with its cost, and who was there; what is typed beside it gives the price."""
    case = read_case(filled)
    assert case.project.head("support", "site_survey").text("witness") == "谷雨"
    rows = case.project.rows("bids", "quotation")
    assert [row.text("item") for row in rows] == [
        "接入交换机",
        "壁挂机柜",
        "六类非屏蔽网线",
        "信息点模块及面板",
        "安装集成",
    ]
    assert [row.value("unit_cost") for row in rows] == [D(2800), D(500), D(680), D(25), D(52000)]
    assert case.facts.figure("quotation", "price").value == D(300000)
