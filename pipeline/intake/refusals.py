"""Why a file is not read: a reason with its sentence and what to do, in both languages (`refusals.toml`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Reason:
    """A fact about a file and what its sender does about it, each without a full stop."""

    zh: str
    do: str
    en: str
    do_en: str


@cache
def reasons() -> Mapping[str, Reason]:
    """Every reason by its key."""
    import tomllib

    raw = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    return {key: Reason(**words) for key, words in raw.items()}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a file is not read: a key of `reasons`; `detail` is for the log."""

    reason: str
    detail: str = ""

    def message(self, lang: str = "zh") -> str:
        """Sentence for the sender, with the remedy."""
        words = reasons()[self.reason]
        return f"{words.en}. {words.do_en}." if lang == "en" else f"{words.zh}。{words.do}。"

    @property
    def values(self) -> dict[str, str]:
        """What rule B415 says of it: `why` and `remedy`, and both in English."""
        words = reasons()[self.reason]
        return {"why": words.zh, "why_en": words.en, "remedy": words.do, "remedy_en": words.do_en}
