"""The gates of the procedure, what must stand before each of them, and the order of all dates (rules G301 .. G318)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

from pipeline.check import gates_contract, gates_initiation
from pipeline.check.case import Case
from pipeline.core.findings import Finding

# Names of the links of the chain (`pipeline.derive.records.chain`).
LINKS = {
    "survey": "调查表",
    "plan": "项目计划",
    "countersign": "计划会签",
    "apply": "立项申请",
    "approve": "立项审批",
    "notice": "批准通知书",
    "reqreview": "需求评审",
    "scheme": "方案审批",
    "bid": "投标递交",
    "creview": "合同评审",
    "closed": "问题解决",
    "sign": "合同签订",
    "accept": "验收申请",
    "handover": "移交",
    "archive": "归档",
}


def in_order(case: Case) -> Iterator[Finding]:
    """G318 (6.1 to 6.7): the dates of the procedure never run backwards; one finding a pair of neighbours."""
    if not case.project.has("records"):
        return
    for (one, earlier), (other, later) in pairwise(case.facts.dates.items()):
        if later.value < earlier.value:
            a, b = f"{LINKS[other]} {later.value}", f"{LINKS[one]} {earlier.value}"
            yield case.finding("G318", later.from_[0], earlier.from_, a=a, b=b, found=a, expected=f"不早于{b}")


CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (
    *gates_initiation.CHECKS,
    *gates_contract.CHECKS,
    in_order,
)
