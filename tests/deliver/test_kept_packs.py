"""Packs of the releases before: in fifteen years the program of then must still say what they say."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from pipeline.core.audits import Agreement
from pipeline.deliver.explain import explain
from pipeline.deliver.verify import verify
from pipeline.project_run.audited import audit_published
from tests.deliver.kept_packs import FOLDER

PACKS = sorted(FOLDER.rglob("*.zip"))
by_pack = pytest.mark.parametrize("pack", PACKS, ids=lambda pack: f"{pack.parent.name} {pack.stem.split('_')[1]}")
_LARGEST = 300_000


def provenance(pack: Path) -> dict[str, object]:
    with zipfile.ZipFile(pack) as archive:
        [name] = [name for name in archive.namelist() if name.endswith("/provenance.json")]
        return dict(json.loads(archive.read(name)))


def test_every_release_has_left_a_plain_pack_and_a_bag() -> None:
    releases = {pack.parent.name for pack in PACKS}
    assert releases
    for release in releases:
        kinds = sorted(pack.stem.split("_")[1] for pack in PACKS if pack.parent.name == release)
        assert kinds == ["移交包", "评审包"]


@by_pack
def test_a_kept_pack_is_small(pack: Path) -> None:
    assert pack.stat().st_size < _LARGEST


@by_pack
def test_a_kept_pack_is_as_it_was_made(pack: Path) -> None:
    assert verify(pack) == []


@by_pack
def test_every_value_of_a_kept_pack_is_explained(pack: Path) -> None:
    [document, *_] = provenance(pack)["documents"]  # type: ignore[misc]
    field = next(one for one in document["fields"] if len(one["cells"]) > 1)
    origins = explain(pack, field["name"])
    assert [list(origin.cells) for origin in origins][:1] == [field["cells"]]
    assert all(len(digest) == 64 for digest in origins[0].hashes.values())


@by_pack
def test_a_kept_pack_is_audited_from_itself(pack: Path) -> None:
    found = audit_published(pack)
    assert found.problems == []
    assert found.audit.remarks == ()
    assert {line.agreement for line in found.audit.figures} == {Agreement.EQUAL}
    assert found.audit.printed > 50
    assert found.audit.different == ()
