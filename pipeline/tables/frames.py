"""The tables as pandas frames: a column a key of `tables.toml`, typed as it says; amounts are exact decimals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from pipeline.definitions.tables import TYPES, ColumnForm, TableForm, load_tables
from pipeline.tables.counted import MEASURES, measure_rows
from pipeline.tables.logged import LOGGED, logged_rows
from pipeline.tables.tidy import Row, letter_row, rows_of
from pipeline.tables.told import Source, Wish

if TYPE_CHECKING:
    import pandas as pd

LETTERS = "letters"
# pandas' own type of each; text and exact decimals stay Python objects, of which pandas rounds none.
_KINDS: Mapping[str, str] = {"flag": "boolean", "int": "Int64", "date": "datetime64[s]", "moment": "datetime64[s]"}
_DICTIONARY = ("table", "column", "type", "unit", "about")


def frames(source: Source, wish: Wish) -> dict[str, pd.DataFrame]:
    """Every table by its key, in the order of `tables.toml`, rows in the order of the project codes.

    Args:
        source: what is known.
        wish: whether amounts and secret projects may be in them; without amounts their columns are not there, without
            secret projects nothing tells of those, a letter no more than a finding; of hours and trips there are only
            those for projects that are told of, and for none.
    """
    projects = sorted((one for one in source.projects if wish.secret or not one.secret), key=lambda one: one.code)
    closed = {one.code for one in source.projects} - {one.code for one in projects}
    shown = None if wish.secret else {one.code.upper() for one in projects}
    beside: dict[str, Iterable[Row]] = {
        LETTERS: (letter_row(one) for one in source.letters if one.about not in closed),
        MEASURES: measure_rows(source, projects, amounts=wish.amounts),
        **{key: logged_rows(key, source.logs, source.names, shown) for key in LOGGED},
    }
    found = {}
    for key, table in load_tables().items():
        rows = (row for one in projects for row in rows_of(key, one, source.names))
        found[key] = frame(beside.get(key, rows), table.shown(amounts=wish.amounts))
    return found


def frame(rows: Iterable[Row], columns: Iterable[ColumnForm]) -> pd.DataFrame:
    """Rows as a frame of these columns; what a row does not say is missing."""
    import pandas as pd

    columns, known = list(columns), list(rows)
    series = {one.key: _series([row.get(one.key) for row in known], one.type) for one in columns}
    return pd.DataFrame(series, columns=[one.key for one in columns])


def _series(values: list[Any], kind: str) -> pd.Series[Any]:
    import pandas as pd

    if kind in {"date", "moment"}:
        values = [_moment(value) for value in values]
    return pd.Series(values, dtype=_KINDS.get(kind, "object"))


def _moment(value: date | datetime | None) -> datetime | None:
    """A day at its beginning; a moment as this machine's clock showed it, since Excel knows no time zones."""
    if isinstance(value, datetime):
        return value.astimezone().replace(tzinfo=None, microsecond=0)
    return datetime(value.year, value.month, value.day) if value else None


def dictionary(tables: Iterable[TableForm], *, amounts: bool) -> pd.DataFrame:
    """The data dictionary: a row a column of these tables."""
    import pandas as pd

    rows = [row for table in tables for row in _described(table, amounts=amounts)]
    return pd.DataFrame(rows, columns=list(_DICTIONARY), dtype="object")


def _described(table: TableForm, *, amounts: bool) -> Iterator[tuple[str, ...]]:
    yield table.name, "", "", "", table.about
    for one in table.shown(amounts=amounts):
        yield table.name, one.head, TYPES[one.type], one.unit, one.help
