"""The words of letters: every text once, in `letters.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter

from pipeline.core.errors import DefinitionError
from pipeline.definitions.forms import build, did_you_mean, read_toml

_FILE = Path(__file__).with_name("letters.toml")


@dataclass(frozen=True)
class LetterText:
    """A text of letters.

    Attributes:
        zh: what is said; `{name}` stands for what differs.
        names: what may stand in it so.
    """

    zh: str
    names: tuple[str, ...] = ()


def say(key: str, **values: object) -> str:
    """A text with its values.

    Args:
        key: which, as `letters.toml` has it.
        values: exactly its names.

    Raises:
        DefinitionError: the file is wrong; text and name are told.
    """
    return load_letters()[key].zh.format(**values)


@cache
def load_letters(path: Path = _FILE) -> Mapping[str, LetterText]:
    """All texts by key.

    Raises:
        DefinitionError: the file is wrong; text and name are told.
    """
    found = {}
    for key, raw in read_toml(path).items():
        where = f"{path.name}: {key}"
        found[key] = build(LetterText, raw, where)
        _check(found[key], where)
    return found


def _check(text: LetterText, where: str) -> None:
    try:
        parts = list(Formatter().parse(text.zh))
    except ValueError as error:
        raise DefinitionError(f"{where}:花括号不成对(braces do not match): {error}") from error
    for _, name, form, conversion in parts:
        if name is not None and (name not in text.names or form or conversion):
            said = "".join([name, f"!{conversion}" if conversion else "", f":{form}" if form else ""])
            known = did_you_mean(said, text.names)
            raise DefinitionError(f"{where}:不能用“{{{said}}}”(unknown placeholder){known}")
    if not text.zh.strip():
        raise DefinitionError(f"{where}:没有字(empty text)。")
