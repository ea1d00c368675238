"""People leave while something is on its way to them: nothing goes to them any more, and somebody hears instead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from pipeline.core.documents import ProjectResult
from pipeline.project_run import Job
from pipeline.settings import Settings
from tests.service.month import SALES, WRONG, Month
from tests.service.stage import company
from tests.smtp_server import smtp_server


def mail_of(number: str) -> str:
    return company().persons[number].email


class Quiet(Month):
    """Letters of one project wait for an hour, so that they come together."""

    quiet_s = 3600
    turning = False

    def _settings(self) -> Settings:
        return replace(super()._settings(), mail_quiet_s=self.quiet_s)

    def _run(self, job: Job, office: object = None) -> ProjectResult:
        made = super()._run(job, office)
        if not self.turning or made.facts is None:
            return made
        return replace(made, facts=replace(made.facts, next_turn=job.request.as_of + timedelta(days=1)))


@pytest.fixture
def month(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Quiet]:
    with smtp_server(tmp_path) as running:
        yield Quiet(tmp_path, running, monkeypatch)


def test_what_was_on_its_way_to_somebody_who_left_is_told_to_somebody_else(month: Quiet) -> None:
    month.drop("02")
    month.live()
    month.quiet_s = 2 * 86400
    month.drop("03", WRONG)
    month.live()
    before = len([one for one in month.told if one.to == mail_of(SALES)])
    month.people("persons", {"emp_no": SALES}, {"status": "离职", "left": date(2026, 6, 2)})
    month.people("mail_rules", {"pack": "校验报告", "trigger": "有错误"}, {"to": "E105"})
    month.quiet_s = 0
    month.live(2)
    assert len([one for one in month.told if one.to == mail_of(SALES)]) == before
    told = [(one.day, one.to) for one in month.told if one.subject.startswith("[请改正]")]
    assert told == [(2, "zlgl@lanyu.example"), (3, mail_of("E105"))], "who has heard of it does not hear again"


def test_a_successor_whose_day_stood_in_00_is_asked_on_that_day_though_nothing_was_handed_in(month: Quiet) -> None:
    month.turning, month.quiet_s = True, 0
    month.people("persons", {"emp_no": "E301"}, {"left": date(2026, 6, 3)})
    month.people("departments", {"dept_name": "网络工程部"}, {"valid_until": date(2026, 6, 3)})
    assert month.company
    old = next(row for row in month.company.book.sheets["departments"].rows if row.text("dept_name") == "网络工程部")
    month.people("departments", {"dept_name": "没有"}, {}, {"dept_name": "网络工程部", "head_emp": "E302",
                 "valid_from": date(2026, 6, 4), "valid_until": None, "dept_code": old.text("dept_code")})  # fmt: skip
    for number in ("02", "03", "04", "05"):
        month.drop(number)
    month.live(6)
    asked = [(one.day, one.to) for one in month.told if one.subject.startswith("[请会签]")]
    assert (1, mail_of("E301")) in asked
    assert [day for day, to in asked if to == mail_of("E302")] == [3], "in the night to the fourth"
    assert {one.day for one in month.told if one.to == mail_of("E301")} <= {1, 2, 3}


def test_somebody_who_left_while_the_server_was_down_gets_nothing_when_it_is_back(month: Quiet) -> None:
    month.quiet_s = 0
    month.running.faults = {"CONNECT": "drop"}
    for number in ("02", "03", "04", "05"):
        month.drop(number)
    month.live(2)
    assert month.told == []
    month.people("persons", {"emp_no": "E301"}, {"status": "离职", "left": date(2026, 6, 2)})
    month.people("departments", {"dept_name": "网络工程部"}, {"head_emp": "E302"})
    month.running.faults = {}
    month.live(2)
    assert [one for one in month.told if one.to == mail_of("E301")] == []
    asked = [one.to for one in month.told if one.subject.startswith("[请会签]")]
    assert sorted(asked) == sorted([mail_of("E201"), mail_of("E302")]), "each once"
