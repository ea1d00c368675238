from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from pipeline.definitions.forms import Form
from pipeline.service import starting


@pytest.fixture(scope="session", autouse=True)
def blanks_once() -> Iterator[None]:
    """The blanks of the same forms and company are written once; nearly every test makes a workspace that has them."""
    kept: dict[str, tuple[object, dict[str, bytes]]] = {}
    real = starting.write_set

    def write_set(forms: Mapping[str, Form], folder: Path, *more: object) -> list[Path]:
        asked = repr(([(key, id(form)) for key, form in forms.items()], more))
        if asked not in kept:
            made = real(forms, folder, *more)
            kept[asked] = dict(forms), {path.name: path.read_bytes() for path in made}
            return made
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in kept[asked][1].items():
            (folder / name).write_bytes(content)
        return [folder / name for name in kept[asked][1]]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(starting, "write_set", write_set)
        yield
