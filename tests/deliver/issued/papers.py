"""Made-up issued papers: SAF speaks of 方案审批 in its own record, and of the plan and the survey beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from pipeline.core.documents import Document, Printed
from pipeline.core.places import Place
from pipeline.deliver.issued.decision import Paper
from pipeline.deliver.issued.register import Issue, Register
from pipeline.deliver.issued.shelf import Shelf

CODE = "LY-SQ-2026-007"
DAY, ON = date(2026, 7, 2), date(2026, 7, 10)
OWN, PLAN = "方案审批", "基本信息"

WAITING = Issue(
    *("SAF", "", "A/0", 1, "待签", "首次", "系统方案审批单", "A/0", "V1.2", DAY, ON),
    program="0.1",
    template="t" * 64,
    docx="1" * 64,
    file="X_SAF_A0_20260702",
    values="2" * 64,
)
RECORD = replace(WAITING, seq=2, state="记录", kind="登记")


def issue(state: str = "记录", **fields: Any) -> Issue:
    """A paper of a state that differs in some fields."""
    return replace(WAITING, **fields) if state == "待签" else replace(RECORD, state=state, **fields)


def value(name: str, text: str, sheet: str = "", cell: str = "C5", said: str = "") -> Printed:
    """A value as it was printed; without a sheet it has no cell."""
    return Printed(name, text, said or text, (Place("06.xlsx", sheet, cell),) if sheet else ())


def said(own: str = "", plan: str = "甲大学", **more: str) -> tuple[Printed, ...]:
    """All that a SAF prints: the date of its approval, the customer, its state."""
    rows = [value(f"rows[{key[1:]}].text", text, PLAN, f"D{key[1:]}") for key, text in more.items()]
    return (value("scheme.date", own, OWN), value("project.customer", plan, PLAN), value("doc.state", "-"), *rows)


def paper(printed: tuple[Printed, ...], state: str = "记录", **fields: Any) -> Paper:
    """What today's workbooks make of it."""
    names: Mapping[str, Printed] = {one.name: one for one in printed}
    usual = Paper("SAF", "", "A/0", state, "A/0", "V1.2", "t" * 64, printed, {OWN}, today=names.get)
    return replace(usual, **fields)


def register(*issues: Issue) -> Register:
    return Register(CODE, issues)


def shelved(folder: Path, state: str = "记录", **fields: Any) -> tuple[Shelf, Issue, Document]:
    """A paper with its files on a shelf, and the document that it is."""
    folder.mkdir(parents=True, exist_ok=True)
    shelf, content = Shelf(folder / "issued"), f"{state}{fields}".encode()
    made = issue(state, **fields)
    made = replace(made, docx=shelf.put(content, "docx"), values=shelf.put_values(said("2026-07-02"), {OWN}))
    docx = folder / f"{made.file}.docx"
    docx.write_bytes(content)
    return shelf, made, Document(made.code, made.title, made.version, made.state, made.day, docx, part=made.part)
