"""What stopped the watch is named in words that say what to do."""

from __future__ import annotations

import errno
import sqlite3

import pytest

from pipeline.core.errors import DefinitionError, NotReady
from pipeline.service.faults import COMPANY, FOLDERS, LEDGER, PROGRAM, fault_of


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (DefinitionError("00 读不出来"), COMPANY, "00 读不出来"),
        (NotReady("没有挂载"), FOLDERS, "没有挂载"),
        (OSError(errno.ENOSPC, "No space left on device"), FOLDERS, "磁盘或共享"),
        (sqlite3.OperationalError("database is locked"), LEDGER, "别的程序占着"),
        (sqlite3.DatabaseError("file is not a database"), LEDGER, "presales restore"),
        (sqlite3.IntegrityError("UNIQUE"), PROGRAM, "交给维护人员"),
        (KeyError("x"), PROGRAM, "KeyError"),
    ],
)
def test_each_fault_has_its_kind_and_its_remedy(error: Exception, kind: str, said: str) -> None:
    found, text = fault_of(error)
    assert found == kind
    assert said in text
