"""Sources of the tables: the ledger, results of a run, names of workbook 00."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copy

import pytest

from pipeline.core.documents import ProjectResult
from pipeline.core.errors import DefinitionError, UsageProblem
from pipeline.core.mail import Letter
from pipeline.service.exporting import Beside, beside_company, of_results, of_workspace
from pipeline.settings import Settings
from pipeline.workspace import outbox
from pipeline.workspace.ledger import open_ledger, transaction
from pipeline.workspace.projects import Ran, remember
from tests.cases import AS_OF, DORM, ROOT
from tests.tables.told import told

NOW = datetime(2026, 11, 23, tzinfo=UTC)
SAMPLE, VOLUNTARY = ROOT / "samples" / DORM, ROOT / "samples" / "voluntary-015"


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
    found = of_workspace(tmp_path, Beside())
    [one], [letter] = found.projects, found.letters
    assert (one.code, one.facts, one.frozen, one.ran_at) == (told().code, told().facts, True, NOW)
    assert [(c.subject, c.left.value, c.right.value) for c in one.comparisons] == [
        (c.subject, c.left.value, c.right.value) for c in told().comparisons if not c.by_line
    ]
    assert (letter.about, letter.who, letter.state, letter.sent_at) == (told().code, "陆子昂", "待发送", None)


def test_no_workspace_is_made_by_looking(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="不是工作区"):
        of_workspace(tmp_path, Beside())
    assert list(tmp_path.iterdir()) == []


def test_results_of_a_run_have_no_time_and_no_letters() -> None:
    found = of_results([result()], AS_OF, Beside())
    [one] = found.projects
    assert (one.ran_at, one.as_of, one.findings, found.letters) == (None, AS_OF, told().findings, ())


def test_names_come_from_workbook_00_where_one_is_known(tmp_path: Path) -> None:
    found = beside_company(None, [SAMPLE], Settings(), AS_OF)
    assert (found.names.accounts["1001"], found.names.people["E106"], found.logs) == ("设备购置费", "秦川", ())
    assert found.company
    assert of_results([], AS_OF, found).company == found.company
    assert beside_company(None, [tmp_path], Settings(), AS_OF) == Beside()
    with pytest.raises(DefinitionError):
        beside_company(tmp_path / "none.xlsx", [], Settings(), AS_OF)


def test_logs_lie_beside_workbook_00_and_one_that_cannot_be_read_stops_nobody(tmp_path: Path) -> None:
    for file in (SAMPLE / "00_公司基础资料.xlsx", *VOLUNTARY.glob("10_*.xlsx")):
        copy(file, tmp_path)
    (tmp_path / "10_工作日志_E104_2026-06.xlsx").write_bytes(b"torn")
    found = beside_company(None, [tmp_path], Settings(), AS_OF)
    assert [log.emp_no for log in found.logs] == ["E106", "E203"]
    assert of_results([], AS_OF, found).logs == found.logs
