"""Whoever wants PDFs asks one factory; which program makes them is its secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.adapters.office import libreoffice
from pipeline.adapters.office.converters import Converter, converter, installed
from pipeline.adapters.office.crew import Crew
from pipeline.adapters.office.libreoffice import LibreOffice, Office
from pipeline.core.errors import DependencyMissing


def test_libreoffice_is_a_converter_as_the_settings_say(tmp_path: Path) -> None:
    offices: list[Converter] = [LibreOffice(), Crew([LibreOffice()])]  # mypy holds them together
    for office in offices:
        office.close()
    for ask in (installed, converter):
        with pytest.raises(DependencyMissing, match=str(tmp_path)):
            ask(str(tmp_path))


def test_what_is_installed_is_told_with_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[Path | None] = []
    monkeypatch.setattr(libreoffice, "probe", lambda path: looked.append(path) or Office(tmp_path, "7.4"))
    assert installed() == f"7.4({tmp_path})"
    assert installed("there") == f"7.4({tmp_path})"
    assert looked == [None, Path("there")]
