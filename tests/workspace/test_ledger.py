"""The ledger opens, migrates, keeps and refuses."""

import sqlite3

import pytest

from pipeline.core.errors import DefinitionError
from pipeline.workspace.ledger import FILE, migrations, open_ledger, transaction


def test_a_new_ledger_is_at_the_newest_version_and_durable(tmp_path):
    ledger = open_ledger(tmp_path)
    assert ledger.execute("PRAGMA user_version").fetchone()[0] == max(migrations())
    assert ledger.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    assert ledger.execute("PRAGMA synchronous").fetchone()[0] == 2


def _write(ledger, *texts):
    with transaction(ledger):
        for text in texts:
            ledger.execute("INSERT INTO notes(at, what) VALUES ('2026-11-25', ?)", (text,))


def test_a_transaction_is_all_or_nothing(tmp_path):
    ledger = open_ledger(tmp_path)
    with pytest.raises(sqlite3.IntegrityError):
        _write(ledger, "lost", None)
    _write(ledger, "kept")
    assert [row["what"] for row in open_ledger(tmp_path).execute("SELECT what FROM notes")] == ["kept"]


def test_a_ledger_of_a_newer_program_is_refused(tmp_path):
    open_ledger(tmp_path).close()
    with sqlite3.connect(tmp_path / FILE) as ledger:
        ledger.execute("PRAGMA user_version=9999")
    with pytest.raises(DefinitionError, match="升级程序"):
        open_ledger(tmp_path)
