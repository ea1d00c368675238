from __future__ import annotations

import pytest

from pipeline.audit.names import all_named, in_words, key_of, papers_in_short
from pipeline.core.figures import Key


def test_every_figure_has_words() -> None:
    assert all_named()
    assert in_words(("cost", "account_scope", "1005", "售前")) == "费用 科目、归属 1005 售前"


BESIDE = {
    "cost.by_account[2].code": "1005",
    "staffing.matrix.stages[1]": "S2",
    "staffing.matrix.rows[0].dept": "一部.甲",
}


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("cost.total", ("cost", "total")),
        ("plan.gross_margin", ("gross_margin",)),
        ("cost.by_account[2].presales", ("cost", "account_scope", "1005", "售前")),
        ("cost.by_account[3].presales", None),
        ("staffing.matrix.rows[0].cells[1]", ("staffing", "dept_stage", "一部.甲", "S2")),
        ("staffing.matrix.totals[1]", ("staffing", "stage", "S2")),
        ("staffing.matrix.totals[9]", None),
        ("project.name", None),
    ],
)
def test_a_printed_name_leads_to_its_figure(name: str, key: Key | None) -> None:
    assert key_of(name, BESIDE) == key


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ([], ""),
        (["PPR"], "PPR"),
        (["PPR", "CRO-财务部"], "PPR、CRO-财务部"),
        (["PPR", "SRP-2026-W23", "SRP-2026-W24", "SUM"], "PPR、SRP(2份)、SUM"),
    ],
)
def test_papers_that_differ_in_their_part_are_counted(labels: list[str], said: str) -> None:
    assert papers_in_short(labels) == said
