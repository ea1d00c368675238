"""What a watch says of itself to whoever asks for the status while it waits or works, perhaps on a disk that is full.

Small files that are made when the watch begins and only ever overwritten in place: that needs no room.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from pipeline.workspace.layout import Workspace

_WAITS, _LOOKED, _BYTES = "watch.sign", "watch.look", 2048
_HELD = "letters-held"


def say(workspace: Workspace, text: str, at: datetime) -> None:
    """Say what is waited for, and since when; an empty text says that all is well. A disk that refuses is no matter."""
    _write(workspace, _WAITS, f"{at.isoformat()}\t{text}" if text else "")


def said(workspace: Workspace) -> tuple[str, datetime] | None:
    """What a watch waits for and since when; None when none said so."""
    since, text = _read(workspace, _WAITS)
    return (text, since) if since and text else None


def look(workspace: Workspace, doing: str, at: datetime) -> None:
    """Say that the watch looks now, and what it begins to do; an empty text: it waits for files."""
    _write(workspace, _LOOKED, f"{at.isoformat()}\t{doing}")


def looked(workspace: Workspace) -> tuple[datetime | None, str]:
    """When a watch looked last, and what it began then; no moment when none ever did."""
    return _read(workspace, _LOOKED)


def hold_letters(workspace: Workspace) -> None:
    """No letter leaves any more: a workspace was restored, and does not know what was told since."""
    (workspace.root / _HELD).touch()


def letters_held(workspace: Workspace) -> bool:
    """Whether letters are held until somebody releases them."""
    return (workspace.root / _HELD).exists()


def release_letters(workspace: Workspace) -> None:
    """Letters may leave again."""
    (workspace.root / _HELD).unlink(missing_ok=True)


def _write(workspace: Workspace, name: str, line: str) -> None:
    content = line.encode("utf-8", "replace")[:_BYTES].ljust(_BYTES)
    path = workspace.locks / name
    with suppress(OSError), path.open("r+b" if path.exists() else "wb") as file:
        file.write(content)


def _read(workspace: Workspace, name: str) -> tuple[datetime | None, str]:
    try:
        content = (workspace.locks / name).read_bytes()
    except OSError:
        return None, ""
    at, _, text = content.decode("utf-8", "ignore").strip().partition("\t")
    return (datetime.fromisoformat(at), text) if at else (None, "")
