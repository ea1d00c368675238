from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.core.errors import DefinitionError
from pipeline.definitions import tables
from pipeline.definitions.tables import load_tables


def test_labels_and_names_are_told_apart() -> None:
    found = load_tables()
    assert len({table.name for table in found.values()}) == len(found)
    for table in found.values():
        assert len({one.head for one in table.column}) == len(table.column), table.key
        assert table.column[0].key == "code"


def test_every_amount_is_only_shown_where_amounts_are_asked_for() -> None:
    money = [one for table in load_tables().values() for one in table.column if one.type == "money" or one.unit == "元"]
    assert money
    assert all(one.amounts and one.unit == "元" and one.type == "money" for one in money)
    assert [one.key for one in load_tables()["cost"].shown(amounts=False)] == [
        "code",
        "account",
        "account_name",
        "scope",
        "stage",
        "cells",
    ]


def test_a_type_that_does_not_exist_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "tables.toml"
    text = Path(tables.FILE).read_text("utf-8").replace('type = "money"', 'type = "mony"', 1)
    path.write_text(text, "utf-8")
    monkeypatch.setattr(tables, "FILE", path)
    load_tables.cache_clear()
    with pytest.raises(DefinitionError, match="did you mean money"):
        load_tables()
    load_tables.cache_clear()
