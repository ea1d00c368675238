"""What decides has a hash, which another template or another table changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.definitions import program


@pytest.mark.parametrize(("made", "file"), [(program.forms_hash, "a.toml"), (program.templates_hash, "a.docx")])
def test_another_file_or_name_is_another_hash(
    made: object, file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "data_folder", lambda _: tmp_path)
    assert callable(made)
    seen = [made()]
    (tmp_path / file).write_bytes(b"one")
    seen.append(made())
    (tmp_path / file).write_bytes(b"two")
    seen.append(made())
    (tmp_path / file).rename(tmp_path / f"b{file}")
    seen.append(made())
    assert len(set(seen)) == 4
    (tmp_path / f"~${file}").write_bytes(b"somebody has it open")
    assert made() == seen[-1]


def test_the_program_is_what_was_loaded() -> None:
    assert program.program_hash() == program.program_hash() != program.forms_hash()


def test_another_version_of_a_library_is_another_program(monkeypatch: pytest.MonkeyPatch) -> None:
    known = program.program_hash(), program.libraries()
    assert "openpyxl" in known[1]
    monkeypatch.setattr(program, "version", lambda name: "0.1")
    for made in (program.libraries, program.program_hash):
        made.cache_clear()
    assert program.program_hash() != known[0]
    for made in (program.libraries, program.program_hash):
        made.cache_clear()
