"""What went on before the contract, on the list of the handover."""

from __future__ import annotations

from datetime import date

from pipeline.check.case import Case
from pipeline.render.context.early import early
from tests.cases import DORM, load_case, voluntary_case
from tests.check.followed import added, followed, recorded, typed
from tests.render.context.test_interview import context, source


def told(case: Case) -> dict[str, str]:
    return {str(row["item"]): str(row["text"]) for row in early(source(case))}


def test_what_the_workbooks_hold_is_told_by_subject() -> None:
    assert told(voluntary_case()) == {
        "用户跟踪": "共3次，最近2026-06-26电话：招标文件公示,了解竞争对手与违约条款",
        "口头承诺": "AG-02 补充协议:架空层AP：客户自购12台AP,由我方免费配置接入",
        "谈判结果": "付款方式（各让一步）：要求到货付款后再施工；施工时间（达成一致）：8:00–20:00施工,校方派人陪同",
        "演示、试用": "2026-07-06试用：实测46Mbps,主任认可",
        "测试": told(voluntary_case())["测试"],
    }
    assert told(voluntary_case())["测试"].startswith("T01 ")


def test_what_is_still_open_is_told() -> None:
    case = followed(
        voluntary_case(),
        [
            recorded("problems", 7, status="处理中"),
            typed("support", "customer_issues", 7, status="处理中", closed=None, improved=None),
            added("changes", no="CR-01", after="汇聚改双电源", status="已批准", date=date(2026, 7, 20)),
            added("changes", no="CR-02", after="加一台AP", status="已驳回", date=date(2026, 7, 20)),
        ],
    )
    assert told(case)["没有解决的"] == (
        "P-01 AP备件归属（处理中）；客户问题：样板间旧86盒装不下面板型AP（处理中）；"
        "改进措施：点位设计前先查86盒深度,写进勘察表"
    )
    assert told(case)["批准的变更"] == "CR-01：汇聚改双电源"


def test_the_cells_are_named() -> None:
    row = next(row for row in early(source(voluntary_case())) if str(row["item"]) == "演示、试用")
    assert {cell.sheet for cell in row["text"].cells} == {"演示与试用"}


def test_a_project_without_the_workbooks_has_no_such_part() -> None:
    assert early(source(load_case(code=DORM))) == []
    assert context(load_case(code=DORM), "HND")["early"] == []
