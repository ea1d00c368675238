"""Which sheet of a workbook is which sheet of the form: by name, by alias, by its keys, by its labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipeline.adapters.ooxml.reader import RawSheet
from pipeline.definitions.forms import Form, SheetForm
from pipeline.intake.convert import Reader
from pipeline.intake.labels import label_of, labels_of

Word = tuple[int, int, str, str]  # row, column, text, and the text as a label

TOP_ROWS = 60
_ENOUGH = 2 / 3


def find_sheets(form: Form, sheets: Sequence[RawSheet], reader: Reader) -> Mapping[str, RawSheet]:
    """Sheets of the file by sheet key; what is missing is left out.

    A renamed sheet goes to the sheet of the form that it is most like.
    """
    found: dict[str, RawSheet] = {}
    for definition in form.sheet:
        if sheet := _by_name(definition, [s for s in sheets if s not in found.values()]):
            found[definition.key] = sheet
    left = [(s, _words(s, reader)) for s in sheets if s not in found.values()]
    lacking = [d for d in form.sheet if d.key not in found]
    for likeness, definition, sheet in sorted(
        ((_likeness(d, words), d, s) for d in lacking for s, words in left), key=lambda triple: -triple[0]
    ):
        if likeness > _ENOUGH and definition.key not in found and sheet not in found.values():
            found[definition.key] = sheet
    return found


def _by_name(definition: SheetForm, sheets: Sequence[RawSheet]) -> RawSheet | None:
    for name in (definition.name, *definition.aliases):
        for sheet in sheets:
            if label_of(sheet.name) == label_of(name):
                return sheet
    return None


def twin_of(form: Form, sheet: RawSheet, reader: Reader) -> SheetForm | None:
    """The sheet of the form that a sheet is laid out like, though it is not the one that is read."""
    words = _words(sheet, reader)
    return next((d for d in form.sheet if _likeness(d, words) > _ENOUGH), None)


def _words(sheet: RawSheet, reader: Reader) -> list[Word]:
    """What may be a key or a label: the texts of the first rows and of the first columns."""
    texts = ((r, c, reader.shown(cell)) for (r, c), cell in sheet.cells.items() if r <= TOP_ROWS or c <= 2)
    return [(row, column, text.strip(), label_of(text)) for row, column, text in texts if text]


def _likeness(definition: SheetForm, words: Sequence[Word]) -> float:
    """Share of the form's keys, or of its labels, that one row or column of the sheet holds."""
    keys = {f.key: f.key for f in definition.fields}
    labels = {label: f.key for f in definition.fields for label in labels_of(f)}
    lines: dict[tuple[str, int], set[str]] = {}
    for row, column, key, label in words:
        field = keys.get(key) or labels.get(label)
        if field and row <= TOP_ROWS:
            lines.setdefault(("row", row), set()).add(field)
        if field and column <= 3:
            lines.setdefault(("column", column), set()).add(field)
    most = max((len(fields) for fields in lines.values()), default=0)
    return most / len(definition.fields) if most > 2 else 0.0
