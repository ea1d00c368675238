"""Packs of made-up documents, without Word and LibreOffice."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from pypdf import PdfWriter

from pipeline.core.attachments import Attachment
from pipeline.core.documents import Document, Pack, Printed
from pipeline.core.places import Place
from pipeline.deliver.pack import HANDOVER, Contents, make_pack

CODE = "LY-SQ-2026-007"
BOOK = "03_费用.xlsx"
CONTRACT = "附件/销售合同.pdf"
SCAN = "签字件/PPR_签字.pdf"
DAY = date(2026, 7, 31)


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def pdf(path: Path, pages: int = 1, size: tuple[int, int] = (595, 842)) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with PdfWriter() as writer:
        for _ in range(pages):
            writer.add_blank_page(*size)
        writer.write(str(path))
    return path


def printed(name: str, text: str, value: str = "", *cells: str) -> Printed:
    return Printed(name, text, value or text, tuple(Place(BOOK, "费用明细", cell) for cell in cells))


AMOUNT = printed("cost.total", "1,234.50", "1234.50", "K12", "K13")
NAME = printed("project.name", "全媒体新闻网")


def document(folder: Path, code: str = "PPR", *fields: Printed, pages: int = 2, part: str = "") -> Document:
    stem = f"{CODE}_{code}{part}_V1.0_20260301"
    docx = folder / f"{stem}.docx"
    folder.mkdir(parents=True, exist_ok=True)
    docx.write_bytes(b"PK docx " + stem.encode())
    made = pdf(folder / f"{stem}.pdf", pages)
    title = {"PPR": "项目计划报告", "PP1": "费用计划明细表"}.get(code, code)
    return Document(code, title, "V1.0", "待签", DAY, docx, made, pages, fields or (AMOUNT, NAME), part=part)


def told(documents: list[Document], hashes: dict[str, str]) -> dict[str, Any]:
    """Provenance in the shape of `render.provenance`."""
    made = [
        {
            "code": d.code,
            "part": d.part,
            "title": d.title,
            "version": d.version,
            "file": d.docx.name,
            "fields": [
                {"name": p.name, "text": p.text, "value": p.value, "cells": [str(place) for place in p.cells]}
                for p in d.printed
            ],
        }
        for d in documents
    ]
    return {"schema": 1, "code": CODE, "workbooks": hashes, "documents": made}


def attachment(root: Path, path: str, content: bytes) -> Attachment:
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    folder, _, name = path.partition("/")
    signs = "PPR" if folder == "签字件" else ""
    return Attachment(path, name, "pdf", len(content), sha(content), 3, folder, signs)


def contents(work: Path, kind: str = HANDOVER, *fields: Printed) -> Contents:
    """A project with two documents, a workbook, a contract and a signed scan."""
    root = work / "项目"
    root.mkdir(exist_ok=True)
    book = root / BOOK
    book.write_bytes(b"PK workbook")
    hashes = {BOOK: sha(book.read_bytes())}
    made = [document(work / "made", "PPR", *fields), document(work / "made", "PP1", pages=1)]
    kept = [attachment(root, CONTRACT, b"%PDF contract"), attachment(root, SCAN, b"%PDF scan")]
    return Contents(
        code=CODE,
        name="全媒体新闻网",
        kind=kind,
        day=DAY,
        documents=made,
        front=lambda name, _: pdf(work / f"{name}_front.pdf"),
        provenance=told(made, hashes),
        hashes=hashes,
        workbooks={BOOK: book},
        root=root,
        attachments=kept,
        organization="青岚网络",
        retention=date(2041, 7, 31),
    )


def made_pack(work: Path, kind: str = HANDOVER) -> Pack:
    return make_pack(contents(work, kind), work / "pack")


def changed(old: Contents, *fields: Printed) -> Contents:
    """The same project with other printed values in its first document."""
    documents = [replace(old.documents[0], printed=fields), *old.documents[1:]]
    return replace(old, documents=documents, provenance=told(documents, dict(old.hashes)))
