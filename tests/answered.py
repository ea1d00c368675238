"""Answers of the steps of the procedure, made up for tests that only look at them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from pipeline.check.case import Case
from pipeline.core.places import Place
from pipeline.core.procedure import Answer, Missing
from pipeline.definitions.procedure import load_procedure
from pipeline.derive.procedure import Ground, answers
from pipeline.derive.survey import blank_items

GATES = tuple(load_procedure().gates)


def passed(keys: Collection[str] = (), skipped: Collection[str] = ()) -> Mapping[str, Answer]:
    """Every gate: passed, not needed, or wanting something."""
    wanting = (Missing("还缺", Place("")),)
    return {
        key: Answer(key, needed=key not in skipped, missing=() if key in (*keys, *skipped) else wanting)
        for key in GATES
    }


def asked(case: Case) -> Case:
    """The case with its steps asked again; class, survey items and signers stay as they were found."""
    facts, project = case.facts, case.project
    blanks = blank_items(project, case.company, case.forms, facts.items)
    stated = project.head("plan", "basics").text("class")
    kind = stated or (facts.project_class.value if facts.project_class else "")
    signers = (facts.countersigners, facts.reviewers)
    ground = Ground(project, case.company, case.forms, facts.as_of, facts.items, blanks, *signers, kind)
    return replace(case, facts=replace(facts, steps=answers(ground)))
