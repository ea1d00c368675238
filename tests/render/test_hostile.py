"""Threat T12: templates that somebody edited run no code, open no connection, and stop within limits."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.adapters.limited import Limited, OverLimitError
from pipeline.core.errors import PipelineError
from pipeline.render.preview.context import preview_context
from pipeline.render.word.fill import render
from pipeline.render.word.safe_package import package_faults
from pipeline.render.word.templates import check_template
from tests.render import hostile
from tests.render.made_up import form

EVENTS = ("socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.fork", "ctypes.dlopen", "exec.wild")


def watched(folder: Path, log: Path) -> str:
    """Fill the template of a folder, as a build does, and write down every door that is tried."""

    def hook(event: str, _arguments: tuple[Any, ...]) -> None:
        if event.startswith(EVENTS):
            with log.open("a") as stream:
                stream.write(event + "\n")

    context = preview_context(form())
    sys.addaudithook(hook)
    render(form(), context, folder / "out.docx", draft=False, folder=folder)
    return "made"


def filled(folder: Path, seconds: float = 5) -> str:
    """What became of filling: `made`, or the reason against it."""
    log = folder / "log.txt"
    try:
        return str(Limited(watched, seconds=seconds, memory=1 << 30)(folder, log))
    except PipelineError as error:
        return str(error)
    except OverLimitError as error:
        return f"limit {error}"
    finally:
        assert not log.exists(), log.read_text()


@pytest.mark.parametrize("text", hostile.TAGS.values(), ids=hostile.TAGS)
def test_no_tag_runs_anything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.chdir(tmp_path)
    path = hostile.document(tmp_path / "TST.docx", "前", text, "后")
    start = time.monotonic()
    assert filled(tmp_path) != "made"
    assert time.monotonic() - start < 5
    assert sorted(path.name for path in tmp_path.iterdir()) == ["TST.docx"]
    assert Limited(check_template, seconds=5)(path, form())


@pytest.mark.parametrize("change", hostile.PACKAGES.values(), ids=hostile.PACKAGES)
def test_no_package_brings_anything(tmp_path: Path, change: Callable[[dict[str, bytes]], None]) -> None:
    path = hostile.package(tmp_path / "TST.docx", change)
    assert package_faults(path)
    assert check_template(path, form())
    assert "refused" in filled(tmp_path)
    assert not (tmp_path / "out.docx").exists()


def test_a_plain_template_with_the_usual_fields_is_filled(tmp_path: Path) -> None:
    page = hostile.field(" PAGE ") + hostile.field(' TOC \\o "1-2" \\h ') + hostile.field(" = 1 + 1 ")
    link = hostile.relation("hyperlink", "https://example.com/")

    def change(parts: dict[str, bytes]) -> None:
        hostile.into("word/document.xml", b"</w:body>", page)(parts)
        hostile.into("word/_rels/document.xml.rels", b"</Relationships>", link)(parts)

    path = hostile.package(tmp_path / "TST.docx", change)
    assert package_faults(path) == []
    assert filled(tmp_path) == "made"


def test_a_template_that_needs_too_long_is_ended_and_named(tmp_path: Path) -> None:
    """Allowed tags, but 60,000 of them in one paragraph: docxtpl's patterns go over it again and again."""
    text = "{% if project.name %}" * 300 + "x" + "{% endif %}" * 300
    hostile.document(tmp_path / "TST.docx", *[text] * 200)
    start = time.monotonic()
    assert filled(tmp_path, seconds=1).startswith(("limit", "TST.docx", "made"))
    assert time.monotonic() - start < 5


def test_a_file_that_is_no_package_is_named(tmp_path: Path) -> None:
    (tmp_path / "TST.docx").write_bytes(b"PK nothing")
    assert package_faults(tmp_path / "TST.docx")
    assert package_faults(tmp_path / "nowhere.docx")
