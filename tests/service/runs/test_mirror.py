"""A mirror replaces and removes what is ours, and never what is somebody else's."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.service.runs.mirror import mirror


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
