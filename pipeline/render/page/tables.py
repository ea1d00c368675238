"""The smaller tables of the status page: who is waited for, loads, late items, shared problems, returned files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from pipeline.core.findings import SEVERITIES, Finding, Severity
from pipeline.core.money import plain
from pipeline.core.places import Place
from pipeline.core.portfolio import Load, Portfolio, Week, projects_of, shade
from pipeline.core.stages import ABSENT, AHEAD, ENDED, UNDER_WAY, Stage

Json = dict[str, Any]
Cell = Json
_TONE = {Severity.ERROR: "e", Severity.WARNING: "w", Severity.INFO: ""}
_SHORT, _LINKED = 12, 6


def tables(portfolio: Portfolio) -> Json:
    """Rows of every table of the page but the first."""
    return {
        "signing": _signing(portfolio),
        "people": _heat(portfolio.people, portfolio),
        "equipment": _heat(portfolio.equipment, portfolio),
        "late": [
            [
                _cell(one.days, one.days, tone="e"),
                _cell(one.due),
                _cell(one.kind),
                _cell(one.no),
                _cell(one.text),
                _cell(one.owner),
                _links([one.code]),
            ]
            for one in portfolio.late
        ],
        "expiring": [
            [_cell(one.days, one.days), _cell(one.until), _cell(one.archived), _links([one.code]), _cell(one.name)]
            for one in portfolio.expiring
        ],
        "stages": _advances(portfolio),
        "across": [_across(finding) for finding in portfolio.findings],
        "returned": [
            [
                _cell(f"{one.at.astimezone():%Y-%m-%d %H:%M}"),
                _cell(one.department),
                _cell(one.name),
                _cell(one.reason),
            ]
            for one in portfolio.night.returned
        ],
    }


def place(at: Place) -> str:
    """A place as Excel writes it; empty for a whole project."""
    return str(at) if at.sheet or at.cell or "." in at.workbook else ""


def text(finding: Finding) -> str:
    """The message of a finding as an office prints it."""
    return finding.printed().message()


def _cell(value: object, sort: object = None, tone: str = "") -> Cell:
    """A cell; a short text is not broken."""
    shown = str(value)
    return {
        "text": shown,
        "sort": sort,
        "tone": f"{tone}{' short' if len(shown) <= _SHORT else ''}".strip(),
        "links": [],
    }


def _links(codes: Sequence[str]) -> Cell:
    rest = f"等{len(codes)}个" if len(codes) > _LINKED else ""
    return {"text": rest, "sort": codes[0] if codes else "", "tone": "", "links": list(codes[:_LINKED])}


def _signing(portfolio: Portfolio) -> list[list[Cell]]:
    """One row for every signature that is waited for, by person."""
    rows = [(one, line) for line in portfolio.lines for one in line.awaited]
    rows.sort(key=lambda row: (not row[0].person, row[0].person, row[0].role, row[1].code))
    return [
        [
            _cell(one.person or "（未指定）"),
            _cell(one.role),
            _cell(one.what),
            _cell(line.since or ""),
            _cell((portfolio.as_of - line.since).days, (portfolio.as_of - line.since).days)
            if line.since
            else _cell("", -1),
            _links([line.code]),
            _cell(line.name),
            _cell(line.state),
        ]
        for one, line in rows
    ]


def _across(finding: Finding) -> list[Cell]:
    severity = finding.rule.severity
    order = list(SEVERITIES).index(severity)
    return [
        _cell(SEVERITIES[severity], order, _TONE[severity]),
        _cell(finding.rule.code),
        _cell(text(finding)),
        _cell("\n".join(filter(None, map(place, (finding.at, *finding.related[:2]))))),
        _links(projects_of(finding)),
        _cell(finding.printed().remedy()),
    ]


def measures(portfolio: Portfolio, *, money: bool) -> list[list[Cell]]:
    """What is counted over all projects; amounts only where they may be seen."""
    known = [one for one in portfolio.measures if money or not one.amount]
    return [[_cell(one.kind), _cell(one.name), _cell(one.value), _cell(one.basis)] for one in known]


_LEVELS = {AHEAD: 0, UNDER_WAY: 2, ENDED: 4, ABSENT: 0}


def _advances(portfolio: Portfolio) -> Json:
    """One bar of cells a project, a group of them for each procedure; none where no project keeps such a workbook."""
    first = portfolio.advances[0].models if portfolio.advances else ()
    rows = [
        {
            "code": one.code,
            "name": one.name,
            "models": [[_stage(stage) for stage in model.stages] for model in one.models],
        }
        for one in portfolio.advances
    ]
    return {"models": [model.title for model in first], "rows": rows}


def _stage(stage: Stage) -> Json:
    """A cell of the bar; what the colour says stands in its words, too."""
    days = "至".join(str(mark.value) for mark in (stage.begun, stage.ended) if mark)
    late = "，超过时限" if stage.in_time is False else ""
    words = f"{stage.no} {stage.name}：{stage.state}{f'（{days}）' if days else ''}{late}"
    return {"level": _LEVELS[stage.state], "words": words, "late": stage.in_time is False, "text": _SIGNS[stage.state]}


_SIGNS = {AHEAD: "", UNDER_WAY: "…", ENDED: "✓", ABSENT: "—"}


def _heat(loads: Iterable[Load], portfolio: Portfolio) -> Json:
    this = portfolio.as_of - timedelta(days=portfolio.as_of.weekday())
    weeks = [
        {"label": f"{monday.month}-{monday.day}", "title": f"{monday}至{_sunday(monday)}", "now": monday == this}
        for monday in portfolio.weeks
    ]
    return {"weeks": weeks, "rows": [_load(load) for load in loads]}


def _sunday(monday: date) -> date:
    return monday + timedelta(days=6)


def _load(load: Load) -> Json:
    pieces = load.key != load.name and load.most != 100
    note = f"{load.key} · 可用 {plain(load.most)}" if pieces else load.key
    cells = [_week(week, load) for week in load.weeks]
    return {"name": load.name, "note": note, "group": load.group, "over": load.over, "cells": cells}


def _week(week: Week, load: Load) -> Json:
    title = f"{load.name}：{'、'.join(week.projects)}" if week.projects else ""
    shown = plain(week.peak) if week.peak else ""
    return {"text": shown, "level": shade(week, load), "title": title, "over": week.over}
