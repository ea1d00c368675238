"""What was signed of an older plan, put back where the workbooks no longer hold it (design notes: issued once).

A record of A/0 that is corrected after A/1 still prints the tables of A/0: as long as they were, with what stood in
them. Values that stand in no table are printed as signed by their name; here the branches of a template see them, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from pipeline.core.documents import Printed
from pipeline.core.leaves import Shown
from pipeline.render.context.shown import Node

# What gives way to a reference where a view is of an older plan (`views.only_known`).
OF_PLAN = ("cost", "materials", "staffing", "plan", "deviation", "project")
_INDEX = re.compile(r"\[(\d+)\]")


def lengths(printed: Iterable[Printed]) -> Mapping[str, int]:
    """Rows of each table of which a paper printed any, by the name of the table."""
    found: dict[str, int] = {}
    for value in printed:
        for index in _INDEX.finditer(value.name):
            table = value.name[: index.start()]
            found[table] = max(found.get(table, 0), int(index[1]) + 1)
    return found


def put_back(context: Node, signed: Iterable[Printed], rows: Mapping[str, int]) -> Node:
    """The context with what was signed of the plan.

    Args:
        context: of a view of an older plan; it stays as it is.
        signed: values that are printed as they were signed.
        rows: how long the tables were, as of `lengths`.
    """
    values = {value.name: value for value in signed}
    return {key: _put(one, key, values, rows) if key in OF_PLAN else one for key, one in context.items()}


def _put(node: Any, name: str, values: Mapping[str, Printed], rows: Mapping[str, int]) -> Any:
    if isinstance(node, Shown):
        was = values.get(node.name)
        return node if was is None else _leaf(node, was)
    if isinstance(node, dict):
        return {key: _put(one, f"{name}.{key}", values, rows) for key, one in node.items()}
    if not isinstance(node, list) or not node:
        return node
    longer = [_moved(node[0], name, number) for number in range(len(node), rows.get(name, 0))]
    kept = [*node, *longer][: rows.get(name, len(node))]
    return [_put(one, f"{name}[{number}]", values, rows) for number, one in enumerate(kept)]


def _leaf(node: Shown, was: Printed) -> Shown:
    return Shown(was.text, name=node.name, value=_typed(was.value), cells=was.cells, forms=node.forms)


def _typed(text: str) -> Decimal | str | None:
    """A value as a branch of a template asks for it: zero counts as nothing."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return text or None


def _moved(node: Any, table: str, number: int) -> Any:
    """The first row of a table as another one, without what stands in it."""
    if isinstance(node, Shown):
        name = node.name.replace(f"{table}[0]", f"{table}[{number}]", 1)
        return Shown(name=name, forms=dict.fromkeys(node.forms, _nothing))
    if isinstance(node, dict):
        return {key: _moved(one, table, number) for key, one in node.items()}
    return [_moved(one, table, number) for one in node] if isinstance(node, list) else node


def _nothing(_: object) -> str:
    return ""
