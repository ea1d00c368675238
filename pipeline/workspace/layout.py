"""Where things lie in a workspace, and which of them a crash may have left half done."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipeline.adapters.files import make_folder, move_durable


@dataclass(frozen=True)
class Workspace:
    """The folders of a workspace; all on one local file system.

    Attributes:
        root: what `-w` names.
    """

    root: Path

    @property
    def store(self) -> Path:
        """Accepted contents by their hash; read-only."""
        return self.root / "store"

    @property
    def out(self) -> Path:
        """Output of the newest run of each project, each in a folder of its own."""
        return self.root / "out"

    @property
    def work(self) -> Path:
        """Private input folders of running projects; of no worth afterwards."""
        return self.root / "work"

    @property
    def portfolio(self) -> Path:
        """The newest portfolio report and status page."""
        return self.root / "portfolio"

    @property
    def published(self) -> Path:
        """What was published, so that files of ours and of people can be told apart."""
        return self.root / "published"

    @property
    def quarantine(self) -> Path:
        """What was found damaged or half done; for people to look at."""
        return self.root / "quarantine"

    @property
    def cache(self) -> Path:
        """Charts that were drawn; of no worth that could not be drawn again."""
        return self.root / "cache"

    @property
    def locks(self) -> Path:
        """Lock files."""
        return self.root / "locks"

    @property
    def log(self) -> Path:
        """JSON lines."""
        return self.root / "log" / "presales.jsonl"

    @property
    def settings(self) -> Path:
        """The settings with which the service last began."""
        return self.root / "settings.json"

    def make(self) -> None:
        """Make the folders that are not there."""
        kept = (self.store, self.out, self.portfolio, self.published, self.quarantine)
        for folder in (*kept, self.work, self.cache, self.locks, self.log.parent):
            make_folder(folder)

    def set_aside(self, path: Path, now: datetime) -> Path:
        """Move something doubtful into the quarantine; returns where it is now."""
        make_folder(self.quarantine)
        start = f"{now:%Y%m%dT%H%M%S}_{path.name[:80]}"
        names = (start, *(f"{start}.{number}" for number in range(1, 10_000)))
        target = next(self.quarantine / name for name in names if not (self.quarantine / name).exists())
        move_durable(path, target)
        return target

    def clear_work(self, name: str) -> Path:
        """A fresh private folder; what an interrupted run left under the name is removed."""
        folder = self.work / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return folder
