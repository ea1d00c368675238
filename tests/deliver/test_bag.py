from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import unicodedata
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from pypdf import PdfReader

from pipeline.core.documents import Pack
from pipeline.core.errors import DeliveryFailed
from pipeline.deliver.archive import intact, unzip
from pipeline.deliver.bag import make_bag
from pipeline.deliver.pack import HANDOVER, PLAN, REVIEW, archived_pack, make_pack, newest_provenance
from tests.deliver import made_up as made


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    """A handover pack; read only."""
    return made.made_pack(tmp_path_factory.mktemp("bag"))


def reference(folder: Path) -> subprocess.CompletedProcess[str]:
    """`bagit.py --validate`, the reference program itself."""
    program = Path(sys.executable).with_name("bagit.py")
    command = [sys.executable, str(program), "--validate", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_the_reference_program_accepts_folder_and_unpacked_zip(pack: Pack, tmp_path: Path) -> None:
    assert reference(pack.folder).returncode == 0
    assert unzip(pack.archive, tmp_path) == []
    done = reference(tmp_path / pack.name)
    assert done.returncode == 0, done.stderr


def test_the_bag_holds_everything(pack: Pack) -> None:
    stem = f"{made.CODE}_{{}}_V1.0_20260301"
    assert files(pack.folder / "data") == {
        f"{pack.name}.pdf",
        *(f"{kind}/{stem.format(code)}.{kind}" for kind in ("docx", "pdf") for code in ("PPR", "PP1")),
        f"工作簿/{made.BOOK}",
        made.CONTRACT,
        made.SCAN,
        "manifest.json",
        "provenance.json",
        "清单.csv",
    }
    assert (pack.folder / "data" / "工作簿" / made.BOOK).read_bytes() == b"PK workbook"
    info = (pack.folder / "bag-info.txt").read_text(encoding="utf-8").splitlines()
    assert "Source-Organization: 青岚网络" in info
    assert f"External-Identifier: {made.CODE}" in info
    assert "Bagging-Date: 2026-07-31" in info
    assert "Retention-Until: 2041-07-31" in info


def test_the_list_names_pages_hash_and_retention(pack: Pack) -> None:
    text = (pack.folder / "data" / "清单.csv").read_text(encoding="utf-8-sig")
    rows = {row[0]: row for row in csv.reader(io.StringIO(text))}
    assert rows[made.CONTRACT] == [made.CONTRACT, "附件", "", "3", "2041-07-31", made.sha(b"%PDF contract")]
    assert rows[f"{pack.name}.pdf"][3] == "4"


def test_every_page_of_the_merged_pdf_has_its_running_number(pack: Pack) -> None:
    assert pack.pdf
    reader = PdfReader(pack.pdf)
    assert [page.extract_text() for page in reader.pages] == [f"卷内第{n}页 共4页" for n in (1, 2, 3, 4)]
    assert [entry.title for entry in reader.outline if not isinstance(entry, list)] == [
        "封面与目录",
        "项目计划报告",
        "费用计划明细表",
    ]


@pytest.mark.parametrize("kind", [PLAN, REVIEW])
def test_other_packs_are_plain_and_hold_only_the_attachments_they_are_given(tmp_path: Path, kind: str) -> None:
    whole = made.contents(tmp_path, kind)
    plain = make_pack(replace(whole, attachments=whole.attachments[:1]), tmp_path / "pack")
    assert {"manifest.json", "provenance.json", "清单.csv"} < files(plain.folder)
    assert {name for name in files(plain.folder) if name.startswith(("附件", "签字件", "data"))} == {made.CONTRACT}
    assert (plain.folder / "工作簿" / made.BOOK).read_bytes() == b"PK workbook"
    assert plain.pdf
    assert PdfReader(plain.pdf).pages[0].extract_text() == "卷内第1页 共4页"  # where the contents say it begins


def test_same_content_makes_no_new_pack_and_the_same_bytes(tmp_path: Path) -> None:
    contents = made.contents(tmp_path)
    first = make_pack(contents, tmp_path / "pack")
    assert make_pack(contents, tmp_path / "pack").unchanged
    second = make_pack(contents, tmp_path / "elsewhere")
    names = files(first.folder) - {f"data/{first.name}.pdf"}
    changing = {"data/manifest.json", "manifest-sha256.txt", "tagmanifest-sha256.txt", "data/清单.csv"}
    same = [n for n in names if (first.folder / n).read_bytes() == (second.folder / n).read_bytes()]
    assert set(same) >= names - changing
    assert intact(first.archive)


def test_another_value_makes_the_next_version_with_the_changed_cells(tmp_path: Path) -> None:
    contents = made.contents(tmp_path)
    first = make_pack(contents, tmp_path / "pack")
    now = made.changed(contents, made.printed("cost.total", "2,000.00", "2000", "K12"), made.NAME)
    second = make_pack(now, tmp_path / "pack")
    assert (second.version, first.folder.is_dir()) == (2, True)
    annex = json.loads((second.folder / "data" / "变更对照.json").read_text(encoding="utf-8"))
    cell = f"[{made.BOOK}]费用明细!"
    assert annex == {
        "previous": first.name,
        "changes": [
            {
                "document": "PPR",
                "name": "cost.total",
                "old": "1,234.50",
                "new": "2,000.00",
                "old_cells": [f"{cell}K12", f"{cell}K13"],
                "new_cells": [f"{cell}K12"],
            }
        ],
    }
    text = (second.folder / "data" / "变更对照.csv").read_text(encoding="utf-8-sig")
    assert 'PPR,cost.total,"1,234.50","2,000.00"' in text
    assert reference(second.folder).returncode == 0


def test_another_attachment_makes_the_next_version(tmp_path: Path) -> None:
    contents = made.contents(tmp_path)
    make_pack(contents, tmp_path / "pack")
    assert contents.root
    kept = [made.attachment(contents.root, made.CONTRACT, b"%PDF new"), contents.attachments[1]]
    second = make_pack(replace(contents, attachments=kept), tmp_path / "pack")
    annex = json.loads((second.folder / "data" / "变更对照.json").read_text(encoding="utf-8"))
    assert [(c["document"], c["name"], c["new"]) for c in annex["changes"]] == [
        ("附件", made.CONTRACT, made.sha(b"%PDF new"))
    ]


def test_a_file_that_changed_since_it_was_read_stops_the_pack(tmp_path: Path) -> None:
    contents = made.contents(tmp_path)
    assert contents.root
    (contents.root / made.CONTRACT).write_bytes(b"%PDF other")
    with pytest.raises(DeliveryFailed, match="销售合同"):
        make_pack(contents, tmp_path / "pack")
    assert list((tmp_path / "pack").iterdir()) == []


def test_names_go_into_the_bag_in_nfc_however_the_disk_spells_them(tmp_path: Path) -> None:
    contents = made.contents(tmp_path)
    assert contents.root
    name = "附件/Übersicht é.pdf"
    on_disk = contents.root / unicodedata.normalize("NFD", name)
    on_disk.write_bytes(b"%PDF nfd")
    assert not (contents.root / name).exists()
    kept = [replace(contents.attachments[0], path=name, sha256=made.sha(b"%PDF nfd"))]
    made_one = make_pack(replace(contents, attachments=kept), tmp_path / "pack")
    assert (made_one.folder / "data" / name).read_bytes() == b"%PDF nfd"
    assert reference(made_one.folder).returncode == 0


def test_a_broken_manifest_of_the_newest_pack_makes_the_next_version(tmp_path: Path) -> None:
    contents = made.contents(tmp_path)
    first = make_pack(contents, tmp_path / "pack")
    (first.folder / "data" / "manifest.json").write_bytes(b"{")
    assert make_pack(contents, tmp_path / "pack").version == 2


def test_an_archived_pack_freezes_its_project(tmp_path: Path) -> None:
    contents = made.contents(tmp_path)
    folder = tmp_path / "pack"
    make_pack(contents, folder)
    assert archived_pack(folder, made.CODE) is None
    archived = make_pack(replace(contents, archived=date(2026, 8, 1)), folder)
    assert archived_pack(folder, made.CODE) == archived.folder
    assert archived_pack(folder, "LY-SQ-2026-015") is None


def test_the_provenance_of_the_newest_pack(tmp_path: Path) -> None:
    assert newest_provenance(tmp_path / "pack", made.CODE, HANDOVER) == {}
    made.made_pack(tmp_path)
    assert newest_provenance(tmp_path / "pack", made.CODE, HANDOVER)["code"] == made.CODE


def test_a_bag_that_cannot_be_made_says_why_and_leaves_the_working_directory(tmp_path: Path) -> None:
    before = Path.cwd()
    with pytest.raises(DeliveryFailed, match="归档包没有做成"):
        make_bag(tmp_path / "nowhere", {})
    assert Path.cwd() == before


def test_zip_names_are_unicode_and_their_folder_is_the_pack(pack: Pack) -> None:
    with zipfile.ZipFile(pack.archive) as package:
        entries = package.infolist()
    assert {entry.filename.split("/")[0] for entry in entries} == {pack.name}
    assert all(entry.flag_bits & 0x800 for entry in entries)
