from __future__ import annotations

from pathlib import Path

from pipeline.adapters.files import TEMPORARY_PREFIX, TEMPORARY_SUFFIX, clear_temporary


def test_what_interrupted_writing_left_goes_and_nothing_else(tmp_path: Path) -> None:
    half = tmp_path / "批次日报" / f"{TEMPORARY_PREFIX}x{TEMPORARY_SUFFIX}"
    (half / "inner").mkdir(parents=True)
    (half / "inner" / "批次日报.docx").touch()
    (tmp_path / f"{TEMPORARY_PREFIX}y{TEMPORARY_SUFFIX}").touch()
    elsewhere = tmp_path.parent / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / f"{TEMPORARY_PREFIX}z{TEMPORARY_SUFFIX}").symlink_to(elsewhere)
    (tmp_path / "批次日报.tmp").touch()
    clear_temporary(tmp_path)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["批次日报", "批次日报.tmp"]
    assert elsewhere.is_dir()
