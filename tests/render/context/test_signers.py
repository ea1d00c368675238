from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from pipeline.render.context.approvals import approvers, countersign
from pipeline.render.context.shown import Source
from pipeline.render.context.signers import cxo, signers
from tests.cases import DORM, load_case
from tests.render.made_up import book, ordinary, plan, source

MASTER = {
    "shared_equipment": [{"asset_no": "EQ-SW-03", "keeper_dept": "D03"}, {"asset_no": "EQ-SW-04", "keeper_dept": "D08"}]
}


def project() -> Source:
    materials = book("materials", lines=[{"mode": "借用", "asset_no": "EQ-SW-03"}, {"mode": "外购"}])
    staffing = book("staffing", lines=[{"dept": "网络工程部", "plan_days": "1", "emp_no": "E301"}])
    countersigners = ("网络工程部", "财务部")
    return source(plan(), materials, staffing, master=MASTER, countersigners=countersigners, **ordinary())


@pytest.mark.parametrize(
    ("word", "lines"),
    [
        ("编制人", [("编制人", "许知行", "许知行")]),
        ("销售代表", [("销售代表", "许知行", "许知行")]),
        ("审核人", [("审核人", "周启明", "")]),
        ("批准人", [("批准人（COO）", "沈若谷", "")]),
        ("审批链", [("审核（市场销售部部门经理）", "周启明", ""), ("批准（COO）", "沈若谷", "")]),
        ("会签部门", [("网络工程部", "罗建川", ""), ("财务部", "钱一", "")]),
        ("协调CXO", [("协调COO", "沈若谷", ""), ("协调CFO", "", "")]),
        ("派出部门", [("网络工程部", "罗建川", "")]),
        ("保管部门", [("保管部门（网络工程部）", "罗建川", "")]),
        ("财务部", [("财务部", "钱一", "")]),
        ("客户确认人", [("客户确认人", "", "")]),
        ("没有的部门", [("没有的部门", "", "")]),
    ],
)
def test_who_signs_follows_from_workbook_00_and_only_the_recorded_are_named(
    word: str, lines: list[tuple[str, str, str]]
) -> None:
    """Design 7.7: names stay empty until the record is there; author and sales representative are in the workbook."""
    assert [(s["role"], s["person"], s["name"]) for s in signers(project(), [word])] == lines


@pytest.mark.parametrize(
    ("versions", "signed"),
    [
        ([("V1.0", "孔立", "2026-05-20"), ("V1.1", "何敏", "2026-06-12")], ("何敏", "2026-06-12")),
        ([("V1.0", "孔立", "2026-05-20"), ("V1.1", "", "2026-06-12")], ("", "2026-06-12")),
        ([("V1.0", "孔立", "2026-05-20"), ("V1.1", "何敏", "")], ("何敏", "")),
        ([], ("", "")),
    ],
)
def test_the_customer_signs_for_the_last_version_of_the_survey(
    versions: list[tuple[str, str, str]], signed: tuple[str, str]
) -> None:
    """Name and day are those of the last version; what an earlier one says stands for nothing newer."""
    rows = [{"version": v, "customer_confirm": name, "date": day} for v, name, day in versions]
    (line,) = signers(source(book("survey", versions=rows)), ["客户确认人"])
    assert (str(line["name"]), str(line["date"])) == signed
    cells = {str(place.cell)[1:] for key in ("name", "date") for place in line[key].cells}
    assert cells <= {str(7 + len(rows))}


def test_a_recorded_name_keeps_its_cell() -> None:
    assert [str(place) for place in signers(project(), ["编制人"])[0]["name"].cells] == ["[02.xlsx]基本信息!C22"]


def test_the_chain_of_the_plan_in_its_order() -> None:
    assert [(a["step"], a["role"], a["dept"], a["person"], a["action"]) for a in approvers(project())] == [
        ("1", "部门经理", "市场销售部", "周启明", "审核"),
        ("2", "COO", "", "沈若谷", "批准"),
    ]


DECIDED = [
    ("A/0", "部门经理", "E101", "修改后再审", "2026-05-28", "1"),
    ("A/0", "部门经理", "E102", "同意", "2026-05-29", "2"),
    ("A/0", "CTO", "E103", "同意", "2026-05-29", ""),
    ("A/1", "COO", "E002", "批准", "2026-06-02", ""),
]
_FIELDS = ("plan_version", "role", "approver", "decision", "date", "round")


def decided(version: str) -> Source:
    rows = [dict(zip(_FIELDS, row, strict=True)) for row in DECIDED]
    made = source(plan(), book("records", plan_approval=rows), **ordinary())
    return replace(made, view=replace(made.view, plan=version))


def test_who_approves_the_plan_is_named_with_the_last_answer_on_this_version() -> None:
    """An answer on another version is none on this one; a role that the chain does not have is not lost."""
    lines = [(str(a["role"]), str(a["decision"]), str(a["date"])) for a in approvers(decided("A/0"))]
    assert lines == [("部门经理", "同意", "2026-05-29"), ("COO", "", ""), ("CTO", "同意", "2026-05-29")]
    assert [str(a["decision"]) for a in approvers(decided("A/1"))] == ["", "批准"]


def test_the_annexes_name_who_agreed_to_the_plan() -> None:
    chain = signers(decided("A/0"), ["审核人", "批准人"])
    assert [(str(line["name"]), str(line["date"])) for line in chain] == [("许知行", "2026-05-29"), ("", "")]
    asked_again = replace(
        decided("A/0"),
        project=source(plan(), book("records", plan_approval=[dict(zip(_FIELDS, DECIDED[0], strict=True))])).project,
    )
    assert str(signers(asked_again, ["审核人"])[0]["name"]) == ""


def test_no_chain_while_the_class_is_not_known() -> None:
    made = source(plan())
    assert approvers(made) == []
    assert [s["role"] for s in signers(made, ["审核人", "批准人", "审批链"])] == ["审核人", "批准人"]


def test_countersigning_departments_and_their_cxos() -> None:
    made = project()
    assert [(c["dept"], c["head"], c["name"]) for c in countersign(made)] == [
        ("网络工程部", "罗建川", ""),
        ("财务部", "钱一", ""),
    ]
    assert [(c["role"], c["person"]) for c in cxo(made)] == [("COO", "沈若谷"), ("CFO", "")]


def test_the_head_beside_a_signature_is_that_of_its_day() -> None:
    """A department that was abolished later still had its head when it signed; without a signature nobody is named."""
    row = {"dept": "网络工程部", "signer": "E301", "sign_date": date(2026, 5, 28), "round": "1"}
    made = source(plan(), book("records", countersign=[row]), countersigners=("网络工程部",), **ordinary())
    old = next(one for one in made.company.offices if one.name == "网络工程部")
    company = replace(made.company, offices=(replace(old, valid_until=date(2026, 6, 30)),), departments={})
    ended = replace(made, company=company)
    assert [(c["dept"], c["head"]) for c in countersign(ended)] == [("网络工程部", "罗建川")]
    unsigned = replace(source(plan(), countersigners=("网络工程部",), **ordinary()), company=company)
    assert [(c["dept"], c["head"]) for c in countersign(unsigned)] == [("网络工程部", "")]


def test_without_a_plan_the_sales_representative_is_the_one_of_the_survey() -> None:
    survey = book("survey", items=[{"no": "A13", "value": "E102"}])
    assert signers(source(survey), ["销售代表"])[0]["name"] == "许知行"


@pytest.mark.parametrize(
    ("by", "day"),
    [("E102", "2026-03-20"), ("E104", ""), ("", "2026-03-06")],
    ids=["wrote it", "somebody else wrote it", "nobody is named"],
)
def test_the_sales_representative_registers_the_version_that_he_wrote(by: str, day: str) -> None:
    """Not the day of the first talk on a version of months later."""
    versions = [{"version": "V1.0", "date": "2026-03-01", "by": "E102"}, {"version": "V1.1", "date": "2026-03-20"}]
    versions[-1] |= {"by": by} if by else {}
    asked = [{"no": "A12", "value": date(2026, 3, 6)}, {"no": "A13", "value": "E102"}]
    line = signers(source(book("survey", items=asked, versions=versions)), ["销售代表"])[0]
    assert (line["name"], str(line["date"])) == ("许知行", day)


def test_a_department_that_countersigned_the_plan_is_named_on_its_annexes() -> None:
    case = load_case(code=DORM)
    made = Source(case.project, case.company, case.facts, case.forms, (), ())
    [signed, other] = signers(made, ["财务部", "人力资源部"])
    assert (str(signed["name"]), str(signed["date"])) == ("方蕴", "2026-06-01")
    assert signed["name"].cells
    assert (str(other["name"]), str(other["date"])) == ("", "")
