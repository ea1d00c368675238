"""One cause, one finding: what only follows from another finding is told with it, as one of its cells."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from pipeline.check.case import Case
from pipeline.check.one_change import one_open_change
from pipeline.check.one_day import one_wrong_day
from pipeline.check.one_person import one_wrong_person
from pipeline.check.one_step import one_missing_step
from pipeline.check.one_version import one_wrong_version
from pipeline.check.prefillable import told_with
from pipeline.check.unfilled import unfilled
from pipeline.core.findings import Finding
from pipeline.core.places import Place
from pipeline.definitions.documents import load_documents
from pipeline.definitions.procedure import load_procedure
from pipeline.derive.operands import causes_of_errors
from pipeline.derive.procedure.planning import ABSENT

_NOT_READ = ("B415", "F028")  # a file that is there, and was not read
_UNREADABLE = ("F006", "F007", "F008", "F026", "F048")


@dataclass(frozen=True, slots=True)
class Folded:
    """Findings by their causes.

    Attributes:
        kept: those that are shown; a cause names the cells of what follows from it.
        follows: what is not shown, each with the finding that it is told with.
        settled: what is shown, and settled with another finding that is shown: (follower, cause).
    """

    kept: list[Finding]
    follows: list[tuple[Finding, Finding]] = field(default_factory=list)
    settled: list[tuple[Finding, Finding]] = field(default_factory=list)


def folded(case: Case, findings: Sequence[Finding]) -> Folded:
    """The findings without those that only follow from another, each of which names their cells."""
    under = _causes(case, findings)
    followers: dict[int, list[Finding]] = {}
    for number in under:
        followers.setdefault(_root(under, number), []).append(findings[number])
    shown = {n: _with(one, followers.get(n, [])) for n, one in enumerate(findings) if n not in under}
    follows = [(findings[n], shown[_root(under, n)]) for n in under]
    settled = [(shown[n], shown[root]) for n, root in _only_countersigns(findings) if n in shown and root in shown]
    return Folded(list(shown.values()), follows, settled)


def _causes(case: Case, findings: Sequence[Finding]) -> dict[int, int]:
    """The cause of each that only follows; of two that name each other the first one said is the cause."""
    under: dict[int, int] = {}
    for number, cause in (pair for follow in _FOLLOW for pair in follow(case, findings)):
        if _root(under, cause) != number:
            under[number] = cause
    return under


def _root(under: dict[int, int], number: int) -> int:
    while number in under:
        number = under[number]
    return number


def _with(finding: Finding, followers: Sequence[Finding]) -> Finding:
    cells = dict.fromkeys((*finding.related, *(one.at for one in followers if one.at.cell)))
    return replace(finding, related=tuple(at for at in cells if at != finding.at)) if followers else finding


# -- error values -------------------------------------------------------------------------------------------------


def _error_values(case: Case, findings: Sequence[Finding]) -> Iterator[tuple[int, int]]:
    """F026 of a formula whose error goes back to a cell that another finding names."""
    errors = [number for number, one in enumerate(findings) if one.rule.code == "F026"]
    causes = causes_of_errors(case.project, case.forms) if errors else {}
    unreadable = [(number, one) for number, one in enumerate(findings) if one.rule.code in _UNREADABLE]
    told = {at: number for number, one in unreadable for at in (one.at, *one.related)}
    for number in errors:
        cause = causes.get(findings[number].at)
        if cause in told and told[cause] != number:
            yield number, told[cause]


# -- workbooks that are not there ---------------------------------------------------------------------------------


def _absent_workbooks(case: Case, findings: Sequence[Finding]) -> Iterator[tuple[int, int]]:
    """B412 of a workbook that was not read; G301, G316, X221, X225 that only lack a workbook which is not there."""
    absent = [key for key in case.forms if not case.project.has(key)]
    refused = {key: n for n, one in enumerate(findings) for key in absent if _is_refused(case, one, key)}
    codes = {n: one.rule.code for n, one in enumerate(findings)}
    lacking = next((n for n, code in codes.items() if code == "B412"), None)
    if lacking is None:
        return
    wanted = [key for key in absent if case.forms[key].name in findings[lacking].values["items"]]
    root = lacking
    if wanted and all(key in refused for key in wanted):
        root = refused[wanted[0]]
        yield lacking, root
    yield from ((n, root) for n, one in enumerate(findings) if _lacks_a_workbook(case, one, wanted))


def _is_refused(case: Case, finding: Finding, key: str) -> bool:
    """Whether a finding says that the file of a workbook was not read."""
    form, name = case.forms[key], finding.at.workbook
    numbered = re.match(rf"{form.no}[_ -]", name) or form.name in name
    return finding.rule.code in _NOT_READ and not finding.at.sheet and bool(numbered)


def _lacks_a_workbook(case: Case, finding: Finding, absent: Sequence[str]) -> bool:
    """Whether a finding says nothing but that a workbook is not there."""
    code, values = finding.rule.code, finding.values
    if code == "G301":
        return all(part.startswith(ABSENT) for part in values["missing"].split("、"))
    if code == "G316":
        return set(values["items"].split("、")) <= {case.forms[key].name for key in absent}
    if code == "X225":
        return not values["found"]
    return _lost(finding, _not_made(case, absent))


def _not_made(case: Case, absent: Sequence[str]) -> set[str]:
    """Codes of the documents that are not made without some workbooks."""
    printed = {code for key in absent for sheet in case.forms[key].sheet for code in sheet.documents}
    return printed | {code for code, form in load_documents().items() if set(form.needs) & set(absent)}


def _empty_sheets(case: Case, findings: Sequence[Finding]) -> Iterator[tuple[int, int]]:
    """X221 of documents that are not made, because a sheet of theirs is not filled."""
    for number, one in enumerate(findings):
        if one.rule.code == "F056":
            form = next(book.form for book in case.project.books if book.name == one.at.workbook)
            sheets = [sheet for sheet in case.forms[form].sheet if unfilled(case, form, sheet.key)]
            codes = {code for sheet in sheets for code in sheet.documents}
            yield from ((n, number) for n, other in enumerate(findings) if _lost(other, codes))


def _lost(finding: Finding, codes: set[str]) -> bool:
    return finding.rule.code == "X221" and set(finding.values["found"].split("、")) <= codes


def _after_a_refusal(_case: Case, findings: Sequence[Finding]) -> Iterator[tuple[int, int]]:
    """G317: all that follows one refusal is one finding, at the first day."""
    later = [number for number, one in enumerate(findings) if one.rule.code == "G317"]
    yield from ((number, later[0]) for number in later[1:])


# -- figures beside a version of the plan ----------------------------------------------------------------------------


def _beside_a_version(_case: Case, findings: Sequence[Finding]) -> Iterator[tuple[int, int]]:
    """X232 of a figure whose own source another error says to be wrong: it holds that figure against the same value.

    A share that is worked out follows from an error in one of the cells that it is worked out from.
    """
    errors = [
        (n, one)
        for n, one in enumerate(findings)
        if one.blocks and one.rule.code != "X232" and one.rule.code[0] in "XW"
    ]
    for number, one in enumerate(findings):
        if one.rule.code == "X232":
            root = next((n for n, other in errors if _same_source(one, other)), None)
            yield from [(number, root)] if root is not None else ()


def _same_source(one: Finding, other: Finding) -> bool:
    cells = [at for at in one.related if at.sheet != one.at.sheet]
    if other.at in cells and len(cells) > 1:
        return True
    named, said = {other.at, *other.related}, set(other.values.values())
    return len(cells) == 1 and cells[0] in named and one.values["found"] in said


# -- what nobody filled -------------------------------------------------------------------------------------------

_TELL_A_BLANK = frozenset({"W193", "W184", "G303", "G304", "G307", "G308", "G314", "G315", "G340"})
_COUNTERSIGNS = ("计划会签：", "CXO协调：")


def _left_blank(case: Case, findings: Sequence[Finding]) -> Iterator[tuple[int, int]]:
    """F001 and F032 of what a finding about the procedure has told: a signature that is not there, a day."""
    upset = {n for n, _ in one_wrong_version(case, findings)}  # these signatures are there, of another version
    roots = [(n, one) for n, one in enumerate(findings) if one.rule.code in _TELL_A_BLANK and one.blocks]
    roots = [(n, one) for n, one in roots if n not in upset]
    for number, one in enumerate(findings):
        if one.rule.code in {"F001", "F032"}:
            root = next((n for n, other in roots if _tells(case, other, one.at)), None)
            yield from [] if root is None else [(number, root)]


def _tells(case: Case, root: Finding, at: Place) -> bool:
    """Whether a finding speaks of a blank cell: it names it, another blank of its row, or who should have answered."""
    if at in (root.at, *root.related):
        return True
    sheets = [sheet for book in case.project.books for sheet in book.sheets.values() if sheet.at.sheet == at.sheet]
    rows = [row for sheet in sheets for row in sheet.rows if any(cell.at == at for cell in row.cells.values())]
    names = {*root.values.get("dept", "").split("、"), *root.values.get("role", "").split("、")} - {""}
    asked = root.at.sheet == at.sheet and any({row.text("dept"), row.text("role")} & names for row in rows)
    blanks = {cell.at for row in rows for cell in row.cells.values() if cell.blank}
    return asked or bool(blanks & {root.at, *root.related})


def _unsigned_rows(_case: Case, findings: Sequence[Finding]) -> Iterator[tuple[int, int]]:
    """G301 that only wants signatures whose rows are there, and of which W193 speaks."""
    for number, root in _only_countersigns(findings):
        if any(at.cell for at in findings[number].related):
            yield number, root


def _only_countersigns(findings: Sequence[Finding]) -> Iterator[tuple[int, int]]:
    """G301 that wants nothing but what W193 says."""
    root = next((n for n, one in enumerate(findings) if one.rule.code == "W193" and one.blocks), None)
    for number, one in enumerate(findings if root is not None else ()):
        wanted = one.values["missing"].split("、") if one.rule.code == "G301" else [""]
        if root is not None and all(text.startswith(_COUNTERSIGNS) for text in wanted):
            yield number, root


def _no_record(case: Case, findings: Sequence[Finding]) -> Iterator[tuple[int, int]]:
    """G316 that only lacks quality records of whose sheets G301 says that they are empty."""
    wanted = {at: n for n, one in enumerate(findings) if one.rule.code == "G301" for at in one.related}
    records = [name.split(".")[:2] for name in load_procedure().clause_form("7.1").records]
    told = {case.forms[book].name: wanted.get(case.project.sheet(book, sheet).at) for book, sheet in records}
    for number, one in enumerate(findings):
        roots = [told.get(item) for item in one.values["items"].split("、")] if one.rule.code == "G316" else []
        yield from ((number, root) for root in roots[:1] if root is not None and None not in roots)


def _one_blank(_case: Case, findings: Sequence[Finding]) -> Iterator[tuple[int, int]]:
    """F032 of a blank that F001 asks for."""
    asked = {one.at: n for n, one in enumerate(findings) if one.rule.code == "F001"}
    yield from ((n, asked[one.at]) for n, one in enumerate(findings) if one.rule.code == "F032" and one.at in asked)


def _unregistered(_case: Case, findings: Sequence[Finding]) -> Iterator[tuple[int, int]]:
    """W230 of papers all of which lack what errors about blanks say of a sheet of theirs."""
    wrong: dict[str | None, int] = {}
    for number, one in enumerate(findings):
        if one.blocks and one.rule.code in _TELL_A_BLANK | {"F001"}:
            wrong |= {at.sheet: number for at in (one.at, *one.related) if at.sheet not in wrong}
    for number, one in enumerate(findings):
        if one.rule.code == "W230":
            papers = [load_documents()[code].own_sheets & wrong.keys() for code in one.values["codes"].split("、")]
            yield from [(number, min(wrong[sheet] for sheet in papers[0]))] if all(papers) else ()


def _one_budget(_case: Case, findings: Sequence[Finding]) -> Iterator[tuple[int, int]]:
    """W211: what is over the same approved budget is one finding."""
    first: dict[Place, int] = {}
    for number, one in enumerate(findings):
        if one.rule.code == "W211" and first.setdefault(one.related[0], number) != number:
            yield number, first[one.related[0]]


def _approval_order(_case: Case, findings: Sequence[Finding]) -> Iterator[tuple[int, int]]:
    """G304 of a notice that is older than an approval whose day G303 says to be out of order."""
    root = next((n for n, one in enumerate(findings) if one.rule.code == "G303" and "<" in one.values["role"]), None)
    for number, one in enumerate(findings):
        if (
            root is not None
            and one.rule.code == "G304"
            and {at.sheet for at in one.related} == {findings[root].at.sheet}
        ):
            yield number, root


def _reviewed_too_early(_case: Case, findings: Sequence[Finding]) -> Iterator[tuple[int, int]]:
    """X218 of a review whose day is the wrong one: another rule says that it is too early."""
    early = {one.at: n for n, one in enumerate(findings) if one.rule.code in {"G305", "G318"}}
    for number, one in enumerate(findings):
        root = next((early[at] for at in one.related if at in early), None) if one.rule.code == "X218" else None
        yield from [] if root is None else [(number, root)]


def _one_duty(_case: Case, findings: Sequence[Finding]) -> Iterator[tuple[int, int]]:
    """W234: the same departments without a day in workbook 00, in two tables."""
    first: dict[str, int] = {}
    for number, one in enumerate(findings):
        if one.rule.code == "W234" and first.setdefault(one.values["dept"], number) != number:
            yield number, first[one.values["dept"]]


def _contradicted(_case: Case, findings: Sequence[Finding]) -> Iterator[tuple[int, int]]:
    """G307, G308, G311 of a step that is not passed because of an answer which G342 says to contradict what follows."""
    roots = {one.at: n for n, one in enumerate(findings) if one.rule.code == "G342"}
    for number, one in enumerate(findings):
        if one.rule.code in {"G307", "G308", "G311"}:
            root = next((roots[at] for at in one.related if at in roots), None)
            yield from [] if root is None else [(number, root)]


_Follow = Callable[[Case, Sequence[Finding]], Iterator[tuple[int, int]]]
_FOLLOW: tuple[_Follow, ...] = (
    *(_error_values, _absent_workbooks, _empty_sheets, told_with, _after_a_refusal),
    *(_beside_a_version, one_wrong_day, _left_blank, _one_blank, _unsigned_rows, _unregistered, _one_budget),
    *(one_wrong_version, one_wrong_person, one_missing_step, one_open_change),
    *(_contradicted, _one_duty, _approval_order, _reviewed_too_early, _no_record),
)
