"""Facts, findings, documents and packs as JSON and back, from their dataclasses alone.

A field that is added with a default needs nothing here, and rows written before it load with the default. Findings
are kept as rule code and values, and worded by the catalogue of the day on which they are shown.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from cattrs import Converter
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from pipeline.core.documents import Document
from pipeline.core.facts import Facts
from pipeline.core.figures import FIGURES, Key, UnknownFigure, checked
from pipeline.core.findings import Rule, Severity, Side
from pipeline.core.places import Derived, Place
from pipeline.core.procedure import Answer
from pipeline.definitions.catalogue import load_catalogue

T = TypeVar("T")


def to_json(value: Any) -> str:
    """A dataclass, or a tuple or mapping of such, as JSON text; amounts and dates are strings."""
    return json.dumps(_converter().unstructure(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def from_json(text: str, kind: type[T]) -> T:
    """Read back what `to_json` wrote; unknown keys of a newer program are left aside."""
    return _converter().structure(json.loads(text), kind)


@cache
def _converter() -> Converter:
    converter = Converter(omit_if_default=True)
    # Half of a row are cells: reading them by hand takes half of the time.
    converter.register_structure_hook(Place, lambda row, _: Place(row["workbook"], row.get("sheet"), row.get("cell")))
    for kind, write, read in _PLAIN:
        converter.register_unstructure_hook(kind, write)
        converter.register_structure_hook(kind, read)
    # What was printed lies in the provenance of the packs and would be most of the row.
    converter.register_unstructure_hook(
        Document,
        make_dict_unstructure_fn(Document, converter, printed=override(omit=True), _cattrs_omit_if_default=True),
    )
    # What a step breaks stands among the findings.
    converter.register_unstructure_hook(
        Answer,
        make_dict_unstructure_fn(Answer, converter, breaches=override(omit=True), _cattrs_omit_if_default=True),
    )
    _register_facts(converter)
    _register_sides(converter)
    return converter


_Figures = Mapping[Key, Derived[Decimal]]


def _register_facts(converter: Converter) -> None:
    """Figures are rows of (parts of the key, sum), since JSON has only texts for keys and a part may hold any."""

    def write(figures: _Figures) -> list[tuple[list[str], Any]]:
        return [(list(key), converter.unstructure(value, Derived[Decimal])) for key, value in figures.items()]

    def read(rows: Any, _: Any) -> _Figures:
        pairs = _dotted(rows) if isinstance(rows, dict) else ((tuple(key), value) for key, value in rows)
        return {key: converter.structure(value, Derived[Decimal]) for key, value in pairs}

    figures = override(unstruct_hook=write, struct_hook=read)
    converter.register_unstructure_hook(
        Facts, make_dict_unstructure_fn(Facts, converter, figures=figures, _cattrs_omit_if_default=True)
    )
    converter.register_structure_hook(Facts, make_dict_structure_fn(Facts, converter, figures=figures))


def _register_sides(converter: Converter) -> None:
    """A compared value is a number or a text, which must not become a number because it looks like one."""

    def write(value: Decimal | str | None) -> Any:
        return {"number": str(value)} if isinstance(value, Decimal) else value

    def read(value: Any, _: Any) -> Decimal | str | None:
        return Decimal(value["number"]) if isinstance(value, dict) else value

    how = override(unstruct_hook=write, struct_hook=read)
    converter.register_unstructure_hook(
        Side, make_dict_unstructure_fn(Side, converter, value=how, _cattrs_omit_if_default=True)
    )
    converter.register_structure_hook(Side, make_dict_structure_fn(Side, converter, value=how))


def _dotted(rows: Mapping[str, Any]) -> Iterator[tuple[Key, Any]]:
    """Figures as they were written first, `cost.account_stage.2001|售前|S2`; what cannot be told apart is left out."""
    for text, value in rows.items():
        first, *rest = text.split(".", 2)
        name = (first, *rest[:1])
        parts = FIGURES.get(name, ())
        left = [] if len(rest) < 2 else [rest[1]] if len(parts) == 1 else rest[1].split("|")
        try:
            yield checked((*name, *left)), value
        except UnknownFigure:
            continue


def _rule(code: str, _: Any) -> Rule:
    """The rule of today's catalogue; one that has gone keeps its code."""
    gone = Rule(code, Severity.INFO, "", "规则{found}", "rule {found}", "", "", "project", ())
    return load_catalogue().get(code) or gone


_PLAIN: tuple[tuple[Any, Any, Any], ...] = (
    (Decimal, str, lambda text, _: Decimal(text)),
    (datetime, datetime.isoformat, lambda text, _: datetime.fromisoformat(text)),
    (date, date.isoformat, lambda text, _: date.fromisoformat(text)),
    (Path, str, lambda text, _: Path(text)),
    (Rule, lambda rule: rule.code, _rule),
)
