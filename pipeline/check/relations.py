"""Two values that must agree: each side with the cells behind it, the verdict, and the words of a mismatch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from pipeline.check.case import Case, money
from pipeline.check.unfilled import unfilled
from pipeline.core.figures import Key
from pipeline.core.findings import Comparison, Side, Verdict
from pipeline.core.places import Place
from pipeline.core.sheets import Record

Words = Callable[[Decimal], str]

BY_LINE = frozenset({"W130", "W131", "W140", "W162"})
# The annex that is summed is the source; the cost plan's row is what staff correct ("按物资表更新费用表").
RIGHT_IS_REPORTED = frozenset({"X203", "X204", "X205", "X206", "X207"})
# A whole annex stands on the other side: its total cell is named, not every row of it.
TOTAL_IS_NAMED = frozenset({"W121", "X208", "X209", "X210"})


@dataclass(frozen=True, slots=True)
class Relation(Comparison):
    """A comparison that knows how its finding reads.

    Attributes:
        at: cell that is reported when the sides differ.
        related: cells of the other side.
        values: what fills the rule's message.
    """

    at: Place = field(default=Place(""))
    related: tuple[Place, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RelatedTables:
    """Rows that are added up: form, sheet, and the columns without which no sum means anything."""

    form: str
    sheet: str
    columns: tuple[str, ...]


COST = RelatedTables("cost", "lines", ("amount", "acc", "scope", "stage"))
COST_EXCL = RelatedTables("cost", "lines", ("amount_excl",))
MATERIALS = RelatedTables("materials", "lines", ("amount", "category", "mode", "scope"))
LABOUR = RelatedTables("staffing", "lines", ("amount", "scope", "stage"))
DAYS = RelatedTables("staffing", "lines", ("plan_days", "stage"))
STAGE_DAYS = RelatedTables("plan", "stages", ("person_days",))
STAGE_BUDGET = RelatedTables("plan", "stages", ("budget",))
REVENUE = RelatedTables("plan", "revenue", ("amount",))
REVENUE_EXCL = RelatedTables("plan", "revenue", ("amount_excl",))
REVISIONS = RelatedTables("plan", "revisions", ("total",))
CHANGES = RelatedTables("records", "changes", ("delta_cost", "status"))


def labelled(case: Case, form: str, what: str) -> str:
    """Name of a side: which workbook, and what in it."""
    return f"{case.forms[form].name}:{what}"


def stated(case: Case, form: str, record: Record, key: str, what: str) -> Side:
    """The number in one cell; without a value when the cell is blank, unreadable or not there."""
    number, at = record.number_of(key), record.at(key)
    cells = (at,) if at.workbook else ()
    return Side(labelled(case, form, what), number.value if number else None, cells, () if number else cells)


def summed(case: Case, table: RelatedTables, key: Key, what: str) -> Side:
    """A figure of `derive` with all its cells; without a value while a cell of it, or a row's group, is unread."""
    label = labelled(case, table.form, what)
    if not case.project.has(table.form):
        return Side(label, None)
    sheet = case.project.sheet(table.form, table.sheet)
    lacking = any(column in table.columns for _, column in sheet.missing)
    if not sheet.present or lacking or unfilled(case, table.form, table.sheet):
        return Side(label, None, (sheet.at,), (sheet.at,))
    figure = case.facts.figure_or_zero(*key)
    return Side(label, None if figure.broken else figure.value, figure.from_, figure.broken)


def worked_out(record: Record, what: str, value: Decimal | None, operands: tuple[str, ...]) -> Side:
    """What a cell should hold, from other cells of its row."""
    cells = tuple(record.at(key) for key in operands)
    unread = tuple(record.at(key) for key in operands if record.number_of(key) is None)
    return Side(what, value, cells, unread if value is None else ())


def shown_at(side: Side, place: Place) -> Side:
    """The side with another cell to show; the cells that were added stay behind it."""
    return replace(side, cells=(place, *(cell for cell in side.cells if cell != place)))


def relate(
    case: Case, rule: str, subject: str, left: Side, right: Side, *, words: Words = money, **names: str
) -> Relation:
    """Hold two sides together.

    Args:
        case: gives the tolerance of money.
        rule: its code.
        subject: what is compared, for people.
        left: the source where `rule` is in `RIGHT_IS_REPORTED`, else the cell that is judged.
        right: the other side.
        words: `money` for yuan within the tolerance; any other printer (days, 万元) compares exactly.
        **names: placeholders of the rule's message beside a, b, d, found and expected.
    """
    by_line = rule in BY_LINE
    if not isinstance(left.value, Decimal) or not isinstance(right.value, Decimal):
        return Relation(rule, subject, left, right, Verdict.UNCHECKED, None, why_not(left, right), by_line)
    difference = left.value - right.value
    differs = abs(difference) >= case.parameter("tolerance") if words is money else difference != 0
    verdict = Verdict.DIFFERENT if differs else Verdict.EQUAL
    texts = {"a": words(left.value), "b": words(right.value), "d": words(difference)}
    judged, other = (right, left) if rule in RIGHT_IS_REPORTED else (left, right)
    texts["found"], texts["expected"] = (texts["b"], texts["a"]) if judged is right else (texts["a"], texts["b"])
    related = other.cells[:1] if rule in TOTAL_IS_NAMED else (*judged.cells[1:], *other.cells)
    at = judged.at or Place("")
    return Relation(
        rule, subject, left, right, verdict, difference, "", by_line, at, tuple(related), {**names, **texts}
    )


def why_not(*sides: Side) -> str:
    """Why a comparison cannot be made, naming up to three cells of each side."""
    reasons = []
    for side in sides:
        if side.value is not None:
            continue
        named = "、".join(str(place) for place in side.broken[:3])
        more = f"等{len(side.broken)}处" if len(side.broken) > 3 else ""
        reasons.append(f"{side.label}为空、无法读取或归不了类:{named}{more}" if named else f"{side.label}没有提交")
    return ";".join(reasons)
