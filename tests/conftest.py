from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from pipeline.adapters.libreoffice import LibreOffice


def pytest_configure() -> None:
    """A shell starts what it puts in the background deaf to Ctrl-C; the tests of Ctrl-C must hear it there, too."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the expected files of the samples again")


@pytest.fixture(scope="session")
def office() -> Iterator[LibreOffice]:
    """One LibreOffice for all tests of this process; its start costs more than twenty documents."""
    with LibreOffice() as shared:
        yield shared
