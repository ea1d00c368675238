"""The function of every step: it alone says whether the step is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from pipeline.core.errors import DefinitionError, PipelineError
from pipeline.core.procedure import Answer
from pipeline.definitions.forms import did_you_mean
from pipeline.definitions.procedure import FILE, StepForm
from pipeline.derive.procedure.early import too_early
from pipeline.derive.procedure.ground import Ground

Ask = Callable[[Ground, StepForm], Answer]
ASKED: dict[str, Ask] = {}


def step(key: str) -> Callable[[Ask], Ask]:
    """Make a function the one that answers for a step of `procedure.toml`."""

    def keep(ask: Ask) -> Ask:
        ASKED[key] = ask
        return ask

    return keep


def answers(ground: Ground) -> Mapping[str, Answer]:
    """The answer of every step, in the order of the procedure; each sees those before it.

    Raises:
        DefinitionError: a step has no function, or a function no step.
        PipelineError: a function itself failed; it is named, and nothing is said against the staff's data.
    """
    steps = ground.procedure.steps
    for key in [*steps.keys() - ASKED.keys(), *ASKED.keys() - steps.keys()]:
        known, lacking = (ASKED, "函数") if key in steps else (steps, "定义")
        raise DefinitionError(
            f"{FILE.name}:步骤“{key}”没有{lacking}(step without its other half){did_you_mean(key, known)}"
        )
    for key, form in steps.items():
        ground.answers[key] = _ask(ASKED[key], ground, form)
    return dict(ground.answers)


def _ask(ask: Ask, ground: Ground, form: StepForm) -> Answer:
    try:
        answer = ask(ground, form)
        return replace(answer, breaches=(*answer.breaches, *too_early(ground, form)))
    except PipelineError:
        raise
    except Exception as error:
        name = f"{ask.__module__}.{ask.__name__}"
        raise PipelineError(
            f"步骤 {form.label}({name})自身出错,请联系维护人员(the step itself failed): {error!r}"
        ) from error
