from __future__ import annotations

import pytest

from pipeline.core import errors


# design section 6; scripts and schedulers of customers rely on these numbers
@pytest.mark.parametrize(
    ("problem", "code"),
    [
        (errors.PipelineError, 1),
        (errors.UsageProblem, 2),
        (errors.DependencyMissing, 4),
        (errors.DefinitionError, 5),
        (errors.DocumentFailed, 6),
        (errors.DeliveryFailed, 7),
        (errors.Busy, 8),
        (errors.NotReady, 9),
    ],
)
def test_exit_codes_of_errors(problem: type[errors.PipelineError], code: int) -> None:
    assert problem("x").exit_code == code


def test_the_other_exit_codes() -> None:
    wanted = {"DONE": 0, "FINDINGS": 3, "BUSY": 8, "INTERRUPTED": 130}
    assert {name: errors.ExitCode[name].value for name in wanted} == wanted
