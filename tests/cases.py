"""Real cases for tests: sample workbooks with edits, written by the one writer and read back."""

from __future__ import annotations

import importlib.util
import json
import tempfile
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from pipeline.check.case import Case
from pipeline.definitions.catalogue import load_catalogue
from pipeline.definitions.forms import load_forms
from pipeline.definitions.values import Content, Master00
from pipeline.derive.facts import derive
from pipeline.derive.former_names import with_supposed_names
from pipeline.derive.formulas import settle
from pipeline.intake.company import read_company
from pipeline.intake.projects import read_project

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "samples" / "data.json"
AS_OF = date(2026, 11, 23)
TV, DORM, SCHOOL = "LY-SQ-2026-007", "LY-SQ-2026-015", "LY-SQ-2026-021"


@cache
def sample_builder() -> ModuleType:
    """samples/build.py as a module."""
    spec = importlib.util.spec_from_file_location("sample_builder", ROOT / "samples" / "build.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def sample_data() -> Mapping[str, Any]:
    """The sample data with exact decimals."""
    data: Mapping[str, Any] = json.loads(DATA.read_text(encoding="utf-8"), parse_float=Decimal)
    return data


def expected(code: str) -> Mapping[str, Any]:
    """Expected figures of a sample."""
    found: Mapping[str, Any] = next(p["expected"] for p in sample_data()["projects"] if p["code"] == code)
    return found


@cache
def third_data() -> Mapping[str, Any]:
    """A third project of the same company: small, bought by consultation, without tests, agreements and problems.

    It stands as it was planned: version A/0, survey V1.0. Its records go to the archive.
    """
    third = json.loads(
        (ROOT / "tests" / "data" / "third_project.json").read_text(encoding="utf-8"), parse_float=Decimal
    )
    return {**sample_data(), **third}


def _data_of(code: str) -> Mapping[str, Any]:
    return third_data() if code == SCHOOL else sample_data()


def write_sample(
    folder: Path,
    edits: Sequence[Mapping[str, Any]] = (),
    code: str = DORM,
    *,
    recalculate: bool = True,
    voluntary: bool = False,
) -> Path:
    """Write a project's workbooks into a folder, with edits as in `mutations.json`."""
    builder = sample_builder()
    made = builder.contents(_data_of(code), code)
    if voluntary:
        made |= builder.voluntary(_data_of(code), code)
    if edits or code == SCHOOL:  # what its formulas give is not in its data
        made = builder.apply(made, list(edits), recalculate=recalculate)
    folder.mkdir(parents=True, exist_ok=True)
    for key, content in made.items():
        write_once(key, content, Master00(made["master"].sheets), code, folder)
    builder.write_attachments(_data_of(code), code, folder)
    return folder


def write_once(key: str, content: Content, master: Master00, code: str, folder: Path) -> None:
    """Write one workbook; content that was drawn before is not drawn again, since it gives the same bytes."""
    asked = (key, code, repr(content), repr(master))
    if asked not in _WRITTEN:
        path = sample_builder().write_one(key, content, master, code, folder)
        _WRITTEN[asked] = (path.name, path.read_bytes())
    name, stored = _WRITTEN[asked]
    (folder / name).write_bytes(stored)


_WRITTEN: dict[tuple[str, ...], tuple[str, bytes]] = {}


def read_case(folder: Path, as_of: date = AS_OF) -> Case:
    """Read a folder of workbooks as one case."""
    forms, rules = load_forms(), load_catalogue()
    company = read_company(next(folder.glob("00_*.xlsx")), forms)
    found = read_project(folder, company, forms, rules)
    company = with_supposed_names(found.project, company)
    project = settle(found.project, company, forms)
    return Case(project, company, derive(project, company, forms, as_of), forms, rules)


def load_case(edits: Sequence[Mapping[str, Any]] = (), code: str = DORM, *, recalculate: bool = True) -> Case:
    """A sample case with edits."""
    if not edits:
        return _clean(code)
    with tempfile.TemporaryDirectory() as folder:
        return read_case(write_sample(Path(folder), edits, code, recalculate=recalculate))


@cache
def _clean(code: str) -> Case:
    with tempfile.TemporaryDirectory() as folder:
        return read_case(write_sample(Path(folder), (), code))


@cache
def voluntary_case() -> Case:
    """The dormitory with its workbooks 07 and 08, and the company's 09."""
    with tempfile.TemporaryDirectory() as folder:
        return read_case(write_sample(Path(folder), voluntary=True))
