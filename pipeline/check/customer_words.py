"""What is printed for the customer to read holds nothing of our own (rule P560)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from pipeline.check.case import Case
from pipeline.core.company import normal_name
from pipeline.core.findings import Finding
from pipeline.definitions.forms import Field

# Texts of RQC, PRP and EXP that people write, by form and sheet.
_READ: Mapping[tuple[str, str], tuple[str, ...]] = MappingProxyType(
    {
        ("support", "req_confirm"): ("summary", "scope", "plan_outline"),
        ("bids", "proposal"): ("necessity", "goal", "technical", "deliverables", "milestones", "risk"),
        ("bids", "customer_confirm"): ("content", "questions", "answers"),
    }
)
_OWN = re.compile("毛利|利润率|成本价|成本单价|底价|让利空间|竞争对手|对手报价")


def nothing_of_ours(case: Case) -> Iterator[Finding]:
    """P560 (项目售前实施流程; 售前项目管理流程, 四阶段): no margin, cost price, competitor; one finding a cell."""
    rivals = _rivals(case)
    for (form, sheet), keys in _READ.items():
        head, labels = case.project.head(form, sheet), {f.key: f.label for f in _labelled(case, form, sheet)}
        for key in keys:
            text = normal_name(head.text(key))
            words = [*_OWN.findall(text), *(name for name in rivals if normal_name(name) in text)]
            if words:
                said = "、".join(dict.fromkeys(words))
                values = {"label": labels[key], "word": said, "found": said, "expected": "客户可以看的话"}
                yield case.finding("P560", head.at(key), (), pending=False, **values)


def _labelled(case: Case, form: str, sheet: str) -> tuple[Field, ...]:
    return case.forms[form].sheet_form(sheet).labelled


def _rivals(case: Case) -> list[str]:
    """Names of others who bid: of workbook 09 and of the opening."""
    rows = case.project.rows("bids", "bid_opening")
    met = [row.text("bidder") for row in rows if row.text("ours") == "否"]
    known = [row.text("title") for row in case.company.sheet("library", "competitors").rows]
    return [name for name in (*known, *met) if name]


CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (nothing_of_ours,)
