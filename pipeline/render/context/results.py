"""What follows from the records: problems, changes, deviation, checks before signing and handover, files, the flow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from pipeline.core.leaves import Shown
from pipeline.core.places import Place, Sourced
from pipeline.core.procedure import CheckLine
from pipeline.core.sheets import Record
from pipeline.derive.records import IN_FORCE, SETTLED, Records, round_of
from pipeline.render.charts.flow import flow_of
from pipeline.render.context.handed import bundle, files
from pipeline.render.context.shown import Node, Source, figure, kind_of, leaf, of_cell, table, words

_ARCHIVE = {"dept": "archive_dept", "date": "archive_date", "years": "retention_years", "until": "retention_until"}
_ARCHIVE |= {"file_no": "file_no", "location": "location"}
BAD = "不符合"


def _no_change(source: Source) -> Node:
    return change(source, Record(source.project.sheet("records", "changes").at, {}))


def _baseline(source: Source) -> Shown:
    first = source.project.rows("plan", "revisions")[:1]
    if not first:
        return leaf("baseline", None, "money")
    return of_cell("baseline", first[0].cell("total"), "money", source.company)


def _updates(source: Source) -> list[Node]:
    """Survey items changed since the initiation, old and new (clause 6.4.2), with the label of the item."""
    form = source.forms["survey"].sheet_form("items")
    found = table(source, "updates", "survey", "updates")
    for number, row in enumerate(found):
        item = form.item(str(row["item_no"]))
        row["label"] = words(f"updates[{number}].label", item.label if item else "", row["item_no"].cells)
    return found


# Names in the context by what was done again.
_APPROVED = "已批准"
_ROUNDS = {"review": "需求评审", "scheme": "方案审批", "bid": "洽谈投标"}


def _rounds(source: Source) -> Node:
    """Earlier rounds of reviews, schemes and bids, in their order (clauses 6.4.2 to 6.4.5)."""
    rows = sorted(source.project.rows("records", "rounds"), key=round_of)
    kept = {key: [row for row in rows if row.text("step") == step] for key, step in _ROUNDS.items()}
    return {key: table(source, f"rounds.{key}", "records", "rounds", some) for key, some in kept.items()}


def _bid_changes(source: Source) -> list[Node]:
    """Changes of the talks; where one has a change record, who was asked and who approved stand there (6.4.5)."""
    found, sheet = table(source, "bid_changes", "records", "bidding"), source.forms["records"].sheet_form("changes")
    recorded = {row.text("no"): row for row in source.project.rows("records", "changes")}
    for number, line in enumerate(found):
        if row := recorded.get(str(line["change_no"])):
            for key in ("consulted", "approver", "approve_date"):
                name, kind = f"bid_changes[{number}].{key}", kind_of(sheet.field(key))
                line[key] = line[key] or of_cell(name, row.cell(key), kind, source.company)
    return found


def _changes(source: Source) -> Shown:
    """Approved changes of the cost; zero where the records hold none."""
    approved = [row for row in source.project.rows("records", "changes") if row.text("status") in IN_FORCE]
    if source.project.has("records") and not approved:
        return leaf("changes_total", Decimal(0), "money")
    return figure(source, "changes_total", ("changes", "approved"))


def change(source: Source, row: Record) -> Node:
    """What was decided, and the planned cost as this change found it and as it leaves it (6.4.8).

    Only approved changes of earlier days count; that an approved change was carried out later is no part of its paper.
    """
    no, state = row.text("no"), row.text("status")
    before = source.facts.figure_or_zero("changes", "before", no)
    return {
        "state": words("change.state", _APPROVED if state in IN_FORCE else state, (row.at("status"),)),
        "before": leaf("change.before", before.value, "money", before.from_),
        "after": figure(source, "change.after", ("changes", "after", no)),
    }


# -- problems of the contract review --------------------------------------------------------------------------------


def problems(source: Source) -> Node:
    """How many problems, how many settled, by kind and by department (clause 6.4.6)."""
    rows = Records(source.project).rows("problems")
    solved = [row for row in rows if row.text("status") in SETTLED]
    open_ = [row for row in rows if row.text("status") not in SETTLED]
    found: Node = {
        key: leaf(f"problems.{key}", len(some), "num", _at(some, "status"))
        for key, some in (("total", rows), ("solved", solved), ("open", open_))
    }
    found["none"] = _no_problem(source)
    found["rows"] = _suggested(source, rows)
    for field in ("kind", "dept"):
        name, counts = f"problems.by_{field}", Counter(row.text(field) for row in rows)
        found[f"by_{field}"] = [
            _count(f"{name}[{number}]", field, [row for row in rows if row.text(field) == text])
            for number, text in enumerate(counts)
        ]
    return found


def _suggested(source: Source, rows: Sequence[Record]) -> list[Node]:
    """The problems, each with what its department suggested in its opinion (clause 6.4.6)."""
    key = source.company.department_key
    given = {key(row.text("dept")): row for row in Records(source.project).rows("creview")}
    found = table(source, "problems.rows", "records", "problems", rows)
    for number, (row, line) in enumerate(zip(rows, found, strict=True)):
        opinion, name = given.get(key(row.text("dept"))), f"problems.rows[{number}].suggestion"
        line["suggestion"] = (
            of_cell(name, opinion.cell("suggestion"), "long", source.company) if opinion else words(name, "")
        )
    return found


def _no_problem(source: Source) -> Shown:
    """无 where the review is whole and everybody agreed; what is registered later takes it back."""
    records, review = Records(source.project), source.facts.steps.get("creview")
    reviews = records.rows("creview")
    agreed = bool(review and not review.missing and not records.rows("problems")) and all(
        row.text("opinion") == "同意" for row in reviews
    )
    cells = (*_at(reviews, "opinion"), source.project.sheet("records", "problems").at) if agreed else ()
    return words("problems.none", "无" if agreed else "", cells)


def _count(name: str, field: str, rows: Sequence[Record]) -> Node:
    cells = _at(rows, field)
    return {
        field: words(f"{name}.{field}", rows[0].text(field), cells),
        "count": leaf(f"{name}.count", len(rows), "num", cells),
    }


def _at(rows: Iterable[Record], key: str) -> tuple[Place, ...]:
    return tuple(row.at(key) for row in rows)


# -- plan and what became of it -------------------------------------------------------------------------------------


def deviation(source: Source) -> Node:
    """Presales days and cost: planned, actual (of the closing, before it of the last report), and the difference."""
    closing, reports = source.project.head("records", "closing"), source.project.rows("records", "reports")
    actual = reports[-1] if closing.blank("actual_cost") and reports else closing
    found: Node = {
        "plan_days": figure(source, "deviation.plan_days", ("staffing", "presales_days"), "num"),
        "plan_cost": figure(source, "deviation.plan_cost", ("cost", "presales")),
    }
    for key, kind in (("days", "num"), ("cost", "money")):
        found[f"actual_{key}"] = of_cell(f"deviation.actual_{key}", actual.cell(f"actual_{key}"), kind, source.company)
        found[f"{key}_diff"] = figure(source, f"deviation.{key}_diff", ("deviation", key), kind)
    basics, signed = source.project.head("plan", "basics"), source.project.head("records", "signing")
    for key, planned, done in (
        ("sign", basics.date("plan_sign"), signed.date("sign_date")),
        ("end", basics.date("plan_end"), closing.date("close_date")),
    ):
        found[f"{key}_diff"] = _behind(f"deviation.{key}_diff", planned, done)
    return found


def _behind(name: str, planned: Sourced[date] | None, done: Sourced[date] | None) -> Shown:
    """Calendar days between a planned day and what came of it, in words; blank while either is not known."""
    if not (planned and done):
        return words(name, "")
    days = (done.value - planned.value).days
    text = f"晚 {days} 天" if days > 0 else f"早 {-days} 天" if days else "按期"
    return words(name, text, (planned.at, done.at))


# -- checks -------------------------------------------------------------------------------------------------------


def signing_check(source: Source) -> list[Node]:
    """What must hold before the contract is signed (clauses 6.4.6, 6.5; rules G311, G312, G313, X219)."""
    return [_checked(source, f"signing_check[{n}]", line) for n, line in enumerate(_lines(source, "signing"))]


def _lines(source: Source, step: str) -> tuple[CheckLine, ...]:
    answer = source.facts.steps.get(step)
    return answer.checks if answer else ()


def _checked(source: Source, name: str, line: CheckLine) -> Node:
    """One line; a finding of its rule wins over what the step itself found."""
    hit = next((one for one in source.findings if one.rule.code == line.rule and not one.pending), None)
    if hit:
        line = replace(line, verdict=BAD, why=hit.message(), cells=(hit.at, *hit.related))
    return {
        "item": words(f"{name}.item", line.item),
        "verdict": words(f"{name}.verdict", line.verdict, line.cells),
        "why": words(f"{name}.why", line.why, line.cells),
    }


def handover_check(source: Source) -> list[Node]:
    """The four kinds of documents that a handover must hold (clause 6.7 a to d)."""
    return [
        {
            "item": words(f"handover_check[{number}].item", line.item),
            "text": words(f"handover_check[{number}].text", line.why),
            "verdict": words(f"handover_check[{number}].verdict", line.verdict, line.cells),
        }
        for number, line in enumerate(_lines(source, "handover"))
    ]


# -- archive ------------------------------------------------------------------------------------------------------


def _archive(source: Source) -> Node:
    record, sheet = Records(source.project).archive, source.forms["records"].sheet_form("archive")
    return {
        key: of_cell(f"archive.{key}", record.cell(field), sheet.field(field).type, source.company)
        for key, field in _ARCHIVE.items()
    }


# -- the flow of appendix A with the project's state ------------------------------------------------------------


def flow(source: Source) -> list[Node]:
    """Steps of appendix A with what this project has done of them; the same as in chart F1."""
    found = []
    for number, stop in enumerate(flow_of(source.facts.steps, source.view).stops):
        name, texts = f"flow[{number}]", {"step": stop.box.text, "clause": stop.box.clause, "state": stop.state}
        found.append({key: words(f"{name}.{key}", text) for key, text in texts.items()})
    return found


# Names of the context that are worked out from workbook 06, with what makes them.
RESULTS: Mapping[str, Callable[[Source], Any]] = {
    "problems": problems,
    "changes_total": _changes,
    "change": _no_change,
    "baseline": _baseline,
    "updates": _updates,
    "rounds": _rounds,
    "bid_changes": _bid_changes,
    "deviation": deviation,
    "signing_check": signing_check,
    "handover_check": handover_check,
    "archive": _archive,
    "files": files,
    "bundle": bundle,
    "flow": flow,
}
