from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.core.errors import DefinitionError
from pipeline.definitions.stage_models import FILE, load_stage_models


def test_six_nine_four_five_and_seven_stages_and_the_steps() -> None:
    counts = {key: len(model.stage) for key, model in load_stage_models().items()}
    assert counts == {"six": 6, "nine": 9, "four": 4, "five": 5, "five_steps": 5, "seven": 7, "wbs": 5}


def test_the_step_that_the_text_lacks_keeps_its_number() -> None:
    steps = load_stage_models()["wbs"].stage
    assert [step.no for step in steps] == ["1", "2", "3", "4", "5"]
    assert [step.no for step in steps if step.absent] == ["3"]
    assert {step.limit for step in steps if not step.absent} == {
        "assign_hours",
        "survey_days",
        "scheme_days",
        "submit_days",
    }


def test_only_a_step_whose_rows_each_begin_and_end_is_by_row() -> None:
    by_row = [stage.name for model in load_stage_models().values() for stage in model.stage if stage.by_row]
    assert by_row == ["接受服务单"]


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("records.tracking.date", "records.traking.date", "tracking"),
        ("records.tracking.date", "records.tracking.by", "不是日期"),
        ('unit = "小时"', 'unit = "分钟"', "分钟"),
        ('clause = "项目售前实施流程"', 'clause = "项目实施流程"', "项目售前实施流程"),
        ("support.requests.dispatcher", "support.requests.dispatchr", "dispatcher"),
        ("support.design_outputs.kind=图纸", "support.design_outputs.kind=图", "图纸"),
        ('begins = ["plan.basics.author_date"]', "begins = []", "没有写证明开始的格"),
    ],
)
def test_a_wrong_word_is_named(old: str, new: str, named: str, tmp_path: Path) -> None:
    file = tmp_path / "stage_models.toml"
    file.write_text(FILE.read_text("utf-8").replace(old, new, 1), "utf-8")
    with pytest.raises(DefinitionError, match=named):
        load_stage_models(file)
