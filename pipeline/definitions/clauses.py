"""The procedure, clause by clause: its steps, the forms, rules and documents that serve it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache

from pipeline.core.findings import Rule
from pipeline.definitions.catalogue import load_catalogue
from pipeline.definitions.conditions import known
from pipeline.definitions.documents import load_documents
from pipeline.definitions.forms import Form, SheetForm, load_forms
from pipeline.definitions.procedure import FILE, ClauseForm, StepForm, load_procedure

GENERAL = "通用"
# Q/DY 03.2-2002 has two clauses 6.4.2: 跟踪 comes first; its note is cited as 6.4.2 alone.
_BRANCHES = {"": 0, "跟踪": 0, "评审": 1}
_CLAUSE = re.compile(r"(?P<number>\d+(?:\.\d+)*)(?P<to>–\d+(?:\.\d+)*)?(?P<branch>跟踪|评审)?")


@dataclass
class Clause:
    """What is known about one clause.

    Attributes:
        number: as Q/DY 03.2-2002 numbers it, with the item of a list behind a blank (5.1 a); 通用 for what holds
            everywhere.
        text: what it demands, where it is no step.
        steps: steps of the procedure that carry it out.
        forms: sheets that record it, with the file they stand in.
        rules: what checks it.
        documents: code and title.
        cites: files that it refers to.
    """

    number: str
    text: str = ""
    steps: list[StepForm] = field(default_factory=list)
    forms: list[tuple[Form, SheetForm]] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    documents: dict[str, str] = field(default_factory=dict)
    cites: tuple[str, ...] = ()


def procedure() -> list[Clause]:
    """Every clause with what serves it, in the order of the procedure; 通用 comes last.

    Raises:
        DefinitionError: a clause of `procedure.toml` names a rule or document that does not exist.
    """
    found: dict[str, Clause] = {}
    for one in load_procedure().clause:
        found[one.number] = _served(one)
    for step in load_procedure().step:
        for number in step.clause.split("、"):
            _of(found, number).steps.append(step)
    for form in load_forms().values():
        for sheet in form.sheet:
            for number in clauses_of(sheet.clause):
                clause = _of(found, number)
                clause.forms += [] if (form, sheet) in clause.forms else [(form, sheet)]
                clause.documents |= _titled(sheet.documents)
    for rule in load_catalogue().values():
        for number in clauses_of(rule.clause):
            clause = _of(found, number)
            clause.rules += [] if rule in clause.rules else [rule]
    places = {number: place for place, number in enumerate(found)}
    return sorted(found.values(), key=lambda clause: (*_order(clause), places[clause.number]))


def _of(found: dict[str, Clause], number: str) -> Clause:
    return found.setdefault(number, Clause(number))


def _served(form: ClauseForm) -> Clause:
    """A clause that is no step with what `procedure.toml` says of it."""
    where, steps = f"{FILE.name}:{form.number}", load_procedure().steps
    known(form.rules, load_catalogue(), f"{where}.rules")
    known(form.documents, load_documents(), f"{where}.documents")
    names = dict.fromkeys(".".join(name.split(".")[:2]) for name in (*form.by, *form.records) if name not in steps)
    rules = [load_catalogue()[code] for code in form.rules]
    own = [steps[name] for name in form.by if name in steps]
    return Clause(
        form.number, form.text, own, [_sheet(name) for name in names], rules, _titled(form.documents), form.cites
    )


def _sheet(name: str) -> tuple[Form, SheetForm]:
    book, sheet = name.split(".")
    return load_forms()[book], load_forms()[book].sheet_form(sheet)


def _titled(codes: Iterable[str]) -> dict[str, str]:
    """Documents that are made, by code with their title; a form may name one that is still to come."""
    forms = load_documents()
    return {code: forms[code].title for code in codes if code in forms}


def clauses_of(text: str) -> list[str]:
    """Clauses that a `clause` of the catalogue cites, each once: `6.2.2 a)–h);4.4` gives 6.2.2 and 4.4.

    A sibling procedure is cited by its title.
    """
    found = []
    for part in re.split(r"[;;、]", text):
        match = _CLAUSE.match(part.strip())
        if part.strip() in siblings():
            found.append(part.strip())
        elif match:
            bare = match["number"] == "6.4.2" and not match["branch"]
            found.append(match["number"] + (match["to"] or "") + ("跟踪" if bare else match["branch"] or ""))
        elif part.strip():
            found.append(GENERAL)
    return list(dict.fromkeys(found))


@cache
def siblings() -> tuple[str, ...]:
    """Titles of the other procedures of the compilation, in their order."""
    return tuple(one.number for one in load_procedure().clause if not one.number[:1].isdigit())


def _order(clause: Clause) -> tuple[tuple[int, ...], int, bool, bool]:
    """By number; a clause before its items, and both before what spans several; the sibling procedures come last."""
    if clause.number in siblings():
        return (100, siblings().index(clause.number)), 0, False, False
    number, _, item = clause.number.partition(" ")
    match = _CLAUSE.fullmatch(number)
    if not match:
        return (99,), 0, False, False
    numbers = tuple(int(n) for n in match["number"].split("."))
    return numbers, _BRANCHES[match["branch"] or ""], bool(item), bool(match["to"])
