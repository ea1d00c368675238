"""Where a project's files go for people, and who may look: the folder of a secret project is not for everybody."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.core.facts import Facts
from pipeline.service.runs.publishing import Publisher
from pipeline.workspace.layout import Workspace
from pipeline.workspace.projects import Remembered
from tests.cases import AS_OF
from tests.made_projects import made

OPEN, PRIVATE = 0o755, 0o750


@pytest.fixture
def publisher(tmp_path: Path) -> Publisher:
    (tmp_path / "发布").mkdir()
    return Publisher(Workspace(tmp_path / "ws"), tmp_path / "发布")


def known(facts: Facts | None) -> Remembered:
    return Remembered("LY-SQ-2026-001", "项目1", facts, (), (), (), datetime(2026, 11, 23, tzinfo=UTC), AS_OF)


def with_secrecy(degree: str) -> Facts:
    facts = made(1)
    return replace(facts, entries=replace(facts.entries, secrecy=degree))


def mode(publisher: Publisher) -> int:
    return (publisher.folder / "LY-SQ-2026-001").stat().st_mode & 0o777


@pytest.mark.parametrize(("degree", "wanted"), [("秘密", PRIVATE), ("内部", OPEN), ("普通", OPEN), ("", OPEN)])
def test_only_the_folder_of_a_secret_project_is_closed(publisher: Publisher, degree: str, wanted: int) -> None:
    publisher.project(known(with_secrecy(degree)), ())
    assert mode(publisher) == wanted


def test_the_folder_follows_the_degree_as_it_is_now(publisher: Publisher) -> None:
    seen = []
    for degree in ("内部", "秘密", "普通"):
        publisher.project(known(with_secrecy(degree)), ())
        seen.append(mode(publisher))
    assert seen == [OPEN, PRIVATE, OPEN]


def test_what_a_run_could_not_tell_opens_no_folder(publisher: Publisher) -> None:
    """Nothing was derived, so nobody knows the degree: what was closed stays so, what is new is closed."""
    publisher.project(known(None), ())
    assert mode(publisher) == PRIVATE
    publisher.project(known(with_secrecy("内部")), ())
    publisher.project(known(None), ())
    assert mode(publisher) == OPEN
    publisher.project(known(with_secrecy("秘密")), ())
    publisher.project(known(None), ())
    assert mode(publisher) == PRIVATE
