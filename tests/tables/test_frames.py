"""The frames: typed, exact, and without what is not asked for."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from pipeline.core.entries import SECRET
from pipeline.definitions.tables import load_tables
from pipeline.tables.frames import dictionary, frame, frames
from pipeline.tables.told import Wish
from tests.tables.told import source, told

ALL = Wish(amounts=True, secret=True)


def test_every_table_is_there_with_the_columns_of_its_definition_in_their_order() -> None:
    found = frames(source(told(2), told(1)), ALL)
    assert {key: list(table.columns) for key, table in found.items()} == {
        key: [one.key for one in table.column] for key, table in load_tables().items()
    }
    assert found["projects"]["code"].tolist() == ["LY-SQ-2026-001", "LY-SQ-2026-002"]


def test_amounts_are_exact_and_days_are_days() -> None:
    found = frames(source(told()), ALL)
    assert sum(found["cost"]["amount"], Decimal(0)) == Decimal("0.30")
    assert {key: str(kind) for key, kind in found["staffing"].dtypes.items() if key in ("start", "alloc")} == {
        "start": "datetime64[s]",
        "alloc": "object",
    }
    assert str(found["projects"]["missing"].dtype) == "Int64"


def test_an_empty_portfolio_gives_empty_tables_of_the_same_types() -> None:
    full, empty = frames(source(told()), ALL), frames(source(), ALL)
    assert {key: table.dtypes.to_dict() for key, table in empty.items()} == {
        key: table.dtypes.to_dict() for key, table in full.items()
    }


def test_without_amounts_no_cell_says_one() -> None:
    found = frames(source(told()), Wish())
    said = " ".join(table.to_csv() for table in found.values())
    assert not [amount for amount in ("1234567", "0.3", "99.01", "0.1", "12.50", "-5") if amount in said]
    assert "1234567.89" in frames(source(told()), ALL)["projects"].to_csv()


@pytest.mark.parametrize("closed", [{"secrecy": SECRET}, None], ids=["secret", "nobody can tell"])
def test_a_secret_project_and_its_letters_are_there_only_when_asked_for(closed: dict[str, str] | None) -> None:
    one = told(1, **closed) if closed else replace(told(1), facts=None)
    given = source(one, told(2, secrecy="内部"))
    for table in frames(given, Wish(amounts=True)).values():
        assert "LY-SQ-2026-001" not in table.to_csv()
    assert set(frames(given, Wish())["letters"]["code"]) == {"LY-SQ-2026-002", "批次日报"}
    assert "LY-SQ-2026-001" in set(frames(given, ALL)["letters"]["code"])


def test_what_a_row_does_not_say_is_missing() -> None:
    table = frame([{"code": "x"}], load_tables()["steps"].column)
    assert table.isna().sum().sum() == len(table.columns) - 1


def test_the_dictionary_tells_every_column_that_is_there_and_no_other() -> None:
    tables = list(load_tables().values())
    every, some = (dictionary(tables, amounts=amounts) for amounts in (True, False))
    assert len(every) == len(tables) + sum(len(table.column) for table in tables)
    assert set(every["column"]) - set(some["column"]) >= {"金额(元)", "单价(元)"}
    assert set(every["type"]) == {"", "文字", "是/否", "整数", "小数", "金额", "日期", "时间"}
