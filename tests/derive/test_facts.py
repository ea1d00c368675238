from __future__ import annotations

import pickle
from datetime import date
from typing import Any

import pytest

from pipeline.derive.facts import business_date, derive
from tests.cases import AS_OF, DORM, TV, load_case
from tests.derive.drawn import part_of_sample, project

D = date.fromisoformat


@pytest.mark.parametrize(
    ("revisions", "author", "versions", "day"),
    [
        (["2026-03-24", "2026-06-01"], "2026-03-24", ["2026-03-20"], "2026-06-01"),
        ([], "2026-03-24", ["2026-03-20"], "2026-03-24"),
        ([None], "2026-03-24", [], "2026-03-24"),
        ([], None, ["2026-03-06", "2026-03-20"], "2026-03-20"),
        ([], None, [], "2026-11-23"),
        (["2027-01-01"], "2026-03-24", [], "2026-11-23"),  # never after today
    ],
)
def test_whose_thresholds_count(revisions: list[Any], author: str | None, versions: list[str], day: str) -> None:
    drawn = project(
        plan_revisions=[{"date": text and D(text)} for text in revisions],
        plan_basics={"author_date": author and D(author)},
        survey_versions=[{"version": "V1", "date": D(text)} for text in versions],
    )
    assert business_date(drawn, AS_OF) == D(day)


@pytest.mark.parametrize("code", [TV, DORM])
def test_name_code_and_today(code: str) -> None:
    case = load_case(code=code)
    assert (case.facts.code, case.facts.as_of) == (code, AS_OF)
    assert case.facts.name == case.project.head("plan", "basics").text("project_name")


def test_the_stated_class_decides_who_countersigns_until_it_is_corrected() -> None:
    edit = {"op": "set", "workbook": "plan", "sheet": "basics", "field": "class", "value": "重大项目"}
    facts = part_of_sample([edit], "survey", "plan").facts
    assert facts.project_class is not None
    assert facts.project_class.value == "一般项目"
    assert "研发中心" in facts.countersigners


def test_the_same_input_gives_the_same_facts() -> None:
    case = load_case(code=DORM)
    again = derive(case.project, case.company, case.forms, AS_OF)
    assert again == case.facts
    assert list(again.figures) == list(case.facts.figures)


def test_facts_can_be_kept() -> None:
    """They cross process borders."""
    facts = load_case(code=TV).facts
    assert pickle.loads(pickle.dumps(facts)) == facts
