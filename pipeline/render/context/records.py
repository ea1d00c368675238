"""Contexts of whole sheets, made from the definitions: a new sheet needs no code (design section 5).

A form is a mapping of its labelled cells; a table has `rows` (last round) and `all_rows`; a form+table has both.
"""

from __future__ import annotations

from pipeline.core.sheets import Record
from pipeline.definitions.forms import Form, SheetForm
from pipeline.derive.records import last_round
from pipeline.render.context.approvals import head_of
from pipeline.render.context.results import change
from pipeline.render.context.shown import Node, Source, of_record, table, words

COMPANY = "master"
_MEMOS, _CHANGES = "records.memos", "records.changes"


def with_sheets(source: Source, own: Node) -> Node:
    """A context with every sheet of every workbook of the project under `form.sheet`; names of `own` win."""
    made = dict(own)
    for key, form in source.forms.items():
        if key != COMPANY:
            made[key] = {**_sheets(source, form, own.get(key, {})), **own.get(key, {})}
    return made


def _sheets(source: Source, form: Form, own: Node) -> Node:
    return {sheet.key: _sheet(source, form, sheet) for sheet in form.sheet if sheet.key not in own}


def _sheet(source: Source, form: Form, sheet: SheetForm) -> Node:
    name, data = f"{form.key}.{sheet.key}", source.project.sheet(form.key, sheet.key)
    found = of_record(name, data.head, sheet.labelled, source.company)
    if sheet.kind == "form":
        return found
    found["rows"] = table(source, f"{name}.rows", form.key, sheet.key, last_round(data.rows))
    found["all_rows"] = table(source, f"{name}.all_rows", form.key, sheet.key, data.rows)
    return found


def of_row(source: Source, per: str, row: Record) -> Node:
    """What only a document of one row has: `row` with the head of its department, `memo_actions`, `change`."""
    book, sheet = per.split(".")
    form = source.forms[book].sheet_form(sheet)
    node = of_record("row", row, form.fields, source.company)
    if "dept" in form.by_key:
        node["head"] = words("row.head", head_of(source, row.text("dept")))
    if per == _CHANGES:
        return {"row": node, "change": change(source, row.text("no"))}
    if per != _MEMOS:
        return {"row": node}
    actions = [one for one in source.project.rows(book, "actions") if one.text("memo_no") == row.text("no")]
    return {"row": node, "memo_actions": table(source, "memo_actions", book, "actions", actions)}
