"""A step of which nothing is recorded is one finding: the rule that says so, with all that only follows from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.check.case import Case
from pipeline.core.findings import Finding
from pipeline.core.procedure import Answer
from pipeline.core.sheets import Sheet
from pipeline.definitions.procedure import load_procedure

# Rules that say that a step was not done, what says it most plainly first.
_SAY = ("G340", "G303", "G311", "G307", "G308", "G314", "W193", "W184", "G301")


@dataclass(frozen=True, slots=True)
class _Empty:
    """A step without any record: titles of its sheets, codes of the documents that are printed from them."""

    step: str
    titles: frozenset[str]
    codes: frozenset[str]


def one_missing_step(case: Case, findings: Sequence[Finding]) -> Iterator[tuple[int, int]]:
    """(follower, root): what else misses the records of a step of which a rule says that they are not there."""
    roots: dict[str, int] = {}
    codes: dict[str, int] = {}
    for empty in _empty_steps(case):
        saying = [n for n, one in enumerate(findings) if one.rule.code in _SAY and _speaks_of(one, empty)]
        if saying:
            root = min(saying, key=lambda n: _SAY.index(findings[n].rule.code))
            roots |= dict.fromkeys(empty.titles, root)
            codes |= dict.fromkeys(empty.codes, root)
            yield from ((n, root) for n in saying if n != root and findings[n].rule.code != "G340")
            yield from ((n, root) for n, one in enumerate(findings) if _of_no_version(one, empty))
    for number, one in enumerate(findings):
        known = {"G316": ("items", roots), "X221": ("found", codes)}.get(one.rule.code)
        parts = one.values[known[0]].split("、") if known else []
        if known and all(part in known[1] for part in parts):
            yield number, known[1][parts[0]]


def _empty_steps(case: Case) -> Iterator[_Empty]:
    for key, form in load_procedure().steps.items():
        names = [name.split(".") for name in form.sheets]
        answer, sheets = case.facts.steps.get(key), [case.project.sheet(*name) for name in names]
        if answer and _open(answer) and {book for book, _ in names} == {"records"} and not any(map(_used, sheets)):
            forms = [case.forms[book].sheet_form(sheet) for book, sheet in names]
            documents = frozenset(code for one in forms for code in one.documents)
            yield _Empty(key, frozenset(one.name for one in forms), documents)


def _open(answer: Answer) -> bool:
    return answer.needed and bool(answer.missing)


def _used(sheet: Sheet) -> bool:
    return any(not record.blank(key) for record in sheet.records() for key in record.cells)


def _speaks_of(finding: Finding, empty: _Empty) -> bool:
    return bool(empty.titles & {at.sheet for at in (finding.at, *finding.related)})


def _of_no_version(finding: Finding, empty: _Empty) -> bool:
    """X217 where no version was countersigned at all."""
    return empty.step == "countersign" and finding.rule.code == "X217"
