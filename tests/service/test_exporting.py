"""Sources of the tables: the ledger, results of a run, names of workbook 00."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.core.documents import ProjectResult
from pipeline.core.errors import DefinitionError, UsageProblem
from pipeline.core.mail import Letter
from pipeline.service.exporting import names_of, of_results, of_workspace
from pipeline.settings import Settings
from pipeline.tables.told import Names
from pipeline.workspace import outbox
from pipeline.workspace.ledger import open_ledger, transaction
from pipeline.workspace.projects import Ran, remember
from tests.cases import AS_OF, DORM, ROOT
from tests.tables.told import told

NOW = datetime(2026, 11, 23, tzinfo=UTC)
SAMPLE = ROOT / "samples" / DORM


def result() -> ProjectResult:
    one = told()
    return ProjectResult(one.code, one.name, one.facts, one.findings, one.comparisons, one.documents)


def test_a_ledger_gives_projects_with_comparisons_and_letters(tmp_path: Path) -> None:
    ledger = open_ledger(tmp_path)
    remember(ledger, result(), Ran(NOW, AS_OF, {}, "run", archived=True))
    news = outbox.News("pm@lanyu.example", "陆子昂", told().code, {"x": ("k", {})})
    with transaction(ledger):
        outbox.put(ledger, news, lambda _: Letter("s", "t", "h"), NOW, timedelta(0), "lanyu.example")
    ledger.close()
    found = of_workspace(tmp_path, Names())
    [one], [letter] = found.projects, found.letters
    assert (one.code, one.facts, one.frozen, one.ran_at) == (told().code, told().facts, True, NOW)
    assert [(c.subject, c.left.value, c.right.value) for c in one.comparisons] == [
        (c.subject, c.left.value, c.right.value) for c in told().comparisons if not c.by_line
    ]
    assert (letter.about, letter.who, letter.state, letter.sent_at) == (told().code, "陆子昂", "待发送", None)


def test_no_workspace_is_made_by_looking(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="不是工作区"):
        of_workspace(tmp_path, Names())
    assert list(tmp_path.iterdir()) == []


def test_results_of_a_run_have_no_time_and_no_letters() -> None:
    found = of_results([result()], AS_OF, Names())
    [one] = found.projects
    assert (one.ran_at, one.as_of, one.findings, found.letters) == (None, AS_OF, told().findings, ())


def test_names_come_from_workbook_00_where_one_is_known(tmp_path: Path) -> None:
    found = names_of(None, [SAMPLE], Settings(), AS_OF)
    assert (found.accounts["1001"], found.people["E106"]) == ("设备购置费", "秦川")
    assert names_of(None, [tmp_path], Settings(), AS_OF) == Names()
    with pytest.raises(DefinitionError):
        names_of(tmp_path / "none.xlsx", [], Settings(), AS_OF)
