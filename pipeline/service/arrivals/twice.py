"""Two different files for one place of a project in one round: the later one counts, and both senders hear."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from pipeline.service.arrivals.claiming import ClaimedFile
from pipeline.workspace.doubts import TWICE, Doubt
from pipeline.workspace.given import Given


@dataclass(frozen=True)
class _Arrived:
    """What was taken for one place; `changed` is the file's time in nanoseconds since 1970."""

    given: Given
    name: str
    held: ClaimedFile
    changed: int

    def told(self, said: str, now: datetime) -> Doubt:
        why = f"{TWICE}:{said}"
        return Doubt(self.name, self.given, why, False, now, self.held.id, self.held.department)


@dataclass
class Arrivals:
    """What one round has taken, by project and place."""

    _taken: dict[tuple[str, str], _Arrived] = field(default_factory=dict)

    def take(self, given: Given, name: str, held: ClaimedFile, changed: int, now: datetime) -> Iterator[Doubt]:
        """Note a file that counts from now on; what is to be told where it replaces another one of this round.

        Args:
            given: what it is.
            name: the file as it was dropped.
            held: its claim.
            changed: its time, in nanoseconds since 1970; of a member of a zip that of the zip.
            now: UTC.
        """
        mine, other = _Arrived(given, name, held, changed), self._taken.get((given.project, given.slot))
        self._taken[given.project, given.slot] = mine
        if other is None or other.given.kept.sha256 == given.kept.sha256:
            return
        why = _why(other, mine)
        yield other.told(f"没有采用这一份,采用的是“{name}”({why})", now)
        yield mine.told(f"采用这一份({why}),没有采用“{other.name}”", now)


def _why(one: _Arrived, other: _Arrived) -> str:
    """Why the other one counts."""
    if one.held.id == other.held.id:
        return "在压缩包里排在后面"
    if one.changed == other.changed:
        return "修改时间相同,文件名排在后面"
    return "修改时间较晚" if other.changed > one.changed else "收下得较晚"
