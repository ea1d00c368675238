"""What a handover must hold, whatever staff call it (W188)."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.check import mandatory_papers
from pipeline.check.mandatory_papers import names
from pipeline.core.findings import Finding
from tests.cases import load_case
from tests.check.followed import Edit, followed, recorded, removed
from tests.check.reported import cells, found_by, table

CONTRACT, SUPPLEMENT, SCHEME, BID, REVIEW, PROBLEMS = 18, 19, 20, 21, 22, 23
NO_BID, NO_SCHEME = removed("handover", BID), removed("handover", SCHEME)
B, C = "b)系统方案(拓扑图、设备清单、业务流程)或投标书", "c)合同评审表"


def called(row: int, name: str, no: str = "BH-01", **more: Any) -> Edit:
    return recorded("handover", row, doc_name=name, doc_no=no, **more)


def found(*edits: Edit) -> list[Finding]:
    return found_by(mandatory_papers.CHECKS, followed(load_case(), edits))


PASSES: dict[str, list[Edit]] = {
    "as it was": [],
    "投标文件": [NO_SCHEME, called(BID, "投标文件")],
    "磋商应答文件": [NO_SCHEME, called(BID, "磋商应答文件")],
    "the scheme under its own name": [
        NO_BID,
        recorded("scheme", "head", name="宿舍楼无线覆盖"),
        called(SCHEME, "宿舍楼无线覆盖 V1.1"),
    ],
    "a name that nobody knows": [NO_BID, called(SCHEME, "全套技术资料")],
    "the bid by its number": [
        NO_SCHEME,
        recorded("bidding", "head", bid_no="HCZB-01"),
        called(BID, "递交的文件", "HCZB-01"),
    ],
    "an agreement without a blank": [called(SUPPLEMENT, "补充协议AG-02")],
    "in full width": [called(SUPPLEMENT, "补充协议（ＡＧ－０２）")],
    "without its stroke": [called(SUPPLEMENT, "补充协议", "AG02")],
    "one of several": [called(SUPPLEMENT, "补充协议AG-01~AG-03")],
    "one of a list": [called(SUPPLEMENT, "补充协议 AG-01、02")],
    "with the contract": [removed("handover", SUPPLEMENT),
                          called(CONTRACT, "销售合同及补充协议AG-02", "LY-XS-2026-0036")],
    "an agreement without a number": [called(SUPPLEMENT, "补充协议")],
    "by its name": [recorded("agreements", 8, name="备忘:架空层AP"), called(SUPPLEMENT, "备忘：架空层AP（双方签字）")],
    "a contract by number alone": [called(CONTRACT, "正本", "LY-XS-2026-0036")],
    "the review form, scanned": [called(REVIEW, "合同评审表(签字扫描)", file=("附件/评审.pdf",))],
    "a review form of another name": [called(REVIEW, "评审记录", file=("附件/评审.pdf",))],
}  # fmt: skip


@pytest.mark.parametrize("name", PASSES)
def test_a_paper_that_is_there_is_not_missing(name: str) -> None:
    assert [one.message() for one in found(*PASSES[name])] == []


BITES: dict[str, tuple[list[Edit], str]] = {
    "施工组织方案": ([NO_BID, called(SCHEME, "施工组织方案")], B),
    "a tender of the customer": ([NO_SCHEME, called(BID, "招标文件", file=())], B),
    "the review form as the contract": (
        [called(CONTRACT, "产品/项目销售合同评审表", "JL-03.1-02", file=("CRV",)), recorded("agreements", 7, no=None)],
        "a)合同",
    ),
    "a draft": ([called(CONTRACT, "销售合同草案 B/1", "CA-1"), recorded("agreements", 7, no=None)], "a)合同"),
    "another agreement": ([called(SUPPLEMENT, "补充协议AG-022")], "a)协议 AG-02 补充协议:架空层AP"),
    "the other table": ([called(REVIEW, "合同评审问题对策表", file=("附件/对策.pdf",))], C),
}


@pytest.mark.parametrize("name", BITES)
def test_another_paper_is_no_excuse(name: str) -> None:
    edits, items = BITES[name]
    (one,) = found(*edits)
    assert table([one]) == {("移交清单", "W188")}
    assert one.values["items"] == items


def test_a_paper_listed_as_another_item_is_named_with_its_row() -> None:
    (one,) = found(recorded("handover", REVIEW, clause_item="其他"))
    assert one.values["items"] == "c)合同评审表(第22行列在“其他”,必备项应为c)"
    assert cells(one) == {"移交清单!A22"}


@pytest.mark.parametrize(
    ("no", "there"),
    [("AG-02", True), ("AG-03", True), ("AG-04", False), ("AG-2", True), ("LY-XS-2026-0036", False), ("", False)],
)
def test_numbers_inside_a_name(no: str, there: bool) -> None:
    row = followed(load_case(), [called(SUPPLEMENT, "补充协议AG-02～03")]).project.rows("records", "handover")[1]
    assert names(row, no) is there
