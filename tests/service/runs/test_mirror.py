"""A mirror replaces and removes what is ours, and never what is somebody else's."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.service.runs import mirror as module
from pipeline.service.runs.mirror import Written, mirror


class Share:
    """A published folder with its record and the sources."""

    def __init__(self, root: Path) -> None:
        self.root, self.folder, self.record = root, root / "share", root / "record.json"
        self.folder.mkdir()

    def publish(self, lasting: tuple[str, ...] = (), **files: str) -> None:
        wanted = {}
        for number, (name, text) in enumerate(files.items()):
            source = self.root / f"source{number}"
            source.write_text(text)
            wanted[name.replace("__", "/") + ".txt"] = source
        mirror(wanted, self.folder, self.record, lasting)

    def now(self) -> dict[str, str]:
        return {str(p.relative_to(self.folder)): p.read_text() for p in sorted(self.folder.rglob("*")) if p.is_file()}


@pytest.fixture
def share(tmp_path: Path) -> Share:
    return Share(tmp_path)


def test_the_new_replaces_the_old_and_empty_folders_go(share: Share) -> None:
    share.publish(a__one="1", a__two="2", b__three="3")
    share.publish(a__one="1+")
    assert share.now() == {"a/one.txt": "1+"}
    assert not (share.folder / "b").exists()


def test_lasting_folders_only_grow(share: Share) -> None:
    share.publish(("packs",), packs__V1="1")
    share.publish(("packs",), packs__V2="2")
    share.publish(("packs",), packs__V2="2")
    assert share.now() == {"packs/V1.txt": "1", "packs/V2.txt": "2"}


def test_what_people_put_there_or_changed_stays(share: Share) -> None:
    share.publish(one="1", two="2")
    (share.folder / "one.txt").write_text("by hand")
    (share.folder / "own.txt").write_text("own")
    share.publish(one="1+")
    share.publish(one="1++")
    assert share.now() == {"one.txt": "1++", "one_人工修改1.txt": "by hand", "own.txt": "own"}


def test_a_changed_file_that_is_wanted_no_more_stays(share: Share) -> None:
    share.publish(one="1")
    (share.folder / "one.txt").write_text("by hand")
    share.publish()
    assert share.now() == {"one.txt": "by hand"}


def test_a_lost_record_takes_our_own_files_for_ours_where_nothing_changed(share: Share) -> None:
    share.publish(one="1", two="2")
    share.record.unlink()
    share.publish(one="1", two="2+")
    assert share.now() == {"one.txt": "1", "two.txt": "2+", "two_人工修改1.txt": "2"}


def test_a_folder_that_cannot_be_written_raises_and_a_rerun_goes_on(share: Share, monkeypatch) -> None:
    share.publish(one="1")
    real = Path.replace

    def fails(path: Path, target: Path) -> Path:
        if target.name == "two.txt":
            raise PermissionError(13, "Permission denied")
        return real(path, target)

    monkeypatch.setattr(Path, "replace", fails)
    with pytest.raises(PermissionError):
        share.publish(one="1+", two="2")
    monkeypatch.undo()
    share.publish(one="1+", two="2")
    assert share.now() == {"one.txt": "1+", "two.txt": "2"}


def test_a_workspace_that_was_restored_tells_what_came_later_from_what_somebody_changed(share: Share) -> None:
    marker = share.folder / ".presales"
    marker.write_text("由售前文档流水线使用\n")

    def publish(text: str, *, restored: bool) -> None:
        (share.root / "source").write_text(text)
        wanted = {"a.txt": share.root / "source", "b.txt": share.root / "source"}
        mirror(wanted, share.folder, share.record, (), Written(marker, restored))

    publish("1", restored=False)
    old = share.record.read_bytes()
    publish("2", restored=False)
    publish("3", restored=False)
    share.record.write_bytes(old)  # the back-up was taken after 1
    (share.folder / "b.txt").write_text("by hand")
    publish("1", restored=True)
    now = share.now()
    assert {name: text for name, text in now.items() if name != ".presales"} == {
        "a.txt": "1",
        "a_备份以后1.txt": "3",
        "b.txt": "1",
        "b_人工修改1.txt": "by hand",
    }
    assert len(now[".presales"].splitlines()) == 4, "each content once"


def test_the_marker_does_not_grow_for_ever(share: Share, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST", 3)
    marker = share.folder / ".presales"
    marker.write_text("first line\n")
    for number in range(9):
        Written(marker).add([str(number)])
    assert marker.read_text().splitlines() == ["first line", "6", "7", "8"]
    Written(share.folder / "none").add(["1"])
    assert not (share.folder / "none").exists()
