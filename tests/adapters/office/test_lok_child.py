"""How LibreOffice fails, played by stand-ins, and what the operator finds afterwards: nothing left behind."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import docx
import pytest
import xlsxwriter
from pypdf import PdfReader, PdfWriter

from pipeline.adapters.office import libreoffice
from pipeline.adapters.office.libreoffice import WORKER, LibreOffice, Office
from pipeline.core.errors import DocumentFailed


def write(path: Path, text: str) -> Path:
    document = docx.Document()
    document.add_paragraph(text)
    document.save(str(path))
    return path


def alive_children() -> set[int]:
    """Our child processes that are not just waiting to be reaped."""
    alive = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if int(parent) == os.getpid() and state != "Z":
            alive.add(int(stat.parent.name))
    return alive


def test_a_killed_child_is_replaced(temp: Path, tmp_path: Path) -> None:
    source = write(tmp_path / "a.docx", "甲乙丙")
    before = alive_children()
    with LibreOffice() as office:
        office.to_pdf(source, tmp_path / "1.pdf")
        (first,) = alive_children() - before
        os.killpg(first, signal.SIGKILL)
        office.to_pdf(source, tmp_path / "2.pdf")
        (second,) = alive_children() - before
        assert second != first
        assert len(list(temp.iterdir())) == 1
    assert "甲乙丙" in PdfReader(tmp_path / "2.pdf").pages[0].extract_text()
    assert alive_children() == before
    assert list(temp.iterdir()) == []


SLEEP = "signal.pause()"
WORKERS = {
    "hangs": SLEEP,
    "hangs with a child": f"subprocess.Popen([sys.executable, '-c', 'import signal; {SLEEP}']); {SLEEP}",
    "dies": "os._exit(1)",
    "raises": "raise RuntimeError('out of paper')",
    "babbles": "print('Warning: javaldx'); sys.stdout.flush(); " + SLEEP,
    "answers another": 'print(\'{"id": 7, "outcome": "done"}\'); sys.stdout.flush(); ' + SLEEP,
    "answers no object": "print('[]'); sys.stdout.flush(); " + SLEEP,
    "never ends a line": "while True: sys.stdout.write('x' * 5000)",
    "is not UTF-8": "sys.stdout.buffer.write(b'\\xff\\xfe\\n'); sys.stdout.flush(); " + SLEEP,
}


def stand_in(folder: Path, does: str) -> Path:
    """A worker that writes its number into ``started``, waits for a question, and then ``does``."""
    script = folder / "worker.py"
    started = f"open({str(folder / 'started')!r}, 'a').write(f'{{os.getpid()}} ')"
    lines = (
        "import json, os, signal, subprocess, sys",
        started,
        "question = json.loads(sys.stdin.readline())",
        does,
    )
    script.write_text("\n".join(lines))
    return script


def started(folder: Path) -> list[int]:
    return [int(number) for number in (folder / "started").read_text().split()]


def assert_gone(*groups: int) -> None:
    """Killed processes of the groups are dead within a moment; nobody else's are looked at."""
    deadline = time.monotonic() + 2
    while not all(is_gone(group) for group in groups):
        assert time.monotonic() < deadline


def is_gone(group: int) -> bool:
    """No process of the group is left but such as wait for init to reap them."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, its_group = stat.read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(its_group) == group and state != "Z":
            return False
    return True


@pytest.mark.parametrize("does", WORKERS.values(), ids=WORKERS)
def test_a_worker_that_fails_twice_fails_the_document(temp: Path, tmp_path: Path, does: str) -> None:
    source = write(tmp_path / "立项书.docx", "甲")
    begin = time.monotonic()
    with LibreOffice(Office(tmp_path, "0"), timeout_s=0.4, worker=stand_in(tmp_path, does)) as office:
        with pytest.raises(DocumentFailed, match=r"立项书\.docx"):
            office.to_pdf(source, tmp_path / "a.pdf")
        assert time.monotonic() - begin < 3
        assert list(temp.iterdir()) == []
    assert len(set(started(tmp_path))) == 2
    assert_gone(*started(tmp_path))
    assert not (tmp_path / "a.pdf").exists()


@pytest.mark.parametrize(("length", "limit_s"), [(1, 150), (1_100_000, 165)])
def test_a_long_document_may_take_longer(temp: Path, tmp_path: Path, length: int, limit_s: int) -> None:
    worker = stand_in(tmp_path, f"open({str(tmp_path / 'limit')!r}, 'w').write(str(question['limit_s'])); os._exit(1)")
    with LibreOffice(Office(tmp_path, "0"), worker=worker) as office, pytest.raises(DocumentFailed):
        office.to_pdf(write(tmp_path / "a.docx", "x" * length), tmp_path / "a.pdf")
    assert (tmp_path / "limit").read_text() == str(limit_s)


def test_the_last_words_of_a_worker_reach_the_operator(temp: Path, tmp_path: Path) -> None:
    worker = stand_in(tmp_path, WORKERS["raises"])
    with (
        LibreOffice(Office(tmp_path, "0"), worker=worker) as office,
        pytest.raises(DocumentFailed, match="out of paper"),
    ):
        office.to_pdf(write(tmp_path / "a.docx", "甲"), tmp_path / "a.pdf")


ANSWER = "print(json.dumps({'id': question['id'], 'outcome': 'done', 'reason': ''}))"


def blank_pdf() -> bytes:
    """A sound PDF that is not the PDF/A that was asked for."""
    out = io.BytesIO()
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize(
    "content",
    [None, b"", b"%PDF-1.7\n", b"%PDF-1.7\n%%EOF\n", b"PK\x03\x04", blank_pdf()],
    ids=["none", "empty", "cut", "hollow", "zip", "no claim"],
)
def test_done_is_not_believed_without_a_good_file(temp: Path, tmp_path: Path, content: bytes | None) -> None:
    wrote = "" if content is None else f"open(question['target'], 'wb').write({content!r})"
    worker = stand_in(tmp_path, f"{wrote}\n{ANSWER}")
    with (
        LibreOffice(Office(tmp_path, "0"), worker=worker) as office,
        pytest.raises(DocumentFailed, match="usable"),
    ):
        office.to_pdf(write(tmp_path / "a.docx", "甲"), tmp_path / "a.pdf")
    assert not (tmp_path / "a.pdf").exists()
    assert len(set(started(tmp_path))) == 2  # a fresh one was asked, too


def test_a_child_is_replaced_after_its_share_of_documents(
    temp: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(libreoffice, "DOCUMENTS_PER_CHILD", 2)
    refused = ANSWER.replace("done", "failed")
    forever = f"while True:\n  {refused}\n  sys.stdout.flush()\n  question = json.loads(sys.stdin.readline())"
    source = write(tmp_path / "a.docx", "甲")
    with LibreOffice(Office(tmp_path, "0"), worker=stand_in(tmp_path, forever)) as office:
        for _ in range(5):
            with pytest.raises(DocumentFailed, match="refused"):
                office.to_pdf(source, tmp_path / "a.pdf")
    assert len(set(started(tmp_path))) == 3


def test_an_interrupt_leaves_nothing_behind(temp: Path, tmp_path: Path) -> None:
    worker = stand_in(tmp_path, f"os.kill(os.getppid(), signal.SIGINT); {SLEEP}")
    with LibreOffice(Office(tmp_path, "0"), worker=worker) as office, pytest.raises(KeyboardInterrupt):
        office.to_pdf(write(tmp_path / "a.docx", "甲"), tmp_path / "a.pdf")
    assert_gone(*started(tmp_path))
    assert list(temp.iterdir()) == []


def test_a_worker_whose_starter_was_killed_tidies_up_itself(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    subprocess.run(
        [sys.executable, "-I", str(WORKER), str(tmp_path), str(home)],
        stdin=subprocess.DEVNULL,
        timeout=10,
        check=True,
    )
    assert not home.exists()


def test_a_workbook_that_takes_too_long_takes_its_soffice_with_it(temp: Path, tmp_path: Path) -> None:
    xlsxwriter.Workbook(tmp_path / "a.xlsx").close()
    with LibreOffice(timeout_s=0.3) as office, pytest.raises(DocumentFailed, match=r"within 0\.3 s"):
        office.resave(tmp_path / "a.xlsx", tmp_path / "b.xlsx")
    deadline = time.monotonic() + 2
    while programs():
        assert time.monotonic() < deadline
    assert list(temp.iterdir()) == []


def programs() -> set[str]:
    """The running soffice processes that work in our folder for temporary files."""
    ours = tempfile.gettempdir().encode()
    lines = set()
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = process.read_bytes()
        except OSError:
            continue
        if b"soffice" in line and ours in line:
            lines.add(process.parent.name)
    return lines
