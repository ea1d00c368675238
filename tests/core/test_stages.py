from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from pipeline.core.places import Place, Sourced
from pipeline.core.stages import Stage

DAY = Sourced(date(2026, 6, 22), Place("07.xlsx", "服务请求", "G7"))


@pytest.mark.parametrize(
    ("stage", "state"),
    [
        (Stage("1", "接触"), "未开始"),
        (Stage("1", "接触", begun=DAY), "进行中"),
        (Stage("1", "接触", begun=DAY, ended=DAY), "已结束"),
        (Stage("1", "接触", ended=DAY), "已结束"),
        (Stage("3", "", absent=True), "原文缺失"),
    ],
)
def test_a_stage_is_as_far_as_is_proved(stage: Stage, state: str) -> None:
    assert stage.state == state


@pytest.mark.parametrize(("taken", "kept"), [("3", True), ("3.5", False), (None, None)])
def test_exactly_the_limit_is_in_time(taken: str | None, kept: bool | None) -> None:
    stage = Stage("2", "x", taken=Decimal(taken) if taken else None, limit=Decimal(3))
    assert stage.in_time is kept
