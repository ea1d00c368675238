"""The documents: one row of `output_templates/documents.toml` each, read strictly."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pipeline.core.errors import DefinitionError
from pipeline.definitions.forms import build, data_folder, did_you_mean, load_forms, read_toml

FILE = "documents.toml"
AUDIENCES = ("internal", "customer")
STATES = ("", "待签")


@dataclass(frozen=True)
class DocumentForm:
    """A kind of document.

    Attributes:
        code: PPR, PP1 ...
        record_no: record number of domain A.1; empty where there is none.
        template: Word file in the same folder.
        needs: keys of the workbooks without which it cannot be made.
        packs: packs it belongs to; `order` is its place in them.
        signers: who signs, in words of `CONTEXT.md` or names of departments.
        state: 待签 for a document that is signed, else empty.
        gate: gate that its signatures open.
        audience: `internal` or `customer`.
        quality_record: kept for the retention period (clause 7).
        per: source of one document a row or department; empty: one a project.
        folder: sub-folder of the output; empty: docx and pdf.
    """

    code: str
    title: str
    template: str
    record_no: str = ""
    needs: tuple[str, ...] = ()
    packs: tuple[str, ...] = ()
    order: int = 0
    signers: tuple[str, ...] = ()
    state: str = ""
    gate: str = ""
    audience: str = "internal"
    quality_record: bool = False
    per: str = ""
    folder: str = ""


@dataclass(frozen=True)
class _Catalogue:
    document: tuple[DocumentForm, ...]


@cache
def load_documents(folder: Path | None = None) -> dict[str, DocumentForm]:
    """All documents by code, in the order in which they stand in packs.

    Raises:
        DefinitionError: the file is wrong; it names file, document, key and the nearest valid word.
    """
    folder = folder or data_folder("output_templates")
    catalogue: _Catalogue = build(_Catalogue, read_toml(folder / FILE), FILE)
    found: dict[str, DocumentForm] = {}
    for form in sorted(catalogue.document, key=lambda form: (form.order, form.code)):
        if form.code in found:
            raise DefinitionError(f"{FILE}:代号“{form.code}”用了两次(code used twice)。")
        _inspect(form, folder)
        found[form.code] = form
    return found


def _inspect(form: DocumentForm, folder: Path) -> None:
    forms = load_forms()
    packs = forms["master"].sheet_form("mail_rules").field("pack").choices
    _known(form, "needs", form.needs, forms)
    _known(form, "packs", form.packs, packs)
    _known(form, "audience", (form.audience,), AUDIENCES)
    _known(form, "state", (form.state,), STATES)
    names = [path.name for path in folder.glob("*.docx")]
    _known(form, "template", (form.template,), names)


def _known(form: DocumentForm, key: str, words: Iterable[str], known: Iterable[str]) -> None:
    choices = list(known)
    for word in words:
        if word not in choices:
            hint = did_you_mean(word, choices)
            raise DefinitionError(f"{FILE}:{form.code}.{key}:没有“{word}”(unknown value){hint}")
