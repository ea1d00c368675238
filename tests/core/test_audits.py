from __future__ import annotations

from pipeline.core.audits import NOT_AUDITED, Agreement, Audit, Audited, together


def line(agreement: Agreement) -> Audited:
    return Audited("费用 合计", "PP1", "1.00", "2.00", "03 费用明细!K7", agreement, "原因")


def test_lines_are_told_apart_by_how_they_stand() -> None:
    audit = Audit((line(Agreement.DIFFERENT),), figures=(line(Agreement.EQUAL), line(Agreement.DIFFERENT)))
    assert [len(audit.all_of(kind)) for kind in Agreement] == [1, 0, 0, 2]
    assert audit.different == audit.all_of(Agreement.DIFFERENT)


def test_a_line_says_both_values_both_ways_and_the_cells() -> None:
    assert str(line(Agreement.DIFFERENT)) == "费用 合计:PP1 1.00,另行计算 2.00;03 费用明细!K7;原因"


def test_several_audits_are_one_and_a_remark_is_said_once() -> None:
    one = Audit((line(Agreement.EQUAL),), ("没有 03",), 2, 3, (line(Agreement.EQUAL),))
    both = together([one, one, NOT_AUDITED])
    assert (len(both.lines), both.remarks, both.printed, both.rows, len(both.figures)) == (2, ("没有 03",), 4, 6, 2)
