"""Two logs of one thing: JSON lines that programs read, and a console that people read."""

from __future__ import annotations

import json
import logging
import logging.handlers
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

_MOST_BYTES, _MOST_FILES = 20 * 1024**2, 20
_OWN = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


class JsonLines(logging.Formatter):
    """One JSON object a line: time in UTC, level, logger, message, and whatever the line carries besides."""

    def format(self, record: logging.LogRecord) -> str:
        """Format a record."""
        said = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **{key: value for key, value in record.__dict__.items() if key not in _OWN},
        }
        if record.exc_info:
            said["traceback"] = self.formatException(record.exc_info)
        return json.dumps(said, ensure_ascii=False, default=str)


class Console(logging.Formatter):
    """A short line for people; no traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """Format a record."""
        clock = datetime.fromtimestamp(record.created).astimezone()
        mark = "" if record.levelno < logging.WARNING else "警告 " if record.levelno < logging.ERROR else "错误 "
        return f"{clock:%m-%d %H:%M:%S} {mark}{record.getMessage()}"


class _Lines(logging.handlers.RotatingFileHandler):
    """A disk that is full loses lines of the log, and fills no console with tracebacks."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  the library's name
        """Let a line go that cannot be written; the console has it."""


def set_up(file: Path, *, quiet: bool = False) -> None:
    """Log to a file of JSON lines, which is turned over at 20 MB, and to the console.

    Args:
        file: where there is no room for it, the console alone is written to.
        quiet: only warnings on the console.
    """
    logger = logging.getLogger("presales")
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
        with suppress(OSError):  # what it still holds may find no room
            handler.close()
    console = logging.StreamHandler(sys.stderr)
    console.setFormatter(Console())
    console.setLevel(logging.WARNING if quiet else logging.INFO)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    logger.addHandler(console)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        lines = _Lines(file, maxBytes=_MOST_BYTES, backupCount=_MOST_FILES, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        logger.warning("日志写不了文件,只写在屏幕上:%s", error)
        return
    lines.setFormatter(JsonLines())
    logger.addHandler(lines)
