"""The tables for analysis and what each of their columns means: `tables.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pipeline.core.errors import DefinitionError
from pipeline.definitions.forms import build, did_you_mean, read_toml

FILE = Path(__file__).with_name("tables.toml")
# What a type is called in the data dictionary.
TYPES: Mapping[str, str] = {
    "text": "文字",
    "flag": "是/否",
    "int": "整数",
    "number": "小数",
    "money": "金额",
    "date": "日期",
    "moment": "时间",
}


@dataclass(frozen=True)
class ColumnForm:
    """A column.

    Attributes:
        key: its name in a frame.
        label: its name for people; `head` has the unit behind it.
        type: one of `TYPES`; `money` is yuan, `number` and `money` are exact decimals.
        amounts: it is an amount, or a text that may name one.
    """

    key: str
    label: str
    type: str
    unit: str = ""
    help: str = ""
    amounts: bool = False

    @property
    def head(self) -> str:
        """What stands above it."""
        return f"{self.label}({self.unit})" if self.unit else self.label


@dataclass(frozen=True)
class TableForm:
    """A table: `name` is that of its sheet or file, `about` what one of its rows is."""

    key: str
    name: str
    about: str
    column: tuple[ColumnForm, ...]

    def shown(self, *, amounts: bool) -> tuple[ColumnForm, ...]:
        """The columns, those with amounts only where they are asked for."""
        return tuple(one for one in self.column if amounts or not one.amounts)


@dataclass(frozen=True)
class _Catalogue:
    table: tuple[TableForm, ...]


@cache
def load_tables() -> Mapping[str, TableForm]:
    """All tables by key, in the order of the file.

    Raises:
        DefinitionError: the file is wrong.
    """
    raw: _Catalogue = build(_Catalogue, read_toml(FILE), FILE.name)
    for table in raw.table:
        for one in table.column:
            if one.type not in TYPES:
                hint = did_you_mean(one.type, TYPES)
                raise DefinitionError(f"{FILE.name}:{table.key}.{one.key}.type:没有“{one.type}”这一种{hint}")
    return {table.key: table for table in raw.table}
