"""The night: take in what lies ready, run everything that is due, then the portfolio and the mail."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pipeline.core.errors import ExitCode
from pipeline.service.arrivals.outcome import RoundResult
from pipeline.service.arrivals.settling import SETTLING
from pipeline.service.runs.executor import Done
from pipeline.service.unattended import Unattended
from pipeline.workspace import runs
from pipeline.workspace.locks import locked
from pipeline.workspace.runs import Tally

# A file that is rewritten without end does not keep the night waiting.
_LONGEST_WAIT_S = 60.0


@dataclass(frozen=True)
class BatchResult:
    """What a batch did.

    Attributes:
        done: what became of every project that was due.
        waiting: why each file that still lies in the inbox was not taken.
        hampered: a disk or a share failed while files were taken in, which may pass.
        held: files that may belong to another project and wait for somebody to decide.
        letters: what was not sent, when it may be, and why; empty when all is out.
    """

    tally: Tally
    done: Sequence[Done]
    waiting: dict[str, str]
    hampered: bool = False
    held: int = 0
    letters: str = ""

    @property
    def exit_code(self) -> int:
        """The highest code of all projects; files that went back or are held count as findings."""
        codes = [int(one.failure.exit_code) for one in self.done if one.failure]
        if self.tally.returned or self.held or any(one.blocked for one in self.done):
            codes.append(int(ExitCode.FINDINGS))
        if self.hampered:
            codes.append(int(ExitCode.NOT_READY))
        return max(codes, default=int(ExitCode.DONE))


@dataclass
class BatchLog:
    """Who hears of a batch: how many projects are due, and each one that is done."""

    due: Callable[[int], None] = lambda _: None
    done: Callable[[Done], None] = lambda _: None


def batch(unattended: Unattended, *, full: bool = False, told: BatchLog | None = None) -> BatchResult:
    """Run a night.

    Raises:
        Busy: another batch runs on this workspace.
        DefinitionError: workbook 00, a form or a template is wrong.
    """
    told = told or BatchLog()
    with locked(unattended.workspace.locks, "batch", wait=False):
        run = runs.begin(unattended.ledger, "batch", unattended.today(), unattended.clock.now())
        tally, outcome = Tally(), "中断"
        try:
            round_result = take_all(unattended)
            dues = unattended.look(full=full)
            due = [one for one in dues if one.reasons]
            unattended.night |= {one.code: "unchanged" for one in dues if not one.reasons}
            told.due(len(due))
            done = unattended.run(due, told.done)
            done = [*done, *unattended.tell(report=True)]
            letters = unattended.drain()
            failed = sum(1 for one in done if one.failure)
            tally = Tally(round_result.taken, len(round_result.returned), len(due), len(dues) - len(due), failed)
            outcome = "有项目没有完成" if failed else "完成"
        finally:
            runs.end(unattended.ledger, run, tally, outcome, unattended.clock.now())
    return BatchResult(tally, done, round_result.waiting, round_result.hampered, round_result.held, letters)


def take_all(unattended: Unattended) -> RoundResult:
    """Look at the inbox until everything is taken that stands still."""
    total, began = RoundResult(), unattended.clock.monotonic()
    while True:
        round_result = unattended.take()
        total.taken += round_result.taken
        total.same += round_result.same
        total.held += round_result.held
        total.returned += round_result.returned
        total.projects |= round_result.projects
        total.waiting, total.hampered = round_result.waiting, round_result.hampered
        moved = round_result.taken or round_result.same or round_result.returned or round_result.held
        settling = SETTLING in round_result.waiting.values()
        if not moved and (not settling or unattended.clock.monotonic() - began >= _LONGEST_WAIT_S):
            return total
        unattended.clock.sleep(unattended.intake.ripeness.stable_s if settling else 0)
