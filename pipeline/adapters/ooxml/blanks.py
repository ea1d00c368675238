"""Leave out of a large worksheet part what whole-sheet formatting puts in: cells and rows that hold only a style.

Who formats whole columns or presses Ctrl+A leaves up to a million rows of them; parsing each as an element takes half a
minute, finding them as text a second.
"""

from __future__ import annotations

import re

LARGE = 1_000_000  # bytes; smaller parts are parsed as they are
_ATTRIBUTES = rb'(?: [\w:.]+="[^"<>]*")*\s*'
_CELL = re.compile(rb'<c r="[A-Z]{1,3}[0-9]{1,7}"' + _ATTRIBUTES + rb"(?:/>|></c>)")
_ROW = re.compile(rb'<row r="[0-9]{1,7}"' + _ATTRIBUTES + rb"(?:/>|>\s*</row>)")
# Where an address is missing, the cells before it count; a comment or CDATA may hold anything.
_UNSAFE = (b"<c>", b"<c/", b"<row>", b"<row/", b"<![CDATA[", b"<!--", b"<!DOCTYPE")


def without_styled_blanks(content: bytes) -> bytes:
    """The part without cells and rows that hold nothing; unchanged where some have no address.

    Args:
        content: a worksheet part, UTF-8; one in another encoding or with a prefix comes back as it is.
    """
    if any(sign in content for sign in _UNSAFE):
        return content
    if content.count(b"<c ") != content.count(b'<c r="') or content.count(b"<row ") != content.count(b'<row r="'):
        return content
    return _ROW.sub(b"", _CELL.sub(b"", content))
