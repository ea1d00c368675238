"""Values that two places of a project's workbooks say, and answers that exclude each other: `comparisons.toml`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from pipeline.core.errors import DefinitionError
from pipeline.definitions.conditions import Condition, condition, inspect_condition, known, named
from pipeline.definitions.forms import build, load_forms, read_toml
from pipeline.definitions.procedure import load_procedure

FILE = Path(__file__).with_name("comparisons.toml")
AT_MOST, AT_LEAST, EQUAL, DIFFERENT, AMONG, ONCE, RISING = "<=", ">=", "=", "!=", "in", "once", "rising"
_OPERATORS = (AT_MOST, AT_LEAST, EQUAL, DIFFERENT, AMONG, ONCE, RISING)
_ALONE = (ONCE, RISING)
PASSED = "passed"
PICKS = ("first", "last", "min", "max", PASSED)
_SIDE = re.compile(rf"(?:(?P<pick>{'|'.join(PICKS)})\((?P<column>[\w.]+)\)|(?P<name>[\w.]+))")


@dataclass(frozen=True)
class Side:
    """A cell or column; of a column the `first`, `last`, smallest or largest value where `pick` says so.

    `passed` of the head of a sheet that comes in rounds is the first round that let the step pass.
    """

    name: str
    pick: str = ""

    @property
    def sheet(self) -> str:
        """`records.scheme`."""
        return self.name.rpartition(".")[0]

    @property
    def key(self) -> str:
        """The field."""
        return self.name.rpartition(".")[2]


@dataclass(frozen=True)
class Comparison:
    """One sentence about two places; what each key means stands on top of `comparisons.toml`."""

    rule: str
    clause: str
    left: Side
    operator: str
    right: Side | None
    by: tuple[str, ...] = ()
    plus: str = ""
    rows: tuple[Condition, ...] = ()
    when: tuple[Condition, ...] = ()
    same: tuple[str, ...] = ()
    told_by: tuple[str, ...] = ()
    but: tuple[str, ...] = ()


@dataclass(frozen=True)
class Contradiction:
    """Answers that cannot all be true."""

    rule: str
    clause: str
    when: tuple[Condition, ...]
    told_by: tuple[str, ...] = ()
    unless_passed: str = ""


@dataclass(frozen=True)
class Comparisons:
    """Everything of the file."""

    compare: tuple[Comparison, ...]
    contradiction: tuple[Contradiction, ...]


@dataclass(frozen=True)
class _Compare:
    rule: str
    clause: str
    cells: str
    by: tuple[str, ...] = ()
    plus: str = ""
    rows: tuple[str, ...] = ()
    when: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    told_by: tuple[str, ...] = ()
    but: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Contradiction:
    rule: str
    clause: str
    when: tuple[str, ...]
    told_by: tuple[str, ...] = ()
    unless_passed: str = ""


@dataclass(frozen=True)
class _File:
    compare: tuple[_Compare, ...] = ()
    contradiction: tuple[_Contradiction, ...] = field(default=())


@cache
def load_comparisons(path: Path = FILE) -> Comparisons:
    """The comparisons and contradictions.

    Raises:
        DefinitionError: the file is wrong; it names file, block and the nearest valid word.
    """
    raw: _File = build(_File, read_toml(path), path.name)
    return Comparisons(
        tuple(_comparison(one, path.name) for one in raw.compare),
        tuple(
            Contradiction(
                one.rule, one.clause, _conditions(one.when, f"{path.name}:{one.when}"), one.told_by, one.unless_passed
            )
            for one in raw.contradiction
        ),
    )


def _comparison(raw: _Compare, file: str) -> Comparison:
    where = f"{file}:{raw.cells}"
    words = raw.cells.split()
    operator = words[0] if words[0] in _ALONE else words[1] if len(words) > 1 else ""
    known((operator,), _OPERATORS, where)
    sides = [_side(word, where) for word in words if word != operator]
    if len(sides) != (1 if operator in _ALONE else 2):
        raise DefinitionError(f"{where}:写作“甲 <= 乙”或“once 甲”(cannot read comparison)。")
    for name in (*filter(None, (raw.plus,)), *raw.same):
        _side(name, where)
    rows, when = _conditions(raw.rows, where), _conditions(raw.when, where)
    right = sides[1] if len(sides) > 1 else None
    return Comparison(
        raw.rule, raw.clause, sides[0], operator, right, raw.by, raw.plus, rows, when, raw.same, raw.told_by, raw.but
    )


def _side(word: str, where: str) -> Side:
    match = _SIDE.fullmatch(word)
    if not match:
        raise DefinitionError(f"{where}:“{word}”读不懂(cannot read)。")
    side = Side(match["column"] or match["name"], match["pick"] or "")
    if named(side.name, load_forms(), where)[1] is None:
        raise DefinitionError(f"{where}:“{side.name}”不是一个字段(is no field)。")
    return side


def _conditions(texts: tuple[str, ...], where: str) -> tuple[Condition, ...]:
    names = load_procedure().conditions
    found = tuple(condition(text, where) for name in texts for text in names.get(name, (name,)))
    for one in found:
        inspect_condition(one, load_forms(), where)
    return found
