"""The committed samples are what their data give, and their data are what the reference figures say."""

from __future__ import annotations

import copy
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.core.sheets import Flaw
from tests.cases import DATA, DORM, ROOT, TV, load_case, read_case, sample_builder, sample_data, write_sample
from tests.derive.drawn import part_of_sample

SAMPLES = ROOT / "samples"


def committed(name: str) -> Path:
    folder = SAMPLES / name
    if not folder.is_dir():
        pytest.skip(f"samples/{name} is not committed yet; run samples/build.py {DATA.name} {name} samples/{name}")
    return folder


def workbooks(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.xlsx")}


def assert_same(made: dict[str, bytes], there: dict[str, bytes]) -> None:
    assert sorted(there) == sorted(made)
    assert [name for name in made if made[name] != there[name]] == []


@pytest.mark.parametrize("code", [TV, DORM])
def test_a_sample_is_what_its_data_give(tmp_path: Path, code: str) -> None:
    there = workbooks(committed(code))
    made = workbooks(write_sample(tmp_path, (), code))
    if not any(name.startswith("00") for name in there):  # one master may stand for both
        made = {name: content for name, content in made.items() if not name.startswith("00")}
    assert_same(made, there)


def test_the_wrong_sample_is_the_right_one_with_its_edits(tmp_path: Path) -> None:
    there = workbooks(committed("wrong-015"))
    builder = sample_builder()
    edits = builder.load(SAMPLES / "wrong-015.json")
    made = builder.apply(builder.contents(sample_data(), DORM), edits["ops"], recalculate=edits["recalculate"])
    builder.write(made, DORM, tmp_path)
    fresh = workbooks(tmp_path)
    assert_same({name: content for name, content in fresh.items() if name in there or name[:2] != "00"}, there)


def test_the_script_writes_the_same_from_the_command_line(tmp_path: Path) -> None:
    command = [sys.executable, str(SAMPLES / "build.py"), str(DATA), DORM, str(tmp_path / "out")]
    run = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT, timeout=60)
    written = [Path(line).relative_to(tmp_path / "out") for line in run.stdout.splitlines()]
    assert [path.name for path in written if path.suffix == ".xlsx"] == sorted(workbooks(tmp_path / "out"))
    assert {str(path.parent) for path in written} == {".", "附件"}
    there = workbooks(committed(DORM))
    assert_same({name: content for name, content in workbooks(tmp_path / "out").items() if name in there}, there)


def test_an_unknown_code_is_named() -> None:
    with pytest.raises(SystemExit, match="LY-SQ-2026-999"):
        sample_builder().contents(sample_data(), "LY-SQ-2026-999")


# -- edits as in mutations: what a person did, with or without Excel following --------------------------------------

QTY = {"op": "set", "workbook": "cost", "sheet": "lines", "match": {"no": 1}, "field": "qty", "value": 3}


def first_amount(*, recalculate: bool) -> tuple[object, object]:
    case = part_of_sample([QTY], "cost", recalculate=recalculate)
    row = case.project.sheet("cost", "lines").find("no", "1")
    assert row is not None
    return row.value("amount"), case.project.sheet("cost", "lines").totals.value("presales_subtotal")


def test_with_recalculation_formulas_follow_an_edit_and_without_they_do_not() -> None:
    clean = load_case()
    row = clean.project.sheet("cost", "lines").find("no", "1")
    assert row is not None
    price, before = row.money("unit_price"), row.money("amount")
    subtotal = clean.project.sheet("cost", "lines").totals.money("presales_subtotal")
    assert price
    assert before
    assert subtotal
    followed = 3 * price.value
    assert first_amount(recalculate=True) == (followed, subtotal.value + followed - before.value)
    assert first_amount(recalculate=False) == (before.value, subtotal.value)


def test_values_that_do_not_fit_are_written_as_a_person_would_have_typed_them(tmp_path: Path) -> None:
    """A day that is none, a number as full-width text, an error in a total: each is read back at its cell."""
    builder, data = sample_builder(), copy.deepcopy(dict(sample_data()))
    books = next(p for p in data["projects"] if p["code"] == DORM)["workbooks"]
    books["plan"]["stages"][6]["end"] = "2026-06-31"
    books["cost"]["lines"][0]["unit_price"] = "１，８００"
    books["cost"]["_totals"]["lines"]["grand_total"] = "#REF!"
    builder.write(builder.contents(data, DORM), DORM, tmp_path)
    case = read_case(tmp_path)
    assert case.project.rows("plan", "stages")[6].cell("end").flaws == {Flaw.NOT_A_DATE}
    assert case.project.rows("cost", "lines")[0].cell("unit_price").flaws == {Flaw.TEXT_NUMBER}
    assert case.project.sheet("cost", "lines").totals.cell("grand_total").flaws == {Flaw.ERROR}
