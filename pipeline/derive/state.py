"""State of the project and what the next gate wants (domain 0.3): derived from dates, never typed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.core.sheets import Project
from pipeline.derive.gates import TITLES, Position, open_gates
from pipeline.derive.records import LOST, Records


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the project stands: state, next gate (and its `key`) with what it wants, and the gates that are passed."""

    state: str
    next_gate: str
    missing: tuple[str, ...]
    passed: tuple[str, ...]
    key: str = ""


def _running(project: Project) -> bool:
    """执行中: the notice is out, and tracking on or after it, a review, the scheme, a test or the bid is recorded."""
    records = Records(project)
    notice = records.day("notice", "date")
    if not notice:
        return False
    tracked = any((d := row.date("date")) and d.value >= notice.value for row in records.rows("tracking"))
    scheme = any(not records.head("scheme").blank(key) for key in ("author_date", "approve_date"))
    reviewed = bool(records.rows("req_review")) or not records.head("req_review").blank("date")
    bid = not records.head("bidding").blank("submit_time")
    return tracked or reviewed or scheme or bool(records.rows("test_results")) or bid


Test = Callable[[Project], object]
_ENDS: tuple[tuple[str, Test], ...] = (
    ("客户取消", lambda p: Records(p).head("closing").text("close_type") == "客户取消"),
    (
        "未中标结束",
        lambda p: Records(p).head("bidding").text("result") in LOST and Records(p).day("closing", "close_date"),
    ),
    ("立项未批准", lambda p: Records(p).rejected),
)
_STATES: tuple[tuple[str, Test], ...] = (
    ("已归档", lambda p: Records(p).archive.date("archive_date")),
    ("已移交", lambda p: Records(p).day("handover", "handover_date")),
    ("验收结束", lambda p: Records(p).day("closing", "close_date")),
    ("已签订", lambda p: Records(p).day("signing", "sign_date")),
    ("合同评审中", lambda p: Records(p).rows("creview")),
    ("执行中", _running),
    ("已立项", lambda p: Records(p).approved),
    ("待立项", lambda p: Records(p).day("application", "apply_date")),
    ("会签中", lambda p: Records(p).rows("countersign")),
    ("计划编制", lambda p: p.head("plan", "basics").date("author_date")),
    ("调查中", lambda p: p.rows("survey", "versions")),
)
# Every state in the order of the procedure, the early ends last.
STATES = ("草稿", *(state for state, _ in reversed(_STATES)), *(state for state, _ in reversed(_ENDS)))
# A project in one of these needs nothing of anybody any more (rule B405).
ENDED = frozenset({"已归档", *(state for state, _ in _ENDS)})


def state_of(project: Project) -> str:
    """State: the last one whose condition holds; the three early ends win over everything."""
    return next((state for state, holds in (*_ENDS, *_STATES) if holds(project)), "草稿")


def stage_of(position: Position) -> Stage:
    """Derive state, next gate and what is missing."""
    state, gates = state_of(position.project), open_gates(position)
    passed = tuple(key for key, wanted in gates.items() if not wanted)
    if state == "立项未批准":
        return Stage(state, "", (), passed)
    key = next((key for key, wanted in gates.items() if wanted), "")
    return Stage(state, TITLES.get(key, ""), tuple(gates.get(key, ())), passed, key)
