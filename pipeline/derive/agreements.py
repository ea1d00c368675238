"""What an agreement with the customer costs, as workbook 06 says it (clause 6.4.5)."""

from __future__ import annotations

import re
from decimal import Decimal

from pipeline.core.sheets import Record

_NONE = ("无", "没有", "不")
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")


def costs(row: Record) -> bool:
    """Whether an agreement is said to cost something: neither blank, nor 无, 不增加费用, 0 or 0.00元."""
    said = row.text("cost_effect").strip()
    numbers = [Decimal(found.replace(",", "")) for found in _NUMBER.findall(said)]
    return bool(said) and not said.startswith(_NONE) and (not numbers or any(numbers))
