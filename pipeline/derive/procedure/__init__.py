"""The procedure Q/DY 03.2-2002: one function a step says whether it is done; everybody else asks for its answer."""

from pipeline.derive.procedure import alongside, contract, ending, execution, initiation, planning
from pipeline.derive.procedure.ground import Ground
from pipeline.derive.procedure.registry import answers, step
from pipeline.derive.procedure.state import next_gate, state_of

STEPS = (planning, initiation, execution, contract, ending, alongside)  # importing them makes their steps known

__all__ = ["Ground", "answers", "next_gate", "state_of", "step"]
