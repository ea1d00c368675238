"""Ordinary or major project (clauses 4.1, 4.2): amount, mature case, software change; any one of them decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pipeline.core.company import Company
from pipeline.core.facts import Facts
from pipeline.core.money import yuan
from pipeline.core.places import Derived, Place
from pipeline.core.sheets import Project, Record

MAJOR = "重大项目"
ORDINARY = "一般项目"


@dataclass(frozen=True, slots=True)
class Classified:
    """Class with the tests that hit, and one sentence for each of the three tests."""

    project_class: Derived[str]
    because: tuple[str, ...]
    reasons: tuple[str, ...]


def class_of(project: Project, facts: Facts) -> str:
    """The class that the plan states, else the one that was found; empty where there is neither."""
    stated = project.head("plan", "basics").text("class")
    return stated or (facts.project_class.value if facts.project_class else "")


def modifies_software(project: Project) -> bool:
    """Whether plan or survey says that R&D must change software; the stricter answer counts (rule W115)."""
    return "是" in _answers(project, "rd_modify", "B17")


def classify(project: Project, company: Company, on: date) -> Classified | None:
    """Apply the 4.2 test with the threshold valid on a day; None while an input cannot be read."""
    basics = project.head("plan", "basics")
    amount = basics.money("contract_amount")
    if amount is None or basics.blank("mature_case") or basics.blank("rd_modify"):
        return None
    threshold = company.parameter("major_amount", on)
    hits = {
        "amount": amount.value >= threshold,
        "mature_case": "无" in _answers(project, "mature_case", "B15"),
        "rd_modify": modifies_software(project),
    }
    sign = "≥" if hits["amount"] else "<"
    reasons = (
        f"合同额 {yuan(amount.value)} 元{sign}{yuan(threshold)} 元",
        "没有成熟案例" if hits["mature_case"] else "有成熟案例",
        "需研发中心修改软件" if hits["rd_modify"] else "不需修改软件",
    )
    because = tuple(key for key, hit in hits.items() if hit)
    cells = (amount.at, basics.at("mature_case"), basics.at("rd_modify"), *_survey_cells(project))
    return Classified(Derived(MAJOR if because else ORDINARY, cells), because, reasons)


def _answers(project: Project, field: str, no: str) -> set[str]:
    item = project.sheet("survey", "items").find("no", no) or Record(Place(""))
    return {project.head("plan", "basics").text(field), item.text("value")}


def _survey_cells(project: Project) -> tuple[Place, ...]:
    items = (project.sheet("survey", "items").find("no", no) for no in ("B15", "B17"))
    return tuple(item.at("value") for item in items if item)
