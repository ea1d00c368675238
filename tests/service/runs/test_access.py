"""Who may look into the published folder: groups, the set-group bit, secret projects, and what an admin set."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.service.runs import access
from pipeline.service.runs.access import Access
from pipeline.service.runs.mirror import mirror
from tests.made_projects import made
from tests.service.accounts import CLOSED, PERSON, SERVICE, STAFF, STRANGER, TRUSTED, Account, ground, only_root

CODE = "LY-SQ-2026-001"
OPEN = made(1)
SECRET = replace(OPEN, entries=replace(OPEN.entries, secrecy="秘密"))
GROUPS = {"secret": CLOSED}


@pytest.fixture
def share() -> Iterator[Path]:
    """A published folder that the service writes and its group reads, as the installation sets it."""
    with ground() as top:
        SERVICE.own(top / "发布", STAFF, 0o2750)
        SERVICE.own(top / "state", SERVICE.uid, 0o750)
        (top / "source.docx").write_bytes(b"x")
        yield top


@pytest.fixture(autouse=True)
def groups(monkeypatch: pytest.MonkeyPatch) -> None:
    class Entry:
        def __init__(self, name: str) -> None:
            self.gr_gid = GROUPS[name]

    monkeypatch.setattr(access.grp, "getgrnam", Entry)


def publish(share: Path, facts: object, secret_group: str = "secret") -> None:
    def work() -> None:
        folder = share / "发布" / CODE
        Access(share / "发布", share / "state" / "closed.json", secret_group).prepare(folder, facts)  # type: ignore[arg-type]
        mirror({"文档/a.docx": share / "source.docx"}, folder, share / "state" / "record.json")

    assert SERVICE.does(work)


def reads(who: Account, share: Path) -> bool:
    return who.may((share / "发布" / CODE / "文档" / "a.docx").read_bytes)


@only_root
def test_the_group_reads_what_is_published_and_nobody_changes_it(share: Path) -> None:
    publish(share, OPEN)
    assert [reads(who, share) for who in (PERSON, TRUSTED, STRANGER)] == [True, True, False]
    assert not PERSON.may((share / "发布" / CODE / "文档" / "a.docx").unlink)
    assert (share / "发布" / CODE / "文档").stat().st_mode & 0o7777 == 0o2750
    assert (share / "发布" / CODE / "文档").stat().st_gid == STAFF


@only_root
def test_a_secret_project_is_for_a_group_of_its_own_and_opens_again(share: Path) -> None:
    publish(share, OPEN)
    publish(share, SECRET)
    assert [reads(who, share) for who in (PERSON, TRUSTED, STRANGER)] == [False, True, False]
    publish(share, None)
    assert not reads(PERSON, share), "nobody can tell the degree"
    publish(share, OPEN)
    assert [reads(who, share) for who in (PERSON, TRUSTED, STRANGER)] == [True, True, False]
    assert (share / "发布" / CODE).stat().st_mode & 0o7777 == 0o2750


@only_root
@pytest.mark.parametrize("group", ["", "no such"])
def test_without_such_a_group_nobody_of_the_staff_sees_it(share: Path, group: str) -> None:
    publish(share, SECRET, group)
    assert [reads(who, share) for who in (PERSON, TRUSTED, SERVICE)] == [False, False, True]


@only_root
def test_what_an_admin_set_stays(share: Path) -> None:
    publish(share, OPEN)
    folder = share / "发布" / CODE
    folder.chmod(0o2775)
    publish(share, OPEN)
    assert folder.stat().st_mode & 0o7777 == 0o2775
    publish(share, SECRET)
    assert folder.stat().st_mode & 0o7777 == 0o2770
    folder.chmod(0o2700)
    publish(share, OPEN)
    assert folder.stat().st_mode & 0o7777 == 0o2700, "closed by somebody else, so not ours to open"


def test_folders_that_are_closed_are_forgotten_with_a_spoilt_record(tmp_path: Path) -> None:
    (tmp_path / "发布").mkdir(mode=0o755)
    record = tmp_path / "closed.json"
    record.write_text("[1]")
    kept = Access(tmp_path / "发布", record)
    kept.prepare(tmp_path / "发布" / CODE, SECRET)
    assert (tmp_path / "发布" / CODE).stat().st_mode & 0o007 == 0
    assert CODE in record.read_text()
