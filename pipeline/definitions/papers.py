"""What the papers of a handover are called (6.7 a-d): `papers.toml`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pipeline.definitions.forms import build, read_toml

FILE = Path(__file__).with_name("papers.toml")
_SEGMENTS = re.compile(r"[、,;及和与含()+]")


@dataclass(frozen=True, slots=True)
class Paper:
    """One kind of paper.

    Attributes:
        item: of clause 6.7.
        label: what it is called where it is missing.
        names: words of which one makes a paper this kind.
        unlike: words by which a part of a name is of another kind.
        code: our document that is it; empty: none is.
    """

    key: str
    item: str
    label: str
    names: tuple[str, ...]
    unlike: tuple[str, ...]
    code: str = ""

    def fits(self, name: str, own: Iterable[str] = ()) -> bool | None:
        """Whether a paper of this name is of this kind; None: it cannot be known.

        Args:
            name: as it stands in the list.
            own: what the project's records call it, by name or number.
        """
        whole, known = plain(name), [text for text in map(plain, own) if text]
        unlike = [word for word in self.unlike if not any(word in text for text in known)]
        if any(text in whole and not _any(unlike, whole.replace(text, "")) for text in known):
            return True
        parts = _SEGMENTS.split(whole)
        rest = [part for part in parts if not _any(unlike, part)]
        if any(_any(self.names, part) for part in rest):
            return True
        return None if len(rest) == len(parts) else False


def _any(words: Iterable[str], text: str) -> bool:
    return any(word in text for word in words)


@dataclass(frozen=True)
class _Papers:
    paper: tuple[Paper, ...]


@cache
def load_papers() -> Mapping[str, Paper]:
    """The kinds by key.

    Raises:
        DefinitionError: the file is wrong.
    """
    made: _Papers = build(_Papers, read_toml(FILE), FILE.name)
    return {one.key: one for one in made.paper}


def plain(text: str) -> str:
    """Name for comparing: NFKC, capitals, without blanks."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).upper()
