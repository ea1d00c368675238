"""What a watch says of itself to whoever asks for the status while it waits, perhaps on a disk that is full.

One small file that is made when the watch begins and only ever overwritten in place: that needs no room.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from pipeline.workspace.layout import Workspace

_NAME, _BYTES = "watch.sign", 2048


def say(workspace: Workspace, text: str, at: datetime) -> None:
    """Say what is waited for, and since when; an empty text says that all is well. A disk that refuses is no matter."""
    line = f"{at.isoformat()}\t{text}" if text else ""
    content = line.encode("utf-8", "replace")[:_BYTES].ljust(_BYTES)
    path = workspace.locks / _NAME
    with suppress(OSError), path.open("r+b" if path.exists() else "wb") as file:
        file.write(content)


def said(workspace: Workspace) -> tuple[str, datetime] | None:
    """What a watch waits for and since when; None when none said so."""
    try:
        content = (workspace.locks / _NAME).read_bytes()
    except OSError:
        return None
    since, _, text = content.decode("utf-8", "ignore").strip().partition("\t")
    return (text, datetime.fromisoformat(since)) if text else None
