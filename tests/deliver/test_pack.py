from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader, PdfWriter

from pipeline.core.documents import Document, Pack, Printed
from pipeline.core.errors import DeliveryFailed
from pipeline.deliver.pack import Contents, content_hash, make_pack, newest_pack

DAY = date(2026, 3, 24)
CODE = "LY-SQ-2026-007"
NAME = f"{CODE}_计划包_V1_20260324"


def pdf(path: Path, pages: int, *headings: str) -> Path:
    """A PDF of blank pages with a bookmark for each heading, the second one under the first."""
    writer = PdfWriter()
    for number in range(pages):
        writer.add_blank_page(595, 842 + number)
    parent: Any = None
    for heading in headings:
        item = writer.add_outline_item(title=heading, page_number=0, parent=parent)
        parent = parent or item
    with path.open("wb") as stream:
        writer.write(stream)
    return path


@pytest.fixture
def work(tmp_path: Path) -> Path:
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


def document(work: Path, code: str, pages: int, *headings: str, text: str = "1,234.50") -> Document:
    docx = work / f"{CODE}_{code}_A0_20260324.docx"
    docx.write_bytes(f"docx of {code}".encode())
    made = pdf(docx.with_suffix(".pdf"), pages, *headings)
    return Document(code, f"{code} 标题", "A/0", "待签", DAY, docx, made, pages, (Printed("total", text, text),))


class Front:
    """Makes the cover; remembers what it was told."""

    def __init__(self, work: Path, *pages: int) -> None:
        self.work, self.pages = work, list(pages) or [2]
        self.calls: list[tuple[str, int]] = []

    def __call__(self, name: str, own: int) -> Path:
        self.calls.append((name, own))
        pages = self.pages[min(len(self.calls), len(self.pages)) - 1]
        return pdf(self.work / "front.pdf", pages, "不要的书签")


@pytest.fixture
def contents(work: Path) -> Contents:
    return Contents(
        code=CODE,
        name="青岚台",
        kind="计划包",
        day=DAY,
        documents=[document(work, "PPR", 3, "一、概述", "(一)背景"), document(work, "PP1", 1)],
        front=Front(work),
        provenance={"PPR": {"total": {"text": "1,234.50", "cells": ["[03.xlsx]费用明细!K109"]}}},
        hashes={"03_费用.xlsx": "a" * 64},
        facts=["W101 [01.xlsx]"],
    )


def files(pack: Pack) -> list[str]:
    return sorted(str(path.relative_to(pack.folder)) for path in pack.folder.rglob("*") if path.is_file())


def test_a_pack_is_a_folder_with_a_zip_beside_it(contents: Contents, tmp_path: Path) -> None:
    pack = make_pack(contents, tmp_path / "pack")
    assert (pack.name, pack.version, pack.unchanged) == (NAME, 1, False)
    assert sorted(path.name for path in (tmp_path / "pack").iterdir()) == [NAME, f"{NAME}.zip"]
    assert files(pack) == sorted(
        [
            f"docx/{CODE}_PP1_A0_20260324.docx",
            f"docx/{CODE}_PPR_A0_20260324.docx",
            f"pdf/{CODE}_PP1_A0_20260324.pdf",
            f"pdf/{CODE}_PPR_A0_20260324.pdf",
            f"{NAME}.pdf",
            "manifest.json",
            "provenance.json",
            "清单.csv",
        ]
    )
    with zipfile.ZipFile(pack.archive) as package:
        assert package.testzip() is None
        assert sorted(package.namelist()) == [f"{NAME}/{name}" for name in files(pack)]
        for name in files(pack):
            assert package.read(f"{NAME}/{name}") == (pack.folder / name).read_bytes()


def test_the_manifest_tells_every_file_and_source(contents: Contents, tmp_path: Path) -> None:
    pack = make_pack(contents, tmp_path)
    manifest = json.loads((pack.folder / "manifest.json").read_text("utf-8"))
    told = {key: manifest[key] for key in ("schema", "pack", "version", "project", "name", "kind", "date", "sources")}
    assert told == {
        "schema": 1,
        "pack": NAME,
        "version": 1,
        "project": CODE,
        "name": "青岚台",
        "kind": "计划包",
        "date": "2026-03-24",
        "sources": {"03_费用.xlsx": "a" * 64},
    }
    assert manifest["content_sha256"] == pack.content_sha256 == content_hash(contents)
    assert manifest["files"] == {
        name: hashlib.sha256((pack.folder / name).read_bytes()).hexdigest()
        for name in files(pack)
        if name != "manifest.json"
    }
    assert json.loads((pack.folder / "provenance.json").read_text("utf-8")) == contents.provenance


def listing(pack: Pack) -> list[list[str]]:
    raw = (pack.folder / "清单.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")  # or Excel reads it in the code page of the machine
    return list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))


def test_the_listing_has_pages_and_hashes(contents: Contents, tmp_path: Path) -> None:
    pack = make_pack(contents, tmp_path)
    head, *rows = listing(pack)
    assert head == ["文件", "名称", "版本", "页数", "保存至", "SHA-256"]
    assert {tuple(row[:4]) for row in rows} == {
        (f"docx/{CODE}_PP1_A0_20260324.docx", "PP1 标题", "A/0", "1"),
        (f"docx/{CODE}_PPR_A0_20260324.docx", "PPR 标题", "A/0", "3"),
        (f"pdf/{CODE}_PP1_A0_20260324.pdf", "PP1 标题", "A/0", "1"),
        (f"pdf/{CODE}_PPR_A0_20260324.pdf", "PPR 标题", "A/0", "3"),
        (f"{NAME}.pdf", "文件包（合并）", "", "6"),
        ("provenance.json", "各印出值的出处", "", ""),
    }
    for name, *_, digest in rows:
        assert digest == hashlib.sha256((pack.folder / name).read_bytes()).hexdigest()


@pytest.mark.parametrize("version", ["=cmd|'/c calc'!A1", "+1", "-1", "@SUM(1)", "\t=1"])
def test_nothing_that_was_typed_becomes_a_formula(contents: Contents, tmp_path: Path, version: str) -> None:
    pack = make_pack(replace(contents, documents=[replace(contents.documents[0], version=version)]), tmp_path)
    rows = listing(pack)[1:]
    assert [row[2] for row in rows if row[2]] == [f"'{version}"] * 2
    assert all(cell[:1] not in {"=", "+", "-", "@", "\t", "\r"} for row in rows for cell in row)


def test_a_paper_whose_pages_another_holds_lies_beside_the_merged_pdf(contents: Contents, tmp_path: Path) -> None:
    pack = make_pack(replace(contents, unbound=frozenset({"PP1"})), tmp_path)
    assert pack.pdf
    reader = PdfReader(pack.pdf)
    assert len(reader.pages) == 2 + 3
    assert [one.title for one in reader.outline if not isinstance(one, list)] == ["封面与目录", "PPR 标题"]
    assert f"pdf/{CODE}_PP1_A0_20260324.pdf" in files(pack)


# -- the merged PDF -----------------------------------------------------------------------------------------------


def outline(pack: Pack) -> list[Any]:
    assert pack.pdf
    reader = PdfReader(pack.pdf)

    def titles(items: list[Any]) -> list[Any]:
        return [
            titles(item) if isinstance(item, list) else (item.title, reader.get_destination_page_number(item))
            for item in items
        ]

    return titles(reader.outline)


def test_every_document_has_its_bookmark_with_its_own_inside(contents: Contents, tmp_path: Path) -> None:
    pack = make_pack(contents, tmp_path)
    assert outline(pack) == [
        ("封面与目录", 0),
        ("PPR 标题", 2),
        [("一、概述", 2), [("(一)背景", 2)]],
        ("PP1 标题", 5),
    ]


def test_pages_come_in_order_and_none_is_lost(contents: Contents, tmp_path: Path) -> None:
    pack = make_pack(contents, tmp_path)
    assert pack.pdf
    reader = PdfReader(pack.pdf)
    assert [int(page.mediabox.height) - 842 for page in reader.pages] == [0, 1, 0, 1, 2, 0]
    assert reader.metadata is not None
    assert reader.metadata.title == "青岚台 计划包"
    assert reader.page_mode == "/UseOutlines"


@pytest.mark.parametrize(("pages", "told"), [(2, [2]), (3, [2, 3])])
def test_the_cover_is_made_again_when_it_has_other_pages_than_expected(
    contents: Contents, work: Path, tmp_path: Path, pages: int, told: list[int]
) -> None:
    front = Front(work, pages)
    make_pack(replace(contents, front=front), tmp_path / "pack")
    assert front.calls == [(NAME, own) for own in told]


def test_a_cover_that_does_not_settle_stops_the_pack(contents: Contents, work: Path, tmp_path: Path) -> None:
    with pytest.raises(DeliveryFailed, match="目录页数不稳定"):
        make_pack(replace(contents, front=Front(work, 1, 3)), tmp_path / "pack")
    assert list((tmp_path / "pack").iterdir()) == []


def test_a_document_with_other_pages_than_it_says_stops_the_pack(contents: Contents, tmp_path: Path) -> None:
    first, second = contents.documents
    wrong = replace(contents, documents=[replace(first, pages=4), second])
    with pytest.raises(DeliveryFailed, match="页数不对"):
        make_pack(wrong, tmp_path / "pack")
    assert list((tmp_path / "pack").iterdir()) == []


def test_without_pdfs_there_is_no_merged_one(contents: Contents, tmp_path: Path) -> None:
    bare = [replace(d, pdf=None, pages=0) for d in contents.documents]
    pack = make_pack(replace(contents, documents=bare, front=None), tmp_path)
    assert pack.pdf is None
    assert [name for name in files(pack) if name.endswith(".pdf")] == []
    assert {row[3] for row in listing(pack)[1:]} == {""}


def test_a_file_that_is_gone_is_a_failed_delivery_that_leaves_nothing(contents: Contents, tmp_path: Path) -> None:
    contents.documents[1].docx.unlink()
    with pytest.raises(DeliveryFailed, match=NAME) as problem:
        make_pack(contents, tmp_path / "pack")
    assert problem.value.exit_code == 7
    assert list((tmp_path / "pack").iterdir()) == []


# -- versions -----------------------------------------------------------------------------------------------------


def test_the_same_content_is_the_same_pack(contents: Contents, work: Path, tmp_path: Path) -> None:
    first = make_pack(contents, tmp_path / "pack")
    contents.documents[0].docx.write_bytes(b"other bytes, as LibreOffice gives them")
    saved_again = {"03_费用.xlsx": "c" * 64}
    later = replace(contents, day=date(2026, 4, 1), provenance={}, front=Front(work), hashes=saved_again)
    again = make_pack(later, tmp_path / "pack")
    assert again == replace(first, unchanged=True)
    assert len(list((tmp_path / "pack").iterdir())) == 2


@pytest.mark.parametrize("change", ["text", "state", "finding", "document"])
def test_other_content_is_the_next_version(contents: Contents, work: Path, tmp_path: Path, change: str) -> None:
    first = make_pack(contents, tmp_path / "pack")
    before = first.archive.read_bytes()
    one, two = contents.documents
    changed = {
        "text": replace(contents, documents=[replace(one, printed=(Printed("total", "9.99", "9.99"),)), two]),
        "state": replace(contents, documents=[replace(one, state="记录"), two]),
        "finding": replace(contents, facts=["W101 [01.xlsx]", "W122 [02.xlsx]"]),
        "document": replace(contents, documents=[one]),
    }[change]
    second = make_pack(changed, tmp_path / "pack")
    assert (second.version, second.unchanged) == (2, False)
    assert second.name == f"{CODE}_计划包_V2_20260324"
    assert first.archive.read_bytes() == before
    third = make_pack(contents, tmp_path / "pack")  # back to what it was: still a new version
    assert third.version == 3


def test_facts_may_come_in_any_order(contents: Contents) -> None:
    assert content_hash(replace(contents, facts=["b", "a"])) == content_hash(replace(contents, facts=["a", "b"]))


def test_kinds_and_projects_count_for_themselves(contents: Contents, tmp_path: Path) -> None:
    make_pack(contents, tmp_path / "pack")
    assert make_pack(replace(contents, kind="评审包"), tmp_path / "pack").version == 1
    assert make_pack(replace(contents, code="LY-SQ-2026-008"), tmp_path / "pack").version == 1


def test_versions_count_beyond_nine(contents: Contents, tmp_path: Path) -> None:
    for number in range(1, 12):
        pack = make_pack(replace(contents, facts=[str(number)], front=None), tmp_path / "pack")
    assert pack.version == 11
    assert newest_pack(tmp_path / "pack", CODE, "计划包") == (pack.folder, pack.content_sha256)


def test_a_pack_whose_zip_is_gone_is_made_anew(contents: Contents, tmp_path: Path) -> None:
    make_pack(contents, tmp_path / "pack").archive.unlink()
    again = make_pack(contents, tmp_path / "pack")
    assert (again.version, again.unchanged) == (2, False)


@pytest.mark.parametrize("damage", ["no manifest", "half a manifest", "folder gone"])
def test_a_damaged_pack_does_not_count_and_is_never_overwritten(
    contents: Contents, tmp_path: Path, damage: str
) -> None:
    first = make_pack(contents, tmp_path / "pack")
    sent = first.archive.read_bytes()
    manifest = first.folder / "manifest.json"
    if damage == "half a manifest":
        manifest.write_text(manifest.read_text("utf-8")[:100], "utf-8")
    elif damage == "no manifest":
        manifest.unlink()
    else:
        for path in sorted(first.folder.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        first.folder.rmdir()
    again = make_pack(replace(contents, facts=[]), tmp_path / "pack")
    assert again.version == 2
    assert first.archive.read_bytes() == sent


def test_the_same_files_give_the_same_zip(contents: Contents, work: Path, tmp_path: Path) -> None:
    first = make_pack(contents, tmp_path / "a")
    second = make_pack(replace(contents, front=Front(work)), tmp_path / "b")
    assert first.archive.read_bytes() == second.archive.read_bytes()


def test_all_of_a_pack_is_on_disk_before_it_has_its_name(
    contents: Contents, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a power cut a pack is there whole, or it is not there."""
    synced: set[str] = set()
    named: dict[str, set[str]] = {}
    fsync, replace = os.fsync, os.replace

    def sync(handle: int) -> None:
        synced.add(Path(f"/proc/self/fd/{handle}").readlink().name)
        fsync(handle)

    def name(source: Path, target: Path) -> None:
        if Path(target).name.startswith(NAME) and Path(target).parent == tmp_path / "pack":
            named[Path(target).name] = set(synced)
            synced.clear()
        replace(source, target)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(os, "replace", name)
    pack = make_pack(contents, tmp_path / "pack")
    assert set(named) == {NAME, f"{NAME}.zip"}
    assert named[NAME] >= {*(path.name for path in pack.folder.rglob("*")), NAME, f"{NAME}.zip"}
    assert "pack" in synced  # the names, last
