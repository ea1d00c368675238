from __future__ import annotations

import shutil
import unicodedata
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.core.documents import Pack
from pipeline.core.errors import UsageProblem
from pipeline.deliver.pack import HANDOVER, PLAN, REVIEW, make_pack
from pipeline.deliver.verify import verify
from tests.deliver import made_up as made


@pytest.fixture(scope="module")
def packs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Pack]:
    """A pack of each kind; read only."""
    return {kind: made.made_pack(tmp_path_factory.mktemp("packs"), kind) for kind in (PLAN, REVIEW, HANDOVER)}


@pytest.fixture(params=[PLAN, REVIEW, HANDOVER])
def pack(request: pytest.FixtureRequest, packs: dict[str, Pack], tmp_path: Path) -> Path:
    """A pack of one's own."""
    source = packs[request.param].folder
    return Path(shutil.copytree(source, tmp_path / source.name))


@pytest.fixture
def bag(packs: dict[str, Pack], tmp_path: Path) -> Path:
    source = packs[HANDOVER].folder
    return Path(shutil.copytree(source, tmp_path / source.name))


def flip(path: Path, at: int) -> bytes:
    """Change one bit of a file; returns what stood there."""
    before = path.read_bytes()
    path.write_bytes(before[:at] + bytes([before[at] ^ 1]) + before[at + 1 :])
    return before


def names(problems: list[str]) -> set[str]:
    return {problem.partition(":")[0] for problem in problems}


def all_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_a_pack_is_as_it_was_made(packs: dict[str, Pack]) -> None:
    for made_one in packs.values():
        assert verify(made_one.folder) == []
        assert verify(made_one.archive) == []


def test_a_flipped_byte_of_any_file_names_it(pack: Path) -> None:
    for path in all_files(pack):
        for at in (0, path.stat().st_size // 2, path.stat().st_size - 1):
            before = flip(path, at)
            problems = verify(pack)
            assert any(path.relative_to(pack).as_posix() in problem for problem in problems), (path, at, problems)
            path.write_bytes(before)
    assert verify(pack) == []


def test_only_the_changed_payload_file_is_named(bag: Path) -> None:
    flip(bag / "data" / made.CONTRACT, 3)
    assert names(verify(bag)) == {f"data/{made.CONTRACT}"}


@pytest.mark.parametrize("share", range(4))
@pytest.mark.parametrize("name", ["manifest-sha256.txt", "tagmanifest-sha256.txt", "bagit.txt", "data/manifest.json"])
def test_every_single_byte_of_the_lists_counts(bag: Path, name: str, share: int) -> None:
    for at in range(share, (bag / name).stat().st_size, 4):
        before = flip(bag / name, at)
        assert any(name in problem for problem in verify(bag)), at
        (bag / name).write_bytes(before)


@pytest.mark.parametrize("share", range(2))
def test_a_flipped_byte_anywhere_in_the_zip_is_found(packs: dict[str, Pack], tmp_path: Path, share: int) -> None:
    archive = Path(shutil.copy(packs[HANDOVER].archive, tmp_path))
    size = archive.stat().st_size
    for at in [*range(0, size, max(1, size // 150)), *range(size - 100, size)][share::2]:
        before = flip(archive, at)
        assert archive.name in names(verify(archive)), at
        archive.write_bytes(before)


def test_a_changed_file_in_the_zip_is_named(packs: dict[str, Pack], tmp_path: Path) -> None:
    archive = tmp_path / "other.zip"
    with zipfile.ZipFile(packs[HANDOVER].archive) as source, zipfile.ZipFile(archive, "w") as target:
        for entry in source.infolist():
            content = source.read(entry)
            target.writestr(entry.filename, content + b" " if entry.filename.endswith(made.CONTRACT) else content)
    assert names(verify(archive)) == {archive.name, f"data/{made.CONTRACT}"}


def test_missing_and_extra_files_are_named(pack: Path) -> None:
    for path in all_files(pack):
        name = path.relative_to(pack).as_posix()
        aside = path.rename(pack.parent / "aside")
        problems = verify(pack)
        assert any(problem.startswith(f"{name}:缺少") for problem in problems), (name, problems)
        aside.rename(path)
    for place in ("extra.txt", "新目录/多.txt", *(["data/附件/多.pdf"] if (pack / "data").is_dir() else [])):
        (pack / place).parent.mkdir(exist_ok=True)
        (pack / place).write_text("x")
        bagged = (pack / "data").is_dir() and not place.startswith("data")
        top = place.split("/")[0] if bagged else place
        assert names(verify(pack)) == {top}
        shutil.rmtree(pack / place.split("/")[0]) if place.startswith("新") else (pack / place).unlink()
    assert verify(pack) == []


def test_names_in_another_spelling_are_the_same_names(packs: dict[str, Pack], tmp_path: Path) -> None:
    """A copy made on a Mac comes back with decomposed names."""
    contents = made.contents(tmp_path)
    assert contents.root
    kept = [*contents.attachments, made.attachment(contents.root, "附件/é.pdf", b"%PDF e")]
    folder = make_pack(replace(contents, attachments=kept), tmp_path / "pack").folder
    composed = folder / "data" / "附件" / "é.pdf"
    decomposed = composed.with_name(unicodedata.normalize("NFD", composed.name))
    composed.rename(decomposed)
    assert verify(folder) == []
    composed.write_bytes(b"%PDF twin")
    assert any("data/附件/é.pdf:多余" in problem for problem in verify(folder))


def test_a_link_is_no_file(bag: Path) -> None:
    path = bag / "data" / made.CONTRACT
    aside = path.rename(bag.parent / "aside.pdf")
    path.symlink_to(aside)
    assert f"data/{made.CONTRACT}" in names(verify(bag))


def test_what_is_no_pack(tmp_path: Path) -> None:
    (tmp_path / "no.zip").write_bytes(b"PK\x03\x04 nothing")
    assert names(verify(tmp_path / "no.zip")) == {"no.zip"}
    (tmp_path / "empty").mkdir()
    assert names(verify(tmp_path / "empty")) == {"manifest.json"}
    with pytest.raises(UsageProblem):
        verify(tmp_path / "nowhere")


def test_a_zip_that_reaches_out_is_not_followed(tmp_path: Path) -> None:
    archive = tmp_path / "bad.zip"
    with zipfile.ZipFile(archive, "w") as package:
        package.writestr("../out.txt", "x")
        package.writestr("pack/manifest.json", "{}")
    problems = verify(archive)
    assert "../out.txt" in names(problems)
    assert not (tmp_path / "out.txt").exists()
