"""Colours of marked cells. The colour itself tells which one the cell had before.

A marked workbook comes back after Excel, WPS or LibreOffice has saved it: formats are numbered anew, parts of our own
are gone, rows have moved. The colour of a cell outlives all that. So each mark is one of 256 shades that nobody can
tell apart, and the shade says what to put back: nothing, one of the forms' own colours, or an entry of a list that
is kept in hidden names of the workbook.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pipeline.core.findings import Finding, Severity
from pipeline.definitions.styles import HEADER, LOCKED, PREFILLED, REQUIRED

# Red, green and blue; the last four bits of green and blue are the shade. Black text on them is easy to read.
ERROR, WARNING, INFO = (0xFC, 0x90, 0x90), (0xFD, 0xC0, 0x50), (0x9E, 0xC0, 0xF0)
_BY_SEVERITY = {Severity.ERROR: ERROR, Severity.WARNING: WARNING, Severity.INFO: INFO}
# For ever in this order: marked workbooks are out. Number 0 is no colour.
_KNOWN = ("", *(colour.removeprefix("#") for colour in (REQUIRED, LOCKED, PREFILLED, HEADER)))
_FIRST_OTHER, _UNKNOWN = 16, 255
_LONGEST = 255  # what a hidden name can hold


def family(finding: Finding) -> tuple[int, int, int]:
    """Colour of a finding: pending ones are blue whatever they will weigh."""
    return INFO if finding.pending else _BY_SEVERITY[finding.rule.severity]


def heaviest(findings: Iterable[Finding]) -> tuple[int, int, int]:
    """Colour of a cell with several findings."""
    return min((family(finding) for finding in findings), key=(ERROR, WARNING, INFO).index)


def shade(colour: tuple[int, int, int], number: int = 0) -> str:
    """One of the 256 shades of a colour, as RRGGBB."""
    red, green, blue = colour
    return f"{red:02X}{green | number >> 4:02X}{blue | number & 15:02X}"


def shade_number(fill: str) -> int | None:
    """Number of a shade; None for a fill that is no mark of ours."""
    if len(fill) != 6:
        return None
    red, green, blue = (int(fill[n : n + 2], 16) for n in (0, 2, 4))
    if (red, green & 0xF0, blue & 0xF0) in (ERROR, WARNING, INFO):
        return (green & 15) << 4 | blue & 15
    return None


@dataclass
class Origins:
    """Fills that cells had before they were marked.

    Attributes:
        others: fills by their number, as text, other than the forms' own; kept in the workbook.
    """

    others: dict[str, str] = field(default_factory=dict)

    def number(self, fill: str) -> int:
        """Number of a fill, a new one where it has none; one that cannot be kept counts as none."""
        if fill in _KNOWN:
            return _KNOWN.index(fill)
        found = next((int(number) for number, known in self.others.items() if known == fill), None)
        if found is None:
            found = _FIRST_OTHER + len(self.others)
            if len(fill) > _LONGEST or found >= _UNKNOWN:
                return _UNKNOWN
            self.others[str(found)] = fill
        return found


def before(fill: str, others: Mapping[str, str]) -> str | None:
    """Fill that a marked cell had before; None for a cell that is not marked."""
    number = shade_number(fill)
    if number is None:
        return None
    return _KNOWN[number] if number < len(_KNOWN) else others.get(str(number), "")
