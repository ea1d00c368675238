from __future__ import annotations

from pipeline.derive.stock import stock
from tests.made_projects import company


def test_ledger_of_the_samples() -> None:
    found = {
        asset.asset_no: (int(asset.available), asset.status, asset.keeper_dept) for asset in stock(company()).values()
    }
    assert len(found) == 6
    assert found["EQ-SW-03"] == (2, "可用", "网络产品部")
    assert found["EQ-PJ-01"] == (2, "可用", "总经理办公室")
