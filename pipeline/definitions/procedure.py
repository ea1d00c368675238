"""The procedure, clause by clause: which forms record it, which rules check it, which documents come of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from pipeline.core.findings import Rule
from pipeline.definitions.catalogue import load_catalogue
from pipeline.definitions.documents import load_documents
from pipeline.definitions.forms import Form, SheetForm, load_forms

GENERAL = "通用"
# Q/DY 03.2-2002 has two clauses 6.4.2: 跟踪 comes first; its note is cited as 6.4.2 alone.
_BRANCHES = {"": 0, "跟踪": 0, "评审": 1}
_CLAUSE = re.compile(r"(?P<number>\d+(?:\.\d+)*)(?P<to>–\d+(?:\.\d+)*)?(?P<branch>跟踪|评审)?")


@dataclass
class Clause:
    """What the catalogue holds about one clause.

    Attributes:
        number: as Q/DY 03.2-2002 numbers it; 通用 for what holds everywhere.
        forms: sheets that record it, with the file they stand in.
        rules: what checks it.
        documents: code and title.
    """

    number: str
    forms: list[tuple[Form, SheetForm]] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    documents: dict[str, str] = field(default_factory=dict)


def procedure() -> list[Clause]:
    """All clauses that the catalogue names, in the order of the procedure; 通用 comes last."""
    found: dict[str, Clause] = {}
    titles = {code: form.title for code, form in load_documents().items()}
    for form in load_forms().values():
        for sheet in form.sheet:
            for number in clauses_of(sheet.clause):
                clause = found.setdefault(number, Clause(number))
                clause.forms.append((form, sheet))
                clause.documents |= {code: titles.get(code, "") for code in sheet.documents}
    for rule in load_catalogue().values():
        for number in clauses_of(rule.clause):
            found.setdefault(number, Clause(number)).rules.append(rule)
    return sorted(found.values(), key=_order)


def clauses_of(text: str) -> list[str]:
    """Clauses that a `clause` of the catalogue cites, each once: `6.2.2 a)–h);4.4` gives 6.2.2 and 4.4."""
    found = []
    for part in re.split(r"[;;、]", text):
        match = _CLAUSE.match(part.strip())
        if match:
            bare = match["number"] == "6.4.2" and not match["branch"]
            found.append(match["number"] + (match["to"] or "") + ("跟踪" if bare else match["branch"] or ""))
        elif part.strip():
            found.append(GENERAL)
    return list(dict.fromkeys(found))


def _order(clause: Clause) -> tuple[tuple[int, ...], int, str]:
    match = _CLAUSE.fullmatch(clause.number)
    if not match:
        return (99,), 0, clause.number
    numbers = tuple(int(n) for n in match["number"].split("."))
    return numbers, _BRANCHES[match["branch"] or ""], clause.number
