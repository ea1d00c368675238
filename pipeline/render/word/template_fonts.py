"""Which font families the templates use, so that a run can say at its start what is missing."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from pipeline.definitions.forms import data_folder

_PARTS = re.compile(r"word/(document|styles|numbering|header\d*|footer\d*)\.xml")
_FAMILY = re.compile(rb'w:(?:ascii|hAnsi|eastAsia|cs)="([^"]+)"')
_LANGUAGES = re.compile(r"[a-z]{2,3}(-[A-Za-z]+)*")  # w:eastAsia also names languages (w:lang)


@cache
def template_families(folder: Path | None = None) -> tuple[str, ...]:
    """Families of all templates of a folder, sorted; a file that cannot be read names none."""
    found: set[str] = set()
    for path in sorted((folder or data_folder("output_templates")).glob("*.docx")):
        found |= _families(path)
    return tuple(sorted(found))


def _families(path: Path) -> set[str]:
    try:
        with ZipFile(path) as package:
            parts = [package.read(name) for name in package.namelist() if _PARTS.fullmatch(name)]
    except (OSError, BadZipFile, RuntimeError):
        return set()
    names = {name.decode("utf-8", "replace") for part in parts for name in _FAMILY.findall(part)}
    return {name for name in names if not _LANGUAGES.fullmatch(name)}
