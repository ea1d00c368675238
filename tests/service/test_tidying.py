"""What is past its retention: found, listed, removed once somebody says so, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from pipeline.core.documents import ProjectResult
from pipeline.core.entries import Retention
from pipeline.core.places import Place
from pipeline.service import tidying
from pipeline.service.tidying import EXPIRED, old, tidy
from pipeline.workspace import inputs, journal, projects, store
from pipeline.workspace.given import Given
from pipeline.workspace.inputs import Claim
from pipeline.workspace.projects import Ran
from tests.cases import AS_OF
from tests.made_projects import made
from tests.service.stage import Hands, Stage, company

ARCHIVED, YEARS = date(2008, 2, 29), 15
LAST = date(2023, 2, 28)
AFTER = date(2023, 3, 1)
NOW = datetime(2023, 3, 1, 9, 0, tzinfo=UTC)


@dataclass
class Archive:
    """A workspace with projects."""

    stage: Stage
    hashes: dict[str, list[str]] = field(default_factory=dict)

    def project(self, code: str, contents: tuple[bytes, ...], archived: date | None, until: date | None = None) -> None:
        given = []
        for number, content in enumerate(contents):
            (self.stage.root / "content").write_bytes(content)
            with (self.stage.root / "content").open("rb") as stream:
                kept = store.keep(self.stage.workspace.store, stream)
            given.append(Given(code, f"附件/{number}", f"附件/{number}", kept))
            self.hashes.setdefault(code, []).append(kept.sha256)
        claim = Claim(code, "", f"{code}.zip", "x", "accepted", "已接收/x")
        inputs.decide(self.stage.ledger, claim, given, NOW)
        facts = made(1)
        kept_until = Retention(archived, until, "市场销售部", Place("06.xlsx"))
        facts = replace(facts, code=code, entries=replace(facts.entries, retention=kept_until if archived else None))
        (self.stage.workspace.out / f"{code}@1").mkdir()
        (self.stage.workspace.out / f"{code}@1" / "a.pdf").write_bytes(b"x" * 100)
        ran = Ran(NOW, AS_OF, {}, f"{code}@1", archived is not None)
        projects.remember(self.stage.ledger, ProjectResult(code, code, facts), ran)

    def found(self, today: date) -> list[str]:
        return [one.what for one in old(self.stage.workspace.root, self.stage.inbox, company(), today)]

    def tidy(self, today: date) -> int:
        root = self.stage.workspace.root
        return tidy(root, old(root, self.stage.inbox, company(), today), today, NOW)

    def in_store(self, code: str) -> list[bool]:
        return [store.place(self.stage.workspace.store, one).is_file() for one in self.hashes[code]]


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(Stage(tmp_path, Hands()))


def test_an_archived_project_goes_the_day_after_its_last_and_not_before(archive: Archive) -> None:
    archive.project("LY-1", (b"one",), ARCHIVED)
    assert archive.found(LAST) == []
    assert archive.found(AFTER) == ["项目 LY-1"]
    assert archive.in_store("LY-1") == [True], "looking changes nothing"
    assert archive.tidy(AFTER) == 103
    assert archive.in_store("LY-1") == [False]
    assert not (archive.stage.workspace.out / "LY-1@1").exists()
    assert (projects.briefs(archive.stage.ledger), inputs.current(archive.stage.ledger, "LY-1")) == ({}, [])
    assert journal.broken_at(archive.stage.ledger) is None
    assert archive.found(AFTER) == []


def test_its_own_day_counts_where_it_is_later_and_a_living_project_stays(archive: Archive) -> None:
    archive.project("LY-1", (b"one",), ARCHIVED, date(2038, 1, 1))
    archive.project("LY-2", (b"two",), None)
    assert archive.found(AFTER) == []
    assert archive.found(date(2038, 1, 2)) == ["项目 LY-1"]


def test_a_content_that_another_project_has_stays(archive: Archive) -> None:
    archive.project("LY-1", (b"shared", b"own"), ARCHIVED)
    archive.project("LY-2", (b"shared",), None)
    archive.tidy(AFTER)
    assert archive.in_store("LY-1") == [True, False]
    assert archive.in_store("LY-2") == [True]


def test_a_tidying_that_was_stopped_is_ended_by_the_next(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    archive.project("LY-1", (b"one", b"two"), ARCHIVED)

    def stop(_: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(tidying, "_remove", stop)
        with pytest.raises(KeyboardInterrupt):
            archive.tidy(AFTER)
    assert archive.in_store("LY-1") == [True, True]
    archive.tidy(AFTER)
    assert archive.in_store("LY-1") == [False, False]
    assert not (archive.stage.workspace.out / "LY-1@1").exists()


def test_originals_and_things_set_aside_go_by_their_age(archive: Archive) -> None:
    for name in ("已接收/2008-02", "财务部/已接收/2008-01", "已接收/2022-12", "已接收/别的"):
        (archive.stage.inbox / name).mkdir(parents=True)
        (archive.stage.inbox / name / "a.xlsx").write_bytes(b"x")
    for name in ("20080101T080000_LY-1", "20220101T080000_LY-2", "somebody's"):
        (archive.stage.workspace.quarantine / name).mkdir()
    assert sorted(archive.found(AFTER)) == ["原件 财务部/已接收/2008-01", "移出的 20080101T080000_LY-1"]
    archive.tidy(date(2023, 3, 2))
    left = {path.name for path in (archive.stage.inbox / "已接收").iterdir()}
    assert left == {"2022-12", "别的"}
    assert {path.name for path in archive.stage.workspace.quarantine.iterdir()} == {
        "20220101T080000_LY-2",
        "somebody's",
    }


def test_a_withdrawn_version_of_a_living_project_is_kept(archive: Archive) -> None:
    archive.project("LY-2", (b"two",), None)
    (one,) = inputs.current(archive.stage.ledger, "LY-2")
    inputs.withdraw(archive.stage.ledger, one, "投错", NOW)
    assert inputs.needed_contents(archive.stage.ledger, EXPIRED) == set(archive.hashes["LY-2"])
    archive.tidy(AFTER)
    assert archive.in_store("LY-2") == [True]
