"""Words that stand in for an answer and are none: `fillers.toml`."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pipeline.definitions.forms import build, read_toml

FILE = Path(__file__).with_name("fillers.toml")


@dataclass(frozen=True)
class Fillers:
    """The words of the file, as `is_filler`, `is_nothing` and `is_decision` compare them."""

    fillers: tuple[str, ...]
    nothing: tuple[str, ...]
    decisions: tuple[str, ...]


@cache
def load_fillers() -> Fillers:
    """The words.

    Raises:
        DefinitionError: the file is wrong.
    """
    raw: Fillers = build(Fillers, read_toml(FILE), FILE.name)
    return Fillers(*(tuple(map(_plain, words)) for words in (raw.fillers, raw.nothing, raw.decisions)))


def is_filler(text: str) -> bool:
    """Whether a whole answer is a word that says nothing."""
    return _plain(text) in load_fillers().fillers


def is_nothing(text: str) -> bool:
    """Whether a scope of authority says that there is none, or nothing at all."""
    return not text.strip() or is_filler(text) or _plain(text) in load_fillers().nothing


def is_decision(text: str) -> bool:
    """Whether a whole opinion only repeats the decision beside it."""
    return _plain(text) in load_fillers().decisions


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().rstrip("。;.").upper() or text.strip()
