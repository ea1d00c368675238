"""One version mistyped in the application is one finding: what it upsets is told with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.check.case import Case
from pipeline.check.procedure import countersigned
from pipeline.core.findings import Finding
from pipeline.core.places import Place

# Rules about the cell itself, what says most about the cause first.
_ROOTS = ("F038", "X225", "X217")
_SIGNATURES = "计划会签："


def one_wrong_version(case: Case, findings: Sequence[Finding]) -> Iterator[tuple[int, int]]:
    """(follower, root): what only follows from a version of plan or survey that the application names by mistake."""
    yield from _plan(case, findings)
    yield from _survey(case, findings)


def _survey(case: Case, findings: Sequence[Finding]) -> Iterator[tuple[int, int]]:
    """G318 of a survey that was made after the application, of which X233 tells."""
    root = next((n for n, one in enumerate(findings) if one.rule.code == "X233"), None)
    dates = _dates_of(case, "survey", "versions", case.project.head("records", "application").text("att_survey"))
    for number, one in enumerate(findings):
        if root is not None and one.rule.code == "G318" and dates & {one.at, *one.related}:
            yield number, root


def _plan(case: Case, findings: Sequence[Finding]) -> Iterator[tuple[int, int]]:
    """What follows from a plan version that nobody has countersigned.

    Where none was countersigned at all the signatures are what is missing, and are told by themselves.
    """
    application = case.project.head("records", "application")
    attached, at = application.text("att_plan"), application.at("att_plan")
    own = {one.rule.code: n for n, one in enumerate(findings) if one.at == at and one.rule.code in _ROOTS}
    root = next((own[code] for code in _ROOTS if code in own), None)
    if root is None or countersigned(case, attached) or not case.project.rows("records", "countersign"):
        return
    dates = _dates_of(case, "plan", "revisions", attached)
    for number, one in enumerate(findings):
        if number != root and (number in own.values() or _upset(one, attached, at.sheet, dates)):
            yield number, root


def _dates_of(case: Case, form: str, sheet: str, version: str) -> set[Place]:
    return {row.at("date") for row in case.project.rows(form, sheet) if row.text("version") == version}


def _upset(finding: Finding, version: str, sheet: str | None, dates: set[Place]) -> bool:
    """Whether a finding says nothing but that the application names another version than was countersigned."""
    code, values = finding.rule.code, finding.values
    if code == "G301":
        return all(text.startswith(_SIGNATURES) for text in values["missing"].split("、"))
    if code == "W193":
        return not finding.at.cell
    if code == "X232":
        return finding.at.sheet == sheet and values["version"] == version
    return code == "G318" and bool(dates & {finding.at, *finding.related})
