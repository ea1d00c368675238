"""What a form definition says in `prefill`.

A sum: `figures.cost.stage.{code}`, `{code}` being a field of the row. What stands beside a version of the plan:
`version.att_plan.total`, `att_plan` being the field that names the version. A field of the one row of another table
that fits: `find.plan.stages.code.stage.start` is the start of the stage whose `code` is what `stage` of this row says;
`find.plan.organisation.role.=商务.emp` looks for the word itself. What follows in another way: `follows.scope`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pipeline.core.figures import checked
from pipeline.definitions.forms import build, read_toml

FIGURES = "figures."
VERSION = "version."
FIND = "find."
FOLLOWS = "follows."
ANSWER = "survey.items."
# What stands beside a version of the plan, and the sum that it is; the amount is the contract's, a cell of the plan.
BESIDE_A_VERSION: dict[str, tuple[str, ...]] = {"total": ("cost", "total"), "margin": ("gross_margin",), "amount": ()}
# What follows for a cell from what stands elsewhere; `pipeline.derive.proposed` works each of them out.
FOLLOWING = frozenset(
    {
        "number",
        "interface_no",
        "test_no",
        "risk_no",
        "scope",
        "class",
        "class_reason",
        "plan_start",
        "plan_sign",
        "plan_end",
        "stage_start",
        "stage_owner",
        "stage_name",
        "stage_goal",
        "stage_output",
        "role_holder",
        "superior",
        "client_contact",
        "plan_version",
        "first_date",
        "first_author",
        "survey_date",
        "surveyor",
        "account_tax",
        "material_tax",
        "no_price",
        "month",
        "core",
        "skill",
        "revenue_tax",
        "days",
        "day_rate",
    }
)
_FIELD = re.compile(r"\{(\w+)\}")


def prefill_key(source: str) -> tuple[tuple[str, str], ...]:
    """The parts of the key that a definition writes, each with the field that it stands for, if any.

    Raises:
        UnknownFigure: there is no such sum.
    """
    parts = source.removeprefix(FIGURES).split(".")  # the author's text, never data
    checked(tuple(parts))
    fields = [_FIELD.fullmatch(part) for part in parts]
    return tuple((part, field[1] if field else "") for part, field in zip(parts, fields, strict=True))


@dataclass(frozen=True)
class StageTexts:
    """What a presales stage of a type is called, what it is to reach, and the records that it ends with."""

    name: str
    goal: str
    output: str


@cache
def stage_texts() -> Mapping[str, StageTexts]:
    """`prefill.toml`: by type of a stage.

    Raises:
        DefinitionError: the file is wrong.
    """
    path = Path(__file__).with_suffix(".toml")
    return {kind: build(StageTexts, raw, f"{path.name}: {kind}") for kind, raw in read_toml(path).items()}


@dataclass(frozen=True)
class LookUp:
    """A row of `book`.`sheet` whose field `key` reads what `by` of the asking row reads (`=word`: the word)."""

    book: str
    sheet: str
    key: str
    by: str
    wanted: str


def look_up(source: str) -> LookUp:
    """The parts of `find.book.sheet.key.by.wanted`.

    Raises:
        TypeError: there are not five of them.
    """
    return LookUp(*source.removeprefix(FIND).split("."))
