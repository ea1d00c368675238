"""Hashes of what decides how a project is read, checked and printed: program, forms, templates."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from pipeline.adapters.files import sha256
from pipeline.definitions.forms import data_folder

_PACKAGE = Path(__file__).resolve().parents[1]


@cache
def program_hash() -> str:
    """Hash of this program as it was loaded."""
    return _tree(_PACKAGE, "*.py") + _tree(_PACKAGE / "definitions", "*.toml")[:16]


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
