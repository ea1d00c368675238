"""The rule catalogue: every rule once, in `rules.toml`."""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TypeVar

from pipeline.core.errors import DefinitionError
from pipeline.core.findings import LooksAt, Rule, Severity
from pipeline.definitions.forms import build, did_you_mean, read_toml

E = TypeVar("E", bound=StrEnum)

_FILE = Path(__file__).with_name("rules.toml")


@cache
def load_catalogue(path: Path = _FILE) -> dict[str, Rule]:
    """All rules by code.

    Raises:
        DefinitionError: the file is wrong; rule and key are named.
    """
    rules: dict[str, Rule] = {}
    for code, raw in read_toml(path).items():
        where = f"{path.name}: {code}"
        severity = _named(Severity, raw.get("severity"), f"{where}.severity")
        looks = [_named(LooksAt, word, f"{where}.looks_at") for word in raw.get("looks_at", ())]
        rules[code] = build(Rule, {**raw, "code": code, "severity": severity, "looks_at": looks}, where)
    return rules


def _named(words: type[E], word: object, where: str) -> E:
    if word not in set(words):
        raise DefinitionError(f"{where}:“{word}”{did_you_mean(str(word), set(words))}")
    return words(str(word))
