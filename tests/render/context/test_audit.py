from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.core.audits import Agreement, Audit, Audited
from pipeline.render.context.audit import audit, titled
from tests.render.made_up import source


def line(agreement: Agreement, reason: str = "") -> Audited:
    return Audited("费用 合计", "系统合计、PP1", "1.00", "2.00", "03 费用明细!K7", agreement, reason)


def test_figures_stand_in_full_and_what_differs_once_more() -> None:
    figures = (line(Agreement.EQUAL), line(Agreement.UNCHECKED, "K7 不是数字"))
    found = Audit((line(Agreement.DIFFERENT),), ("没有 03",), 10, 20, figures)
    node = audit(replace(source(), audit=found))
    assert [str(node[key]) for key in ("equal", "by_convention", "unchecked", "different_count")] == [
        "1",
        "0",
        "1",
        "1",
    ]
    assert [str(row["result"]) for row in node["rows"]] == ["一致", "未复核：K7 不是数字"]
    assert str(node["rows"][0]["where"]) == "系统合计、项目费用计划明细表"
    assert [str(row["what"]) for row in node["different"]] == ["费用 合计"]
    assert (str(node["values"]), str(node["table_rows"]), str(node["remarks"][0]["text"])) == ("10", "20", "没有 03")


def test_before_an_audit_everything_is_empty() -> None:
    node = audit(source())
    assert (node["rows"], node["different"], str(node["equal"])) == ([], [], "0")


@pytest.mark.parametrize(
    ("codes", "titles"),
    [
        ("PPR、PP1", "项目计划报告、项目费用计划明细表"),
        ("SRP(9份)", "项目汇报（9份）"),
        ("SRP-2026-W28", "项目汇报 2026年第28周"),
        ("CRO-财务部;XYZ", "产品/项目销售合同评审意见表 财务部；XYZ"),
        ("PPR:3 个值照签发时的印,不与这里的工作簿比", "项目计划报告：3 个值照签发时的印，不与这里的工作簿比"),
        ("03 费用明细!K7;PDF 里的金额", "03 费用明细!K7;PDF 里的金额"),
    ],
)
def test_papers_are_called_by_their_titles(codes: str, titles: str) -> None:
    assert titled(codes) == titles
