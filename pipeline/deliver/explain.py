"""Where a printed value comes from: field or text to workbook, sheet, cells and file hash."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.core.errors import UsageProblem
from pipeline.deliver import manifest


@dataclass(frozen=True, slots=True)
class Origin:
    """A printed value and what is behind it.

    Attributes:
        document: code of the document, with its part where there are several.
        file: its file name.
        name: field as the template writes it.
        cells: all cells behind it, as `[03_费用.xlsx]费用明细!K12`.
        hashes: SHA-256 of the workbooks of these cells, by file name.
    """

    document: str
    title: str
    file: str
    name: str
    text: str
    value: str
    cells: tuple[str, ...]
    hashes: Mapping[str, str]


def explain(pack: Path, wanted: str) -> list[Origin]:
    """All printed values that go by a name, print a text or have a value; else those whose text holds it.

    Args:
        pack: folder or zip of a pack.
        wanted: `cost.total`, its last word, `1,234.50`, `1234.5`.

    Raises:
        UsageProblem: there is no pack, or it has no provenance.
    """
    provenance = _provenance(pack)
    origins = [_origin(d, f, provenance["workbooks"]) for d in provenance["documents"] for f in d["fields"]]
    word = manifest.nfc(wanted).strip()
    number = word.replace(",", "")
    for fits in _tests(word, number):
        found = [origin for origin in origins if fits(origin)]
        if found:
            return found
    return []


def _tests(word: str, number: str) -> tuple[Callable[[Origin], bool], ...]:
    """What counts as found, the strictest first."""
    return (
        lambda o: word == o.name,
        lambda o: word in (o.text, o.value) or number in (o.value, o.text.replace(",", "")),
        lambda o: o.name.endswith(f".{word}"),
        lambda o: len(word) > 1 and word in o.text,
    )


def _origin(document: Mapping[str, Any], field: Mapping[str, Any], workbooks: Mapping[str, str]) -> Origin:
    books = dict.fromkeys(cell[1:].partition("]")[0] for cell in field["cells"])
    hashes = {name: workbooks[name] for name in books if name in workbooks}
    label = f"{document['code']}-{document['part']}" if document.get("part") else document["code"]
    texts = (field["name"], field["text"], field["value"])
    return Origin(label, document["title"], document["file"], *texts, tuple(field["cells"]), hashes)


def _provenance(pack: Path) -> dict[str, Any]:
    if not pack.exists():
        raise UsageProblem(f"{pack}:没有这个文件包(no such pack)。")
    found = manifest.read(pack, manifest.PROVENANCE)
    if not {"workbooks", "documents"} <= found.keys():
        raise UsageProblem(f"{pack}:里面没有 {manifest.PROVENANCE},或已损坏(no provenance in this pack)。")
    return found
