"""Whether every printed value reached the text of the PDF (design, rule 6)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from pipeline.core.documents import Printed

# A value may go on over the end of a page, with the lines of foot and head in between: so many pieces, none shorter.
MOST_PIECES = 6
SHORTEST_PIECE = 3
RIGHT_TO_LEFT = frozenset({"R", "AL", "RLE", "RLO", "RLI"})


def lost_in_pdf(printed: Iterable[Printed], pdf_text: str) -> list[Printed]:
    """Printed values that the text of a PDF does not hold, each text once; layout and invisible characters are free.

    Text from right to left is stored as it is drawn and counts by its characters alone.
    """
    text = squeezed(pdf_text)
    letters = frozenset(text)
    first = {value.text: value for value in reversed(list(printed))}
    return [value for value in first.values() if not _there(squeezed(value.text), text, letters)]


def squeezed(text: str) -> str:
    """Text without what layout adds or removes: blanks, invisible characters, compatible forms."""
    return unicodedata.normalize("NFKC", text).translate(_KEPT)


class _Kept(dict[int, str | None]):
    """What becomes of a character; each is looked at once."""

    def __missing__(self, code: int) -> str | None:
        char = chr(code)
        self[code] = None if char.isspace() or unicodedata.category(char) in ("Cf", "Cc") else char
        return self[code]


_KEPT = _Kept()


def _there(value: str, text: str, letters: frozenset[str]) -> bool:
    if value in text:
        return True
    if any(unicodedata.bidirectional(char) in RIGHT_TO_LEFT for char in value):
        return letters.issuperset(value)
    return in_pieces(value, text)


def in_pieces(value: str, text: str) -> bool:
    """Whether a value stands there in a few pieces, each as long as it can be, one after the other."""
    start = 0
    for _ in range(MOST_PIECES):
        length = _longest(value, text, start)
        if length == len(value):
            return True
        if length < SHORTEST_PIECE:
            return False
        start = text.find(value[:length], start) + length
        value = value[length:]
    return False


def _longest(value: str, text: str, start: int) -> int:
    """Length of the longest beginning of a value that the text holds from `start` on."""
    low, high = 0, len(value)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if text.find(value[:middle], start) >= 0 else (low, middle - 1)
    return low
