"""Prove a pack years later: name every file that is missing, extra, changed or unreadable, and every unsound PDF."""

from __future__ import annotations

import csv
import io
import re
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from pipeline.adapters.files import sha256
from pipeline.adapters.pdf_file import faults, page_count
from pipeline.adapters.private_folders import private_folder
from pipeline.core.errors import UsageProblem
from pipeline.deliver import bag, manifest
from pipeline.deliver.archive import intact, unzip

MISSING, EXTRA, CHANGED = "缺少(missing)", "多余(extra)", "内容有改动(changed)"
UNREADABLE = "读不出来(unreadable)"
PDF_FOLDER = "pdf"
_LINE = re.compile(r"(?P<digest>[0-9a-f]{64}) {1,2}(?P<name>\S.*)")
_TAGS = (bag.DECLARATION, bag.INFO, bag.MANIFEST)


def verify(path: Path) -> list[str]:
    """Check a pack's folder or zip against its manifest, a bag against the bag's manifests as well, and its PDFs.

    The PDFs are looked at once every file is as it was made: pages as listed, fonts embedded, bookmarks alive, and
    where PDF/A is claimed, what the claim needs.

    Args:
        path: folder or zip of a 计划包, 评审包 or 移交包.

    Returns:
        One sentence a fault, which begins with the name of the file; empty when all is as it was made.

    Raises:
        UsageProblem: there is no such file or folder.
    """
    if path.is_dir():
        return _verify_folder(path)
    if path.is_file():
        return _verify_archive(path)
    raise UsageProblem(f"{path}:没有这个文件包(no such pack)。")


def _verify_archive(archive: Path) -> list[str]:
    try:
        problems = [] if intact(archive) else [f"{archive.name}:压缩包{CHANGED}"]
        with private_folder() as work:
            problems += unzip(archive, work)
            inside = sorted(work.iterdir())
            folders = [path for path in inside if path.is_dir()]
            problems += [f"{path.name}:{EXTRA}" for path in inside if path not in folders]
            if len(folders) != 1:
                return [*problems, f"{archive.name}:里面应当只有一个目录(one folder expected inside)"]
            return list(dict.fromkeys([*problems, *_verify_folder(folders[0])]))
    except UsageProblem as error:
        return [str(error)]
    except OSError as error:
        return [f"{archive.name}:{UNREADABLE}: {error}"]


def _verify_folder(folder: Path) -> list[str]:
    root = manifest.payload(folder)
    bagged = bag.is_bag(folder)
    start = f"{bag.PAYLOAD}/" if bagged else ""
    digests, problems = _digests(root, start)
    content = _content(root / manifest.MANIFEST)
    listed = manifest.parse(content).get("files", {})
    if not content:
        problems.append(f"{start}{manifest.MANIFEST}:{MISSING}")
    elif not manifest.unbroken(content):
        problems.append(f"{start}{manifest.MANIFEST}:{CHANGED}")
    expected = {f"{start}{manifest.nfc(name)}": digest for name, digest in listed.items()}
    own = digests.get(f"{start}{manifest.MANIFEST}")
    if bagged:
        problems += _compare({**expected, **_own(start, own)}, digests) if manifest.unbroken(content) else []
        problems += _verify_tags(folder, digests)
    else:
        problems += _compare({**expected, **_own(start, own)}, digests)
    if not problems:
        problems += wrong_papers(root, start)
    if bagged and not problems and (said := bag.bag_problem(folder)):
        problems.append(f"{folder.name}:{said}")
    return list(dict.fromkeys(problems))


def _own(start: str, digest: str | None) -> dict[str, str]:
    """The manifest itself, which its own list does not hold."""
    return {f"{start}{manifest.MANIFEST}": digest} if digest else {}


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes() if path.is_file() else b""
    except OSError:
        return b""


def _digests(root: Path, start: str) -> tuple[dict[str, str], list[str]]:
    """SHA-256 of every file under a folder by its path in NFC; links and twins in another spelling are faults."""
    found: dict[str, str] = {}
    problems = []
    for path in sorted(root.rglob("*")):
        mode = path.lstat().st_mode
        if stat.S_ISDIR(mode):
            continue
        name = start + manifest.nfc(path.relative_to(root).as_posix())
        if name in found or not stat.S_ISREG(mode):
            problems.append(f"{name}:{EXTRA}")
            continue
        try:
            found[name] = sha256(path)
        except OSError as error:
            found[name] = ""
            problems.append(f"{name}:{UNREADABLE}: {error.strerror}")
    return found, problems


def _compare(expected: Mapping[str, str], digests: Mapping[str, str]) -> list[str]:
    problems = [f"{name}:{MISSING}" for name in sorted(expected.keys() - digests.keys())]
    problems += [f"{name}:{EXTRA}" for name in sorted(digests.keys() - expected.keys())]
    both = sorted(expected.keys() & digests.keys())
    return problems + [f"{name}:{CHANGED}" for name in both if digests[name] not in ("", expected[name])]


def _verify_tags(folder: Path, digests: Mapping[str, str]) -> list[str]:
    """The bag's own files: list of the payload, and the list of these lists."""
    problems = []
    tags = [*_TAGS, bag.TAG_MANIFEST]
    around = [path for path in sorted(folder.iterdir()) if path.name not in (*tags, bag.PAYLOAD)]
    problems += [f"{manifest.nfc(path.name)}:{EXTRA}" for path in around]
    problems += [f"{name}:{MISSING}" for name in tags if not (folder / name).is_file()]
    payload, broken = _lines(folder / bag.MANIFEST)
    problems += broken or _compare(payload, digests)
    listed, broken = _lines(folder / bag.TAG_MANIFEST)
    problems += broken
    problems += [f"{bag.TAG_MANIFEST}:{CHANGED}: {name}" for name in sorted(listed.keys() ^ set(_TAGS))]
    for name in sorted(listed.keys() & set(_TAGS)):
        if (folder / name).is_file() and sha256(folder / name) != listed[name]:
            problems.append(f"{name}:{CHANGED},或 {bag.TAG_MANIFEST} 被改动")
    return problems


def _lines(path: Path) -> tuple[dict[str, str], list[str]]:
    """Digests by name of one of the bag's lists, and what is wrong with the list."""
    content = _content(path)
    if not content:
        return {}, []
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return {}, [f"{path.name}:{CHANGED}"]
    matches = [_LINE.fullmatch(line) for line in text.removesuffix("\n").split("\n")]
    lines = {manifest.nfc(match["name"]): match["digest"] for match in matches if match}
    damaged = len(lines) != len(matches) or not text.endswith("\n")
    return lines, [f"{path.name}:{CHANGED}"] if damaged else []


# -- the papers -----------------------------------------------------------------------------------------------------


def wrong_papers(root: Path, start: str = "") -> list[str]:
    """Faults of the PDFs that we made, a sentence each; attachments are somebody else's and stay out of it.

    Args:
        root: folder with the pack's files.
        start: what names begin with (`data/` in a bag).
    """
    listed = _listed_pages(root / manifest.LISTING)
    found = []
    for path in _papers(root):
        name = manifest.nfc(path.relative_to(root).as_posix())
        found += [f"{start}{name}:{fault}" for fault in faults(path)]
        pages, told = page_count(path), listed.get(name)
        if told and told != str(pages):
            found.append(f"{start}{name}:{pages} 页,{manifest.LISTING} 写的是 {told} 页(pages differ)")
    return found


def _papers(root: Path) -> Iterator[Path]:
    """The single documents and, beside the lists, the merged one."""
    for folder in (root / PDF_FOLDER, root):
        yield from sorted(path for path in folder.glob("*.pdf") if path.is_file() and not path.is_symlink())


def _listed_pages(path: Path) -> dict[str, str]:
    """Pages by file name as 清单.csv tells them; nothing where it cannot be read."""
    try:
        rows = list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"))))
    except (OSError, UnicodeDecodeError, csv.Error):
        return {}
    place = rows[0].index(manifest.PAGES) if rows and manifest.PAGES in rows[0] else None
    return {row[0]: row[place] for row in rows[1:] if place is not None and len(row) > place}
