"""Where issued papers are kept: `issued/register.json`, and every file once under its hash."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterable
from pathlib import Path

from pipeline.adapters.files import sha256, write_atomic
from pipeline.core.documents import Printed
from pipeline.core.errors import DeliveryFailed
from pipeline.core.places import Place
from pipeline.deliver.issued.decision import is_own
from pipeline.deliver.issued.register import Issue, Register, as_csv, from_bytes, to_bytes

FOLDER, REGISTER, LIST, FILES = "issued", "register.json", "签发登记.csv", "files"
DOCX, PDF, VALUES = "docx", "pdf", "json"
_OURS = re.compile(rf"[0-9a-f]{{64}}\.(?:{DOCX}|{PDF}|{VALUES})")


class RegisterUnsound(DeliveryFailed):
    """The register, or a paper that it names, is not as we wrote it."""


class Shelf:
    """The issued papers of one project.

    Args:
        folder: `issued/` of its output, or the folder of that name in a pack.
        beside: where else the bytes of a paper may lie: docx/ and pdf/ of a pack.
    """

    def __init__(self, folder: Path, beside: Collection[Path] = ()) -> None:
        self.folder, self._beside = folder, beside
        self._known: dict[str, tuple[Printed, ...]] = {}

    @property
    def there(self) -> bool:
        """Whether anything was ever issued."""
        return (self.folder / REGISTER).is_file()

    def read(self, code: str) -> Register:
        """The register; an empty one where there is none.

        Raises:
            RegisterUnsound: it cannot be read, a byte of it was changed, or it is of another project.
        """
        path = self.folder / REGISTER
        if not path.exists():
            return Register(code)
        try:
            register = from_bytes(path.read_bytes())
        except OSError as error:
            raise RegisterUnsound(f"{path}:签发登记读不出来(cannot read the register): {error.strerror}") from error
        if register is None:
            raise RegisterUnsound(f"{path}:签发登记被改动或损坏(the register of issued papers was changed)。")
        if register.code != code:
            raise RegisterUnsound(f"{path}:是项目 {register.code} 的签发登记(register of another project)。")
        return register

    def write(self, register: Register) -> None:
        """Replace the register, with its list for people; files that it names no more go.

        Raises:
            OSError: it cannot be written; the old one stands.
        """
        content = to_bytes(register)
        if not self.there or (self.folder / REGISTER).read_bytes() != content:
            write_atomic(self.folder / REGISTER, content)
        write_atomic(self.folder / LIST, as_csv(register.issues))
        named = {path.name for issue in register.issues for path in self._paths(issue)}
        for path in (self.folder / FILES).glob("*"):
            if _OURS.fullmatch(path.name) and path.name not in named:
                path.unlink()

    # -- files -------------------------------------------------------------------------------------------------------

    def put(self, content: bytes, kind: str) -> str:
        """Keep a file; returns its SHA-256."""
        digest = hashlib.sha256(content).hexdigest()
        path = self._path(digest, kind)
        if not path.is_file():
            write_atomic(path, content)
        return digest

    def put_values(self, printed: Iterable[Printed], own: Collection[str]) -> str:
        """Keep all printed values, each with its cells and whether it belongs to the paper's own record."""
        rows = [[p.name, p.text, p.value, [_cell(c) for c in p.cells], int(is_own(p, own))] for p in printed]
        return self.put(json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode(), VALUES)

    def values(self, issue: Issue) -> tuple[Printed, ...]:
        """All printed values of a paper.

        Raises:
            RegisterUnsound: they are not there any more, or were changed.
        """
        if issue.values not in self._known:
            rows = json.loads(self.file(issue.values, VALUES, issue).read_bytes())
            self._known[issue.values] = tuple(_value(*row) for row in rows)
        return self._known[issue.values]

    def file(self, digest: str, kind: str, issue: Issue) -> Path:
        """A file of a paper, byte for byte.

        Raises:
            RegisterUnsound: it is not there any more, or was changed.
        """
        path = self._path(digest, kind)
        beside = (found for folder in self._beside for found in folder.glob(f"*.{kind}"))
        for found in (path, *beside):
            if found.is_file() and sha256(found) == digest:
                return found
        said = "不在了(missing)" if not path.exists() else "被改动(changed)"
        raise RegisterUnsound(f"{path}:签发件 {issue.label} {issue.version}({issue.file}){said}。")

    def _path(self, digest: str, kind: str) -> Path:
        return self.folder / FILES / f"{digest}.{kind}"

    def _paths(self, issue: Issue) -> list[Path]:
        kept = ((issue.docx, DOCX), (issue.pdf, PDF), (issue.values, VALUES))
        return [self._path(digest, kind) for digest, kind in kept if digest]


def _value(name: str, text: str, value: str, cells: list[list[str]], _: int) -> Printed:
    return Printed(name, text, value, tuple(Place(*cell) for cell in cells))


def _cell(place: Place) -> list[str | None]:
    return [place.workbook, place.sheet, place.cell]
