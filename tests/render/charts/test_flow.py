import io
from dataclasses import replace

import pytest
from matplotlib import image

from pipeline.core.errors import DependencyMissing
from pipeline.render.charts import base as charts_base
from pipeline.render.charts import flow as charts_flow
from pipeline.render.charts.flow import AHEAD, CURRENT, DONE, SKIPPED, flow_alt, flow_of, flowchart
from tests.answered import GATES, passed

UP_TO_APPLICATION = flow_of(passed(GATES[:4]))
NOBODY = replace(flow_of({}), stops=tuple(replace(stop, state=AHEAD) for stop in flow_of({}).stops))


def pixels(png):
    return image.imread(io.BytesIO(png))[:, :, :3]


def test_every_gate_has_its_box_in_the_order_of_the_procedure():
    assert tuple(dict.fromkeys(stop.step for stop in flow_of({}).stops)) == GATES


@pytest.mark.parametrize(
    ("done", "current"),
    [
        ([], "客户需求调查"),
        (GATES[:4], "立项审批"),
        (GATES[:5], "批准通知书"),
        (GATES[:6], "继续跟踪用户"),  # the notice names the team
        (GATES[:13], "项目验收"),
        (GATES[:15], "归档"),
        (["survey", "countersign"], "编制项目计划"),  # the first that is open, whatever was done after it
    ],
)
def test_the_project_stands_at_the_first_step_that_is_not_done(done, current):
    assert [stop.box.name for stop in flow_of(passed(done)).stops if stop.state == CURRENT] == [current]


def test_a_finished_project_stands_nowhere():
    assert set(flow_of(passed(GATES)).states) == {DONE}


def test_steps_that_are_not_needed_are_left_out():
    without_tests = flow_of(passed(GATES[:9], ["tests"]))
    assert without_tests.states[9:12] == (DONE, SKIPPED, CURRENT)
    assert flowchart(without_tests) != flowchart(flow_of(passed(GATES[:10])))


def test_a_lost_bid_still_ends_the_project():
    flow = flow_of(passed([*GATES[:11], "closing"], ["creview", "signing", "handover"]))
    ended = {stop.step: stop.state for stop in flow.stops}
    assert [ended[key] for key in ("creview", "signing", "handover", "archive")] == [SKIPPED, SKIPPED, DONE, CURRENT]


def test_it_is_as_wide_as_the_text_and_fits_on_a_page():
    height, width, _ = pixels(flowchart(UP_TO_APPLICATION)).shape
    assert abs(width - round(156 / 25.4 * 200)) <= 1
    assert height < 205 / 25.4 * 200


def test_same_states_same_bytes():
    assert flowchart(UP_TO_APPLICATION) == flowchart(UP_TO_APPLICATION)


def test_the_current_step_is_filled_and_nothing_is_told_by_colour():
    picture = pixels(flowchart(UP_TO_APPLICATION))
    assert float((picture.max(axis=2) - picture.min(axis=2)).max()) < 0.02
    grey = abs(picture.mean(axis=2) - 0xBD / 255) < 0.01
    rows = grey.mean(axis=1) > 0.2  # only inside the box of a step
    middle = (1 - charts_flow._Chart(None, 17).centre(4) / charts_flow.HEIGHT_MM) * picture.shape[0]
    assert rows.any()
    assert abs(rows.nonzero()[0].mean() - middle) < 10


@pytest.mark.parametrize("other", [flow_of(passed(GATES[:5])), flow_of(passed(GATES)), NOBODY])
def test_other_states_look_different(other):
    assert flowchart(other) != flowchart(UP_TO_APPLICATION)


def test_in_words():
    assert flow_alt(UP_TO_APPLICATION) == "售前阶段项目控制流程图：共17步，已完成4步，目前在“立项审批”。"
    assert flow_alt(flow_of(passed(GATES))).endswith("全部步骤已完成。")
    assert flow_alt(NOBODY).endswith("没有进行中的步骤。")


def test_without_the_font_the_dependency_is_named(monkeypatch):
    def missing():
        raise DependencyMissing(charts_base.FONT)

    monkeypatch.setattr(charts_base, "_need_font", missing)
    with pytest.raises(DependencyMissing, match="Noto"):
        flowchart(UP_TO_APPLICATION)
