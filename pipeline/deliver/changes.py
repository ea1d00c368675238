"""What has changed between two packs: printed values by document and field, and attachments."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from pipeline.core.documents import Document, Printed

ANNEX = "变更对照"


@dataclass(frozen=True, slots=True)
class Change:
    """One value that is not what it was.

    Attributes:
        document: code of the document, with its part where there are several; 附件 for a file.
        name: field as the templates name it, or path of the file.
        old: printed text before, empty when it was not there; SHA-256 of a file.
        new: printed text now, empty when it is gone.
        old_cells: where it stood: `[03_费用.xlsx]费用明细!K12`.
        new_cells: where it stands.
    """

    document: str
    name: str
    old: str
    new: str
    old_cells: tuple[str, ...] = ()
    new_cells: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Said:
    """All that a document says under one name."""

    texts: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()


Key = tuple[str, str]


def changed_values(previous: Mapping[str, Any], current: Mapping[str, Any]) -> list[Change]:
    """Fields whose printed text differs between two provenances, in the order of the documents.

    Where a provenance holds several versions of a document, its first one counts, which is the last issued.
    """
    return [change for change, _, _ in _compared(_of_provenance(_last(previous)), _of_provenance(_last(current)))]


def changed_plan(
    previous: Mapping[str, Any], documents: Sequence[Document], workbooks: Collection[str] = ()
) -> list[Change]:
    """Plan data that changed although the version of the plan is the same (rule X230).

    Values are compared, not their print: an employee whose name is spelt otherwise in workbook 00 is no change.
    Only documents that both sides have in the same version count.

    Args:
        previous: provenance of the newest pack that holds the plan.
        documents: as made now.
        workbooks: names of the plan's workbooks (02 to 05): what does not come from their cells is left out
            (state, dates of records). Empty lets everything that has cells count.
    """
    now = {(_label(d.code, d.part), d.version): d for d in documents if d.version}
    then = {(_label(d["code"], d.get("part", "")), d["version"]): d for d in previous.get("documents", ())}
    pairs = [
        pair for key in now if key in then for pair in _compared(_of_provenance([then[key]]), _of_documents([now[key]]))
    ]
    return [change for change, left, right in pairs if left.values != right.values and _counts(change, workbooks)]


def _counts(change: Change, workbooks: Collection[str]) -> bool:
    cells = change.new_cells or change.old_cells
    return any(not workbooks or cell[1:].partition("]")[0] in workbooks for cell in cells)


def changed_files(previous: Mapping[str, str], current: Mapping[str, str]) -> list[Change]:
    """Attachments that came, went or changed; both sides are SHA-256 by path."""
    paths = sorted({*previous, *current})
    pairs = [(path, previous.get(path, ""), current.get(path, "")) for path in paths]
    return [Change("附件", path, old, new) for path, old, new in pairs if old != new]


def _last(provenance: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Documents of a provenance, each in its last version."""
    found: dict[str, Mapping[str, Any]] = {}
    for one in provenance.get("documents", ()):
        found.setdefault(_label(one["code"], one.get("part", "")), one)
    return list(found.values())


def _of_provenance(documents: Iterable[Mapping[str, Any]]) -> dict[Key, _Said]:
    fields = [(_label(d["code"], d.get("part", "")), f) for d in documents for f in d["fields"]]
    return _said((label, f["name"], f["text"], f["value"], tuple(f["cells"])) for label, f in fields)


def _of_documents(documents: Iterable[Document]) -> dict[Key, _Said]:
    pairs = [(_label(d.code, d.part), p) for d in documents for p in d.printed if p.name]
    return _said((label, p.name, p.text, p.value, _cells(p)) for label, p in pairs)


def _label(code: str, part: str) -> str:
    return f"{code}-{part}" if part else code


def _cells(printed: Printed) -> tuple[str, ...]:
    return tuple(str(place) for place in printed.cells)


def _said(fields: Iterable[tuple[str, str, str, str, tuple[str, ...]]]) -> dict[Key, _Said]:
    """Group by document and name; the same thing said twice counts once, in the order of its first time."""
    grouped: dict[Key, list[tuple[str, str, tuple[str, ...]]]] = {}
    for code, name, text, value, cells in fields:
        grouped.setdefault((code, name), []).append((text, value, cells))
    return {
        key: _Said(
            tuple(dict.fromkeys(text for text, _, _ in found)),
            tuple(dict.fromkeys(value or text for text, value, _ in found)),
            tuple(dict.fromkeys(cell for _, _, cells in found for cell in cells)),
        )
        for key, found in grouped.items()
    }


def _compared(old: Mapping[Key, _Said], new: Mapping[Key, _Said]) -> list[tuple[Change, _Said, _Said]]:
    found = []
    for key in dict.fromkeys((*new, *old)):
        left, right = old.get(key, _Said()), new.get(key, _Said())
        if left.texts != right.texts or left.values != right.values:
            change = Change(*key, "、".join(left.texts), "、".join(right.texts), left.cells, right.cells)
            found.append((change, left, right))
    return found


def as_rows(changes: Iterable[Change]) -> list[dict[str, Any]]:
    """Changes for the JSON annex."""
    return [asdict(change) for change in changes]


def as_csv(changes: Iterable[Change]) -> bytes:
    """Changes as CSV with a byte order mark, so that Excel reads it as UTF-8."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(["文档", "字段", "原值", "新值", "原来所在单元格", "现在所在单元格"])
    for c in changes:
        cells = ["、".join(c.old_cells), "、".join(c.new_cells)]
        rows.writerow([plain(text) for text in (c.document, c.name, c.old, c.new, *cells)])
    return out.getvalue().encode("utf-8-sig")


def plain(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return "'" + text if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text
