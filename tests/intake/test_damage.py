"""Whatever happened to a file on its way: it is refused with a reason or read, and never stops the run."""

from __future__ import annotations

import random
import re
import string
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.definitions.blanks import blank_path
from pipeline.definitions.catalogue import load_catalogue
from pipeline.definitions.forms import data_folder, load_forms
from pipeline.derive.facts import derive
from pipeline.derive.formulas import settle
from pipeline.intake.projects import read_project
from pipeline.intake.refusals import Refusal, reasons
from pipeline.intake.workbooks import open_file
from tests.cases import AS_OF, load_case
from tests.intake import made_files as made
from tests.intake.test_reading import values

FORMS = load_forms()
BLANK = blank_path(FORMS["staffing"], data_folder("input_templates")).read_bytes()


def damaged(content: bytes, dice: random.Random) -> bytes:
    """Some bytes flipped, lost, doubled or put in."""
    out = bytearray(content)
    for _ in range(dice.choice([1, 1, 2, 5, 20])):
        at = dice.randrange(len(out))
        what = dice.randrange(4)
        if what == 0:
            out[at] = dice.randrange(256)
        elif what == 1:
            del out[at : at + dice.randrange(1, 50)]
        elif what == 2:
            out[at:at] = dice.randbytes(dice.randrange(1, 20))
        else:
            out[at:at] = out[at : at + 40]
    return bytes(out)


@pytest.mark.parametrize("seed", range(4))
def test_damaged_bytes(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    path = tmp_path / "05_人员.xlsx"
    for number in range(150):
        path.write_bytes(damaged(BLANK if number % 5 == 0 else made.good(), dice))
        found = open_file(path, FORMS)
        assert not isinstance(found, Refusal) or found.reason in reasons()


JUNK = [
    "",
    "-1",
    "99999999999999999999",
    "1e999",
    "1E+300",
    "NaN",
    "abc",
    "甲",
    "XFD1048577",
    "A0",
    "#REF!:#REF!",
    "'",
    "s",
]


@pytest.mark.parametrize("seed", range(3))
def test_damaged_parts(dorm: Path, tmp_path: Path, seed: int) -> None:
    """The zip is whole, its XML is XML, and a value in it is nonsense."""
    dice, case, rules = random.Random(seed), load_case(), load_catalogue()
    (source,) = dorm.glob("05_*")
    with zipfile.ZipFile(source) as package:
        parts = {entry.filename: package.read(entry).decode() for entry in package.infolist()}
    names = [n for n in parts if re.match(r"xl/(worksheets/sheet\d|workbook|styles|sharedStrings|_rels/)", n)]
    for _ in range(25):
        name = dice.choice(["xl/worksheets/sheet1.xml", *names])
        spans = [m.span(1) for m in re.finditer(dice.choice([r'="([^"<>]*)"', r"<v>([^<>]*)<"]), parts[name])]
        start, end = dice.choice(spans or [(0, 0)])
        text = parts[name][:start] + dice.choice(JUNK) + parts[name][end:]
        (tmp_path / source.name).write_bytes(
            made.zipped({key: (text if key == name else part).encode() for key, part in parts.items()})
        )
        project = read_project(tmp_path, case.company, FORMS, rules).project
        derive(settle(project, case.company, FORMS), case.company, FORMS, AS_OF)


LETTERS = string.ascii_letters + string.digits + "青岚台元、。 &<>\"'\u3000%#!-+,."
CELLS = st.one_of(
    st.text(LETTERS, min_size=1, max_size=20).filter(lambda text: text[0] not in "=" and text.strip("\u3000 ")),
    st.integers(-(10**14), 10**14),
    st.decimals(-(10**9), 10**9, places=4).map(float),
    st.booleans(),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=st.dictionaries(st.sampled_from([f"{c}{r}" for c in ("A", "K", "AA", "XFD") for r in (1, 7, 900)]), CELLS))
def test_two_writers_give_one_reading(tmp_path: Path, table: dict[str, str | float | bool]) -> None:
    book = openpyxl.Workbook()
    for cell, value in table.items():
        book.active[cell] = value
    book.save(tmp_path / "a.xlsx")
    other = xlsxwriter.Workbook(str(tmp_path / "b.xlsx"), {"strings_to_urls": False})
    sheet = other.add_worksheet()
    for cell, value in table.items():
        sheet.write(cell, value)
    other.close()
    assert values(tmp_path / "a.xlsx") == values(tmp_path / "b.xlsx") == table
