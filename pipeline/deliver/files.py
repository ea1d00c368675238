"""A project's output folder: files are replaced as a whole, and what somebody else has changed is left alone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path

from pipeline.adapters.files import make_folder, sha256, write_atomic
from pipeline.core.names import OUTPUT_LEDGER

LEDGER = OUTPUT_LEDGER
BEGUN = ".presales-writing.jsonl"  # what a run has put since it opened the folder; there only while it runs


def _read_ledger(path: Path) -> dict[str, str]:
    """Hashes of files by their place; nothing where the ledger cannot be read, and then no file is ours."""
    try:
        return dict(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return {}


def _put_before(folder: Path) -> Iterator[tuple[str, str]]:
    """Place and hash of every file that a run which did not come to its end has put, and that stands as it put it."""
    with suppress(OSError, UnicodeDecodeError):
        for line in (folder / BEGUN).read_text("utf-8").splitlines():
            with suppress(OSError, ValueError):  # the last line may be cut
                name, digest = json.loads(line)
                if sha256(folder / name) == digest:
                    yield name, digest


class OutputFolder:
    """Puts files into a project's output folder and remembers which ones it wrote itself."""

    def __init__(self, folder: Path) -> None:
        """Open the output folder of one project."""
        self.folder = folder
        self.notes: list[str] = []
        self._ledger = folder / LEDGER
        self._written = _read_ledger(self._ledger) | dict(_put_before(folder))

    def put(self, source: Path, relative: str) -> Path:
        """Put a file at a place under the folder; beside it when a person has changed what stands there.

        Args:
            source: finished file, left as it is.
            relative: path under the folder, such as `docx/X.docx`.

        Returns:
            Where the file is now.
        """
        return self.put_bytes(source.read_bytes(), relative)

    def put_bytes(self, content: bytes, relative: str) -> Path:
        """Put a file whose bytes are at hand, as `put` does; the same bytes stay as they stand."""
        target, digest = self.folder / relative, hashlib.sha256(content).hexdigest()
        for number in range(1, 1000):
            name = str(target.relative_to(self.folder))
            standing = sha256(target) if target.exists() else ""
            if not standing or self._written.get(name) == standing:
                break
            target = (self.folder / relative).with_stem(f"{Path(relative).stem}_系统重新生成{number}")
        if target != self.folder / relative:
            self.notes.append(f"{self.folder / relative} 已被人修改,保留不动;新文件写在 {target.name}")
        if standing != digest:
            self._begin(name, digest)
            write_atomic(target, content)
        self._written[name] = digest
        return target

    def _begin(self, name: str, digest: str) -> None:
        """Note what is about to be put, so that it is known as ours though we may be killed before `close`."""
        make_folder(self.folder)
        with (self.folder / BEGUN).open("a", encoding="utf-8") as stream:
            stream.write(json.dumps((name, digest), ensure_ascii=False) + "\n")

    def strangers(self, pattern: str) -> list[Path]:
        """Files that match a pattern under the folder and that no run of ours has written."""
        found = sorted(self.folder.glob(pattern))
        return [path for path in found if str(path.relative_to(self.folder)) not in self._written]

    def wrote(self, relative: str) -> bool:
        """Whether a run of ours has written a file, be it there or not."""
        return relative in self._written

    def note(self, path: Path) -> None:
        """Remember a file that somebody else put into the folder for us."""
        self._written[str(path.relative_to(self.folder))] = sha256(path)

    def retire(self, folder: str, ending: str, keep: Collection[Path]) -> None:
        """Remove files of ours that an earlier run put into a folder and this one did not; changed ones stay.

        Args:
            folder: folder under the output folder, empty for itself.
            ending: how their names end.
            keep: files that stay.
        """
        for name, written in list(self._written.items()):
            path = self.folder / name
            ours = path.parent == self.folder / folder and path.name.endswith(ending) and path not in keep
            if ours and path.is_file() and sha256(path) == written:
                path.unlink()
                del self._written[name]

    def close(self) -> None:
        """Record what was written."""
        write_atomic(self._ledger, json.dumps(self._written, ensure_ascii=False, indent=1, sort_keys=True).encode())
        (self.folder / BEGUN).unlink(missing_ok=True)
