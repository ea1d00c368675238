"""Enclosures of letters that have not left: kept under their hashes, whatever becomes of the originals."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import datetime, timedelta
from pathlib import Path

from pipeline.adapters.files import write_atomic
from pipeline.core.mail import Enclosure

FOLDER = "outbox"
_YOUNG = timedelta(days=1)  # a letter may be about to name it


class EnclosureMissing(Exception):
    """An enclosure is not there any more, or has changed."""


class Files:
    """The folder of enclosures in a workspace."""

    def __init__(self, workspace: Path) -> None:
        """Use `outbox/` of a workspace."""
        self.folder = workspace / FOLDER

    def keep(self, content: bytes, name: str, path: str = "") -> Enclosure:
        """Keep a file durably.

        Args:
            content: its bytes.
            name: as the receiver sees it.
            path: where staff find it on the share.
        """
        digest = hashlib.sha256(content).hexdigest()
        target = self._path(digest)
        if not target.is_file() or target.stat().st_size != len(content):
            write_atomic(target, content)
        return Enclosure(name, digest, len(content), path)

    def read(self, enclosure: Enclosure) -> bytes:
        """Bytes of a kept file.

        Raises:
            Missing: it is gone or not what it was.
        """
        try:
            content = self._path(enclosure.sha256).read_bytes()
        except OSError as error:
            raise EnclosureMissing(f"附件 {enclosure.name} 不在发件箱里了({error.strerror})") from error
        if hashlib.sha256(content).hexdigest() != enclosure.sha256:
            raise EnclosureMissing(f"附件 {enclosure.name} 在发件箱里损坏了")
        return content

    def sweep(self, needed: Collection[str], now: datetime) -> None:
        """Delete what no letter needs any more and is not new."""
        for path in self.folder.glob("*/*"):
            age = now.timestamp() - path.stat().st_mtime
            if path.name not in needed and age > _YOUNG.total_seconds():
                path.unlink(missing_ok=True)

    def _path(self, digest: str) -> Path:
        return self.folder / digest[:2] / digest
