"""What must exist in workbook 00, and what of it no rule reads."""

from __future__ import annotations

import pytest

from pipeline.check import references
from pipeline.check.judge import judge
from tests.cases import load_case
from tests.check.reported import found_by, table


def with_parameter(key: str, value: str, valid_from: str | None = None) -> dict[str, object]:
    """A row more in the parameters of workbook 00."""
    row = {"key": key, "value": value, "valid_from": valid_from}
    return {"op": "add_row", "workbook": "master", "sheet": "parameters", "row": row}


def test_a_misspelt_parameter_has_no_effect_and_is_named() -> None:
    (finding,) = found_by(references.CHECKS, load_case([with_parameter("min_magrin", "14")]))
    assert table([finding]) == {("参数!A48", "F037")}
    assert finding.values["expected"] == "min_margin"
    assert finding.message() == "参数“min_magrin”没有规则使用,不起作用;应为:min_margin。"


def test_a_parameter_unlike_any_other_is_named_without_a_guess() -> None:
    (finding,) = found_by(references.CHECKS, load_case([with_parameter("公司口号", "快")]))
    assert (finding.rule.code, finding.values["expected"]) == ("F037", "参数表说明中的参数")


@pytest.mark.parametrize("key", ["min_margin", "\uff4d\uff49\uff4e_margin", " min_margin "])
def test_a_parameter_that_is_known_is_not(key: str) -> None:
    assert found_by(references.CHECKS, load_case([with_parameter(key, "12", "2026-01-01")])) == []


@pytest.mark.parametrize("valid_from", ["2027-01-01", "2026-11-24"])
def test_a_condition_reads_the_threshold_of_the_business_day(valid_from: str) -> None:
    """From next year every amount needs its basis; what is planned today does not."""
    clean = [(f.rule.code, f.at) for f in judge(load_case())[0]]
    assert [(f.rule.code, f.at) for f in judge(load_case([with_parameter("basis_limit", "1", valid_from)]))[0]] == clean
