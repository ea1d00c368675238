"""What to ask whom at the customer: `interview_guide.toml`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pipeline.definitions.clauses import siblings
from pipeline.definitions.conditions import known
from pipeline.definitions.forms import SheetForm, build, load_forms, read_toml

FILE = Path(__file__).with_name("interview_guide.toml")


@dataclass(frozen=True)
class Question:
    """A question, and the item of the survey to which its answer goes; empty: none."""

    text: str
    item: str = ""


@dataclass(frozen=True)
class Role:
    """A kind of people at the customer; what each key means stands on top of `interview_guide.toml`."""

    name: str
    stakeholders: tuple[str, ...]
    items: tuple[str, ...]
    question: tuple[Question, ...]

    def claim(self, no: str) -> int:
        """How closely it names an item of the survey: length of what it wrote; 0 where it does not ask for it."""
        return max((len(start) for start in self.items if no.startswith(start)), default=0)


@dataclass(frozen=True)
class Guide:
    """The whole guide: roles in their order, and the items that are nobody's at the customer."""

    clause: str
    unasked: tuple[str, ...]
    role: tuple[Role, ...]

    def asked(self, no: str) -> Role | None:
        """The role that is asked for an item of the survey; None: it is ours to fill."""
        return None if no in self.unasked else max(self.role, key=lambda role: role.claim(no))


@cache
def load_guide(file: Path = FILE) -> Guide:
    """The guide.

    Raises:
        DefinitionError: the file is wrong; role, word and the nearest valid one are named.
    """
    guide: Guide = build(Guide, read_toml(file), file.name)
    known((guide.clause,), siblings(), f"{file.name}:clause")
    numbers = [item.no for item in _sheet("survey", "items").items]
    known(guide.unasked, numbers, f"{file.name}:unasked")
    for role in guide.role:
        _inspect(role, numbers, f"{file.name}:{role.name}")
    return guide


def _inspect(role: Role, numbers: list[str], where: str) -> None:
    starts = {no[:length] for no in numbers for length in range(1, len(no) + 1)}
    known(role.items, starts, f"{where}.items")
    known((one.item for one in role.question), ("", *numbers), f"{where}.question")
    known(role.stakeholders, _sheet("bids", "stakeholders").field("role").choices, f"{where}.stakeholders")


def _sheet(book: str, sheet: str) -> SheetForm:
    return load_forms()[book].sheet_form(sheet)
