"""What staff gave, as one hash: values and attachments; saving again or a newer program does not change it."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal

from pipeline.core.sheets import Cell, Project


def said(project: Project) -> str:
    """SHA-256 over every value of the project's workbooks and the bytes of its attachments."""
    books = {
        form: {
            key: [{name: _text(cell) for name, cell in record.cells.items()} for record in sheet.records()]
            for key, sheet in book.sheets.items()
        }
        for form, book in project.workbooks.items()
    }
    kept = sorted((attachment.path, attachment.sha256) for attachment in project.attachments)
    return hashlib.sha256(
        json.dumps([books, kept], ensure_ascii=False, sort_keys=True).encode("utf-8", "surrogatepass")
    ).hexdigest()


def _text(cell: Cell) -> str:
    if isinstance(cell.value, Decimal):
        return format(cell.value.normalize(), "f")
    return cell.shown if cell.value is None else str(cell.value)
