"""Printed papers as the audit takes them, from a run or from a pack: fields with cells, DOCX and PDF."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.core.documents import Document

_ITEM = re.compile(r"(.*\[\d+\])\..*")


@dataclass(frozen=True, slots=True)
class PrintedField:
    """A printed value: the template's name, the text, the value, its cells as provenance writes them."""

    name: str
    text: str
    value: str
    cells: tuple[str, ...] = ()


@dataclass(frozen=True)
class Paper:
    """A document.

    Attributes:
        label: code, with its part where there are several.
        file: name of the DOCX.
        fields: in the order of the document, a name with the same text once.
        docx: the file; None where it is not there.
        pdf: the file; None where it is not there.
        kept: names of values that were printed as they were signed; today's workbooks may say otherwise.
        bound: the merged PDF of the pack holds it.
    """

    label: str
    file: str
    fields: Sequence[PrintedField]
    docx: Path | None = None
    pdf: Path | None = None
    kept: frozenset[str] = frozenset()
    bound: bool = True

    @property
    def current(self) -> list[PrintedField]:
        """Fields that say what the workbooks say now."""
        return [field for field in self.fields if field.name not in self.kept]

    @property
    def values(self) -> dict[str, str]:
        """Values by name; of a name that was printed in several ways, the first."""
        found: dict[str, str] = {}
        for field in self.fields:
            found.setdefault(field.name, field.value)
        return found

    def items(self) -> Iterator[tuple[str, list[PrintedField]]]:
        """Runs of fields that belong to one row of a list, such as `cost.lines[3]`."""
        owner, run = "", list[PrintedField]()
        for field in self.fields:
            match = _ITEM.fullmatch(field.name)
            now = match[1] if match else ""
            if now != owner and run:
                yield owner, run
                run = []
            owner = now
            if now:
                run.append(field)
        if run:
            yield owner, run


def of_document(document: Document) -> Paper:
    """A document that was just made."""
    named = dict.fromkeys(one for one in document.printed if one.name)
    fields = [PrintedField(one.name, one.text, one.value, tuple(map(str, one.cells))) for one in named]
    return Paper(
        _label(document.code, document.part),
        document.docx.name,
        fields,
        document.docx,
        document.pdf,
        frozenset(document.kept),
    )


def of_provenance(provenance: Mapping[str, Any], root: Path) -> list[Paper]:
    """Documents as a pack's provenance tells them, with those of their files that are in the pack."""
    return [_told(document, root) for document in provenance.get("documents", ())]


def _told(document: Mapping[str, Any], root: Path) -> Paper:
    fields = [
        PrintedField(str(one["name"]), str(one["text"]), str(one["value"]), tuple(map(str, one["cells"])))
        for one in document["fields"]
    ]
    name = Path(str(document["file"])).name
    docx, pdf = root / "docx" / name, root / "pdf" / Path(name).with_suffix(".pdf")
    label = _label(str(document["code"]), str(document.get("part", "")))
    kept = frozenset(map(str, document.get("kept", ())))
    found = (docx if docx.is_file() else None, pdf if pdf.is_file() else None)
    return Paper(label, name, fields, *found, kept, bound=document.get("bound", True) is not False)


def _label(code: str, part: str) -> str:
    return f"{code}-{part}" if part else code


def distinct(fields: Iterable[PrintedField]) -> list[str]:
    """Texts of fields that print something, each once, in order."""
    return list(dict.fromkeys(field.text for field in fields if field.text.strip()))
