"""`comparisons.toml` is read strictly: what is wrong in it is named, with what was probably meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.core.errors import DefinitionError
from pipeline.definitions.catalogue import load_catalogue
from pipeline.definitions.comparisons import Comparison, Side, load_comparisons

_BLOCK = '[[compare]]\nrule = "G341"\nclause = "6.4.3"\ncells = "{cells}"\n{more}'


def read(folder: Path, cells: str, more: str = "") -> Comparison:
    path = folder / "comparisons.toml"
    path.write_text(_BLOCK.format(cells=cells, more=more), encoding="utf-8")
    return load_comparisons(path).compare[0]


def test_every_rule_of_the_file_is_in_the_catalogue() -> None:
    known, found = load_catalogue(), load_comparisons()
    named = {word for one in (*found.compare, *found.contradiction) for word in (one.rule, *one.told_by)}
    assert named <= set(known)


def test_a_column_may_be_picked_from(tmp_path: Path) -> None:
    one = read(tmp_path, "records.closing.actual_cost = last(records.reports.actual_cost)", 'by = ["period"]')
    assert (one.left, one.operator) == (Side("records.closing.actual_cost"), "=")
    assert one.right == Side("records.reports.actual_cost", "last")


def test_some_columns_stand_alone(tmp_path: Path) -> None:
    assert read(tmp_path, "once records.memos.no").right is None


@pytest.mark.parametrize(
    ("cells", "more", "said"),
    [
        ("records.scheme.author_day <= records.scheme.check_date", "", "没有“author_day”.*author_date"),
        ("records.scheme <= records.scheme.check_date", "", "没有|不是一个字段"),
        ("records.scheme.author_date < records.scheme.check_date", "", "没有“<”"),
        ("once records.memos.no records.actions.memo_no", "", "读不懂|cannot read"),
        ("sum(records.reports.pct) <= records.reports.pct", "", "读不懂"),
        ("once records.memos.no", 'rows = ["records.agreements.origin=嘴上"]', "没有“嘴上”"),
        ("once records.memos.no", 'wen = ["x"]', "没有“wen”这个键.*when"),
    ],
)
def test_what_is_wrong_is_named(cells: str, more: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match=said) as caught:
        read(tmp_path, cells, more)
    assert "comparisons.toml" in str(caught.value)
