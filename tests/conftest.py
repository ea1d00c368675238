from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator

import pytest

from pipeline.adapters.libreoffice import LibreOffice
from tests.e2e.built import SHARED


def pytest_configure(config: pytest.Config) -> None:
    """Hear Ctrl-C, and make the folder that all processes of the run share."""
    # A shell starts what it puts in the background deaf to Ctrl-C; the tests of Ctrl-C must hear it there, too.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if not hasattr(config, "workerinput"):
        os.environ[SHARED] = tempfile.mkdtemp(prefix="presales-built-")


def pytest_unconfigure(config: pytest.Config) -> None:
    """The process that started the others clears what they shared."""
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ.pop(SHARED), ignore_errors=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the expected files of the samples again")


@pytest.fixture(scope="session")
def office() -> Iterator[LibreOffice]:
    """One LibreOffice for all tests of this process; its start costs more than twenty documents."""
    with LibreOffice() as shared:
        yield shared
