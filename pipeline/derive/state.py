"""State of the project and what the next gate wants (domain 0.3): derived from dates, never typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.core.sheets import Project
from pipeline.definitions.forms import Form

PLAN_BOOKS = ("survey", "plan", "cost", "materials", "staffing")


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the project stands: state, next gate, and what that gate wants."""

    state: str
    next_gate: str
    missing: tuple[str, ...]


def stage_of(
    project: Project, forms: Mapping[str, Form], blanks: Sequence[str], countersigners: Sequence[str]
) -> Stage:
    """Derive state, next gate and what is missing.

    Args:
        project: the workbooks.
        forms: form definitions, for names.
        blanks: survey items without an answer.
        countersigners: departments that must countersign the plan.
    """
    absent = [f"缺少工作簿 {forms[key].no}《{forms[key].name}》" for key in PLAN_BOOKS if not project.has(key)]
    empty = [f"调查表空项 {no}" for no in blanks]
    if project.head("plan", "basics").date("author_date"):
        wanted = [f"计划会签:{name}" for name in countersigners]
        return Stage("计划编制", "部门会签(6.3.2)", (*absent, *empty, *wanted))
    unwritten = [] if absent else ["《项目计划基本信息》编制日期"]
    if project.rows("survey", "versions"):
        return Stage("调查中", "编制项目计划(6.3.1)", (*absent, *empty, *unwritten))
    return Stage("草稿", "客户需求调查(6.1)", (*absent, *empty, "调查表“版本与确认”至少一行"))
