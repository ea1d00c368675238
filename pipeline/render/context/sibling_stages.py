"""How far a project is in the stages of the sibling procedures, and its page of the steps with a limit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pipeline.core.sheets import Cell
from pipeline.core.stages import AHEAD, ENDED, UNDER_WAY, Stage
from pipeline.definitions.stage_models import Output, StageForm, load_stage_models
from pipeline.derive.conditions import cells, holds
from pipeline.render.context.shown import Node, Source, leaf, words

_STEPS = "wbs"
_KEPT = {True: "按时", False: "超时"}
_THERE = {True: "■", False: "□"}


def sibling_stages(source: Source) -> list[Node]:
    """The stages of each sibling procedure in words, by how far they are; the system's words, so without cells."""
    columns = {"ended": ENDED, "under_way": UNDER_WAY, "ahead": AHEAD}
    found = []
    for number, model in enumerate(source.facts.stages):
        name = f"sibling_stages[{number}]"
        names = {key: [stage.name for stage in model.stages if stage.state == state] for key, state in columns.items()}
        row: Node = {key: words(f"{name}.{key}", "、".join(listed) or "无") for key, listed in names.items()}
        found.append(row | {"model": words(f"{name}.model", model.title)})
    return found


def steps(source: Source) -> list[Node]:
    """The steps with a limit: who, from when to when, what they leave behind; the step that the text lacks, too."""
    forms = {form.no: form for form in load_stage_models()[_STEPS].stage}
    told = next((model.stages for model in source.facts.stages if model.key == _STEPS), ())
    return [_step(source, f"steps[{n}]", forms[stage.no], stage) for n, stage in enumerate(told)]


def _step(source: Source, name: str, form: StageForm, stage: Stage) -> Node:
    texts = {
        "no": form.no,
        "name": form.name,
        "limit": f"{stage.limit:f} {stage.unit}" if stage.limit is not None else "",
        "executor": form.executor,
        "supervisor": form.supervisor,
        "verdict": _verdict(stage),
        "taken": f"{round(stage.taken, 2).normalize():f} {stage.unit}" if stage.taken is not None else "",
    }
    found: Node = {key: words(f"{name}.{key}", text) for key, text in texts.items()}
    for key, mark in (("begun", stage.begun), ("ended", stage.ended)):
        found[key] = leaf(f"{name}.{key}", mark.value if mark else None, "date", (mark.at,) if mark else ())
    for key, named in (("executed", form.executed), ("supervised", form.supervised)):
        found[key] = words(f"{name}.{key}", _people(source, named))
    return found | {"outputs": [_output(source, f"{name}.outputs[{n}]", one) for n, one in enumerate(form.outputs)]}


def _verdict(stage: Stage) -> str:
    if stage.absent:
        return ""
    return stage.state if stage.in_time is None else _KEPT[stage.in_time]


def _people(source: Source, names: Iterable[str]) -> str:
    given: Iterable[Cell] = (cell for name in names for cell in cells(source.project, source.forms, name))
    numbers = dict.fromkeys(str(cell.value) for cell in given if cell.value)
    return "、".join(source.company.name_of(no) for no in numbers)


def _output(source: Source, name: str, output: Output) -> Node:
    there = any(holds(source.project, source.forms, one) for one in output.conditions)
    return {"name": words(f"{name}.name", output.name), "there": words(f"{name}.there", _THERE[there])}


# Names of the context, with what makes them.
STAGES: Mapping[str, Callable[[Source], Any]] = {"sibling_stages": sibling_stages, "steps": steps}
