"""What the check tests share: edits as staff make them, and findings as a small table of (cell, rule)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from pipeline.check.case import Case
from pipeline.core.findings import Finding
from pipeline.core.sheets import Cell, Record, Value
from pipeline.derive.figures import all_figures
from pipeline.derive.groups import unplaced
from tests.answered import asked

Check = Callable[[Case], Iterator[Finding]]

# Rules that name no cell but their own; of every other one the related cells are held by test_related.
ALONE = frozenset(
    [
        *("B412", "B414", "B415", "F001", "F002", "F005", "F006", "F008", "F009", "F010", "F011", "F012"),
        *("F013", "F014", "F015", "F016", "F017", "F018", "F022", "F023", "F024", "F025", "F026", "F028"),
        *("F029", "F030", "F034", "F035", "F036", "F037", "F038", "F039", "F040", "F041", "F042", "F044", "F045"),
        *(
            "F046",
            "F047",
            "F048",
            "F049",
            *("F053", "F054", "F055", "G360", "P511", "P536", "P554", "P559", "P560", "P574", "W223"),
            "W101",
            "W105",
            "W112",
            "W113",
            "W116",
            "W117",
            "W118",
            "W120",
            "W137",
            "W165",
        ),
        *("W180", "W182", "W183", "W186", "W187", "W191", "W230", "W231", "X230", "X231"),
    ]
)


def typed_in(workbook: str, sheet: str, match: Mapping[str, Any], **fields: Any) -> list[dict[str, Any]]:
    """Edits of one row (or form: no match) for `load_case`."""
    base = {"op": "set", "workbook": workbook, "sheet": sheet, "match": dict(match)}
    return [{**base, "field": field, "value": value} for field, value in fields.items()]


def found_by(checks: Iterable[Check], case: Case) -> list[Finding]:
    """All findings of some checks; each must be able to say what it means in both languages."""
    findings = [finding for check in checks for finding in check(case)]
    for finding in findings:
        assert finding.message("zh")
        assert finding.message("en")
        assert finding.at.workbook
        assert {"found", "expected"} <= set(finding.values)
        assert all(isinstance(text, str) for text in finding.values.values())
        assert finding.at not in finding.related
        assert not (finding.related and finding.rule.code in ALONE), finding.rule.code
    return findings


def table(findings: Iterable[Finding]) -> set[tuple[str, str]]:
    """(sheet!cell, rule) of every finding."""
    return {
        (f"{f.at.sheet or f.at.workbook}{'!' if f.at.cell else ''}{f.at.cell or ''}", f.rule.code) for f in findings
    }


def cells(finding: Finding) -> set[str]:
    """Related cells of a finding as sheet!cell."""
    return {f"{place.sheet}!{place.cell}" for place in finding.related}


def retyped(case: Case, form: str, sheet: str, where: int | str, /, **fields: Value | None) -> Case:
    """The case with other values in some cells, sums added again; nothing else follows, as with pasted values.

    `where` is a row number as Excel shows it, or `head`, `totals` or `stamp`.
    """
    book = case.project.workbooks[form]
    old = book.sheets[sheet]
    if isinstance(where, int):
        new = replace(old, rows=tuple(_changed(r, fields) if r.number == where else r for r in old.rows))
    elif where == "head":
        new = replace(old, head=_changed(old.head, fields))
    elif where == "totals":
        new = replace(old, totals=_changed(old.totals, fields))
    else:
        new = replace(old, stamp=_changed(old.stamp, fields))
    return with_sheet(case, form, sheet, new)


def _changed(record: Record, fields: Mapping[str, Value | None]) -> Record:
    typed = {key: Cell(record.at(key), value, "" if value is None else str(value)) for key, value in fields.items()}
    return replace(record, cells={**record.cells, **typed})


def with_sheet(case: Case, form: str, sheet: str, new: Any) -> Case:
    """The case with another sheet in the place of one."""
    book = case.project.workbooks[form]
    book = replace(book, sheets={**book.sheets, sheet: new})
    return with_books(case, {**case.project.workbooks, form: book})


def with_books(case: Case, workbooks: Mapping[str, Any]) -> Case:
    """The case with other workbooks, sums added and the steps of the procedure asked again."""
    project = replace(case.project, workbooks=workbooks)
    lost = unplaced(project, case.company.accounts)
    facts = replace(case.facts, figures=all_figures(project, lost), unplaced=lost)
    return asked(replace(case, project=project, facts=facts))


def without(case: Case, *forms: str) -> Case:
    """The case before some workbooks were submitted."""
    return with_books(case, {key: book for key, book in case.project.workbooks.items() if key not in forms})
