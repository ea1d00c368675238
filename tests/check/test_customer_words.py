"""What the customer reads holds no margin, cost price or competitor."""

from __future__ import annotations

import pytest

from pipeline.check import customer_words
from tests.cases import TV, load_case, voluntary_case
from tests.check.followed import followed, typed
from tests.check.reported import found_by, table, without

FIRES = {
    "a margin": (("support", "req_confirm", "summary", "全楼覆盖,毛利约两成"), "需求确认!C10"),
    "the lowest price": (("bids", "customer_confirm", "answers", "底价还可以再谈"), "方案讲解与确认!C14"),
    "a competitor": (("bids", "proposal", "risk", "宁川智联科技有限公司(虚构)可能低价"), "项目建议书!C15"),
}


@pytest.mark.parametrize("name", FIRES)
def test_it_is_said_at_the_cell(name: str) -> None:
    """P560."""
    (form, sheet, key, text), cell = FIRES[name]
    case = followed(voluntary_case(), [typed(form, sheet, "head", **{key: text})])
    assert table(found_by(customer_words.CHECKS, case)) == {(cell, "P560")}


@pytest.mark.parametrize("text", ["降低运维成本,工期短", "报价有效期九十天", "与现有系统互通"])
def test_what_a_customer_may_read_is_let_be(text: str) -> None:
    case = followed(voluntary_case(), [typed("support", "req_confirm", "head", summary=text)])
    assert found_by(customer_words.CHECKS, case) == []


def test_the_samples_hold_nothing_of_ours() -> None:
    for case in (voluntary_case(), load_case(code=TV), without(voluntary_case(), "support", "bids")):
        assert found_by(customer_words.CHECKS, case) == []
