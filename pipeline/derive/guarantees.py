"""Guarantees of the funds that are tied up: what a share is of, and what the guarantee costs."""

from __future__ import annotations

from decimal import Decimal

from pipeline.core.places import Derived
from pipeline.core.sheets import Project, Record

GUARANTEE = "保函"
# By kind of deposit: what its share is of (form 03), and the word by which the line of its guarantee's fee is known.
_KINDS = {
    "投标保证金": ("客户预算", "投标"),
    "履约保证金": ("合同额", "履约"),
    "预付款保函": ("合同额", "预付款"),
    "质保金": ("合同额", "质保"),
}


def base_of(deposit: Record) -> str:
    """What the share of a deposit is of, in words; empty for a kind that the form does not know."""
    return _KINDS.get(deposit.text("kind"), ("", ""))[0]


def fee_of(project: Project, deposit: Record) -> Derived[Decimal] | None:
    """Fee of a deposit's guarantee in yuan: the cost lines that name both; None where there is none."""
    word = _KINDS.get(deposit.text("kind"), ("", ""))[1]
    if not word or deposit.text("form") != GUARANTEE:
        return None
    named = [row for row in project.rows("cost", "lines") if GUARANTEE in row.text("desc") and word in row.text("desc")]
    amounts = [amount for row in named if (amount := row.money("amount"))]
    if not amounts:
        return None
    return Derived(sum((one.value for one in amounts), Decimal(0)), tuple(one.at for one in amounts))
