"""The tables as files: CSV that Excel opens as it is, one workbook, or Parquet."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.adapters.files import replacing
from pipeline.adapters.xlsx_tables import MOST_ROWS, OPTIONS, Column, Table, Tables
from pipeline.core.errors import DependencyMissing, UsageProblem
from pipeline.definitions.tables import ColumnForm, load_tables
from pipeline.tables.frames import dictionary

if TYPE_CHECKING:
    import pandas as pd

Frames = Mapping[str, "pd.DataFrame"]
DICTIONARY, WORKBOOK = "数据字典", "售前数据.xlsx"
# What a spreadsheet takes for the beginning of a formula, in full width, too, and behind what it does not show.
_FORMULA = re.compile(r"[\s\x00-\x1f]*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")
_LARGEST_WIDTH, _DIGITS, _FEN = 40, 38, 2
_OPEN, _CLOSED = 0o644, 0o600


def write(tables: Frames, folder: Path, kind: str, *, amounts: bool, closed: bool) -> list[Path]:
    """Write tables and the data dictionary; files of those names are replaced, each as a whole.

    Args:
        tables: by their keys, as `frames` makes them.
        folder: where to; it is made.
        kind: `csv`, `xlsx` or `parquet`.
        amounts: amounts are in them; the data dictionary names the columns that are there.
        closed: nobody but the owner may read the files.

    Raises:
        DependencyMissing: Parquet is wanted and pyarrow is not installed.
        UsageProblem: a table has more rows than a sheet takes, or the folder cannot be written to.
    """
    described = dictionary(load_tables().values(), amounts=amounts)
    contents = _KINDS[kind](tables, described)
    made = []
    try:
        for name, content in contents:
            with replacing(folder / name, _CLOSED if closed else _OPEN) as stream:
                stream.write(content)
            made.append(folder / name)
    except OSError as error:
        raise UsageProblem(f"{folder}:不能写入(cannot write): {error.strerror}") from error
    return made


def _columns(key: str, table: pd.DataFrame) -> list[ColumnForm]:
    return [one for one in load_tables()[key].column if one.key in table.columns]


# -- CSV ---------------------------------------------------------------------------------------------------------------


def _csv(tables: Frames, described: pd.DataFrame) -> Iterator[tuple[str, bytes]]:
    for key, table in tables.items():
        yield f"{load_tables()[key].name}.csv", _csv_of(key, table)
    yield f"{DICTIONARY}.csv", _bytes(_headed(described))


def _csv_of(key: str, table: pd.DataFrame) -> bytes:
    columns = _columns(key, table)
    texts = table.assign(**{one.key: [_text(value) for value in _values(table[one.key])] for one in columns})
    return _bytes(texts.rename(columns={one.key: one.head for one in columns}))


def _bytes(table: pd.DataFrame) -> bytes:
    """With the mark by which Excel knows UTF-8, and its ends of lines."""
    return table.to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig")


def _text(value: Any) -> str:
    """A value as CSV has it; a text that would be a formula gets the apostrophe that makes it a text."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}" if value.time() == datetime.min.time() else f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, str):
        return f"'{value}" if _FORMULA.match(value) else value
    return "" if value is None else str(value)


def _values(column: pd.Series[Any]) -> list[Any]:
    """The cells of a column as Python has them; None where they are missing."""
    import pandas as pd

    known = (None if value is pd.NA or value is pd.NaT else value for value in column.tolist())
    return [value.to_pydatetime() if isinstance(value, pd.Timestamp) else value for value in known]


# -- a workbook --------------------------------------------------------------------------------------------------------


def _xlsx(tables: Frames, described: pd.DataFrame) -> Iterator[tuple[str, bytes]]:
    import xlsxwriter

    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {**OPTIONS, "in_memory": True}) as book:
        book.set_properties({"title": "售前数据"})
        written = Tables(book)
        written.add(_sheet(DICTIONARY, [Column(label, width=20) for label in described.columns], _headed(described)))
        for key, table in tables.items():
            columns = [_column(one) for one in _columns(key, table)]
            written.add(_sheet(load_tables()[key].name, columns, table))
    yield WORKBOOK, stream.getvalue()


def _sheet(name: str, columns: list[Column], table: pd.DataFrame) -> Table:
    if len(table) >= MOST_ROWS:
        raise UsageProblem(
            f"“{name}”有 {len(table)} 行,Excel 一张表放不下。请用 --format csv 或 parquet(too many rows for a sheet)。"
        )
    return Table(name, columns, list(zip(*(_values(table[key]) for key in table.columns), strict=True)))


def _column(one: ColumnForm) -> Column:
    return Column(one.head, one.type, min(_LARGEST_WIDTH, {"text": 16}.get(one.type, 12) + len(one.head)))


# -- Parquet -----------------------------------------------------------------------------------------------------------


def _parquet(tables: Frames, described: pd.DataFrame) -> Iterator[tuple[str, bytes]]:
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as error:
        raise DependencyMissing(
            "写 parquet 要 pyarrow,本机没有装。请运行 .venv/bin/pip install pyarrow,或改用 --format csv、xlsx"
            "(install pyarrow)。"
        ) from error
    for key, table in tables.items():
        columns = _columns(key, table)
        arrays = [_array(pa, one, _values(table[one.key])) for one in columns]
        stream = io.BytesIO()
        parquet.write_table(pa.Table.from_arrays(arrays, [one.head for one in columns]), stream)
        yield f"{load_tables()[key].name}.parquet", stream.getvalue()
    yield f"{DICTIONARY}.csv", _bytes(_headed(described))


def _array(pa: Any, column: ColumnForm, values: list[Any]) -> Any:
    """A column with its type; of decimals as many places as the longest has, two at least."""
    places = max([_FEN, *(-int(one.as_tuple().exponent) for one in values if isinstance(one, Decimal))])
    kinds = {
        "text": pa.string(),
        "flag": pa.bool_(),
        "int": pa.int64(),
        "money": pa.decimal128(_DIGITS, places),
        "number": pa.decimal128(_DIGITS, places),
        "date": pa.date32(),
        "moment": pa.timestamp("s"),
    }
    found = [one.date() if column.type == "date" and one else one for one in values]
    return pa.array(found, kinds[column.type])


def _headed(described: pd.DataFrame) -> pd.DataFrame:
    return described.rename(columns=dict(zip(described.columns, ("表", "列", "类型", "单位", "说明"), strict=True)))


_Contents = Callable[[Frames, "pd.DataFrame"], Iterator[tuple[str, bytes]]]
_KINDS: Mapping[str, _Contents] = {"csv": _csv, "xlsx": _xlsx, "parquet": _parquet}
KINDS = tuple(_KINDS)
