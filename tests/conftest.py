from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.adapters.files import sha256
from pipeline.adapters.office.libreoffice import LibreOffice
from pipeline.workspace.locks import locked
from tests.e2e.built import SHARED, shared


def pytest_configure(config: pytest.Config) -> None:
    """Hear Ctrl-C, and make the folder that all processes of the run share."""
    # A shell starts what it puts in the background deaf to Ctrl-C; the tests of Ctrl-C must hear it there, too.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if not hasattr(config, "workerinput"):
        os.environ[SHARED] = tempfile.mkdtemp(prefix="samples-built-")


def pytest_unconfigure(config: pytest.Config) -> None:
    """The process that started the others clears what they shared."""
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ.pop(SHARED), ignore_errors=True)


# Whole samples are built here, for a minute or more. They begin first, so that no process is left with one at the end;
# the first two need different samples, so that they do not wait for each other.
LONG = (
    "e2e/test_archival",
    "e2e/test_stopped",
    "e2e/",
    "service/post/test_queue.py",
    "service/test_crash.py",
    "render/test_new_record_form",
    "intake/test_two_readers",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest modules first; the others keep their order."""
    items.sort(key=lambda item: next((turn for turn, name in enumerate(LONG) if name in item.nodeid), len(LONG)))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the expected files of the samples again")


@pytest.fixture(scope="session")
def office() -> Iterator[LibreOffice]:
    """One LibreOffice for all tests of this process; its start costs more than twenty documents."""
    with LibreOffice() as shared:
        yield shared


@pytest.fixture(scope="session")
def resaved(office: LibreOffice) -> Callable[[Path], Path]:
    """A workbook as LibreOffice saves it again, under its own name; once for all processes of the run, read only."""

    def saved(path: Path) -> Path:
        kept = shared() / f"resaved-{sha256(path)}" / path.name
        with locked(shared(), kept.parent.name):
            kept.parent.mkdir(exist_ok=True)
            if not kept.exists():
                office.resave(path, kept)
        return kept

    return saved
