"""Issued papers travel in packs: a pack carries the entries of its documents, and another output takes them over."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline.adapters.files import sha256
from pipeline.adapters.private_folders import private_folder
from pipeline.core.documents import Document
from pipeline.core.errors import DeliveryFailed, UsageProblem
from pipeline.deliver import manifest
from pipeline.deliver.archive import unzip
from pipeline.deliver.issued.register import Issue, Register, as_csv, to_bytes
from pipeline.deliver.issued.shelf import DOCX, FILES, FOLDER, LIST, PDF, REGISTER, VALUES, Shelf
from pipeline.deliver.verify import verify

IN_PACK = "签发登记"
_SHOWN = 3


@dataclass(frozen=True)
class Issued:
    """The issued papers of a project: the register and where the files are."""

    register: Register
    shelf: Shelf


def carry(issued: Issued, documents: Iterable[Document], pack: Path) -> None:
    """Put the entries of a pack's documents into it, with what bytes of them do not lie in its docx/ and pdf/.

    Args:
        issued: register and files of the project.
        documents: those of the pack, which lie in it already.
        pack: folder that is being made.

    Raises:
        RegisterUnsound: a file of a paper is not there any more.
    """
    parts = {(document.code, document.part) for document in documents}
    issues = [issue for issue in issued.register.issues if (issue.code, issue.part) in parts]
    issues = [issue for issue in issues if issue.signed or not _registered(issue, issues)]
    if not issues:
        return
    target = pack / IN_PACK
    (target / FILES).mkdir(parents=True)
    there = {sha256(path) for folder in (DOCX, PDF) for path in (pack / folder).glob("*")}
    for digest, kind, issue in _files(issues):
        if digest not in there:
            shutil.copyfile(issued.shelf.file(digest, kind, issue), target / FILES / f"{digest}.{kind}")
    (target / REGISTER).write_bytes(to_bytes(Register(issued.register.code, tuple(issues))))
    (target / LIST).write_bytes(as_csv(issues))


def _registered(waiting: Issue, issues: Iterable[Issue]) -> bool:
    """Whether the record of a paper that waited for signatures was issued since."""
    return any(issue.key == waiting.key and issue.signed and not issue.ended for issue in issues)


def _files(issues: Iterable[Issue]) -> Iterator[tuple[str, str, Issue]]:
    seen: set[str] = set()
    for issue in issues:
        for digest, kind in ((issue.docx, DOCX), (issue.pdf, PDF), (issue.values, VALUES)):
            if digest and digest not in seen:
                seen.add(digest)
                yield digest, kind, issue


# -- taking over ------------------------------------------------------------------------------------------------------


def taken_over(sources: Sequence[Path], ours: Issued) -> tuple[Register, list[str]]:
    """Take the papers of a project over from packs or output folders; what was issued here stays as it is.

    Args:
        sources: packs (folder or zip) or output folders; those of other projects are passed over.
        ours: register and files of the project, which grow.

    Returns:
        The register with what was taken, and a sentence for each paper that was not.

    Raises:
        DeliveryFailed: a pack is not as it was made, holds no register, or none of them is of this project.
    """
    register, notes, codes = ours.register, list[str](), list[str]()
    for source in sources:
        with _opened(source, register.code) as theirs:
            codes.append(theirs.register.code)
            if theirs.register.code == register.code:
                register, said = _merged(register, ours.shelf, theirs)
                notes += said
    if sources and register.code not in codes:
        raise DeliveryFailed(
            f"{'、'.join(map(str, sources))}:是项目 {'、'.join(codes)} 的签发登记,不是 {register.code} 的,没有接收"
            "(issued papers of another project)。"
        )
    return register, notes


def _merged(register: Register, shelf: Shelf, theirs: Issued) -> tuple[Register, list[str]]:
    known, notes, taken = {issue.key for issue in register.issues}, [], []
    for issue in theirs.register.issues:
        if issue.key not in known:
            for digest, kind, _ in _files([issue]):
                shelf.put(theirs.shelf.file(digest, kind, issue).read_bytes(), kind)
            taken.append(issue)
        elif issue not in register.issues:
            notes.append(f"{issue.label} {issue.version} 本处已有签发,没有接收另一份(kept what was issued here)")
    return Register(register.code, (*register.issues, *taken), register.wishes), notes


@contextmanager
def _opened(source: Path, code: str) -> Iterator[Issued]:
    """The register of a pack that verifies, or of an output folder."""
    if not source.exists():
        raise UsageProblem(f"{source}:没有这个文件包或输出目录(no such pack or output folder)。")
    if source.is_dir() and not (manifest.payload(source) / manifest.MANIFEST).is_file():
        yield _of_output(source, code)
        return
    if problems := verify(source):
        said = ";".join(problems[:_SHOWN])
        raise DeliveryFailed(f"{source}:与制作时不符,没有接收签发登记(the pack does not verify): {said}")
    if source.is_dir():
        yield _of_pack(source)
        return
    with private_folder() as work:
        unzip(source, work)
        yield _of_pack(next(path for path in work.iterdir() if path.is_dir()))


def _of_pack(pack: Path) -> Issued:
    root = manifest.payload(pack)
    return _read(Shelf(root / IN_PACK, (root / DOCX, root / PDF)), str(manifest.read(pack).get("project", "")), pack)


def _of_output(folder: Path, code: str) -> Issued:
    """The register of a project's output folder, or of the folder above."""
    found = next((path for path in (folder / code, folder) if (path / FOLDER / REGISTER).is_file()), folder)
    return _read(Shelf(found / FOLDER), _code_in(found / FOLDER / REGISTER) or code, folder)


def _code_in(path: Path) -> str:
    return str(manifest.parse(path.read_bytes()).get("code", "")) if path.is_file() else ""


def _read(shelf: Shelf, code: str, source: Path) -> Issued:
    if not shelf.there:
        raise DeliveryFailed(f"{source}:里面没有签发登记,没有接收(holds no register of issued papers)。")
    return Issued(shelf.read(code), shelf)
