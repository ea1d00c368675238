from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.adapters.office.libreoffice import LibreOffice
from tests.render.cuts import sample
from tests.render.made_tables import TABLES, go_through

SHOWN = 40
"""Made tables that every run of the tests looks at; `scripts/soak rows` makes more."""


@pytest.mark.parametrize("number", range(SHOWN // TABLES))
def test_no_line_of_a_made_table_is_lost_and_no_document_refused(
    number: int, tmp_path: Path, office: LibreOffice
) -> None:
    made = go_through(number, sample(), office, tmp_path)
    assert len(made.lines) > TABLES
    assert made.fault == ""
