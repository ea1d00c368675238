"""What the pipeline knows of the values that people would otherwise copy by hand.

A form definition names the source of a field in `prefill`: `figures.cost.stage.{code}` (a sum of `derive.figures`,
`{code}` being a field of the same row), `plan.basics.plan_version` (a cell of another form sheet, `plan.head.version`
of a stamp), `survey.version`, `attachments.pages`, `attachments.sha256` (of the files that the row names),
`version.plan_version.total` (a figure of the plan version that the field `plan_version` of the same record names).
Lines that roll up another workbook are made here, too (`prefill_rows`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal

from pipeline.core.attachments import Attachment
from pipeline.core.company import Company
from pipeline.core.facts import Facts
from pipeline.core.money import plain
from pipeline.core.places import Derived, Sourced
from pipeline.core.sheets import Project, Record, Value
from pipeline.definitions.prefill import BESIDE_A_VERSION, prefill_key
from pipeline.derive.figures import account_of
from pipeline.derive.survey import last_version

Line = Mapping[str, str]
_REMARK_HASHES = 16
_LABOUR = "2001"


def known(source: str, project: Project, facts: Facts, record: Record) -> Value | None:
    """Value of a source for a row (or labelled cells); None while it is not known, or not known completely.

    Args:
        source: what `prefill` says.
        project: what was read, formulas settled.
        facts: what follows from it.
        record: where the value goes, for the fields that the source names.
    """
    first, _, rest = source.partition(".")
    if first == "figures":
        return _figure(source, project, facts, record)
    if first == "attachments":
        return _ATTACHED[rest]([a for a in project.attachments if a.path in record.choices("file")], record)
    if first == "version":
        return _of_version(rest, project, facts, record)
    if source == "survey.version":
        return facts.survey.version or None if facts.survey else None
    sheet, _, field = rest.partition(".")
    if sheet == "head":
        return project.workbooks[first].head.value(field) if project.has(first) else None
    return project.head(first, sheet).value(field)


def _of_version(rest: str, project: Project, facts: Facts, record: Record) -> Value | None:
    """A figure of the version of the plan that a record names; only while the workbooks hold that version."""
    named, _, figure = rest.partition(".")
    basics = project.head("plan", "basics")
    if record.blank(named) or record.text(named) != basics.text("plan_version"):
        return None
    found = plan_figure(figure, project, facts)
    return found.value if found and not (BESIDE_A_VERSION[figure] and _unplanned(project)) else None


def plan_figure(figure: str, project: Project, facts: Facts) -> Sourced[Decimal] | Derived[Decimal] | None:
    """What stands beside a version of the plan, of the version that the workbooks hold; None while it is not known.

    Args:
        figure: `total` (planned cost in yuan), `margin` (gross margin in per cent) or `amount` (contract in yuan).
        project: what was read, formulas settled.
        facts: what follows from it.
    """
    key = BESIDE_A_VERSION[figure]
    if not key:
        return project.head("plan", "basics").money("contract_amount")
    found = facts.figure_or_none(*key)
    return found if found and not found.broken else None


def _figure(source: str, project: Project, facts: Facts, record: Record) -> Value | None:
    parts = prefill_key(source)
    names = [name for _, name in parts if name]
    if any(record.blank(name) for name in names) or not project.rows(parts[0][0], "lines"):
        return None
    figure = facts.figure_or_zero(*(record.text(name) if name else part for part, name in parts))
    return None if figure.broken or (parts[0][0] == "cost" and _unplanned(project)) else figure.value


def _unplanned(project: Project) -> bool:
    """Whether the cost plan lacks a part yet: materials or people without a line, or no line beside what they give.

    A sum that is written before that stays, and contradicts the plan once it is complete.
    """
    given = {account_of(row) for row in project.rows("materials", "lines")} | {_LABOUR}
    own = [row for row in project.rows("cost", "lines") if row.text("acc") not in given]
    return not own or any(project.has(book) and not project.rows(book, "lines") for book in ("materials", "staffing"))


def _pages(files: list[Attachment], record: Record) -> Value | None:
    """Pages of all files that a row names; None while one of them is missing or cannot be counted."""
    if not files or len(files) < len(record.choices("file")) or any(not file.pages for file in files):
        return None
    return Decimal(sum(file.pages for file in files))


def _hashes(files: list[Attachment], record: Record) -> Value | None:
    if not files or len(files) < len(record.choices("file")):
        return None
    if len(files) == 1:
        return f"SHA-256 {files[0].sha256}"
    return "SHA-256(前16位)" + "、".join(file.sha256[:_REMARK_HASHES] for file in files)


_ATTACHED: dict[str, Callable[[list[Attachment], Record], Value | None]] = {"pages": _pages, "sha256": _hashes}


# -- lines that roll up another workbook ----------------------------------------------------------------------------


def rolled_up(source: str, project: Project, company: Company) -> list[Line]:
    """Lines for `prefill_rows`, as texts by name.

    `offered`: the lines of the materials that the contract supplies, one each, `amount` being the quantity;
    `materials`: acc, category, mode, scope, stage, tax_rate, count, amount, month, dept; `staffing`: scope, stage,
    days, count, amount, month; `inputs`: kind, name, version, item, complete, lacking; `outputs`: kind, name, version,
    by. A group with an amount that cannot be read is left out.
    """
    return _ROLLED[source](project, company)


def _materials(project: Project, company: Company) -> list[Line]:
    """Materials by account, kind, stage and tax rate (6.3.1, rules X203-X206)."""
    keys = ("category", "mode", "scope", "stage", "tax_rate")
    groups = _grouped(project.rows("materials", "lines"), lambda row: (account_of(row), *map(row.text, keys)))
    return [
        {
            **dict(zip(("acc", *keys), group, strict=True)),
            **_sums(rows, "need_date"),
            "dept": _department(rows, company),
        }
        for group, rows in groups.items()
        if all(group) and _complete(rows, "amount", "qty", "unit_price")
    ]


def _labour(project: Project, _company: Company) -> list[Line]:
    """Labour by scope and stage (6.3.1, rule X207)."""
    groups = _grouped(project.rows("staffing", "lines"), lambda row: (row.text("scope"), row.text("stage")))
    return [
        {"scope": scope, "stage": stage, "days": plain(_total(rows, "plan_days")), **_sums(rows, "start")}
        for (scope, stage), rows in groups.items()
        if scope and stage and _complete(rows, "amount", "plan_days", "day_rate")
    ]


_KIND_OFFERED = {"软件": "软件"}  # what a category of materials is on a quotation; the others are 产品


def _offered(project: Project, _company: Company) -> list[Line]:
    """What the contract supplies, a line each: the quotation prices every one of them."""
    keys = ("no", "name", "model", "unit", "qty", "unit_price", "tax_rate")
    return [
        {**{key: row.text(key) for key in keys}, "kind": _KIND_OFFERED.get(row.text("category"), "产品"), "amount": qty}
        for row in project.rows("materials", "lines")
        if row.text("scope") == "工程" and (qty := row.text("qty")) and row.text("no")
    ]


def _inputs(project: Project, _company: Company) -> list[Line]:
    """What a design starts from: the survey in its version, and every answer in it that is not clear yet."""
    version, _ = last_version(project)
    unclear = [row for row in project.rows("survey", "items") if row.text("status") == "不明确"]
    if not version:
        return []
    lines = [
        {"name": _SURVEY, "item": "", "lacking": f"{len(unclear)}项不明确" if unclear else ""},
        *({"name": row.text("label"), "item": row.text("no"), "lacking": "不明确"} for row in unclear),
    ]
    return [
        {**one, "kind": "顾客需求", "version": version, "complete": "否" if one["lacking"] else "是"} for one in lines
    ]


_SURVEY = "网络工程客户需求调查表"


def _outputs(project: Project, _company: Company) -> list[Line]:
    """The scheme that was approved, as the first line of what the design gave."""
    scheme = project.head("records", "scheme")
    texts = {key: scheme.text(key) for key in ("name", "version")}
    return [{**texts, "kind": "方案", "by": scheme.text("author")}] if all(texts.values()) else []


_ROLLED: dict[str, Callable[[Project, Company], list[Line]]] = {
    "materials": _materials,
    "staffing": _labour,
    "offered": _offered,
    "inputs": _inputs,
    "outputs": _outputs,
}


def _grouped(rows: Iterable[Record], key: Callable[[Record], tuple[str, ...]]) -> dict[tuple[str, ...], list[Record]]:
    groups: dict[tuple[str, ...], list[Record]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return groups


def _complete(rows: Iterable[Record], *fields: str) -> bool:
    return all(row.money(field) is not None for row in rows for field in fields)


def _total(rows: Iterable[Record], field: str) -> Decimal:
    return sum((value.value for row in rows if (value := row.money(field))), Decimal(0))


def _sums(rows: list[Record], day: str) -> Line:
    """Number of lines, their amount, and the month of the earliest day."""
    days = [found.value for row in rows if (found := row.date(day))]
    month = f"{min(days):%Y-%m}" if days else ""
    return {"count": str(len(rows)), "amount": plain(_total(rows, "amount")), "month": month}


def _department(rows: Iterable[Record], company: Company) -> str:
    """Department of the people who own the lines, where it is one."""
    codes = {person.dept for row in rows if (person := company.persons.get(row.text("owner")))}
    found = company.departments.get(codes.pop()) if len(codes) == 1 else None
    return found.name if found else ""


def stated_and_due(rows: Iterable[Record], field: str, amounts: Iterable[str]) -> tuple[Decimal | None, Decimal]:
    """What some rows state together (None where one cannot be read), and what roll-up lines come to."""
    rows = list(rows)
    due = sum((Decimal(amount) for amount in amounts), Decimal(0))
    return (_total(rows, field) if _complete(rows, field) else None), due
