"""A day has turned and nothing was handed in: whoever signs now is told, and what was signed is no reason to build."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from pipeline.core.documents import ProjectResult
from pipeline.core.entries import Awaited, Entries
from pipeline.core.findings import Finding
from pipeline.core.places import Place
from pipeline.definitions.catalogue import load_catalogue
from pipeline.project_run import Job, pool
from pipeline.project_run.issue_findings import ISSUING
from pipeline.service.arrivals import recognise
from pipeline.service.runs.executor import Done
from pipeline.workspace import projects
from tests.cases import AS_OF, DORM, ROOT
from tests.service.quick import opened_once, quick_run
from tests.service.runs.test_executor import Built
from tests.service.stage import STABLE, workbook

NEXT = timedelta(days=1)


class Looked(Built):
    """Every day may be another one; `signs` says who signs on a day."""

    issuing: tuple[str, ...] = ()
    built: int = 0

    def signs(self, day: date) -> str:
        return "E301"

    def quick(self, job: Job, office: object = None) -> ProjectResult:
        made, day = quick_run(job, office), job.request.as_of
        assert made.facts
        awaited = Entries(awaited=(Awaited("会签", "网络工程部", "", self.signs(day)),))
        self.built += job.request.out is not None
        values = dict.fromkeys(("paper", "count", "list", "found", "expected", "version", "row", "name", "pages"), "1")
        codes = self.issuing if job.request.out else ()
        found = tuple(Finding(load_catalogue()[code], Place("02.xlsx"), (), {**values, "typed": "1"}) for code in codes)
        facts = replace(made.facts, as_of=day, next_turn=day + NEXT, entries=awaited)
        return replace(made, facts=facts, findings=found)


@pytest.fixture
def looked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Looked]:
    made = Looked(tmp_path)
    monkeypatch.setattr(recognise, "open_file", opened_once)
    monkeypatch.setattr(pool, "run_project", made.quick)
    made.drop(workbook("02"), "02.xlsx")
    made.round()
    made.hands.turn(STABLE)
    made.round()
    yield made
    made.ledger.close()


def test_what_only_issuing_finds_is_no_other_finding_on_another_day(looked: Looked) -> None:
    looked.issuing = ("X250", "W231")
    assert looked.run() == [Done(DORM, rebuilt=True)]
    for day in range(1, 4):
        assert looked.run(AS_OF + day * NEXT) == [Done(DORM)]
    known = projects.recall(looked.ledger, DORM)
    assert known
    assert [one.rule.code for one in known.findings] == ["X250", "W231"], "what was signed is still said"
    assert (looked.built, known.as_of) == (1, AS_OF + 3 * NEXT)


def test_who_signs_from_a_day_on_is_reason_to_build_on_that_day_alone(looked: Looked, monkeypatch) -> None:
    monkeypatch.setattr(Looked, "signs", lambda _, day: "E302" if day >= AS_OF + 2 * NEXT else "E301")
    looked.run()
    assert [looked.run(AS_OF + day * NEXT)[0].rebuilt for day in range(1, 5)] == [False, True, False, False]
    known = projects.recall(looked.ledger, DORM)
    assert known
    assert known.facts
    assert [one.emp_no for one in known.facts.entries.awaited] == ["E302"]


def test_every_rule_that_runs_find_while_they_issue_is_known() -> None:
    """Findings that `pipeline/project_run` makes itself, but for those of a look (`unsigned_in_archive`)."""
    texts = [path.read_text("utf-8") for path in (ROOT / "pipeline" / "project_run").glob("*.py")]
    named = {code for code in load_catalogue() if any(f'"{code}"' in text for text in texts)}
    assert named == ISSUING | {"W230"}
