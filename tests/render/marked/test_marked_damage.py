"""Damaged packages: the marker says that it cannot, or marks; it never fails in another way."""

from __future__ import annotations

import re

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.render.marked.copy import CannotEdit, mark, unmark
from tests.adapters.packages import parts, rich, zipped
from tests.render.marked.test_copy import BOOK, FINDINGS

MARKED = parts(mark(rich(), FINDINGS, BOOK))
XML = sorted(name for name in MARKED if name.endswith((".xml", ".rels", ".vml")) and "chart" not in name)
TOKEN = re.compile(rb'"[^"]*"|<[/\w:]+|>[^<]+<')
JUNK = st.sampled_from(
    [b'""', b'"-1"', b'"x"', b'"999999999"', b'"A1:B2:C3"', b"<x", b"><", b">x<", b'"rId1"', b'"/xl/none.xml"']
)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """The marked workbook with one to three tokens replaced, or a part gone."""
    found = dict(MARKED)
    for _ in range(draw(st.integers(1, 3))):
        name = draw(st.sampled_from(XML))
        if name in found and draw(st.integers(0, 9)) == 0:
            del found[name]
        elif name in found:
            tokens = list(TOKEN.finditer(found[name]))
            token = tokens[draw(st.integers(0, len(tokens) - 1))] if tokens else None
            if token:
                found[name] = found[name][: token.start()] + draw(JUNK) + found[name][token.end() :]
    return zipped(found)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(damaged())
def test_damage_is_told_or_borne(content: bytes) -> None:
    for work in (lambda: mark(content, FINDINGS, BOOK), lambda: unmark(content)):
        try:
            work()
        except CannotEdit:
            continue
