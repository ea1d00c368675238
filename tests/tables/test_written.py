"""The files: what Excel, Power BI and pandas read back is what was known."""

from __future__ import annotations

import csv
import io
import stat
import sys
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook

from pipeline.core.errors import DependencyMissing, UsageProblem
from pipeline.definitions.tables import load_tables
from pipeline.tables import written
from pipeline.tables.frames import frames
from pipeline.tables.told import Wish
from pipeline.tables.written import KINDS, write
from tests.tables.told import ODD, source, told

PARTS = ("=1+1", "+86", "-", "@x", "\t=1", "\uff1d1", " =1", "无", "9-1", "'x")


def put(folder: Path, kind: str, *names: str) -> list[Path]:
    projects = [told(number, customer=name) for number, name in enumerate(names or (ODD,), 1)]
    return write(frames(source(*projects), Wish(amounts=True)), folder, kind, amounts=True, closed=False)


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))))


@pytest.mark.parametrize("kind", KINDS)
def test_every_table_and_the_dictionary_become_files(kind: str, tmp_path: Path) -> None:
    names = {path.stem for path in put(tmp_path, kind)}
    assert names == ({"售前数据"} if kind == "xlsx" else {"数据字典", *(one.name for one in load_tables().values())})


def test_csv_begins_with_the_mark_that_excel_looks_for(tmp_path: Path) -> None:
    put(tmp_path, "csv")
    content = (tmp_path / "项目.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.endswith(b"\r\n")


def test_values_in_csv(tmp_path: Path) -> None:
    put(tmp_path, "csv")
    [project], [sums], [goods] = (rows(tmp_path / f"{name}.csv") for name in ("项目", "费用", "物资"))
    assert (project["计划合同额(元)"], project["运行失败"], project["截至"]) == ("1234567.89", "FALSE", "2026-11-23")
    assert (sums["金额(元)"], goods["金额(元)"]) == ("0.30", "-5")


def test_no_text_in_csv_is_a_formula(tmp_path: Path) -> None:
    put(tmp_path, "csv", *PARTS)
    read = [row["客户"] for row in rows(tmp_path / "项目.csv")]
    assert read == ["'=1+1", "'+86", "'-", "'@x", "'\t=1", "'\uff1d1", "' =1", "无", "9-1", "'x"]


def test_a_workbook_holds_texts_numbers_and_days(tmp_path: Path) -> None:
    put(tmp_path, "xlsx", *PARTS)
    book = load_workbook(tmp_path / "售前数据.xlsx")
    assert book.sheetnames == ["数据字典", *(one.name for one in load_tables().values())]
    head, *lines = book["项目"].iter_rows()
    column = {cell.value: place for place, cell in enumerate(head)}
    assert [line[column["客户"]].value for line in lines] == list(PARTS)
    assert {line[column["客户"]].data_type for line in lines} == {"s"}
    first = {label: lines[0][place].value for label, place in column.items()}
    wanted = {"计划合同额(元)": 1234567.89, "运行失败": False, "截至": datetime(2026, 11, 23), "已签合同额(元)": None}
    assert {label: first[label] for label in wanted} == wanted


def test_parquet_keeps_types_and_every_digit(tmp_path: Path) -> None:
    from pyarrow import parquet

    put(tmp_path, "parquet", *PARTS)
    table = parquet.read_table(tmp_path / "项目.parquet")
    kinds = {field.name: str(field.type) for field in table.schema}
    assert (kinds["计划合同额(元)"], kinds["截至"], kinds["运行失败"]) == ("decimal128(38, 2)", "date32[day]", "bool")
    [first, *_] = table.to_pylist()
    assert (first["客户"], first["计划合同额(元)"], first["截至"]) == (
        PARTS[0],
        Decimal("1234567.89"),
        date(2026, 11, 23),
    )


def test_parquet_without_its_library_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(DependencyMissing, match="pip install pyarrow"):
        put(tmp_path, "parquet")
    assert list(tmp_path.iterdir()) == []


def test_more_rows_than_a_sheet_takes_are_refused_and_nothing_is_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(written, "MOST_ROWS", 2)
    with pytest.raises(UsageProblem, match="放不下"):
        put(tmp_path, "xlsx", "a", "b")


@pytest.mark.parametrize(("closed", "mode"), [(True, 0o600), (False, 0o644)])
def test_files_with_secret_projects_are_for_the_owner_alone(closed: bool, mode: int, tmp_path: Path) -> None:
    made = write(frames(source(), Wish()), tmp_path, "csv", amounts=False, closed=closed)
    assert {stat.S_IMODE(path.stat().st_mode) for path in made} == {mode}


def test_a_folder_that_cannot_be_written_to_is_said(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("")
    with pytest.raises(UsageProblem, match="不能写入"):
        put(tmp_path / "x", "csv")
