"""Where every printed value comes from: `provenance.json` beside each pack, read by `presales explain`."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

from pipeline.core.documents import Document, Printed, ProjectResult

SCHEMA = 1
FILE = "provenance.json"


def provenance(result: ProjectResult, unbound: Container[str] = ()) -> dict[str, Any]:
    """Every printed field of every document with text, value and cells, and the hashes of the workbooks.

    Fields stand in the order of the document, the same field with the same text once. A name is the one that a
    template would write, list positions from 0; words that belong to the template itself have no name.

    Args:
        result: the documents.
        unbound: codes of those that the merged PDF leaves out.
    """
    return {
        "schema": SCHEMA,
        "code": result.code,
        "name": result.name,
        "as_of": result.facts.as_of.isoformat() if result.facts else None,
        "workbooks": dict(sorted(result.hashes.items())),
        "documents": [
            document_fields(one) | ({"bound": False} if one.code in unbound else {}) for one in result.documents
        ],
    }


def document_fields(document: Document) -> dict[str, Any]:
    """One document with every field that it prints."""
    named = dict.fromkeys(printed for printed in document.printed if printed.name)
    kept = {"kept": sorted(filter(None, document.kept))} if any(document.kept) else {}
    return {
        "code": document.code,
        "part": document.part,
        "title": document.title,
        "version": document.version,
        "file": document.docx.name,
        **kept,
        "fields": [_field(printed) for printed in named],
    }


def _field(printed: Printed) -> dict[str, Any]:
    return {
        "name": printed.name,
        "text": printed.text,
        "value": printed.value,
        "cells": [str(place) for place in printed.cells],
    }
