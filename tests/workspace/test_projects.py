"""What is remembered of a project comes back as it was, and rows of an older program still load."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.core.documents import Document, Pack, Printed, ProjectResult
from pipeline.core.facts import Facts
from pipeline.core.findings import Comparison, Finding, Side, Verdict
from pipeline.core.places import Derived, Place
from pipeline.definitions.catalogue import load_catalogue
from pipeline.workspace import journal
from pipeline.workspace.codec import from_json, to_json
from pipeline.workspace.ledger import open_ledger
from pipeline.workspace.projects import (
    Ran,
    comparisons,
    mark_published,
    recall,
    remember,
    remember_failure,
    remembered,
)
from tests.cases import AS_OF, load_case

NOW = datetime(2026, 11, 23, 22, 0, tzinfo=UTC)
RAN = Ran(NOW, AS_OF, {"工作簿 plan": "ab", "00": "cd"}, "run-1")


@pytest.fixture
def ledger(tmp_path: Path):
    opened = open_ledger(tmp_path)
    yield opened
    opened.close()


def result() -> ProjectResult:
    facts = load_case().facts
    finding = Finding(
        load_catalogue()["F002"], Place("02.xlsx", "基本信息", "C5"), (Place("01.xlsx"),), {"x": "y"}, True
    )
    printed = (Printed("a", "b", "c"),)
    files = (Path("/w/a.docx"), Path("/w/a.pdf"), 3, printed)
    document = Document("PPR", "报告", "A/0", "待签", AS_OF, *files, "HY-01", "印错了", ("cost.total",))
    assert all(getattr(document, one.name) for one in fields(document)), "a field more: give it a value here"
    pack = Pack("p", 1, Path("/w/p"), Path("/w/p.zip"), None, "ff", unchanged=True)
    return ProjectResult(facts.code, facts.name, facts, (finding,), (), (document,), (pack,))


def test_everything_comes_back_but_the_printed_values(ledger: sqlite3.Connection) -> None:
    kept = result()
    remember(ledger, kept, RAN)
    (back,) = remembered(ledger)
    assert back.facts == kept.facts
    assert back.findings == kept.findings
    assert back.packs == kept.packs
    assert back.documents == (replace(kept.documents[0], printed=()),)
    assert (back.ran_at, back.inputs, back.output, back.published) == (NOW, RAN.inputs, "run-1", None)


def test_a_row_without_a_newer_field_loads_with_its_default(ledger: sqlite3.Connection) -> None:
    remember(ledger, result(), RAN)
    raw = json.loads(ledger.execute("SELECT facts FROM projects").fetchone()["facts"])
    for key in ("next_turn", "steps"):
        raw.pop(key, None)
    ledger.execute("UPDATE projects SET facts = ?", (json.dumps({**raw, "from_the_future": 1}),))
    facts = remembered(ledger)[0].facts
    assert facts is not None
    assert (facts.next_turn, facts.steps) == (None, {})


def test_a_finding_of_a_rule_that_has_gone_still_loads() -> None:
    (finding,) = from_json('[{"rule": "Z999", "at": {"workbook": "x"}}]', tuple[Finding, ...])
    assert finding.rule.code == "Z999"


def test_facts_survive_json_for_every_sample() -> None:
    for code in ("LY-SQ-2026-007", "LY-SQ-2026-015"):
        facts = load_case(code=code).facts
        assert from_json(to_json(facts), Facts) == facts


def test_a_figure_of_any_name_comes_back() -> None:
    names = ["A.V.网络工程部", "研发|测试", 'a/b\\c:d,"e"', "", "{{ x }}", "１２"]
    figures = {("staffing", "dept_stage", name, other): Derived(Decimal(1)) for name in names for other in names}
    facts = replace(load_case().facts, figures=figures)
    assert from_json(to_json(facts), Facts) == facts


def test_figures_that_an_older_program_wrote_are_read() -> None:
    """One text was the key; what it cannot tell apart any more is left out, and made anew by the next run."""
    old = {
        "cost.total": {"value": "5"},
        "gross_margin": {"value": "6"},
        "cost.account_stage.2001|售前|S2": {"value": "1"},
        "staffing.dept.A.V.网络工程部": {"value": "2"},
        "changes.before.CR-02": {"value": "3"},
        "staffing.dept_stage.研发|测试|S1": {"value": "4"},
        "gone.by": {"value": "7"},
    }
    row = json.loads(to_json(replace(load_case().facts, figures={}))) | {"figures": old}
    found = from_json(json.dumps(row), Facts).figures
    assert {key: str(figure.value) for key, figure in found.items()} == {
        ("cost", "total"): "5",
        ("gross_margin",): "6",
        ("cost", "account_stage", "2001", "售前", "S2"): "1",
        ("staffing", "dept", "A.V.网络工程部"): "2",
        ("changes", "before", "CR-02"): "3",
    }


def test_a_failure_leaves_what_was_remembered_and_the_next_success_removes_it(ledger: sqlite3.Connection) -> None:
    remember(ledger, result(), RAN)
    remember_failure(ledger, "LY-SQ-2026-015", "磁盘已满", {}, NOW)
    back = recall(ledger, "LY-SQ-2026-015")
    assert back is not None
    assert (back.failure, back.output) == ("磁盘已满", "run-1")
    remember(ledger, result(), replace(RAN, output="run-2"))
    again = recall(ledger, "LY-SQ-2026-015")
    assert again is not None
    assert (again.failure, again.output) == ("", "run-2")


def test_published_paths_take_the_place_of_the_private_ones(ledger: sqlite3.Connection) -> None:
    kept = result()
    remember(ledger, kept, RAN)
    shown = replace(kept.documents[0], docx=Path("/share/a.docx"), pdf=None)
    mark_published(ledger, kept.code, Path("/share"), (shown,), kept.packs)
    back = recall(ledger, kept.code)
    assert back is not None
    assert (back.published, back.documents[0].docx) == (Path("/share"), Path("/share/a.docx"))


def test_the_journal_cannot_be_changed_and_shows_it_when_it_was(ledger: sqlite3.Connection) -> None:
    remember(ledger, result(), RAN)
    remember_failure(ledger, "X", "y", {}, NOW)
    assert journal.broken_at(ledger) is None
    with pytest.raises(sqlite3.IntegrityError, match="journal"):
        ledger.execute("UPDATE journal SET what = 'z'")
    ledger.execute("DROP TRIGGER journal_is_never_changed")
    ledger.execute("UPDATE journal SET what = 'z' WHERE id = 1")
    assert journal.broken_at(ledger) == 1


def test_a_day_of_the_run_is_a_day(ledger: sqlite3.Connection) -> None:
    remember(ledger, result(), RAN)
    assert remembered(ledger)[0].as_of == date(2026, 11, 23)


def test_comparisons_come_back_in_short_and_a_text_stays_a_text(ledger: sqlite3.Connection) -> None:
    at = tuple(Place("03.xlsx", "费用明细", f"K{row}") for row in (7, 8))
    one = Comparison("X207", "购置费", Side("左", Decimal("1.50"), at, at), Side("右", "1.50"), Verdict.DIFFERENT)
    remember(ledger, replace(result(), comparisons=(one, replace(one, by_line=True))), RAN)
    [kept] = comparisons(ledger)[result().code]
    assert kept == replace(one, left=Side("左", Decimal("1.50"), at[:1]))
