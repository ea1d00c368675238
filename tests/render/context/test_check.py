from __future__ import annotations

from decimal import Decimal

import pytest

from pipeline.core.findings import Comparison, Finding, Severity, Side, Verdict
from pipeline.core.places import Place
from pipeline.render.context.check import check, findings, verdict
from tests.render.made_up import rule, source

K12 = Place("03.xlsx", "费用明细", "K12")
E8 = Place("04.xlsx", "物资明细", "E8")
ERROR = Finding(rule("F001"), K12, (E8,), {"found": "1", "expected": "2"})
WARNING = Finding(rule("W130", Severity.WARNING), E8)
LATER = Finding(rule("G302"), Place(""), pending=True)


@pytest.mark.parametrize(
    ("given", "expected"),
    [((), "通过"), ((LATER,), "通过"), ((WARNING, LATER), "有警告"), ((WARNING, ERROR), "不通过")],
)
def test_the_verdict_counts_what_is_due(given: tuple[Finding, ...], expected: str) -> None:
    assert verdict(given) == expected


def test_findings_by_weight_by_workbook_and_pending_apart() -> None:
    found = findings(source(findings=[LATER, WARNING, ERROR]))
    assert [(g["workbook"], [row["rule"] for row in g["rows"]]) for g in found["groups"]] == [
        ("03.xlsx", ["F001"]),
        ("04.xlsx", ["W130"]),
    ]
    assert [found[f"{key}_count"] for key in ("error", "warning", "info", "pending")] == ["1", "1", "0", "1"]
    assert [row["rule"] for row in found["pending"]] == ["G302"]


def test_a_finding_says_place_fact_remedy_and_keeps_its_cells() -> None:
    row = findings(source(findings=[ERROR]))["errors"][0]
    expected = {
        "place": "[03.xlsx]费用明细!K12",
        "sheet": "费用明细",
        "cell": "K12",
        "severity": "错误",
        "message": "K12为空",
        "remedy": "补填K12",
        "clause": "6.3.1",
        "found": "1",
        "expected": "2",
        "related": "[04.xlsx]物资明细!E8",
    }
    assert {key: row[key] for key in expected} == expected
    assert row["message"].cells == (K12, E8)


def comparison(left: str, right: str, verdict: Verdict, *, by_line: bool = False, subject: str = "合计") -> Comparison:
    sides = Side("明细合计", Decimal(left), (K12,)), Side("表尾合计", Decimal(right), (E8,))
    return Comparison("X203", subject, *sides, verdict, Decimal(left) - Decimal(right), by_line=by_line)


COMPARISONS = (
    comparison("100.1", "100.10", Verdict.EQUAL),
    comparison("347.5", "347.5", Verdict.EQUAL, subject="总人天"),
    comparison("3", "2", Verdict.DIFFERENT, by_line=True),
    comparison("2", "2", Verdict.EQUAL, by_line=True),
    Comparison("X204", "税率", Side("甲", None), Side("乙", "13"), Verdict.UNCHECKED, why="缺04号工作簿"),
)


def test_single_comparisons_in_full_those_of_tables_counted() -> None:
    found = check(source(comparisons=COMPARISONS))
    assert [(r["no"], r["subject"], r["left"], r["right"], r["difference"], r["verdict"]) for r in found["rows"]] == [
        ("1", "合计", "100.10", "100.10", "0.00", "一致"),
        ("2", "总人天", "347.5", "347.5", "0", "一致"),
        ("3", "税率", "", "13", "", "未核对：缺04号工作簿"),
    ]
    assert [(r["left"], r["right"], r["difference"]) for r in found["different"]] == [("3.00", "2.00", "1.00")]
    assert [(s["rule"], s["subject"], s["total"], s["different"]) for s in found["lines"]] == [
        ("X203", "费用明细", "2", "1")
    ]
    assert [found[key] for key in ("equal", "different_count", "unchecked")] == ["3", "1", "1"]


def test_both_sides_name_their_cell() -> None:
    row = check(source(comparisons=COMPARISONS))["rows"][0]
    assert (row["left_cell"], row["right_cell"]) == ("[03.xlsx]费用明细!K12", "[04.xlsx]物资明细!E8")
    assert check(source(comparisons=COMPARISONS))["rows"][2]["left_cell"] == ""


def side_of(*cells: str, sheet: str = "费用明细") -> Side:
    return Side("各行之和", Decimal(1), tuple(Place("03.xlsx", sheet, cell) for cell in cells))


@pytest.mark.parametrize(
    ("cells", "shown"),
    [
        (("K107", "K7", "K8", "K9"), "K107、K7:K9"),
        (("K7", "L8"), "K7、L8"),
        (("K7", "K9", "K11", "K13", "K15"), "K7、K9、K11、K13 等5格"),
        (("AA9", "AA10"), "AA9:AA10"),
    ],
)
def test_a_sum_names_all_its_cells(cells: tuple[str, ...], shown: str) -> None:
    one = Comparison("X208", "合计", side_of(*cells), side_of("F7", sheet="修订记录"), Verdict.EQUAL, Decimal(0))
    row = check(source(comparisons=[one]))["rows"][0]
    assert (row["left_cell"], row["right_cell"]) == (f"[03.xlsx]费用明细!{shown}", "[03.xlsx]修订记录!F7")


def test_the_counts_of_the_headline_add_up() -> None:
    found = check(source(comparisons=COMPARISONS))
    counts = [int(str(found[key])) for key in ("equal", "different_count", "unchecked", "in_lines", "listed")]
    assert sum(counts[:3]) == sum(counts[3:]) == len(COMPARISONS)
