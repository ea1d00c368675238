"""Words that stand in the tags of a template: all that it can ask its context for."""

from __future__ import annotations

import re
from pathlib import Path
from zipfile import BadZipFile, ZipFile

_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_PARTS = re.compile(r"word/(document|header|footer)")


def mentioned(path: Path) -> frozenset[str]:
    """Every word that stands in a tag of a template; none where it cannot be read."""
    try:
        with ZipFile(path) as package:
            parts = [package.read(name) for name in package.namelist() if _PARTS.match(name)]
    except (OSError, BadZipFile):
        return frozenset()
    texts = (re.sub(r"<[^>]+>", "", part.decode("utf-8", "replace")) for part in parts)
    return frozenset(word for text in texts for tag in _TAG.findall(text) for word in re.findall(r"\w+", tag))
