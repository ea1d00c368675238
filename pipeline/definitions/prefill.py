"""What a form definition says in `prefill`.

A sum: `figures.cost.stage.{code}`, `{code}` being a field of the row. What stands beside a version of the plan:
`version.att_plan.total`, `att_plan` being the field that names the version.
"""

from __future__ import annotations

import re

from pipeline.core.figures import checked

FIGURES = "figures."
VERSION = "version."
# What stands beside a version of the plan, and the sum that it is; the amount is the contract's, a cell of the plan.
BESIDE_A_VERSION: dict[str, tuple[str, ...]] = {"total": ("cost", "total"), "margin": ("gross_margin",), "amount": ()}
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
