"""Time as a parameter."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Clock:
    """The three things that are asked of a clock.

    Attributes:
        now: wall time, UTC; may jump back.
        monotonic: seconds since some moment; never goes back.
        sleep: waits some seconds.
    """

    now: Callable[[], datetime] = _now
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def today(self) -> date:
        """The day where the machine stands."""
        return self.now().astimezone().date()
