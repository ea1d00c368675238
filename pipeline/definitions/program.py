"""Hashes of what decides how a project is read, checked and printed: program, libraries, forms, templates."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from pipeline.adapters.files import sha256
from pipeline.definitions.forms import data_folder

_PACKAGE = Path(__file__).resolve().parents[1]
_DISTRIBUTION = "presales-pipeline"


@cache
def program_hash() -> str:
    """Hash of this program as it was loaded, with the libraries that it stands on."""
    own = _tree(_PACKAGE, "*.py") + _tree(_PACKAGE / "definitions", "*.toml")[:16]
    return hashlib.sha256(f"{own}\n{libraries()}".encode()).hexdigest()


@cache
def libraries() -> str:
    """The libraries that the program needs, each with its version: another one may read or print otherwise."""
    try:
        needed = [one for one in requires(_DISTRIBUTION) or () if "extra ==" not in one]
    except PackageNotFoundError:  # it runs from a folder
        return ""
    return "\n".join(f"{name} {version(name)}" for name in sorted(re.split(r"[^\w.-]", one)[0] for one in needed))


def forms_hash() -> str:
    """Hash of the definitions of the workbooks."""
    return _tree(data_folder("input_templates"), "*.toml")


def templates_hash() -> str:
    """Hash of the templates with their names."""
    return _tree(data_folder("output_templates"), "*")


def _tree(folder: Path, pattern: str) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob(pattern)):
        if path.is_file() and not path.name.startswith((".", "~$")):
            digest.update(f"{path.relative_to(folder)}\0{sha256(path)}\n".encode())
    return digest.hexdigest()
