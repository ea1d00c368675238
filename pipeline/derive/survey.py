"""The survey as it counts: status where none was typed, date of the last version, completeness and clarity (W101)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from pipeline.core.company import Company
from pipeline.core.facts import ItemFacts, SurveyFacts
from pipeline.core.money import half_up
from pipeline.core.sheets import Project, Record
from pipeline.definitions.forms import Form
from pipeline.derive.formulas import values_of

CLEAR, UNCLEAR, NOT_APPLICABLE = "明确", "不明确", "不适用"
SUPPLY, _SITE = "设备供货", "G"  # a project that only supplies lays no cables: items of 布线与机房


def survey_items(project: Project, last_version: date | None) -> dict[str, ItemFacts]:
    """Items by number with the status and date that count.

    A blank 明确状态 means 明确, unless the answer itself reads 不明确 or 不适用; a row that does not apply needs
    nothing typed; a blank 最后更新 means the date of the last version row. Of a project that only supplies equipment
    (workbook 02) the items of the site apply where they are answered.
    """
    supply = project.head("plan", "basics").text("project_kind") == SUPPLY
    return {
        row.text("no"): _item(row, last_version, supply) for row in project.rows("survey", "items") if row.text("no")
    }


def _item(row: Record, last_version: date | None, supply: bool) -> ItemFacts:
    cell = row.cell("applies")
    answered = not row.blank("value")
    asked = answered or not (supply and row.text("no").startswith(_SITE))
    applies = asked and (cell.calculated or cell.value) != NOT_APPLICABLE
    value, typed = row.cell("value").shown.strip(), row.text("status")  # a number item holds no 不明确 as its value
    declared = value if value in {UNCLEAR, NOT_APPLICABLE} and typed in {"", CLEAR} else typed
    status = declared or (CLEAR if applies or answered else NOT_APPLICABLE)
    updated = row.date("updated")
    return ItemFacts(row.text("no"), applies, status, updated.value if updated else last_version, row.at("value"))


def last_version(project: Project) -> tuple[str, date | None]:
    """Version and date of the last row of the version table."""
    rows = project.rows("survey", "versions")
    if not rows:
        return "", None
    day = rows[-1].date("date")
    return rows[-1].text("version"), day.value if day else None


def blank_items(
    project: Project, company: Company, forms: Mapping[str, Form], items: Mapping[str, ItemFacts]
) -> list[str]:
    """Numbers of items that must be answered and are not (rule F002); a row that was deleted is not answered."""
    if not project.has("survey"):
        return []
    sheet = forms["survey"].sheet_form("items")
    values = values_of(project.workbooks["survey"], company, forms)
    rows = {row.text("no"): row for row in project.rows("survey", "items")}
    return [
        item.no
        for item in sheet.items
        if (_unanswered(rows[item.no], items[item.no]) if item.no in rows else item.applies == "ALL")
        and values.item_required(sheet, item)
    ]


def _unanswered(row: Record, facts: ItemFacts) -> bool:
    return facts.applies and facts.status not in {UNCLEAR, NOT_APPLICABLE} and row.blank("value")


def survey_facts(
    project: Project, company: Company, forms: Mapping[str, Form], items: Mapping[str, ItemFacts]
) -> SurveyFacts | None:
    """Counts over the items; None without a survey."""
    if not project.has("survey"):
        return None
    blanks = set(blank_items(project, company, forms, items))
    counted = Counter(item.status for no, item in items.items() if no not in blanks)
    total = len(forms["survey"].sheet_form("items").items)
    decided = counted[CLEAR] + counted[UNCLEAR]
    version, day = last_version(project)
    return SurveyFacts(
        items=total,
        clear=counted[CLEAR],
        unclear=counted[UNCLEAR],
        not_applicable=counted[NOT_APPLICABLE],
        blank=len(blanks),
        completeness=half_up(Decimal(100 * (total - len(blanks))) / total),
        clear_rate=half_up(Decimal(100 * counted[CLEAR]) / decided) if decided else Decimal(0),
        version=version,
        version_date=day,
    )
