"""What must hold in `procedure.toml`: names that exist, an order without a circle."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter

from pipeline.core.errors import DefinitionError
from pipeline.definitions.catalogue import load_catalogue
from pipeline.definitions.conditions import dated, inspect_condition, known, named
from pipeline.definitions.forms import load_forms
from pipeline.definitions.procedure import ASIDE, BACK, MAY, MUST, OUT, PAST, WHEN, Hand, Procedure, StepForm

_KINDS, _BRANCHES = (MUST, MAY, WHEN), (ASIDE, BACK, PAST, OUT)
_TONES = range(8)  # s0 to s7 of the page


def inspect(procedure: Procedure, file: str) -> None:
    """Every name of the file means something.

    Raises:
        DefinitionError: one does not; file, block, key and the nearest valid word are named.
    """
    seen = set[str]()
    for step in procedure.step:
        if step.key in seen:
            raise DefinitionError(f"{file}:步骤“{step.key}”写了两次(step defined twice)。")
        seen.add(step.key)
        _inspect_step(procedure, step, f"{file}:{step.key}")
    known((procedure.band.first, procedure.band.last), procedure.steps, f"{file}:band")
    for end in procedure.end:
        _conditions(procedure, end.when, f"{file}:{end.state}.when")
        known((str(end.tone),), map(str, _TONES), f"{file}:{end.state}.tone")
    for role in procedure.role:
        _cells(role.cells, f"{file}:{role.key}.cells")
        known((role.departments,), ("", *_department_marks()), f"{file}:{role.key}.departments")
    for hand in procedure.hand:
        _inspect_hand(procedure, hand, f"{file}:hand {hand.cells[0]}")
    for clause in procedure.clause:
        _cells((name for name in clause.by if name not in procedure.steps), f"{file}:{clause.number}.by")
        _cells(clause.records, f"{file}:{clause.number}.records")


def _inspect_hand(procedure: Procedure, hand: Hand, where: str) -> None:
    matrix = load_forms()["master"].sheet_form("approval_matrix")
    _cells(hand.cells, f"{where}.cells")
    known((hand.rule,), load_catalogue(), f"{where}.rule")
    known(hand.may, (*procedure.roles, *matrix.field("role").choices), f"{where}.may")
    known((hand.matrix,), ("", *matrix.field("doc_type").choices), f"{where}.matrix")
    known(hand.actions, matrix.field("action").choices, f"{where}.actions")
    if hand.where:
        _cells((f"{name.rpartition('.')[0]}.{hand.where}" for name in hand.cells), f"{where}.where")


def _inspect_step(procedure: Procedure, step: StepForm, where: str) -> None:
    matrix = load_forms()["master"].sheet_form("approval_matrix")
    steps = procedure.steps
    known((step.kind,), _KINDS, f"{where}.kind")
    known((str(step.tone),), map(str, _TONES), f"{where}.tone")
    known(step.after, steps, f"{where}.after")
    known((step.opened_by, step.not_before), ("", *steps), f"{where}.opened_by, not_before")
    known(step.fills, (*procedure.roles, *matrix.field("role").choices), f"{where}.fills")
    known((step.decides,), ("", *matrix.field("doc_type").choices), f"{where}.decides")
    _cells(step.sheets, f"{where}.sheets")
    _by_hand(step.begun_by, f"{where}.begun_by")
    _cells(step.speaks_of, f"{where}.speaks_of")
    known((step.lacks, *step.lack_told_by), ("", *load_catalogue()), f"{where}.lacks, lack_told_by")
    for name in step.days:
        named(name, load_forms(), f"{where}.days", dated)
    for key in ("when", "waived_when"):
        _conditions(procedure, getattr(step, key), f"{where}.{key}")
    if bool(step.when) != (step.kind == WHEN):
        raise DefinitionError(f'{where}.when:kind = "when" 的步骤、也只有它,要写 when(kind and when do not fit)。')
    known((box.instead for box in step.box), ("", *steps), f"{where}.box.instead")
    known((branch.kind for branch in step.branch), _BRANCHES, f"{where}.branch.kind")
    known((branch.to for branch in step.branch), ("", *steps), f"{where}.branch.to")


def _conditions(procedure: Procedure, names: tuple[str, ...], where: str) -> None:
    known((name for name in names if "." not in name), procedure.conditions, where)
    for one in procedure.conditions_of(names, where):
        inspect_condition(one, load_forms(), where)


def _cells(names: Iterator[str] | tuple[str, ...], where: str) -> None:
    for name in names:
        named(name, load_forms(), where)


def _by_hand(names: tuple[str, ...], where: str) -> None:
    """Only what people write begins a step: no cell that `forms prefill` or a formula fills."""
    for name in names:
        field = named(name, load_forms(), where)[1]
        if field and (field.prefill or field.default or field.fill != "input"):
            raise DefinitionError(f"{where}:“{name}”是系统填的格,不能算人开始了这一步(filled by the system)。")


def _department_marks() -> tuple[str, ...]:
    """Columns of the departments of workbook 00 that say who must answer."""
    fields = load_forms()["master"].sheet_form("departments").fields
    return tuple(field.key for field in fields if "仅重大" in field.choices)


def in_order(procedure: Procedure, file: str) -> Procedure:
    """The steps after those that they follow, else as they stand in the file.

    Raises:
        DefinitionError: they follow each other in a circle.
    """
    places = {step.key: number for number, step in enumerate(procedure.step)}
    sorter = TopologicalSorter({step.key: step.after for step in procedure.step})
    try:
        sorter.prepare()
    except CycleError as error:
        circle = " → ".join(reversed(error.args[1]))
        raise DefinitionError(
            f"{file}:after:步骤互相等待,成了环 {circle}(steps follow each other in a circle)。"
        ) from error
    found, ready = [], list[str]()
    while sorter.is_active():
        ready = sorted([*ready, *sorter.get_ready()], key=lambda key: places[key])
        found.append(ready.pop(0))
        sorter.done(found[-1])
    return replace(procedure, step=tuple(procedure.steps[key] for key in found))
