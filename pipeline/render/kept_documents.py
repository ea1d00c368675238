"""A filled document is kept by all that its template can see: another document's cell does not fill it anew.

A template reaches its context by names that stand in its tags and by nothing else (`adapters/jinja.py` refuses calls
and subscripts), so whatever lies under other names cannot change a letter of what it prints.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.adapters import kept_files
from pipeline.adapters.files import sha256, write_atomic
from pipeline.adapters.fonts import installed
from pipeline.adapters.jinja import SIGNED
from pipeline.core.documents import Printed
from pipeline.core.leaves import Shown
from pipeline.core.places import Place
from pipeline.definitions.documents import DocumentForm
from pipeline.definitions.program import forms_hash, program_hash
from pipeline.render.context.charts import Picture
from pipeline.render.context.shown import Node
from pipeline.render.word.fill import template_of
from pipeline.render.word.mentioned import mentioned

_SUFFIX = ".docx"
_LENGTH = 8  # bytes of the length of what was printed, which stands before the document
# What the file says of itself, be it printed or not.
_OWN = frozenset({"doc", "title", "code", "date", "version", "standard", "project", "company", "short_name"})


class _Unknown(Exception):
    """Something in a context does not tell what it depends on."""


def kept_document(
    cache_folder: Path | None,
    form: DocumentForm,
    context: Node,
    docx: Path,
    how: object,
    fill: Callable[[], tuple[Printed, ...]],
) -> tuple[Printed, ...]:
    """Fill a document, or put what the same template made of the same names; returns what was printed.

    Args:
        cache_folder: where documents are kept; None fills each.
        form: kind of document.
        context: all names with their values.
        docx: the file to write; its folder exists.
        how: what else decides, as its `repr` tells: pages of the contents, draft.
        fill: writes the file.
    """
    key = _key(form, context, how) if cache_folder else ""
    if cache_folder and key and (content := kept_files.found(cache_folder, key, _SUFFIX)):
        size = int.from_bytes(content[:_LENGTH], "big")
        write_atomic(docx, content[_LENGTH + size :], lasting=False)
        return _from_json(content[_LENGTH : _LENGTH + size])
    printed = fill()
    if cache_folder and key:
        said = _to_json(printed)
        kept_files.keep(cache_folder, key, _SUFFIX, len(said).to_bytes(_LENGTH, "big") + said + docx.read_bytes())
    return printed


def _key(form: DocumentForm, context: Node, how: object) -> str:
    """Hash of everything a document depends on; empty where something does not tell."""
    words, digest = words_of(form), hashlib.sha256()
    digest.update(
        repr((_program(), sha256(template_of(form)), form, how, sorted(context.get(SIGNED, {}).items()))).encode()
    )
    try:
        _tell({name: value for name, value in context.items() if name != SIGNED}, words, digest.update)
    except _Unknown:
        return ""
    return digest.hexdigest()


def words_of(form: DocumentForm) -> frozenset[str]:
    """Names that the template of a document has words for, and those of what the file says of itself."""
    return mentioned(template_of(form)) | _OWN


@cache
def _program() -> tuple[str, ...]:
    return program_hash(), forms_hash(), installed()


def _tell(node: Any, words: frozenset[str], tell: Callable[[bytes], object]) -> None:
    """Tell a part of a context, of mappings the names that the template has words for."""
    if isinstance(node, Shown):
        forms = [(name, str(node.form(name))) for name in sorted(node.forms) if name in words]
        cells = [(at.workbook, at.sheet, at.cell) for at in node.cells]
        tell(repr((str(node), node.name, node.value, cells, forms)).encode())
    elif isinstance(node, Mapping):
        tell(repr(sorted(node)).encode())
        for name in sorted(words & node.keys()):
            tell(repr(name).encode())
            _tell(node[name], words, tell)
        tell(b";")
    elif isinstance(node, list):
        tell(b"[")
        for one in node:
            _tell(one, words, tell)
            tell(b",")
        tell(b"]")
    elif isinstance(node, Picture) and node.data is not None:
        tell(repr((node.alt, node.data)).encode())
    elif isinstance(node, str | int | None):
        tell(repr(node).encode())
    else:
        raise _Unknown


def _to_json(printed: tuple[Printed, ...]) -> bytes:
    rows = [(p.name, p.text, p.value, [(at.workbook, at.sheet, at.cell) for at in p.cells]) for p in printed]
    return json.dumps(rows, ensure_ascii=False).encode()


def _from_json(content: bytes) -> tuple[Printed, ...]:
    rows = json.loads(content)
    return tuple(Printed(name, text, value, tuple(Place(*at) for at in cells)) for name, text, value, cells in rows)
