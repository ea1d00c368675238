from __future__ import annotations

from datetime import date
from decimal import Decimal as D
from typing import Any

import pytest

from pipeline.core.errors import DefinitionError
from pipeline.definitions.forms import load_forms
from pipeline.intake.contradictions import refuse_contradictions
from tests.cases import load_case
from tests.mastered import mastered

SPRING, AUTUMN = date(2026, 3, 1), date(2026, 9, 1)
BACKWARDS = {"entered": AUTUMN, "left": SPRING}


def refused(*edits: Any) -> str:
    """What is said against workbook 00 after some edits; empty where nothing is."""
    case = load_case()
    for edit in edits:
        case = edit(case)
    try:
        refuse_contradictions(case.company.book, load_forms()["master"])
    except DefinitionError as error:
        return str(error)
    return ""


SECOND = {"dept_code": "D05", "head_emp": "E502"}
THIRD = {**SECOND, "valid_from": AUTUMN}
FIRES = [
    pytest.param(mastered("departments", more=[SECOND]), "部门!A500:“D05”与 部门!A11 同时有效", id="two heads"),
    pytest.param(
        mastered("departments", ({"dept_code": "D05"}, {"valid_until": AUTUMN}), more=[THIRD]),
        "失效日期",
        id="overlapping validity",
    ),
    pytest.param(
        mastered("departments", ({"dept_code": "D05"}, {"dept_name": "财务部"})), "“财务部”与", id="one name twice"
    ),
    pytest.param(
        mastered("persons", ({"emp_no": "E203"}, BACKWARDS)), "2026-03-01 早于", id="left first"
    ),
    pytest.param(mastered("persons", more=[{"emp_no": "E203", "name": "别人"}]), "“E203”与", id="one number twice"),
    pytest.param(
        mastered("approval_matrix", ({"doc_type": "方案"}, {"role": "总工"})), "审批角色“总工”不认识", id="unknown role"
    ),
    pytest.param(
        mastered("approval_matrix", ({"doc_type": "方案"}, {"min_amount": D(100), "max_amount": D(50)})),
        "上限 50 不大于",
        id="no amount",
    ),
    pytest.param(
        mastered("parameters", ({"key": "major_amount"}, {"value": "五百万"})),
        "参数 major_amount 的值“五百万”不是数字",
        id="no number",
    ),
    pytest.param(
        mastered("parameters", ({"key": "rules_from"}, {"value": "去年"})), "rules_from 的值“去年”不是日期", id="no day"
    ),
    pytest.param(
        mastered("parameters", ({"key": "emp_no_regex"}, {"value": "E(\\d"})), "不是正则表达式", id="no expression"
    ),
    pytest.param(
        mastered("parameters", more=[{"key": "major_amount", "value": "9000000"}]),
        "参数 major_amount 与 参数!B7 从同一天起有两个值",
        id="two values",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("edit", "said"), FIRES)
def test_what_contradicts_itself_is_refused_with_its_cell(edit: Any, said: str) -> None:
    found = refused(edit)
    assert said in found
    assert "(" in found


def test_all_of_them_are_named_at_once() -> None:
    found = refused(
        mastered("departments", more=[SECOND]),
        mastered("persons", ({"emp_no": "E203"}, BACKWARDS)),
        mastered("approval_matrix", ({"doc_type": "方案"}, {"role": "总工"})),
    )
    assert {line.partition("!")[0].rpartition(":")[2] for line in found.splitlines()} == {"人员", "部门", "审批权限"}


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(
            mastered(
                "departments",
                ({"dept_code": "D05"}, {"valid_until": date(2026, 8, 31)}),
                more=[{**SECOND, "valid_from": AUTUMN}],
            ),
            id="one head after the other",
        ),
        pytest.param(mastered("persons", more=[{"emp_no": "E203"}]), id="the same row twice"),
        pytest.param(
            mastered("parameters", more=[{"key": "major_amount", "value": "9000000", "valid_from": AUTUMN}]),
            id="a value of later",
        ),
        pytest.param(mastered("parameters", ({"key": "major_amount"}, {"value": "5,000,000"})), id="thousands"),
        pytest.param(mastered("parameters", ({"key": "rules_from"}, {"value": None})), id="held from no day"),
        pytest.param(mastered("parameters", ({"key": "lang"}, {"value": "en"})), id="a word"),
        pytest.param(
            mastered("parameters", more=[{"key": "tolerance", "value": "0.01"}, {"key": "tolerance", "value": "0.01"}]),
            id="one value said again",
        ),
        pytest.param(
            mastered(
                "persons",
                ({"emp_no": "E203"}, {"left": date(2026, 8, 31)}),
                more=[{"emp_no": "E203", "dept_code": "D03", "entered": AUTUMN, "left": None}],
            ),
            id="another department from a day on",
        ),
        pytest.param(mastered("approval_matrix"), id="as it is"),
    ],
)
def test_what_follows_each_other_is_let_through(edit: Any) -> None:
    assert refused(edit) == ""
