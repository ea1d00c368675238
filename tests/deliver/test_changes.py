from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pipeline.deliver.changes import as_csv, changed_files, changed_plan, changed_values
from tests.deliver import made_up as made


def test_plan_data_that_changed_under_the_same_version(tmp_path: Path) -> None:
    old = made.document(tmp_path)
    before = made.told([old], {})
    now = replace(old, printed=(made.printed("cost.total", "2,000.00", "2000", "K12"), made.NAME))
    (change,) = changed_plan(before, [now], {made.BOOK})
    assert (change.document, change.name, change.old, change.new) == ("PPR", "cost.total", "1,234.50", "2,000.00")
    assert change.new_cells == (f"[{made.BOOK}]费用明细!K12",)


def test_what_is_no_change_of_the_plan(tmp_path: Path) -> None:
    old = made.document(tmp_path, "PPR", made.AMOUNT, made.printed("person", "张伟", "E104", "C3"))
    before = made.told([old], {})
    cases = {
        "the same": old,
        "new version": replace(old, version="V1.1", printed=()),
        "other spelling of the same value": replace(
            old, printed=(made.AMOUNT, made.printed("person", "张 伟", "E104", "C3"))
        ),
        "a value without cells": replace(old, printed=(*old.printed, made.printed("state", "会签中"))),
        "another document": replace(old, code="PP1"),
    }
    for why, document in cases.items():
        assert changed_plan(before, [document], {made.BOOK}) == [], why
    assert changed_plan({}, [old], {made.BOOK}) == []


def test_cells_of_other_workbooks_do_not_count(tmp_path: Path) -> None:
    old = made.document(tmp_path)
    now = replace(old, printed=(made.printed("cost.total", "2,000.00", "2000", "K12"),))
    assert changed_plan(made.told([old], {}), [now], {"02_计划.xlsx"}) == []


def test_a_value_that_is_gone_or_new_counts(tmp_path: Path) -> None:
    old = made.document(tmp_path, "PPR", made.AMOUNT)
    now = replace(old, printed=(made.printed("cost.other", "5.00", "5", "K14"),))
    found = [(c.name, c.old, c.new) for c in changed_plan(made.told([old], {}), [now], {made.BOOK})]
    assert found == [("cost.other", "", "5.00"), ("cost.total", "1,234.50", "")]


def test_documents_of_one_code_are_told_apart(tmp_path: Path) -> None:
    memos = [made.document(tmp_path, "MEM", made.AMOUNT, part=part) for part in ("HY-01", "HY-02")]
    before = made.told(memos, {})
    memos[1] = replace(memos[1], printed=(made.printed("cost.total", "9.00", "9", "K12"),))
    assert [c.document for c in changed_values(before, made.told(memos, {}))] == ["MEM-HY-02"]


def test_of_several_versions_the_last_issued_is_compared(tmp_path: Path) -> None:
    """A pack holds A/1 and A/0; beside the one before it, A/1 is what is new."""
    old = made.document(tmp_path, "PPR", made.AMOUNT)
    new = replace(old, version="V1.1", printed=(made.printed("cost.total", "9.00", "9", "K12"),))
    found = changed_values(made.told([old], {}), made.told([new, old], {}))
    assert [(c.old, c.new) for c in found] == [("1,234.50", "9.00")]
    assert changed_values(made.told([new, old], {}), made.told([new, old], {})) == []


def test_each_version_is_held_against_the_same_version(tmp_path: Path) -> None:
    old = made.document(tmp_path, "PPR", made.AMOUNT)
    new = replace(old, version="V1.1", printed=(made.printed("cost.total", "9.00", "9", "K12"),))
    before = made.told([new, old], {})
    assert changed_plan(before, [new], {made.BOOK}) == []
    sneaky = replace(new, printed=(made.printed("cost.total", "8.00", "8", "K12"),))
    assert [(c.old, c.new) for c in changed_plan(before, [sneaky, old], {made.BOOK})] == [("9.00", "8.00")]


def test_attachments_that_came_went_or_changed() -> None:
    found = changed_files({"a": "1", "b": "2", "c": "3"}, {"a": "1", "b": "9", "d": "4"})
    assert [(c.name, c.old, c.new) for c in found] == [("b", "2", "9"), ("c", "3", ""), ("d", "", "4")]


def test_no_cell_of_the_annex_is_a_formula(tmp_path: Path) -> None:
    old, new = made.document(tmp_path), made.document(tmp_path, "PPR", made.printed("cost.total", "=1+1"))
    text = as_csv(changed_values(made.told([old], {}), made.told([new], {}))).decode("utf-8-sig")
    assert ",'=1+1," in text
