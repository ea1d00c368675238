"""The ledger of shared equipment of workbook 00: how many pieces of what can be borrowed, and who keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from pipeline.core.company import Company

_USABLE = "可用"


@dataclass(frozen=True, slots=True)
class Asset:
    """A line of the ledger; `available` is 0 while it is repaired or scrapped (rule B406)."""

    asset_no: str
    name: str
    available: Decimal
    status: str
    keeper_dept: str


def stock(company: Company) -> dict[str, Asset]:
    """Shared equipment by asset number, in the order of the ledger."""
    found = {}
    for row in company.book.sheets["shared_equipment"].rows:
        number, status = row.number_of("available"), row.text("status")
        usable = number.value if number and status == _USABLE else Decimal(0)
        dept = company.departments.get(row.text("keeper_dept"))
        asset_no, name = row.text("asset_no"), row.text("asset_name")
        found[asset_no] = Asset(asset_no, name, usable, status, dept.name if dept else row.text("keeper_dept"))
    return found
