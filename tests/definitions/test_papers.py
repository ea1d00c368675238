"""`papers.toml`: what the papers of a handover are called."""

from __future__ import annotations

import pytest

from pipeline.definitions.papers import load_papers


@pytest.mark.parametrize(
    ("key", "name", "fits"),
    [
        ("bid", "投标文件(技术、商务)", True),
        ("bid", "磋商应答文件", True),
        ("bid", "竞争性谈判响应文件", True),
        ("bid", "投标书", True),
        ("bid", "招标文件", False),
        ("bid", "招标文件及投标文件", True),
        ("bid", "投标保证金收据", False),
        ("bid", "图纸", None),
        ("scheme", "网络系统方案 V1.1(含拓扑图、设备清单、业务流程)", True),
        ("scheme", "施工组织方案", False),
        ("scheme", "施工组织方案 V1.0(终版)", False),
        ("scheme", "系统方案及施工组织设计", True),
        ("scheme", "宿舍楼无线覆盖说明", None),
        ("contract", "销售合同及补充协议AG-02", True),
        ("contract", "销售合同补充协议 AG-02", False),
        ("contract", "产品/项目销售合同评审表", False),
        ("contract", "合同草案B/1", False),
        ("contract", "LY-XS-2026-0036", None),
        ("review", "销售合同评审表(含问题对策表)", True),
        ("review", "产品/项目销售合同评审问题对策表", False),
        ("problems", "合同评审问题对策表", True),
        ("problems", "附表", None),
    ],
)
def test_a_name_is_of_a_kind_of_another_or_unknown(key: str, name: str, fits: bool | None) -> None:
    assert load_papers()[key].fits(name) is fits


@pytest.mark.parametrize(
    ("name", "fits"),
    [("宿舍楼与食堂无线覆盖 V1.1", True), ("无线覆盖", None), ("宿舍楼与食堂无线覆盖 施工组织", False)],
)
def test_what_the_records_call_it_is_it(name: str, fits: bool | None) -> None:
    assert load_papers()["scheme"].fits(name, ["宿舍楼与食堂无线覆盖", ""]) is fits


def test_a_word_of_its_own_name_excludes_nothing() -> None:
    assert load_papers()["scheme"].fits("实训楼测试网络 V1", ["实训楼测试网络"])


def test_the_items_are_those_of_the_clause() -> None:
    assert {paper.item for paper in load_papers().values()} == {"a", "b", "c", "d"}
