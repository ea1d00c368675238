"""The conventions of reading, from `definitions/reading.toml`: one table that every reader obeys."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_TABLE = Path(__file__).resolve().parent.parent / "definitions" / "reading.toml"


def _load() -> Mapping[str, Any]:
    with _TABLE.open("rb") as stream:
        return tomllib.load(stream)


READING = _load()
