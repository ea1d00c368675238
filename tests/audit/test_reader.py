from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.audit import reader
from pipeline.audit.reader import NotOpened, Opened, Shelf
from pipeline.audit.reader_worker import answer
from tests.audit.made import sheet_of
from tests.cases import ROOT

BOOK = sheet_of([["合计", 12.5], ["x", True]])
CORPUS = ROOT.parent / "shared" / "corpus"


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    with Shelf() as made:
        yield made


def texts(opened: Opened) -> list[tuple[str, str]]:
    return [(cell.kind, cell.text) for page in opened.pages for cell in page.cells.values()]


def test_cells_arrive_as_openpyxl_has_them(shelf: Shelf) -> None:
    assert texts(shelf.open("a.xlsx", BOOK)) == [("s", "合计"), ("n", "12.5"), ("s", "x"), ("b", "True")]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 nothing", b"\xd0\xcf\x11\xe0 old"])
def test_what_openpyxl_cannot_open_is_told_and_the_next_file_is_read(shelf: Shelf, content: bytes) -> None:
    with pytest.raises(NotOpened):
        shelf.open("a.xlsx", content)
    assert texts(shelf.open("b.xlsx", BOOK))


def test_a_reading_is_kept_by_the_bytes_of_the_workbook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Shelf(tmp_path) as first:
        first.open("a.xlsx", BOOK)
    monkeypatch.setattr(Shelf, "_read", lambda *_: pytest.fail("read again"))
    with Shelf(tmp_path) as second:
        opened = second.open("other name.xlsx", BOOK)
    assert (opened.name, texts(opened)[0]) == ("other name.xlsx", ("s", "合计"))


def _command(tmp_path: Path, deaths: int) -> tuple[str, ...]:
    """The child's program, whose first ones die of the first question."""
    begun = tmp_path / "begun"
    dies = f"echo >> {begun}; test $(wc -l < {begun}) -le {deaths} && kill -9 $$"
    return ("/bin/sh", "-c", f'{dies}; exec "$@"', "sh", *reader.WORKER)


def test_a_killed_child_gets_a_successor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "WORKER", _command(tmp_path, deaths=1))
    with Shelf() as shelf:
        assert texts(shelf.open("a.xlsx", BOOK))
    assert shelf.lost == []


def test_what_kills_the_successor_too_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "WORKER", _command(tmp_path, deaths=2))
    with Shelf() as shelf:
        with pytest.raises(NotOpened, match="中途退出"):
            shelf.open("a.xlsx", BOOK)
        assert shelf.lost == ["读取进程中途退出"]
        assert texts(shelf.open("a.xlsx", BOOK))


def test_an_answer_says_why_nothing_was_read() -> None:
    assert "refused" in json.loads(answer(b"no workbook"))
    assert [sheet["name"] for sheet in json.loads(answer(BOOK))["sheets"]] == ["费用明细"]


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of strangers' files is not here")
def test_strangers_files_are_read_or_refused(shelf: Shelf) -> None:
    files = sorted(path for path in CORPUS.iterdir() if path.suffix in {".xlsx", ".xlsm"})[::4]
    assert sum(_opens(shelf, path) for path in files) > len(files) / 2


def _opens(shelf: Shelf, path: Path) -> bool:
    try:
        shelf.open(path.name, path.read_bytes())
    except NotOpened:
        return False
    return True
