"""What systemd hears of a service (`Type=notify`, `WatchdogSec=`): that it is ready and lives, what it waits for."""

from __future__ import annotations

import os
import socket
from contextlib import suppress


def tell(state: str) -> None:
    """Send lines of `sd_notify(3)` to the supervisor; without one, or when it cannot hear, nothing happens.

    Args:
        state: `READY=1`, `WATCHDOG=1`, `STOPPING=1`, `STATUS=...`, one a line.
    """
    address = os.environ.get("NOTIFY_SOCKET", "")
    if address[:1] not in ("/", "@"):
        return
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as wire:
        wire.connect("\0" + address[1:] if address[0] == "@" else address)
        wire.send(state.encode("utf-8", "replace"))
