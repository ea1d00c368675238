"""What a letter about a pack says of the one before it, which lies there as a zip."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.core.documents import Pack
from pipeline.deliver import manifest
from pipeline.deliver.archive import zip_folder
from pipeline.service.post.news import _changes
from pipeline.workspace.outbox import Topic

CELL = "[03_费用.xlsx]费用明细!K12"


def pack(folder: Path, version: int, text: str) -> Pack:
    """A pack whose only document prints one total, as folder and zip."""
    name = f"LY-SQ-2026-901_计划包_V{version}_20260801"
    made = folder / name
    made.mkdir()
    field = {"name": "cost.total", "text": text, "value": text, "cells": [CELL]}
    document = {"code": "PPR", "part": "", "title": "计划", "version": "A/0", "file": "x", "fields": [field]}
    (made / manifest.PROVENANCE).write_bytes(manifest.to_json({"documents": [document], "workbooks": {}}))
    zip_folder(made, folder / f"{name}.zip")
    return Pack(name, version, made, folder / f"{name}.zip", None, str(version))


@pytest.mark.parametrize("published", [True, False])
def test_values_that_differ_from_the_pack_that_was_last_mailed(tmp_path: Path, published: bool) -> None:
    first, second = pack(tmp_path, 1, "100.00"), pack(tmp_path, 2, "120.00")
    if published:  # only the zips are
        second = Pack(second.name, 2, second.archive, second.archive, None, "2")
        for file in (tmp_path / first.name).iterdir():
            file.unlink()
        (tmp_path / first.name).rmdir()
    (change,) = _changes(second, Topic(said={"pack": first.name}))
    assert (change.old, change.new, change.new_cells) == ("100.00", "120.00", (CELL,))


def test_without_an_earlier_pack_nothing_is_said_of_changes(tmp_path: Path) -> None:
    only = pack(tmp_path, 1, "100.00")
    assert _changes(only, Topic()) == []
    assert _changes(only, Topic(said={"pack": "gone"})) == []
