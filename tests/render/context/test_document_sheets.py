from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from pipeline.core.findings import Finding, Severity
from pipeline.core.places import Place
from pipeline.definitions.documents import DocumentForm, load_documents
from pipeline.definitions.forms import load_forms
from pipeline.render.context.document import common, for_document
from pipeline.render.context.shown import Node, Source
from pipeline.render.orders import orders
from pipeline.render.preview.context import preview_context
from tests.cases import DORM, TV, expected
from tests.render.cuts import sample
from tests.render.made_up import DAY, book, info, ordinary, plan, rule, source

REVIEWERS = {"reviewers": ("网络工程部", "财务部")}


def records(**sheets: Any) -> Node:
    return common(source(plan(), book("records", **sheets), **REVIEWERS, **ordinary()))


def of_row(form: DocumentForm, here: Source, number: int = 0) -> Node:
    row = orders(here, [form])[number].row
    return for_document(here, {**common(here)}, replace(info(form=form), row=row))


def texts(rows: list[Node], *keys: str) -> list[tuple[str, ...]]:
    return [tuple(str(row[key]) for key in keys) for row in rows]


# -- whole sheets -------------------------------------------------------------------------------------------------


def test_every_sheet_of_every_form_is_in_the_context() -> None:
    found = common(source())
    for form in load_forms().values():
        if not form.company:
            assert {sheet.key for sheet in form.sheet} <= set(found[form.key]) | {"items", "lines"}


def test_no_paper_for_the_customer_can_print_what_is_for_us_alone() -> None:
    documents, here = load_documents(), source()
    for code, form in documents.items():
        found = for_document(here, common(here), info(form=form))
        known = {"stakeholders", "decision_events", "quotation", "swot"} & set(found["bids"])
        assert bool(known) is (form.audience != "customer"), code
    assert documents["DEC"].packs == ()
    assert documents["DEC"].audience == "internal"


def test_no_paper_for_the_customer_can_print_a_column_that_is_for_us_alone() -> None:
    documents, here, ours = load_documents(), sample(), {"cost_effect", "change_no"}
    for code in ("OAC", "SGN"):
        found = for_document(here, common(here), info(form=documents[code]))["records"]["agreements"]
        known = {key for name in ("rows", "all_rows") for row in found[name] for key in row}
        assert ours & known == (set() if code == "OAC" else ours), code
    row = of_row(documents["OAC"], here)["row"]
    assert row["content"]
    assert not ours & set(row)


def test_a_form_has_its_cells_a_table_its_rows_and_a_form_with_table_both() -> None:
    found = common(sample())["records"]
    assert (found["notice"]["notice_no"], found["notice"]["date"].form("cn")) == ("LX-2026-019", "2026年6月3日")
    assert texts(found["memos"]["rows"], "no", "title") == [("HY-01", "无线点位讨论会")]
    assert (found["bidding"]["price"].form("wan"), found["bidding"]["submit_time"][:10]) == ("92.00", "2026-07-14")
    assert found["req_review"]["rows"][0]["result"] == "满足"


def test_a_list_of_employees_is_printed_by_name_and_keeps_the_numbers() -> None:
    team = common(sample())["records"]["notice"]["team"]
    assert (team, team.form("no")) == ("秦川、田一诺、白露、卢海峰", "E106、E103、E203、E302")


def test_rows_are_of_the_last_round_and_all_rows_of_all() -> None:
    rows = [{"step": "1", "decision": "补充后再审"}, {"step": "1", "decision": "批准", "round": "2"}]
    approval = records(approval=rows)["records"]["approval"]
    assert texts(approval["rows"], "decision") == [("批准",)]
    assert texts(approval["all_rows"], "decision") == [("补充后再审",), ("批准",)]


def test_names_in_the_context_are_those_of_the_template() -> None:
    found = common(sample())["records"]
    assert found["memos"]["rows"][0]["no"].name == "records.memos.rows[0].no"
    assert str(found["notice"]["date"].cells[0]).endswith("批准通知书!C9")


# -- documents of a row ---------------------------------------------------------------------------------------------


def test_a_meeting_has_its_row_and_its_actions() -> None:
    memo = DocumentForm("MEM", "t", "x", per="records.memos", row_name="no")
    made = book(
        "records",
        memos=[{"no": "HY-01", "title": "启动会"}, {"no": "HY-02"}],
        actions=[{"memo_no": "HY-02", "item": "乙"}, {"memo_no": "HY-01", "item": "甲"}],
    )
    first = of_row(memo, source(plan(), made))
    assert (first["row"]["title"], first["row"]["title"].name) == ("启动会", "row.title")
    assert texts(first["memo_actions"], "item") == [("甲",)]


@pytest.mark.parametrize(
    ("status", "printed"), [("申请", "申请"), ("已批准", "已批准"), ("已实施", "已批准"), ("已驳回", "已驳回")]
)
def test_that_a_change_was_carried_out_later_is_no_part_of_its_paper(status: str, printed: str) -> None:
    kind = DocumentForm("CHG", "t", "x", per="records.changes", row_name="no")
    row = of_row(kind, source(plan(), book("records", changes=[{"no": "CR-01", "status": status}])))
    assert row["change"]["state"] == printed


def test_a_department_without_an_opinion_is_named_with_its_head_only() -> None:
    review = DocumentForm("CRO", "t", "x", per="records.creview", row_name="dept", state="待签")
    row = of_row(review, source(plan(), book("records"), **REVIEWERS))["row"]
    assert (row["dept"], row["head"]) == ("网络工程部", "罗建川")
    assert {key: str(row[key]) for key in ("opinion", "reviewer", "date", "points")} == dict.fromkeys(
        ("opinion", "reviewer", "date", "points"), ""
    )


def test_a_document_of_the_project_has_no_row() -> None:
    here = source(plan())
    assert not {"row", "memo_actions"} & set(for_document(here, common(here), info()))


# -- who answered -------------------------------------------------------------------------------------------------

CHAIN = ("step", "role", "dept", "person", "action", "name", "date", "decision", "opinion_text")


def test_the_chain_of_the_initiation_before_anybody_decided() -> None:
    found = common(sample(cleared=("approval",)))["approval_chain"]
    assert texts(found, *CHAIN) == [
        ("1", "部门经理", "市场销售部", "沈嘉禾", "审核", "", "", "", ""),
        ("2", "COO", "", "梁书珩", "批准", "", "", "", ""),
    ]


def test_the_chain_with_what_was_recorded() -> None:
    found = common(sample(TV))["approval_chain"]
    assert [str(line["name"].value) for line in found] == expected(TV)["approvers"]
    assert texts(found, "role", "decision", "date")[-1] == ("CEO", "批准", "2026-04-02")


def test_a_recorded_step_that_the_chain_does_not_have_is_not_lost() -> None:
    found = records(approval=[{"step": "9", "role": "CEO", "approver": "E101", "decision": "同意"}])["approval_chain"]
    assert texts(found, "step", "role", "name") == [("9", "CEO", "周启明")]


def test_departments_of_the_contract_review() -> None:
    rows = [
        {
            "dept": "财务部",
            "opinion": "有问题",
            "opinion_text": "无预付款",
            "reviewer": "E801",
            "points": "价格付款、质保",
        },
        {"dept": "市场销售部", "opinion": "同意"},
    ]
    keys = ("dept", "head", "name", "opinion", "opinion_text", "points")
    assert texts(records(creview=rows)["reviewers"], *keys) == [
        ("网络工程部", "罗建川", "", "", "", ""),
        ("财务部", "钱一", "钱一", "有问题", "无预付款", "价格付款、质保"),
        ("市场销售部", "周启明", "", "同意", "", ""),
    ]


def test_countersigning_with_mediation() -> None:
    row = {
        "dept": "财务部",
        "plan_version": "A/0",
        "scope": "费用",
        "opinion": "不同意",
        "opinion_text": "无预付款",
        "signer": "E801",
        "sign_date": "2026-03-25",
        "cxo": "E002",
        "cxo_result": "同意",
        "cxo_date": "2026-03-26",
    }
    made = source(plan(), book("records", countersign=[row]), countersigners=("网络工程部", "财务部"), **ordinary())
    keys = ("dept", "name", "opinion", "opinion_text", "date", "scope", "cxo", "cxo_result", "cxo_date")
    assert texts(common(made)["countersign"], *keys) == [
        ("网络工程部", "", "", "", "", "", "", "", ""),
        ("财务部", "钱一", "不同意", "无预付款", "2026-03-25", "费用", "沈若谷", "同意", "2026-03-26"),
    ]


@pytest.mark.parametrize("sheet", ["countersign", "approval", "creview"])
def test_nothing_is_invented_while_a_record_is_empty(sheet: str) -> None:
    """Design 7.7: in a 待签 document names, opinions and dates are empty because their record is."""
    name = {"approval": "approval_chain", "creview": "reviewers"}.get(sheet, sheet)
    lines = common(sample(cleared=(sheet,)))[name]
    assert len(lines) > 1
    assert {str(line[key]) for line in lines for key in ("name", "date", "opinion_text")} == {""}


# -- what follows from the records -----------------------------------------------------------------------------------


def test_a_problem_stands_beside_what_its_department_suggested() -> None:
    problems = [{"no": "P-01", "dept": "财务部"}, {"no": "P-02", "dept": "研发中心"}]
    review = [{"dept": "财务部", "suggestion": "写明先后"}, {"dept": "质量管理部"}]
    lines = records(problems=problems, creview=review)["problems"]["rows"]
    assert [(str(line["no"]), str(line["suggestion"])) for line in lines] == [("P-01", "写明先后"), ("P-02", "")]
    assert lines[0]["suggestion"].cells


def test_problems_are_counted() -> None:
    found = common(sample())["problems"]
    assert (found["total"], found["solved"], found["open"]) == ("3", "3", "0")
    assert texts(found["by_kind"], "kind", "count") == [("商务", "2"), ("工期", "1")]
    assert texts(found["by_dept"], "dept", "count") == [("网络产品部", "1"), ("网络工程部", "1"), ("财务部", "1")]


def test_baseline_and_deviation_of_the_sample() -> None:
    found = common(sample(TV))
    deviation = {key: str(value) for key, value in found["deviation"].items()}
    assert found["baseline"].value == Decimal(expected(TV)["baseline"]["total"])
    assert deviation == {
        "plan_days": "172.5",
        "actual_days": "170.5",
        "days_diff": "-2",
        "plan_cost": "322,700.00",
        "actual_cost": "318,460.00",
        "cost_diff": "-4,240.00",
        "sign_diff": "按期",
        "end_diff": "早 1 天",
    }


def test_before_the_closing_the_last_report_counts() -> None:
    found = common(sample(cleared=("closing",)))["deviation"]
    assert (found["actual_cost"], found["cost_diff"]) == ("70,120.00", "-1,360.00")
    empty = common(sample(cleared=("closing", "reports")))["deviation"]
    assert (empty["actual_cost"], empty["cost_diff"], empty["plan_days"]) == ("", "", "48.5")
    assert (found["end_diff"], empty["end_diff"]) == ("", "")


def test_approved_changes_are_zero_only_where_there_are_none() -> None:
    assert common(sample())["changes_total"] == "0.00"
    assert common(source(plan()))["changes_total"] == ""


def test_updates_of_the_survey_name_the_item() -> None:
    found = common(sample())["updates"]
    assert texts(found, "item_no", "old_status", "new_status")[0] == ("C07", "不明确", "明确")
    assert found[0]["label"]


@pytest.mark.parametrize(
    ("signing", "verdict", "why"),
    [
        ({}, "待定", "签署人未填"),
        ({"signer": "E101"}, "符合", "由项目经理签署"),
        ({"signer": "E102", "auth_no": "SQ-1"}, "符合", "授权书 SQ-1"),
        ({"signer": "E102"}, "不符合", "不是项目经理且无授权书"),
    ],
)
def test_who_may_sign_the_contract(signing: dict[str, str], verdict: str, why: str) -> None:
    line = records(signing=signing, notice={"pm": "E101"})["signing_check"][2]
    assert (line["verdict"], line["why"]) == (verdict, why)


def test_open_problems_and_missing_opinions_stop_the_signature() -> None:
    found = records(problems=[{"no": "P-01", "status": "处理中"}], creview=[{"dept": "财务部", "date": "2026-07-01"}])
    assert texts(found["signing_check"], "verdict", "why")[:2] == [
        ("待定", "未评审：网络工程部"),
        ("不符合", "未解决：P-01"),
    ]


def test_a_finding_wins_over_what_the_line_found() -> None:
    at = Place("06.xlsx", "合同签订", "C10")
    made = source(plan(), book("records"), findings=[Finding(rule("X219", Severity.ERROR, "不一致"), at)])
    assert texts(common(made)["signing_check"], "verdict", "why")[3] == ("不符合", "不一致")


CHANGE = {"no": "CR-03", "kind": "商务", "status": "已批准", "approve_date": "2026-07-20"}


@pytest.mark.parametrize(
    ("sheets", "line"),
    [
        ({}, ("待定", "合同额未填")),
        ({"signing": {"amount": "100"}}, ("待定", "没有评审额、中标价可对")),
        ({"signing": {"amount": "100"}, "bidding": {"price": "100"}}, ("符合", "与中标价一致")),
        (
            {
                "signing": {"amount": "90"},
                "bidding": {"price": "100"},
                "agreements": [{"no": "1", "part_amount": "10"}],
            },
            ("符合", "与中标价一致，连同分项合同"),
        ),
        (
            {
                "signing": {"amount": "90", "sign_date": "2026-07-21"},
                "bidding": {"price": "100"},
                "changes": [CHANGE],
            },
            ("符合", "按已批准的商务变更 CR-03"),
        ),
        (
            {
                "signing": {"amount": "100", "sign_date": "2026-07-21"},
                "bidding": {"price": "100"},
                "changes": [CHANGE],
            },
            ("符合", "与中标价一致"),
        ),
    ],
    ids=["no amount", "nothing to compare", "the bid's", "in parts", "changed", "a change of something else"],
)
def test_the_amount_signed_says_what_it_agrees_with(sheets: dict[str, Any], line: tuple[str, str]) -> None:
    assert texts(records(**sheets)["signing_check"], "verdict", "why")[3] == line


def test_the_four_kinds_of_a_handover() -> None:
    rows = [{"clause_item": "a", "doc_name": "合同"}, {"clause_item": "d", "doc_name": "对策表"}]
    assert texts(records(handover=rows)["handover_check"], "item", "verdict") == [
        ("a", "有（1件）"),
        ("b", "缺"),
        ("c", "缺"),
        ("d", "有（1件）"),
    ]
    assert {str(line["verdict"]) for line in records()["handover_check"]} == {""}


def test_the_archive_of_a_handover_or_of_a_project_without_one() -> None:
    keys = ("dept", "date", "years", "until")
    assert texts([common(sample(TV))["archive"]], *keys) == [("市场销售部", "2026-07-31", "15", "2041-07-31")]
    assert texts([records(archive={"archive_dept": "市场销售部"})["archive"]], *keys) == [("市场销售部", "", "", "")]
    kept = common(sample(TV))["archive"]
    assert (kept["file_no"], kept["location"]) == ("DA-2026-007", "市场销售部档案室3柜2层")


def test_files_are_those_handed_over_and_before_it_those_of_the_system() -> None:
    found = common(sample())["files"]
    assert texts(found, "no", "title", "pages")[0] == ("1", "销售合同 LY-XS-2026-0036", "38")
    assert texts([line for line in found if line["code"] == "JL-03.1-02"], "state", "medium") == [("原件", "纸质、PDF")]
    before = common(sample(cleared=("handover",)))["files"]
    assert ("会议备忘录 HY-01", "JL-03.2-03") in texts(before, "title", "code")
    assert {str(line["pages"]) + str(line["copies"]) for line in before} == {""}


def test_the_flow_shows_where_the_project_is() -> None:
    found = texts(common(sample(cleared=("signing", "closing", "handover")))["flow"], "step", "clause", "state")
    assert found[0] == ("客户需求调查（调查表）", "6.1", "已完成")
    assert [line[1:] for line in found[-4:]] == [
        ("6.5", "进行中"),
        ("6.6", "未到"),
        ("6.7", "未到"),
        ("7.2", "未到"),
    ]


def test_steps_that_the_project_does_not_need_do_not_apply() -> None:
    lost = source(
        plan(needs_test="否"), book("records", bidding={"result": "未中标"}, closing={"close_type": "未中标终止"})
    )
    states = {str(line["clause"]): str(line["state"]) for line in common(lost)["flow"]}
    assert [states[clause] for clause in ("6.4.4", "6.4.6", "6.5")] == ["不适用"] * 3


def test_the_preview_knows_every_name() -> None:
    memo = DocumentForm("MEM", "t", "x", per="records.memos", row_name="no")
    found = preview_context(memo)
    assert found["row"]["no"] == "HY-01"
    assert found["memo_actions"]
    for name in ("approval_chain", "reviewers", "countersign", "updates", "signing_check", "files", "flow"):
        assert found[name], name
    assert found["records"]["req_review"]["conclusion"] == "通过"
    assert found["doc"]["date"].value <= DAY or found["doc"]["date"]


@pytest.mark.parametrize("code", [TV, DORM])
def test_of_workbooks_that_a_project_lacks_nothing_is_printed(code: str) -> None:
    """Papers of the procedure may name 07 and 08: without them they say word for word what they said before."""
    made = common(sample(code))
    assert [made[key] for key in ("steps", "sibling_stages")] == [[], []]
    assert [text for key in ("support", "bids") for text in said_in(made[key])] == []


def said_in(node: Any) -> list[str]:
    """Every text below a node that is not blank; of tables with fixed rows what stands in them, too."""
    if isinstance(node, dict):
        return [text for one in node.values() for text in said_in(one)]
    return [text for one in node for text in said_in(one)] if isinstance(node, list) else [node] if node else []
