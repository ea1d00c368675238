"""What a watch says of itself to whoever asks for the status while it waits or works, perhaps on a disk that is full.

Small files that are made when the watch begins and only ever overwritten in place: that needs no room.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime

from pipeline.workspace.layout import Workspace

_WAITS, _LOOKED, _BYTES = "watch.sign", "watch.look", 2048
# Before what the watch stops for; with what has no such words before it, it works on.
STOPPED = "停下等待:"
_MET, _MET_BYTES = "watch.met", 8192
_HELD, _RESTORED = "letters-held", "restored"


@dataclass(frozen=True, slots=True)
class Trouble:
    """What stands in the way of the service, or did until a moment ago; times are UTC.

    Attributes:
        text: what is wrong.
        since: when it was met first.
        told: addresses that have had a letter of it.
        tried: when a letter was tried last.
        over: since when it is not met any more; None while it is.
    """

    text: str
    since: datetime
    told: tuple[str, ...] = ()
    tried: datetime | None = None
    over: datetime | None = None


def say(workspace: Workspace, text: str, at: datetime) -> None:
    """Say what is in the way, and since when; an empty text says that all is well. A disk that refuses is no matter."""
    _write(workspace, _WAITS, f"{at.isoformat()}\t{text}" if text else "")


def said(workspace: Workspace) -> tuple[str, datetime] | None:
    """What is in the way of a watch and since when; None when none said so."""
    since, text = _read(workspace, _WAITS)
    return (text, since) if since and text else None


def look(workspace: Workspace, doing: str, at: datetime) -> None:
    """Say that the watch looks now, and what it begins to do; an empty text: it waits for files."""
    _write(workspace, _LOOKED, f"{at.isoformat()}\t{doing}")


def looked(workspace: Workspace) -> tuple[datetime | None, str]:
    """When a watch looked last, and what it began then; no moment when none ever did."""
    return _read(workspace, _LOOKED)


def remember(workspace: Workspace, troubles: Mapping[str, Trouble]) -> None:
    """Keep by their kinds what stands in the way, and who was told of it, for a watch that begins anew."""
    lines = {kind: asdict(one) for kind, one in troubles.items()}
    _write(workspace, _MET, json.dumps(lines, ensure_ascii=False, default=datetime.isoformat), _MET_BYTES)


def remembered(workspace: Workspace) -> dict[str, Trouble]:
    """What was kept last, by kind; nothing where it cannot be read."""
    try:
        kept = json.loads((workspace.locks / _MET).read_text("utf-8"))
        return {kind: _trouble(**one) for kind, one in kept.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _trouble(text: str, since: str, told: list[str], tried: str | None, over: str | None) -> Trouble:
    at = [datetime.fromisoformat(one) if one else None for one in (tried, over)]
    return Trouble(text, datetime.fromisoformat(since), tuple(told), *at)


def hold_letters(workspace: Workspace) -> None:
    """No letter leaves any more: a workspace was restored, and does not know what was told since."""
    (workspace.root / _HELD).touch()


def say_restored(workspace: Workspace, at: datetime) -> None:
    """The workspace is that of a back-up of this moment, UTC; what was published later, it does not know."""
    (workspace.root / _RESTORED).write_text(at.isoformat(), "utf-8")


def restored(workspace: Workspace) -> bool:
    """Whether the workspace came out of a back-up."""
    return (workspace.root / _RESTORED).exists()


def letters_held(workspace: Workspace) -> bool:
    """Whether letters are held until somebody releases them."""
    return (workspace.root / _HELD).exists()


def release_letters(workspace: Workspace) -> None:
    """Letters may leave again."""
    (workspace.root / _HELD).unlink(missing_ok=True)


def _write(workspace: Workspace, name: str, line: str, size: int = _BYTES) -> None:
    content = line.encode("utf-8", "replace")[:size].ljust(size)
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
