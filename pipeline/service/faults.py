"""What kinds of things stand in the way of a watch, and how they are called."""

from __future__ import annotations

import sqlite3

from pipeline.core.errors import DefinitionError, PipelineError

COMPANY, SETTINGS, INBOX, SHARE = "company", "settings", "inbox", "share"
FOLDERS, LEDGER, PROGRAM = "folders", "ledger", "program"


def fault_of(error: Exception) -> tuple[str, str]:
    """Kind of what made a watch stop, and its text for people."""
    if isinstance(error, PipelineError):
        return COMPANY if isinstance(error, DefinitionError) else FOLDERS, str(error)
    if isinstance(error, sqlite3.OperationalError):
        return LEDGER, f"台账现在不能用:{error}。磁盘满就腾出空间;别的程序占着,等它结束。"
    if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.IntegrityError):
        return LEDGER, f"台账损坏:{error}。请从备份恢复(presales restore)。"
    if isinstance(error, OSError):
        return FOLDERS, f"磁盘或共享现在不能用:{error}。"
    return PROGRAM, f"程序出错:{type(error).__name__}: {error}。细节在日志里,请交给维护人员。"
