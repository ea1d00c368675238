"""Characters that XML, and so any document of ours, cannot hold."""

from __future__ import annotations

import re

REPLACEMENT = "\ufffd"
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def printable(text: str) -> str:
    """The text with U+FFFD for each of them."""
    return _ILLEGAL.sub(REPLACEMENT, text)


def is_printable(text: str) -> bool:
    """False for one of them, and for U+FFFD, which stands where one was already lost."""
    return REPLACEMENT not in text and _ILLEGAL.search(text) is None
