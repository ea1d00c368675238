"""Every module has a test module of its own, but for a list that can only become shorter."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.cases import ROOT

# Modules without `test_<name>.py`, by file name alone, so that a module may move: most are tested through the module
# that calls them. A new module comes with its tests; one that gains them leaves this list.
WITHOUT = frozenset(
    [
        "alongside",
        "annex",
        "approvals",
        "archive",
        "attachments",
        "bagging",
        "base",
        "batch",
        "case",
        "cells",
        "clauses",
        "clock",
        "codec",
        "columns",
        "conditions",
        "containers",
        "contents",
        "contract",
        "conventions",
        "dates",
        "deciding",
        "dependence",
        "disguise",
        "doubting",
        "doubts",
        "early",
        "ending",
        "entries",
        "execution",
        "explain",
        "figures",
        "files",
        "finding",
        "given",
        "ground",
        "identity",
        "initiation",
        "inspection",
        "instructions",
        "journal",
        "labels",
        "layout",
        "letter",
        "listing",
        "lists",
        "locks",
        "logs",
        "lok_worker",
        "manifest",
        "options",
        "origin",
        "outcome",
        "planning",
        "portfolio",
        "prefill",
        "prefill_cells",
        "procedure",
        "procedure_inspection",
        "reader",
        "reader_worker",
        "recognise",
        "records",
        "records_handover",
        "recovery",
        "refusals",
        "registration",
        "registry",
        "relations",
        "required",
        "results",
        "rows",
        "runs",
        "sheet_writer",
        "signs",
        "stamp",
        "starting",
        "step_lines",
        "styles",
        "tables",
        "unattended",
        "units",
        "validation",
    ]
)


def modules() -> list[str]:
    """File names of the modules, without the ones that only say what a package is."""
    found = (path for path in (ROOT / "pipeline").rglob("*.py") if not path.name.startswith("__"))
    return [path.stem for path in found if not path.stem[0].isdigit()]


def untested(names: list[str], tests: Path) -> set[str]:
    """Modules for which there is no test module of their name; of several of one name each needs its own."""
    there = Counter(path.stem.removeprefix("test_") for path in tests.rglob("test_*.py"))
    return {name for name, count in Counter(names).items() if there[name] < count}


def test_the_modules_without_tests_of_their_own_are_those_of_the_list() -> None:
    found = untested(modules(), ROOT / "tests")
    assert sorted(found - WITHOUT) == [], "a new module comes with its test module"
    assert sorted(WITHOUT - found) == [], "it has tests now, or is gone: take it off the list"


@pytest.mark.parametrize(
    ("names", "tests", "wanted"),
    [
        (["a", "b"], ["x/test_a.py", "test_b.py"], set()),
        (["a", "b"], ["x/test_a.py", "x/b.py"], {"b"}),
        (["state", "state"], ["x/test_state.py"], {"state"}),
        (["state", "state"], ["x/test_state.py", "y/test_state.py"], set()),
    ],
)
def test_each_module_wants_a_test_module_of_its_name(
    tmp_path: Path, names: list[str], tests: list[str], wanted: set[str]
) -> None:
    for test in tests:
        (tmp_path / test).parent.mkdir(exist_ok=True)
        (tmp_path / test).touch()
    assert untested(names, tmp_path) == wanted
