from __future__ import annotations

from dataclasses import replace

from pipeline.core.audits import Agreement, Audit, Audited
from pipeline.render.context.audit import audit
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
    assert [str(row["result"]) for row in node["rows"]] == ["一致", "未复核:K7 不是数字"]
    assert str(node["rows"][0]["where"]) == "系统合计、 PP1", "a line may end behind the comma"
    assert [str(row["what"]) for row in node["different"]] == ["费用 合计"]
    assert (str(node["values"]), str(node["table_rows"]), str(node["remarks"][0]["text"])) == ("10", "20", "没有 03")


def test_before_an_audit_everything_is_empty() -> None:
    node = audit(source())
    assert (node["rows"], node["different"], str(node["equal"])) == ([], [], "0")
