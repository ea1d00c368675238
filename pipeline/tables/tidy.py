"""Rows of the tables: what each project says, by the keys of the columns in `tables.toml`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby

from pipeline.core.facts import Facts
from pipeline.core.findings import SEVERITIES, VERDICTS, Comparison, Finding, Severity, Side
from pipeline.core.money import plain
from pipeline.core.places import Derived, Place, Sourced, runs
from pipeline.definitions.documents import load_documents
from pipeline.definitions.procedure import load_procedure
from pipeline.derive.portfolio import KINDS, subject_of
from pipeline.tables.told import Names, Post, Told

Value = str | bool | int | Decimal | date | datetime | None
Row = Mapping[str, Value]
_STATUS = {"errors": "有错误", "warnings": "有警告", "ok": "通过"}


def cells_text(cells: Iterable[Place]) -> str:
    """Cells as Excel writes them, a sheet after the other: `[03_费用.xlsx]费用明细!K7:K12、K15`."""
    found = []
    for (workbook, sheet), group in groupby(cells, key=lambda cell: (cell.workbook, cell.sheet)):
        joined = "、".join(filter(None, runs(list(group))))
        found.append(str(Place(workbook, sheet, joined or None)))
    return ";".join(dict.fromkeys(found))


def _value(found: Sourced[str] | Sourced[Decimal] | Sourced[date] | Derived[Decimal] | Derived[str] | None) -> Value:
    return found.value if found else None


def _cell(sourced: Sourced[Decimal] | None) -> str:
    return str(sourced.at) if sourced else ""


# -- the project itself ------------------------------------------------------------------------------------------------


def _projects(one: Told, names: Names) -> Iterator[Row]:
    due = [finding.rule.severity for finding in one.findings if not finding.pending]
    told: dict[str, Value] = {
        "name": one.name,
        "status": _STATUS[one.status],
        "errors": due.count(Severity.ERROR),
        "warnings": due.count(Severity.WARNING),
        "pending": len(one.findings) - len(due),
        "failed": bool(one.failure),
        "failure": one.failure,
        "frozen": one.frozen,
        "as_of": one.as_of,
        "ran_at": one.ran_at,
    }
    facts = one.facts
    yield told if facts is None else {**told, **_who(facts, names), **_money(facts), **_answers(facts)}


def _who(facts: Facts, names: Names) -> dict[str, Value]:
    entries = facts.entries
    pm = entries.pm.value if entries.pm else ""
    return {
        "customer": _value(entries.customer),
        "industry": _value(entries.industry),
        "secrecy": entries.secrecy,
        "project_class": _value(facts.project_class),
        "state": facts.state,
        "next_gate": facts.next_gate,
        "missing": len(facts.missing),
        "pm": pm,
        "pm_name": names.people.get(pm),
        "sales_rep": _value(entries.sales_rep),
    }


# Columns of the project that are figures.
_FIGURES: Mapping[str, tuple[str, ...]] = {
    "cost": ("cost", "total"),
    "cost_excl": ("cost", "total_excl"),
    "cost_presales": ("cost", "presales"),
    "cost_engineering": ("cost", "engineering"),
    "gross_profit": ("gross_profit",),
    "gross_margin": ("gross_margin",),
    "person_days": ("staffing", "days"),
}


def _money(facts: Facts) -> dict[str, Value]:
    entries = facts.entries
    figures = {column: _value(facts.figure_or_none(*key)) for column, key in _FIGURES.items()}
    return {
        "contract_no": _value(entries.contract_no),
        "contract": _value(entries.contract),
        "contract_cell": _cell(entries.contract),
        "signed": _value(entries.signed),
        "signed_cell": _cell(entries.signed),
        "plan_sign": _value(entries.plan_sign),
        "spent": _value(entries.spent),
        "signed_on": _value(facts.day("signing")),
        **figures,
    }


def _answers(facts: Facts) -> dict[str, Value]:
    survey, bid, kept = facts.survey, facts.entries.bid, facts.entries.retention
    return {
        "completeness": survey.completeness if survey else None,
        "clear_rate": survey.clear_rate if survey else None,
        "bid_result": bid.result if bid else "",
        "bid_day": bid.day if bid else None,
        "archived_on": kept.archived if kept else None,
        "kept_until": kept.until if kept else None,
    }


# -- sums --------------------------------------------------------------------------------------------------------------


def _sums(
    facts: Facts, name: tuple[str, ...], parts: tuple[str, ...], value: str = "amount"
) -> Iterator[dict[str, Value]]:
    """A row for each sum of a name, with the parts that tell it apart."""
    for key, found in facts.pivot(*name).items():
        yield {**dict(zip(parts, key, strict=True)), value: found.value, "cells": cells_text(found.from_)}


def _cost(facts: Facts, names: Names) -> Iterator[Row]:
    for row in _sums(facts, ("cost", "account_stage"), ("account", "scope", "stage")):
        yield row | {"account_name": names.accounts.get(str(row["account"]))}


def _cost_months(facts: Facts, _: Names) -> Iterator[Row]:
    return _sums(facts, ("cost", "month_scope"), ("month", "scope"))


def _materials(facts: Facts, _: Names) -> Iterator[Row]:
    return _sums(facts, ("materials", "group"), ("category", "scope", "mode"))


def _staffing_days(facts: Facts, _: Names) -> Iterator[Row]:
    return _sums(facts, ("staffing", "dept_scope"), ("dept", "scope"), "days")


# -- lines -------------------------------------------------------------------------------------------------------------


def _fields(entry: object, *keys: str) -> dict[str, Value]:
    return {key: getattr(entry, key) for key in keys}


def _equipment(facts: Facts, _: Names) -> Iterator[Row]:
    for one in facts.entries.loans:
        yield _fields(one, "asset_no", "name", "mode", "need_date", "return_date", "qty") | {"cells": str(one.at)}


def _prices(facts: Facts, _: Names) -> Iterator[Row]:
    for one in facts.entries.prices:
        yield _fields(one, "name", "model", "unit", "unit_price") | {"cells": str(one.at)}


def _staffing(facts: Facts, _: Names) -> Iterator[Row]:
    for one in facts.entries.stays:
        known = _fields(one, "emp_no", "name", "dept", "grade", "scope", "start", "end", "alloc")
        yield known | {"cells": str(one.emp_at)}


def _stages(facts: Facts, _: Names) -> Iterator[Row]:
    for one in facts.entries.stages:
        yield _fields(one, "name", "start", "end", "actual_end") | {"stage": one.code, "cells": str(one.at)}


def _actions(facts: Facts, _: Names) -> Iterator[Row]:
    for one in facts.entries.dues:
        yield _fields(one, "no", "text", "owner", "due", "status") | {"kind": KINDS[one.kind], "cells": str(one.at)}


# -- the procedure -----------------------------------------------------------------------------------------------------


def _steps(facts: Facts, _: Names) -> Iterator[Row]:
    forms = load_procedure().steps
    for key, answer in facts.steps.items():
        form = forms.get(key)
        known = _fields(answer, "gate", "needed", "done") | {"day": _value(answer.day)}
        yield known | {
            "step": form.title if form else key,
            "clause": form.number if form else "",
            "people": "、".join(answer.by),
            "missing": len(answer.missing),
            "cells": cells_text(answer.cells),
        }


def _sibling_stages(facts: Facts, _: Names) -> Iterator[Row]:
    for model in facts.stages:
        for stage in model.stages:
            known = _fields(stage, "no", "state", "taken", "limit", "unit", "in_time") | {"model": model.title}
            days = {"stage": stage.name, "begun": _value(stage.begun), "ended": _value(stage.ended)}
            people = "、".join(dict.fromkeys(one.emp_no for one in stage.kept))
            marks = [mark.at for mark in (stage.begun, stage.ended) if mark]
            yield known | days | {"people": people, "cells": cells_text(marks)}


def _issues(facts: Facts, _: Names) -> Iterator[Row]:
    for one in facts.entries.issues:
        yield _fields(one, "kind", "open", "satisfaction", "due") | {"cells": str(one.at)}


def _bidders(facts: Facts, _: Names) -> Iterator[Row]:
    for one in facts.entries.bidders:
        yield _fields(one, "name", "ours", "opened", "price", "rank", "result") | {"cells": str(one.at)}


def _supports(facts: Facts, _: Names) -> Iterator[Row]:
    for one in facts.entries.supports:
        known = _fields(one, "no", "kind", "start", "end")
        yield known | {"people": "、".join(one.people), "cells": str(one.at)}


def _missing(facts: Facts, _: Names) -> Iterator[Row]:
    forms = load_procedure().steps
    for key, answer in facts.steps.items():
        for one in answer.missing:
            whom = _fields(one.whom, "role", "person", "emp_no") if one.whom else {}
            title = forms[key].title if key in forms else key
            yield {"step": title, "text": one.text, "cells": str(one.cell), **whom}


# -- what was found and made -------------------------------------------------------------------------------------------


def _findings(one: Told, _: Names) -> Iterator[Row]:
    for finding in one.findings:
        yield {
            "rule": finding.rule.code,
            "severity": SEVERITIES[finding.rule.severity],
            "pending": finding.pending,
            "eased": finding.eased is not None,
            "clause": finding.rule.clause,
            "subject": subject_of(finding.rule),
            "message": _message(finding),
            "workbook": finding.at.workbook,
            "sheet": finding.at.sheet,
            "cells": finding.at.cell,
            "related": cells_text(finding.related),
        }


def _message(finding: Finding) -> str:
    """What it says; a finding of an older program may lack a value that today's words ask for."""
    try:
        return finding.message()
    except KeyError:
        return "、".join(f"{name}={value}" for name, value in finding.values.items())


def _comparisons(one: Told, _: Names) -> Iterator[Row]:
    for compared in one.comparisons:
        if not compared.by_line:
            yield _compared(compared)


def _compared(one: Comparison) -> Row:
    known = _fields(one, "rule", "subject", "difference", "why") | {"verdict": VERDICTS[one.verdict]}
    return {**known, **_side("left", one.left), **_side("right", one.right)}


def _side(name: str, side: Side) -> dict[str, Value]:
    value = plain(side.value) if isinstance(side.value, Decimal) else side.value
    return {f"{name}_label": side.label, name: value, f"{name}_cell": str(side.at) if side.at else ""}


def _records(one: Told, _: Names) -> Iterator[Row]:
    forms = load_documents()
    for made in one.documents:
        form = forms.get(made.code)
        file = (made.pdf or made.docx).name
        known = _fields(made, "part", "title", "version", "state", "day", "pages") | {"document": made.code}
        yield known | {"record_no": form.record_no if form else "", "file": file}


_OfFacts = Callable[[Facts, Names], Iterator[Row]]
_OfProject = Callable[[Told, Names], Iterator[Row]]
_BY_FACTS: Mapping[str, _OfFacts] = {
    "cost": _cost,
    "cost_months": _cost_months,
    "materials": _materials,
    "equipment": _equipment,
    "prices": _prices,
    "staffing": _staffing,
    "staffing_days": _staffing_days,
    "stages": _stages,
    "steps": _steps,
    "sibling_stages": _sibling_stages,
    "customer_issues": _issues,
    "bidders": _bidders,
    "supports": _supports,
    "missing": _missing,
    "actions": _actions,
}
_BY_PROJECT: Mapping[str, _OfProject] = {
    "projects": _projects,
    "findings": _findings,
    "comparisons": _comparisons,
    "records": _records,
}


def rows_of(table: str, one: Told, names: Names) -> Iterator[Row]:
    """Rows of a table about one project; none of a table that is about none.

    Args:
        table: key of the table.
        one: the project.
        names: of workbook 00.
    """
    found: Iterable[Row] = ()
    if table in _BY_PROJECT:
        found = _BY_PROJECT[table](one, names)
    elif table in _BY_FACTS and one.facts:
        found = _BY_FACTS[table](one.facts, names)
    return ({"code": one.code, **row} for row in found)


def letter_row(one: Post) -> Row:
    """A letter."""
    return _fields(one, "number", "who", "recipient", "state", "made_at", "sent_at", "attempts") | {"code": one.about}
