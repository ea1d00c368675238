"""Files as they are met in the wild (threats 3): each with its verdict, its memory and its CPU time, no connection."""

from __future__ import annotations

import csv
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.adapters.ooxml.reader import RawBook
from pipeline.core.names import unseen
from pipeline.intake.reader import Reading
from pipeline.intake.refusals import Refusal
from tests.intake import made_files as made

ROOT = Path(__file__).resolve().parent.parent.parent
CORPUS = Path(os.environ.get("CORPUS", ROOT.parent / "shared" / "corpus"))
TABLE = ROOT / "tests" / "data" / "corpus_verdicts.csv"
WHOLE = made.workbook(made.rows_of("\n".join(f"| 第{n}行 | {n * 7919 % 1000} | 甲乙丙{n * n} |" for n in range(300))))
MOST_KB, MOST_CPU_S = 200_000, 2.0
DTD = '<!DOCTYPE worksheet SYSTEM "{}">'
ENTITY = '<!DOCTYPE worksheet [<!ENTITY a SYSTEM "{}">]>'


def verdict(found: RawBook | Refusal) -> str:
    return found.reason if isinstance(found, Refusal) else "read"


REFUSED: dict[str, tuple[str, Callable[[], bytes]]] = {
    "two corner cells": ("grid", made.corners),
    "500 MB of blanks": ("expanded", made.blanks),
    "entity bomb": ("dtd", made.entity_bomb),
    "external entity": ("dtd", lambda: made.with_type(ENTITY.format("file:///etc/passwd"))),
    "external DTD": ("dtd", lambda: made.with_type(DTD.format("http://127.0.0.1/x.dtd"), "x")),
    "traversal": ("names", lambda: made.with_part("../../../tmp/x", b"x")),
    "symlink entry": ("symlink", lambda: made.with_symlink("xl/a.xml", "/etc/passwd")),
    "two sheet1.xml": ("names", lambda: made.zipped([*made.GOOD.items(), ("xl/worksheets/sheet1.xml", b"<x/>")])),
    "size too small": ("corrupt", lambda: made.lying_size("xl/worksheets/sheet1.xml", -20)),
    "size too large": ("corrupt", lambda: made.lying_size("xl/worksheets/sheet1.xml", 1 << 20)),
    "HTML": ("html", made.html),
    "SpreadsheetML 2003": ("xml", made.xml_2003),
    "GBK CSV": ("csv", lambda: "序号,名称,金额\n1,交换机,100\n".encode("gbk")),
    "2,001 sheets": ("parts", lambda: made.many_sheets(2001)),
    "257 sheets": ("parts", lambda: made.many_sheets(257)),
    "200,000 merges": ("grid_merges", lambda: made.many_merges(200_000)),
    "macro": ("macro", lambda: made.with_part("xl/vbaProject.bin", b"x")),
    "encrypted": ("encrypted", made.encrypted),
    "zeros": ("zeros", lambda: bytes(40_000)),
    "empty": ("empty", lambda: b""),
    "tail never written": ("truncated", lambda: WHOLE[: len(WHOLE) // 2] + bytes(len(WHOLE) // 2)),
    "head never written": ("truncated", lambda: bytes(4096) + WHOLE[4096:]),
    **{f"cut at {n} %": ("truncated", lambda n=n: WHOLE[: len(WHOLE) * n // 100]) for n in (10, 50, 90, 99)},  # type: ignore[misc]
}


@pytest.fixture
def reading() -> Iterator[Reading]:
    one = Reading()
    yield one
    one.end()


def read(reading: Reading, content: bytes) -> RawBook | Refusal:
    """Verdict of a child that read nothing before, within the limits of threats 5 (B2)."""
    found = reading.read("03_费用.xlsx", content)
    assert reading.used["peak_kb"] < MOST_KB
    assert reading.used["cpu_s"] < MOST_CPU_S
    return found


@pytest.mark.parametrize("name", REFUSED)
def test_made_files_that_are_refused(reading: Reading, name: str) -> None:
    wanted, make = REFUSED[name]
    assert verdict(read(reading, make())) == wanted


def cells(book: RawBook | Refusal) -> dict[str, tuple[str, str | None]]:
    assert isinstance(book, RawBook), book
    return {cell.ref: (cell.kind, cell.text) for sheet in book.sheets for cell in sheet.cells.values()}


PAYLOADS = [
    "& < >",
    "{{ x }}",
    "{% raw %}",
    "]]>",
    "😀🧑‍🔧",
    "\u202eabc\u202c שלום",
    "=1+1",
    "@SUM(A1)",
    "_x0041_",
    "\t'",
]


def payload_rows() -> str:
    shown = (text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") for text in PAYLOADS)
    stored = (text.replace("_x", "_x005F_x") for text in shown)
    return "".join(
        f'<row r="{r}"><c r="A{r}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c></row>'
        for r, text in enumerate(stored, start=1)
    )


READ: dict[str, tuple[bytes, dict[str, tuple[str, str | None]]]] = {
    "control": (made.good(), {"A1": ("n", "1")}),
    "text payloads": (
        made.workbook(payload_rows()),
        {f"A{r}": ("s", text) for r, text in enumerate(PAYLOADS, start=1)},
    ),
    "illegal characters": (
        made.workbook('<row r="1"><c r="A1" t="inlineStr"><is><t>甲_x000B_乙\ufffe丙</t></is></c></row>'),
        {"A1": ("s", "甲\x0b乙\ufffd丙")},
    ),
    "never calculated": (made.workbook(made.rows_of("| 5 | =A1*2 |")), {"A1": ("n", "5"), "B1": ("n", None)}),
    "error cells": (
        made.workbook(made.rows_of("| !#REF! | !#DIV/0! |")),
        {"A1": ("e", "#REF!"), "B1": ("e", "#DIV/0!")},
    ),
    "ISO strict": (
        made.workbook(made.rows_of("| 甲 | 7 |"), namespace=made.STRICT),
        {"A1": ("s", "甲"), "B1": ("n", "7")},
    ),
    "wrong dimension": (
        made.zipped(made.parts({"表": f'<dimension ref="A1"/><sheetData>{made.rows_of("| 1 | 2 |")}</sheetData>'})),
        {"A1": ("n", "1"), "B1": ("n", "2")},
    ),
    "stray cell": (
        made.workbook('<row r="1"><c r="A1"><v>1</v></c></row><row r="1040000"><c r="O1040000"><v>2</v></c></row>'),
        {"A1": ("n", "1"), "O1040000": ("n", "2")},
    ),
}


@pytest.mark.parametrize("name", READ)
def test_made_files_that_are_read(reading: Reading, name: str) -> None:
    content, wanted = READ[name]
    assert cells(read(reading, content)) == wanted


def test_1904_dates_say_so(reading: Reading) -> None:
    book = read(reading, made.workbook(made.rows_of("| @44624 |"), date1904=True, formats=["0", "yyyy-mm-dd"]))
    assert isinstance(book, RawBook)
    assert book.date1904
    assert book.is_date(book.sheets[0].cells[1, 1])


@pytest.mark.parametrize("name", ["~$03_费用.xlsx", ".~03_费用.xlsx", ".~lock.03_费用.xlsx#"])
def test_owner_files_are_not_looked_at(name: str) -> None:
    assert unseen(name)


# -- nothing leaves the machine -------------------------------------------------------------------------------------


def test_what_reaches_out_is_named_and_never_followed(reading: Reading) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/x"
        book = read(reading, made.reaching_out(address))
        for refused in (
            made.with_type(DTD.format(address), "x"),
            made.with_type(ENTITY.format(address)),
            made.html(address),
        ):
            assert verdict(reading.read("x.xlsx", refused)) in {"dtd", "html"}
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()
    assert isinstance(book, RawBook)
    assert book.sheets[0].remote == ("A1", "A2", "A3", "A4")
    assert book.sheets[0].outside == ("B9",)
    assert book.remote_names == ("far",)
    assert set(book.links) == {f"{address}.png", "file:///\\\\srv\\价.xlsx", "DDE cmd|/c calc", "查询"}


AUDITED = """
import json, os, sys
from pipeline.intake import reader_worker
for codec in reader_worker._CODECS: "".encode(codec)
seen = set()
def hook(event, arguments):
    if event == "open" or event.split(".")[0] in {"socket", "subprocess", "os", "ctypes", "urllib", "import"}:
        seen.add(f"{event} {arguments!r}"[:200])
contents = [open(path, "rb").read() for path in sys.argv[1:]]
reader_worker.verdict("x.xlsx", contents[0])
sys.addaudithook(hook)
for content in contents:
    reader_worker.verdict("x.xlsx", content)
found = sorted(seen)
print(json.dumps(found))
"""


def audited(paths: list[Path]) -> list[str]:
    """Files, sockets and programs that gate and reader ask for while they look at these files, without their fences."""
    done = subprocess.run(
        [sys.executable, "-I", "-c", AUDITED, *map(str, paths)], capture_output=True, text=True, check=True
    )
    found: list[str] = json.loads(done.stdout)
    return found


def test_gate_and_reader_ask_the_system_for_nothing(tmp_path: Path) -> None:
    contents = [made.good(), made.reaching_out("http://127.0.0.1:9/x"), made.entity_bomb(), made.html(), made.ods()]
    paths = [tmp_path / f"{number}.xlsx" for number, _ in enumerate(contents)]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    assert audited(paths) == []


# -- the corpus -----------------------------------------------------------------------------------------------------

SHARDS = 16
corpus = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus lies beside the repository of the house only")


def expected() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def index() -> dict[str, dict[str, str]]:
    with (CORPUS / "index.csv").open(encoding="utf-8", newline="") as stream:
        return {row["file"]: row for row in csv.DictReader(stream)}


def judged(reading: Reading, name: str) -> dict[str, str]:
    """A row of the table: the verdict, and of a workbook that is read what there is to say about it."""
    found = reading.read(name, (CORPUS / name).read_bytes())
    row: dict[str, Any] = {"file": name, "verdict": verdict(found)}
    if isinstance(found, RawBook):
        all_cells = [cell for sheet in found.sheets for cell in sheet.cells.values()]
        row |= {
            "sheets": len(found.sheets),
            "cells": sum(cell.text is not None for cell in all_cells),
            "errors": sum(cell.kind == "e" for cell in all_cells),
            "never_calculated": sum(cell.text is None for cell in all_cells),
            "remote": sum(len(sheet.remote) for sheet in found.sheets),
            "outside": sum(len(sheet.outside) for sheet in found.sheets),
            "links": len(found.links),
            "date1904": int(found.date1904),
        }
    return {key: str(row.get(key, "")) for key in COLUMNS}


COLUMNS = (
    "file", "verdict", "sheets", "cells", "errors", "never_calculated", "remote", "outside", "links", "date1904",
)  # fmt: skip


@pytest.fixture(scope="module")
def one_child() -> Iterator[Reading]:
    one = Reading()
    yield one
    one.end()


@corpus
@pytest.mark.parametrize("shard", range(SHARDS))
def test_every_file_of_the_corpus_has_its_verdict(one_child: Reading, shard: int) -> None:
    """As Apache POI keeps its table: a change in either direction fails. The child's limits are 1 GB and 30 s."""
    rows = expected()[shard::SHARDS]
    assert [judged(one_child, row["file"]) for row in rows] == rows


@corpus
def test_the_table_lists_the_whole_corpus() -> None:
    assert sorted(row["file"] for row in expected()) == sorted(index())


@corpus
def test_what_the_corpus_is_known_for_is_seen() -> None:
    """Every encrypted file is named so, every macro refused, every outside link, error and old date system seen."""
    table = {row["file"]: row for row in expected()}
    for name, known in index().items():
        row = table[name]
        if known["encrypted"] == "1":
            assert row["verdict"].startswith("encrypted"), name
        if known["macro"] == "1" or known["xlm"] == "1":
            assert row["verdict"] in {"macro", "xlm", "xls", "xlsb", "encrypted_xls"}, name
        if row["verdict"] == "read" and known["ext_links"] == "1":
            assert int(row["links"]) > 0, name
        if row["verdict"] == "read":
            assert (row["date1904"] == "1") == (known["date1904"] == "1"), name
            assert int(row["errors"]) == int(known["error_cells"]), name
            # The index counts a formula that gave an empty text among them; we tell the two apart.
            assert int(row["never_calculated"]) <= int(known["formulas_nocache"]), name


@corpus
@pytest.mark.parametrize("shard", range(4))
def test_no_file_of_the_corpus_opens_anything(shard: int) -> None:
    assert audited([CORPUS / row["file"] for row in expected()[shard::4]]) == []
