"""The stages of the sibling procedures as cells that prove begin and end: `stage_models.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pipeline.core.errors import DefinitionError
from pipeline.definitions.clauses import siblings
from pipeline.definitions.conditions import Condition, condition, dated, inspect_condition, known, named
from pipeline.definitions.forms import build, load_forms, read_toml

FILE = Path(__file__).with_name("stage_models.toml")
HOURS, WORKING_DAYS = "小时", "工作日"


@dataclass(frozen=True)
class Output:
    """A paper that a step leaves behind.

    Attributes:
        shown: conditions on cells, any of which shows that it is there.
    """

    name: str
    shown: tuple[str, ...]

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The conditions of `shown`."""
        return tuple(condition(text, f"{FILE.name}:{self.name}") for text in self.shown)


@dataclass(frozen=True)
class StageForm:
    """A stage of a procedure; what each key means stands on top of `stage_models.toml`."""

    no: str
    name: str
    absent: bool = False
    begins: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    limit: str = ""
    unit: str = ""
    executor: str = ""
    supervisor: str = ""
    executed: tuple[str, ...] = ()
    supervised: tuple[str, ...] = ()
    outputs: tuple[Output, ...] = ()

    @property
    def label(self) -> str:
        """How a step with a limit is called: 步骤2 现场调查与需求."""
        return f"步骤{self.no} {self.name}"

    @property
    def by_row(self) -> bool:
        """Whether each row of one table has its own begin and end."""
        tables = {name.rpartition(".")[0] for name in (*self.begins, *self.ends)}
        columns = (_column(name) for name in (*self.begins, *self.ends))
        return bool(self.ends) and len(tables) == 1 and all(columns)


@dataclass(frozen=True)
class StageModel:
    """The stages of one procedure, in their order."""

    key: str
    title: str
    clause: str
    stage: tuple[StageForm, ...]


@dataclass(frozen=True)
class _Models:
    model: tuple[StageModel, ...]


@cache
def load_stage_models(file: Path = FILE) -> Mapping[str, StageModel]:
    """The models by key, in the order of the file.

    Raises:
        DefinitionError: the file is wrong; model, stage and the nearest valid word are named.
    """
    made: _Models = build(_Models, read_toml(file), file.name)
    for model in made.model:
        known((model.clause,), siblings(), f"{file.name}:{model.key}")
        for stage in model.stage:
            _inspect(stage, f"{file.name}:{model.key}.{stage.no}")
    return {model.key: model for model in made.model}


def _column(name: str) -> bool:
    book, sheet, key = name.split(".")
    form = load_forms()[book].sheet_form(sheet)
    return form.kind != "form" and key in form.by_key


def _inspect(stage: StageForm, where: str) -> None:
    for name in (*stage.begins, *stage.ends):
        named(name, load_forms(), where, dated)
    for name in (*stage.executed, *stage.supervised):
        named(name, load_forms(), where)
    for one in (one for output in stage.outputs for one in output.conditions):
        inspect_condition(one, load_forms(), where)
    if stage.limit:
        known((stage.unit,), (HOURS, WORKING_DAYS), where)
    if not stage.absent and not stage.begins:
        raise DefinitionError(f"{where}:没有写证明开始的格(nothing proves its begin)。")
