from __future__ import annotations

from pipeline.render.context.charts import Picture, pictures
from tests.answered import passed
from tests.render.made_up import book, source

PNG = b"\x89PNG\r\n\x1a\n"


def test_charts_are_drawn_from_stages_and_months() -> None:
    plan = book("plan", stages=[{"code": "S1", "name": "调查", "start": "2026-03-02", "end": "2026-04-03"}])
    cost = book("cost", lines=[{"amount": "100", "use_month": "2026-03", "acc": "1001"}])
    found = pictures(source(plan, cost))
    for key in ("F3", "F5"):
        assert isinstance(found[key], Picture)
        assert found[key].png().startswith(PNG)
        assert found[key].alt


def test_without_data_a_template_sees_nothing() -> None:
    plan = book("plan", stages=[{"code": "S1", "start": "2026-04-03", "end": "2026-03-02"}, {"code": "S2"}])
    found = pictures(source(plan))
    assert [bool(found[key]) for key in ("F3", "F5")] == [False, False]


def test_the_flow_says_where_the_project_is() -> None:
    found = pictures(source(steps=passed(("survey", "plan"))))["F1"]
    assert isinstance(found, Picture)
    assert "目前在“部门会签”" in found.alt
    assert found.png().startswith(PNG)
