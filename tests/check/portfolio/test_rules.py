from __future__ import annotations

import pytest

from pipeline.check.portfolio import rules as portfolio
from pipeline.core.errors import PipelineError
from pipeline.core.portfolio import projects_of
from tests.made_projects import due, judged, made, price


def test_a_project_without_a_change_is_said_to_be_skipped() -> None:
    (found,) = judged(made(1), made(2), unchanged=["LY-SQ-2026-002"])
    assert (found.rule.code, found.at.workbook) == ("B414", "LY-SQ-2026-002")
    assert found.message() == "项目LY-SQ-2026-002无变化,跳过。"
    assert judged(made(1), made(2)) == []


def test_errors_come_first_and_every_finding_names_its_projects() -> None:
    rows = [
        made(1, contract_no="X-1", dues=(due("D7", "2026-11-20"),), prices=(price("H7", "1"),)),
        made(2, contract_no="X-1", prices=(price("H8", "2"),)),
    ]
    found = judged(*rows, unchanged=["LY-SQ-2026-001"])
    assert [f.rule.code for f in found] == ["B411", "B408", "B416", "B414"]
    assert projects_of(found[0]) == ("LY-SQ-2026-002", "LY-SQ-2026-001")


def test_the_order_of_the_projects_does_not_matter() -> None:
    rows = [made(n, contract_no="X-1") for n in range(1, 6)]
    assert judged(*rows) == judged(*reversed(rows))


def test_no_projects_no_findings() -> None:
    assert judged() == []


def test_a_check_that_fails_names_its_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> list[object]:
        """B499 made to fail."""
        raise ValueError

    monkeypatch.setattr(portfolio, "CHECKS", (broken,))
    with pytest.raises(PipelineError, match="B499"):
        judged(made(1))
