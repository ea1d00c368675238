"""What is wanted of a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.project_run import RunRequest
from tests.cases import AS_OF


@pytest.mark.parametrize(
    ("out", "pdf", "converts"), [(None, True, False), (Path("out"), True, True), (Path("out"), False, False)]
)
def test_only_pdfs_want_a_converter(out: Path | None, pdf: bool, converts: bool) -> None:
    assert RunRequest(AS_OF, out, pdf=pdf).converts is converts
