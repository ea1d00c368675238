"""Numbers of tables and figures: SEQ fields whose stored result is right as the document opens.

A caption may be left out (a figure without data), so the numbers are counted once everything is filled in.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from docx.oxml.ns import qn

_SEQ = re.compile(r"\s*SEQ\s+(\S+)")
_RUN = (qn("w:fldChar"), qn("w:instrText"), qn("w:t"))


def number_captions(body: Any) -> None:
    """Count every SEQ field of the body by its label, from 1, and store the count as its result."""
    counted: Counter[str] = Counter()
    for label, result in _fields(body):
        counted[label] += 1
        result.text = str(counted[label])


def _fields(body: Any) -> Iterator[tuple[str, Any]]:
    """Label and text node of the result of every SEQ field, in order."""
    label, stored = "", False
    for node in body.iter(*_RUN):
        if node.tag == qn("w:instrText"):
            found = _SEQ.match(node.text or "")
            label = found[1] if found else ""
        elif node.tag == qn("w:fldChar"):
            stored = node.get(qn("w:fldCharType")) == "separate"
        elif stored and label:
            yield label, node
            label = ""
