"""The audit against made projects, where both ways must agree, and against planted mistakes, which it must find."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from pathlib import Path

import pytest

from pipeline.check.case import Case
from pipeline.check.judge import judge
from pipeline.core.audits import Agreement
from pipeline.core.errors import PipelineError
from tests.audit.planted import PLANTED, audited, with_papers
from tests.audit.varied import write_varied
from tests.cases import ROOT, TV, read_case

_NOBODY = "NOBODY"


def made_projects(count: int, seed: int, papers: int) -> int:
    """Audit made projects, the first of them with papers; returns how many did not agree everywhere."""
    wrong, tally = 0, Counter[str]()
    for number in range(seed, seed + count):
        with tempfile.TemporaryDirectory(prefix="presales-soak-") as folder:
            case = read_case(write_varied(Path(folder), number))
            found = with_papers(case) if number < seed + papers else audited(case)
        tally.update(str(line.agreement) for line in found.figures)
        if found.different or found.all_of(Agreement.UNCHECKED):
            wrong += 1
            lines = (*found.different, *found.all_of(Agreement.UNCHECKED))
            print(f"project {number}: {'; '.join(map(str, lines[:3]))}", flush=True)
    print(f"{count} made projects, {wrong} not equal everywhere; figures: {dict(tally)}")
    return wrong


def planted(code: str) -> int:
    """Plant each mistake; returns how many nobody found."""
    case = read_case(ROOT / "samples" / code)
    clean = with_papers(case)
    if clean.different:
        print(f"without a mistake: {clean.different[0]}")
        return len(PLANTED)
    known = {(one.rule.code, one.at) for one in judge(case, [])[0] if one.blocks}
    missed, unseen = 0, Counter[bool]()
    for name, plant in PLANTED.items():
        with pytest.MonkeyPatch.context() as patch:
            plant(patch)
            case = read_case(ROOT / "samples" / code)
            errors = {(one.rule.code, one.at) for one in judge(case, [])[0] if one.blocks} - known
            by = _found_by(case)
        missed += by == _NOBODY
        unseen[by != _NOBODY] += not errors
        print(f"{name:26} check finds {len(errors):3} errors; {by[:150]}", flush=True)
    print(
        f"{len(PLANTED)} mistakes, {missed} not found; check passes {unseen.total()}, {unseen[True]} of them are found"
    )
    return missed


def _found_by(case: Case) -> str:
    """Who finds the mistake that is planted just now: the audit of the figures, of papers, or the printing."""
    if different := audited(case).different:
        return f"audit: {different[0]}"
    try:
        different = with_papers(case).different
    except PipelineError as error:
        return f"printing: {error}"
    return f"audit of papers: {different[0]}" if different else _NOBODY


def main() -> int:
    """Audit and plant; returns 1 where projects did not agree, or more than one mistake in ten was not found."""
    parser = argparse.ArgumentParser(prog="scripts/soak audit", description=__doc__)
    parser.add_argument("--projects", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1, help="number of the first project")
    parser.add_argument("--papers", type=int, default=20, help="how many of the projects are printed, too")
    parser.add_argument("--no-planted", action="store_true", help="made projects alone")
    asked = parser.parse_args()
    missed = 0 if asked.no_planted else planted(TV)
    wrong = made_projects(asked.projects, asked.seed, asked.papers)
    return int(bool(wrong) or missed * 10 > len(PLANTED))


if __name__ == "__main__":
    sys.exit(main())
