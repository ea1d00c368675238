"""manifest.json of a pack: what it holds, and a hash over itself, so that no byte of it changes unseen."""

from __future__ import annotations

import hashlib
import json
import unicodedata
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"
PROVENANCE = "provenance.json"
LISTING = "清单.csv"
PAGES = "页数"  # its column
_SEAL = "manifest_sha256"


def nfc(text: str) -> str:
    """A name as we compare it: some systems hand back the same name in another form."""
    return unicodedata.normalize("NFC", text)


def to_json(value: Any) -> bytes:
    """JSON as all our files write it."""
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


def seal(manifest: Mapping[str, Any]) -> bytes:
    """A manifest with the hash of all the rest of it."""
    open_one = {**manifest, _SEAL: ""}
    return to_json({**open_one, _SEAL: hashlib.sha256(to_json(open_one)).hexdigest()})


def unbroken(content: bytes) -> bool:
    """Whether a manifest is byte for byte what `seal` wrote."""
    manifest = parse(content)
    return bool(manifest) and seal(manifest) == content


def parse(content: bytes) -> dict[str, Any]:
    """A manifest or provenance; empty when it cannot be read as such."""
    try:
        found = json.loads(content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def payload(pack: Path) -> Path:
    """Folder with the pack's files: `data/` of a bag, else the pack itself."""
    inner = pack / "data"
    return inner if inner.is_dir() else pack


def read(pack: Path, name: str = MANIFEST) -> dict[str, Any]:
    """Manifest (or provenance) of a pack, folder or zip; empty when it is missing or broken."""
    if pack.is_file():
        return _zipped(pack, name)
    path = payload(pack) / name
    return parse(path.read_bytes()) if path.is_file() else {}


def _zipped(archive: Path, name: str) -> dict[str, Any]:
    try:
        with zipfile.ZipFile(archive) as package:
            found = [one for one in package.namelist() if one.rpartition("/")[2] == name and one.count("/") < 3]
            return parse(package.read(found[0])) if found else {}
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError):
        return {}
