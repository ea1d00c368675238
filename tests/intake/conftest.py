from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases import DORM, TV, write_sample


@pytest.fixture(scope="session")
def dorm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the ordinary sample; read only."""
    return write_sample(tmp_path_factory.mktemp("dorm"), (), DORM)


@pytest.fixture(scope="session")
def tv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the major sample; read only."""
    return write_sample(tmp_path_factory.mktemp("tv"), (), TV)
