"""A build that would make what stands there already is not made; anything else is made as ever."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.core.documents import ProjectResult
from pipeline.core.errors import PipelineError
from pipeline.project_run import building
from pipeline.project_run.standing import Standing
from tests.cases import AS_OF
from tests.project_run.grown import Grown, cell

CODES = {"SAF", "STR", "CSC"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Grown:
    grown = Grown(tmp_path_factory.mktemp("standing"), CODES)
    grown.build("scheme")
    return grown


@pytest.fixture
def project(built: Grown) -> Grown:
    """The same folder for every test: each leaves it as it found it."""
    return Grown(built.folder, CODES)


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Output folders in which documents were made."""
    seen: list[Path] = []
    make = building.build

    def counted(request: object, folder: Path, *rest: object) -> ProjectResult:
        seen.append(folder)
        return make(request, folder, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(building, "build", counted)
    return seen


def without_values(result: ProjectResult) -> ProjectResult:
    return replace(result, documents=tuple(replace(one, printed=()) for one in result.documents), files=())


def test_the_same_once_more_is_answered_from_what_stands_there(
    built: Grown, project: Grown, builds: list[Path]
) -> None:
    files = {path: path.stat().st_mtime_ns for path in built.output.rglob("*")}
    again = project.build("scheme")
    assert builds == []
    assert without_values(again) == without_values(built.runs[0])
    assert {path: path.stat().st_mtime_ns for path in built.output.rglob("*")} == files


def test_what_a_change_made_is_what_a_fresh_build_makes(project: Grown, builds: list[Path], tmp_path: Path) -> None:
    """Only the papers: a folder that has seen the other text, too, remembers it in its register."""
    change = cell("survey", "items", "value", "别的", no="A05")
    changed = project.build("scheme", change)
    fresh = Grown(tmp_path, CODES).build("scheme", change)
    assert len(builds) == 2
    assert papers(changed) == papers(fresh)
    project.build("scheme")
    assert len(builds) == 3


def papers(result: ProjectResult) -> dict[str, bytes]:
    return {one.docx.name: one.docx.read_bytes() for one in result.documents}


def _changed(output: Path) -> None:
    paper = next((output / "docx").glob("*.docx"))
    paper.write_bytes(paper.read_bytes() + b" ")


def _gone(output: Path) -> None:
    next((output / "customer").glob("*.docx")).unlink()


def _more(output: Path) -> None:
    (output / "check" / "note.txt").write_text("mine")


@pytest.mark.parametrize("change", [_changed, _gone, _more])
def test_whatever_is_not_as_it_was_left_is_looked_at_anew(
    change: Callable[[Path], None], built: Grown, builds: list[Path], tmp_path: Path
) -> None:
    project = Grown(tmp_path, CODES)
    project.build("scheme")
    change(project.output)
    project.build("scheme")
    assert len(builds) == 2


def test_another_day_or_a_draft_is_another_build(built: Grown, builds: list[Path], tmp_path: Path) -> None:
    shutil.copytree(built.out, tmp_path / "out")
    project = Grown(tmp_path, CODES)
    project.build("scheme", day=AS_OF.replace(day=1))
    project.build("scheme", draft=True)
    assert len(builds) == 2


JUDGED = ProjectResult("X", "名", None)


def test_a_damaged_memory_is_none(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "paper").write_text("一")
    here = Standing(tmp_path / "cache", tmp_path / "out", "a" * 64)
    assert here.result(JUDGED) is None
    here.keep(JUDGED, JUDGED)
    assert here.result(JUDGED) == JUDGED
    [kept] = (tmp_path / "cache").iterdir()
    kept.write_bytes(kept.read_bytes()[:-1])
    assert here.result(JUDGED) is None


@pytest.mark.parametrize("said", [{"notes": ("另存一份",)}, {"failure": PipelineError("没有做成")}])
def test_a_build_that_had_something_to_say_is_not_kept(tmp_path: Path, said: dict[str, Any]) -> None:
    (tmp_path / "out").mkdir()
    here = Standing(tmp_path / "cache", tmp_path / "out", "a" * 64)
    here.keep(JUDGED, replace(JUDGED, **said))
    assert here.result(JUDGED) is None
