"""Formulas and addresses that reach outside their workbook: named, never followed (threats T10)."""

from __future__ import annotations

import re

_TEXT = re.compile(r'"((?:[^"]|"")*)"')
# Google writes a function of its own as __xludf.DUMMYFUNCTION("IMPORTRANGE(...)") when it exports.
_GOOGLE = re.compile(
    r"DUMMYFUNCTION\(\s*\"[^\"]*?(?:IMPORT(?:RANGE|DATA|XML|HTML|FEED)|GOOGLE[A-Z]+|IMAGE)\s*\(", re.IGNORECASE
)
_FUNCTIONS = "WEBSERVICE|IMAGE|RTD|DDE|CALL|REGISTER(?:[.]ID)?|EXEC|SQL[.]REQUEST|STOCKHISTORY|CUBE[A-Z]+"
_REACHES = re.compile(
    rf"(?<![A-Z0-9_.])(?:_xlfn[.]|_xludf[.]|_xlws[.])*(?:{_FUNCTIONS})\s*\("
    r"|\[\d+\][^\[\]\"!]*!"  # another workbook by its number: [1]Sheet1!A1, '[1]费用 明细'!K7, [1]!name
    r"|\[[^\[\]]+[.]xl\w+\]"  # by its name
    r"|[\w.]+\|[^!\"]+!",  # DDE: program|topic!item
    re.IGNORECASE,
)
# Without one of these nothing above or below can match.
_WORDS = (
    *("[", "|", "DUMMYFUNCTION", "HYPERLINK", "WEBSERVICE", "IMAGE", "RTD", "DDE", "CALL", "REGISTER", "EXEC"),
    *("SQL.REQUEST", "STOCKHISTORY", "CUBE"),
)
_HYPERLINK = re.compile(r"(?<![A-Z0-9_.])HYPERLINK\s*\(", re.IGNORECASE)
_SCHEME = re.compile(r"(?!mailto:)[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def reaches_outside(formula: str) -> bool:
    """Whether a formula asks another file, program or machine, or links to one.

    What stands between quotation marks is text: it counts only as the address of a link.
    """
    large = formula.upper()
    if not any(word in large for word in _WORDS):  # nearly every formula, at a twentieth of the time
        return False
    code = _TEXT.sub('""', formula)
    if _REACHES.search(code) or _GOOGLE.search(formula):
        return True
    return bool(_HYPERLINK.search(code)) and any(is_outside(text) for text in _TEXT.findall(formula))


def is_outside(address: str) -> bool:
    r"""Whether the address of a link leads out of the workbook: a scheme, a drive, `\\server`, a path; no mail."""
    text = address.strip()
    return bool(_SCHEME.match(text)) or text.startswith(("\\\\", "//", "[")) or text.lower().startswith("www.")
