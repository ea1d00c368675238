"""Several LibreOffice beside each other, and beside us: what is announced is converted while other work goes on.

No thread and no other process is needed for it: each child works by itself between a question and its answer, and
whenever something is announced or asked for, those that have done get their next document.
"""

from __future__ import annotations

import select
import shutil
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from pipeline.adapters.child import ChildLost
from pipeline.adapters.files import replacing, sha256
from pipeline.adapters.office.converters import Awaited
from pipeline.adapters.office.libreoffice import LibreOffice
from pipeline.adapters.office.lok_child import OfficeChild
from pipeline.adapters.private_folders import private_folder
from pipeline.core.errors import DependencyMissing, DocumentFailed

_GIVEN_UP = (ChildLost, DocumentFailed, DependencyMissing)


@dataclass
class _Member:
    """One LibreOffice.

    Attributes:
        key: hash of the document that it converts; empty when it does nothing.
        steps: what is left to be done for it.
        child: what works on it.
    """

    office: LibreOffice
    key: str = ""
    steps: Iterator[OfficeChild] | None = None
    child: OfficeChild | None = None

    def begin(self, key: str, source: Path, target: Path) -> None:
        """Begin a document; one that cannot be begun is forgotten."""
        steps = self.office.converting(source, target)
        with suppress(*_GIVEN_UP):
            self.child = next(steps)
            self.key, self.steps = key, steps

    def finish(self) -> bool:
        """Wait for the document; whether it is there."""
        steps = self.steps or iter(())
        self.leave()
        with suppress(*_GIVEN_UP):
            next(steps, None)
            return True
        return False

    def leave(self) -> None:
        """Do nothing."""
        self.key, self.steps, self.child = "", None, None


class Crew(AbstractContextManager["Crew"]):
    """A converter of several; a document that was announced is there sooner, and is otherwise the same.

    A document is known by its bytes. What was announced and then changed or failed is forgotten: it is converted anew
    when it is asked for, which tells what is wrong with it.

    Args:
        offices: at least one; they are closed with the crew.
    """

    def __init__(self, offices: Sequence[LibreOffice]) -> None:
        self._members = [_Member(office) for office in offices]
        self._waiting: dict[str, Path] = {}
        self._made: dict[str, Path] = {}
        self._heard: dict[Path, str] = {}
        self._left = ExitStack()
        self._folder: Path | None = None

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def identity(self) -> str:
        """What every member's PDFs depend on."""
        return self._members[0].office.identity

    def close(self) -> None:
        """End all members and forget what nobody asked for; a further document starts them again."""
        for member in self._members:
            member.office.close()
            member.leave()
        self._waiting.clear()
        self._made.clear()
        self._heard.clear()
        self._left.close()
        self._folder = None

    def begin(self) -> None:
        """Start all members."""
        for member in self._members:
            member.office.begin()

    def expect(self, source: Path) -> None:
        """Convert a document as soon as a member is free, if it is still the same then."""
        key = self._heard[source] = sha256(source)
        if self._is_new(key):
            self._waiting[key] = source
        self._go_on()

    def work_until(self, other: Awaited) -> None:
        """Convert what was announced until something else has its answer, or has had its time."""
        while not _has_done(other) and (children := [member.child for member in self._members if member.child]):
            left_s = min(one.left_s for one in (other, *children))
            select.select([other, *children], [], [], max(0.0, left_s))
            self._go_on()

    def ready(self, source: Path) -> bool:
        """Whether a document that was announced is there."""
        self._go_on()
        return self._heard.get(source) in self._made

    def to_pdf(self, source: Path, target: Path) -> None:
        """As of `LibreOffice.to_pdf`; it is the next that is begun, and the others work on."""
        key = sha256(source) if source.is_file() else ""
        self._heard.pop(source, None)
        if key and self._is_new(key):
            self._waiting = {key: source, **self._waiting}
            self._go_on()
        while key in self._waiting or any(member.key == key for member in self._members if key):
            self._look_up()
        if made := self._made.pop(key, None):
            _put(made, source, target)
        else:
            self._free().office.to_pdf(source, target)

    def _is_new(self, key: str) -> bool:
        """Whether a document is neither converted nor being converted."""
        return key not in self._made and all(member.key != key for member in self._members)

    def _free(self) -> _Member:
        """A member that does nothing; waits for one."""
        while not (free := next((member for member in self._members if not member.key), None)):
            self._look_up(begin=False)
        return free

    def _look_up(self, *, begin: bool = True) -> None:
        """Wait until a member has done, or has had its time."""
        children = [member.child for member in self._members if member.child]
        select.select(children, [], [], max(0.0, min(child.left_s for child in children)))
        self._go_on(begin=begin)

    def _go_on(self, *, begin: bool = True) -> None:
        """Take what is done, and begin what waits."""
        for member in self._members:
            if member.child and _has_done(member.child):
                key = member.key
                if member.finish():
                    self._made[key] = self._place(key)
            while begin and not member.key and self._waiting:
                key = next(iter(self._waiting))
                source = self._waiting.pop(key)
                if _is(source, key):
                    member.begin(key, source, self._place(key))

    def _place(self, key: str) -> Path:
        if self._folder is None:
            self._folder = self._left.enter_context(private_folder())
        return self._folder / f"{key}.pdf"


def _has_done(child: Awaited) -> bool:
    """Whether a child has answered or died, or has had its time."""
    return child.left_s <= 0 or bool(select.select([child], [], [], 0)[0])


def _is(source: Path, key: str) -> bool:
    """Whether a file is still what was announced."""
    return source.is_file() and sha256(source) == key


def _put(made: Path, source: Path, target: Path) -> None:
    """Put a PDF into its place in one step; who publishes it brings it to disk."""
    try:
        with made.open("rb") as content, replacing(target, lasting=False) as copy:
            shutil.copyfileobj(content, copy)
    except OSError as problem:
        said = f"{source}:写不到 {target}({problem.strerror})。\n{source}: cannot write {target}: {problem.strerror}."
        raise DocumentFailed(said) from problem
    made.unlink()
