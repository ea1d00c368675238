"""Context of the paper of the independent audit (AUD)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.core.audits import Agreement, Audited
from pipeline.core.texts import on_paper
from pipeline.core.workdays import in_lists
from pipeline.definitions.documents import load_documents
from pipeline.render.context.shown import Node, Source, leaf, words

_COUNTS = {
    "equal": Agreement.EQUAL,
    "by_convention": Agreement.CONVENTION,
    "unchecked": Agreement.UNCHECKED,
    "different_count": Agreement.DIFFERENT,
}


def audit(source: Source) -> Node:
    """Every figure with both values, what differs apart, and what was not looked at."""
    found = source.audit
    node: Node = {key: leaf(f"audit.{key}", len(found.all_of(kind)), "num") for key, kind in _COUNTS.items()}
    node["values"] = leaf("audit.values", found.printed, "num")
    node["table_rows"] = leaf("audit.table_rows", found.rows, "num")
    node["different"] = _rows("audit.different", found.different)
    node["rows"] = _rows("audit.rows", found.figures)
    node["remarks"] = [_remark(f"audit.remarks[{n}]", n, text) for n, text in enumerate(found.remarks)]
    return node


def _rows(name: str, lines: Sequence[Audited]) -> list[Node]:
    return [_row(f"{name}[{number}]", number, line) for number, line in enumerate(lines)]


def _row(name: str, number: int, line: Audited) -> Node:
    texts = {
        "what": on_paper(line.what),
        "where": titled(line.where),
        "ours": line.ours,
        "theirs": line.theirs,
        "cells": _breakable(line.cells),
        "result": f"{line.agreement}：{on_paper(line.reason)}" if line.reason else str(line.agreement),
    }
    found: Node = {key: words(f"{name}.{key}", text) for key, text in texts.items()}
    found["no"] = leaf(f"{name}.no", number + 1, "num")
    return found


def _breakable(text: str) -> str:
    """A list that may go on in the next line behind each comma: LibreOffice breaks codes and cells anywhere else."""
    return text.replace("、", "、 ").replace(";", "； ")


_CODE = re.compile(r"\b([A-Z][A-Z0-9]{2})(?:-([^、;（()]+))?(?:\((\d+)份\))?(?![A-Za-z0-9])")
_NOTE = re.compile(r"（[^（）]*）$")


def titled(text: str) -> str:
    """Papers by their titles, not by the codes of their files: 项目计划报告、项目汇报（9份）."""
    return on_paper(_CODE.sub(_title, text))


def _title(found: re.Match[str]) -> str:
    form = load_documents().get(found[1])
    if form is None:
        return found[0]
    part, count = found[2], found[3]
    return _NOTE.sub("", form.title) + (f" {in_lists(part)}" if part else "") + (f"（{count}份）" if count else "")


def _remark(name: str, number: int, text: str) -> Node:
    return {"no": leaf(f"{name}.no", number + 1, "num"), "text": words(f"{name}.text", titled(text))}
