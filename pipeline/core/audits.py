"""What an independent audit found: every figure of both ways, what was not compared, and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Agreement(StrEnum):
    """How the two ways stand to each other."""

    EQUAL = "一致"
    CONVENTION = "按约定读取"
    UNCHECKED = "未复核"
    DIFFERENT = "不一致"


@dataclass(frozen=True, slots=True)
class Audited:
    """One figure, or one printed place, as both ways have it.

    Attributes:
        what: figure in Chinese, such as 费用 科目 1005.
        where: where the first way says it: 系统合计, or document and field.
        ours: value or text of the first way.
        theirs: what was recomputed, as text; empty where nothing was.
        cells: the cells that were added up, as a person writes them.
        agreement: how the two stand to each other.
        reason: why it was not compared, by which convention it was read, or how it differs.
    """

    what: str
    where: str
    ours: str
    theirs: str
    cells: str
    agreement: Agreement
    reason: str = ""

    def __str__(self) -> str:
        """One sentence with both values, both ways and the cells."""
        ours, theirs = f"{self.where} {self.ours or '(无)'}", f"另行计算 {self.theirs or '(无)'}"
        more = "".join(f";{text}" for text in (self.cells, self.reason) if text)
        return f"{self.what}:{ours},{theirs}{more}"


@dataclass(frozen=True, slots=True)
class Audit:
    """Everything that was looked at.

    Attributes:
        lines: printed places that differ, or that could not be looked at.
        remarks: what could not be looked at as a whole, a sentence each.
        printed: number of printed values that were held against the workbooks one by one.
        rows: number of printed table rows that were found with all their values.
        figures: every figure.
    """

    lines: tuple[Audited, ...] = ()
    remarks: tuple[str, ...] = ()
    printed: int = 0
    rows: int = 0
    figures: tuple[Audited, ...] = ()

    def all_of(self, agreement: Agreement) -> tuple[Audited, ...]:
        """Lines of one kind, figures first."""
        return tuple(line for line in (*self.figures, *self.lines) if line.agreement is agreement)

    @property
    def different(self) -> tuple[Audited, ...]:
        """What both ways read and have differently."""
        return self.all_of(Agreement.DIFFERENT)


NOT_AUDITED = Audit()


def together(audits: Iterable[Audit]) -> Audit:
    """Several audits as one; the same remark once."""
    found = list(audits)
    return Audit(
        tuple(line for audit in found for line in audit.lines),
        tuple(dict.fromkeys(remark for audit in found for remark in audit.remarks)),
        sum(audit.printed for audit in found),
        sum(audit.rows for audit in found),
        tuple(line for audit in found for line in audit.figures),
    )
