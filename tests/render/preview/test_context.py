from __future__ import annotations

from collections.abc import Iterator

from pipeline.core.leaves import Shown
from pipeline.definitions.documents import load_documents
from pipeline.definitions.forms import load_forms
from pipeline.render.context.charts import Picture
from pipeline.render.preview.context import preview_context


def leaves(node: object, name: str) -> Iterator[tuple[str, object]]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from leaves(value, f"{name}.{key}" if name else key)
    elif isinstance(node, list):
        yield (name, node)
        for value in node:
            yield from leaves(value, f"{name}[]")
    else:
        yield (name, node)


def test_every_list_of_the_preview_has_a_row_so_that_every_name_can_be_resolved() -> None:
    context = preview_context(load_documents()["PPR"])
    assert [name for name, value in leaves(context, "") if value == [] and isinstance(value, list)] == []


def test_a_context_holds_leaves_and_nothing_that_can_be_called_or_changed() -> None:
    """Threat: the sandbox does not stop methods; a context is made of leaves, charts and truth values."""
    kinds = {type(value) for _, value in leaves(preview_context(load_documents()["PPR"]), "")}
    assert kinds <= {Shown, Picture, bool, list}


def test_every_field_of_the_forms_is_in_the_context() -> None:
    context = preview_context(load_documents()["PPR"])
    for form, sheet, rows in (("cost", "lines", context["cost"]["lines"]), ("plan", "risks", context["plan"]["risks"])):
        assert set(rows[0]) == {field.key for field in load_forms()[form].sheet_form(sheet).fields}
