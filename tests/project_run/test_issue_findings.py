"""Both values and both cells, one finding a paper, in both languages."""

from __future__ import annotations

from pipeline.core.places import Place
from pipeline.deliver.issued.register import Kept
from pipeline.project_run.issue_findings import as_signed, corrected_apart, not_printed
from tests.deliver.issued.papers import RECORD

THEN, NOW = Place("02.xlsx", "基本信息", "C5"), Place("02.xlsx", "基本信息", "C6")
CHANGED = [Kept("project.customer", "甲大学", "乙大学", (THEN,), (NOW,)), Kept("a", "", "又一行", (), (THEN,))]


def test_nothing_changed_nothing_is_said() -> None:
    assert as_signed(RECORD, []) == []


def test_a_paper_has_one_finding_with_all_its_values() -> None:
    [found] = as_signed(RECORD, CHANGED)
    assert (found.rule.code, found.at, found.related) == ("X250", NOW, (THEN,))
    assert (found.values["expected"], found.values["found"]) == ("甲大学", "乙大学")
    assert "甲大学 → 乙大学 [02.xlsx]基本信息!C5、[02.xlsx]基本信息!C6" in found.message()
    assert "SAF" in found.message("en")
    assert not found.blocks


def test_what_cannot_be_printed_has_a_rule_of_its_own() -> None:
    found = not_printed(RECORD, CHANGED[1:])
    assert (found.rule.code, found.values["count"], found.values["expected"]) == ("X251", "1", "没有印")
    assert "presales reissue" in found.remedy()
    assert found.message("en")


def test_a_correction_on_another_paper_has_a_rule_of_its_own() -> None:
    assert corrected_apart(RECORD, []) == []
    [found] = corrected_apart(RECORD, CHANGED[:1])
    assert (found.rule.code, found.at, found.related) == ("X252", NOW, (THEN,))
    assert "甲大学 → 乙大学" in found.message()
    assert found.message("en")
    assert not found.blocks


def test_the_list_ends_after_five() -> None:
    [found] = as_signed(RECORD, CHANGED[:1] * 9)
    assert (found.values["count"], found.values["list"].count("甲大学")) == ("9", 5)


def test_values_without_cells_have_no_place() -> None:
    assert not_printed(RECORD, [Kept("a", "", "x")]).at == Place("")
