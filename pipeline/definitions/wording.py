"""The words of letters and of the screen: every text once, in `letters.toml` or `screen.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter

from pipeline.core.errors import DefinitionError
from pipeline.definitions.forms import build, did_you_mean, read_toml

LETTERS = Path(__file__).with_name("letters.toml")
SCREEN = Path(__file__).with_name("screen.toml")


@dataclass(frozen=True)
class Text:
    """A text of letters or of the screen.

    Attributes:
        zh: what is said; `{name}` stands for what differs.
        names: what may stand in it so.
    """

    zh: str
    names: tuple[str, ...] = ()


def say(key: str, /, **values: object) -> str:
    """A text with its values.

    Args:
        key: which; `command.text` is one of `screen.toml`, a key without a dot one of `letters.toml`. Only the file
            that is asked is read: neither a letter nor the screen hangs on the other's.
        values: exactly its names.

    Raises:
        DefinitionError: the file is wrong; text and name are told.
    """
    return load_texts(SCREEN if "." in key else LETTERS)[key].zh.format(**values)


@cache
def load_texts(path: Path) -> Mapping[str, Text]:
    """All texts of a file by key.

    Raises:
        DefinitionError: the file is wrong; text and name are told.
    """
    found = {}
    for key, raw in read_toml(path).items():
        where = f"{path.name}: {key}"
        found[key] = build(Text, raw, where)
        _check(found[key], where)
    return found


def _check(text: Text, where: str) -> None:
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
