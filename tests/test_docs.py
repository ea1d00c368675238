"""The guides say only what the product does: commands, options, rules, exit codes, refusals, settings, pictures."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from types import ModuleType

import click
import pytest

from pipeline.cli import presales
from pipeline.core.errors import ExitCode
from pipeline.definitions.catalogue import load_catalogue
from pipeline.definitions.documents import DocumentForm, load_documents
from pipeline.definitions.forms import load_forms
from pipeline.intake.gate import WORKBOOK_SUFFIXES
from pipeline.intake.refusals import reasons
from pipeline.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
STAFF, OPERATOR, AUTHOR = DOCS / "填写指南.md", DOCS / "运行手册.md", DOCS / "模板指南.md"
PMO = DOCS / "项目看板.md"
GUIDES = (STAFF, OPERATOR, AUTHOR, PMO)
PROCEDURES = DOCS / "各程序对照.md"
PAGES = (*GUIDES, PROCEDURES, DOCS / "设计说明.md", ROOT / "README.md", ROOT / "README.zh-CN.md")
PICTURES = DOCS / "图"
# Known to `main`, not to click.
EVERYWHERE = {"--debug"}
by_name = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def code_of(page: Path) -> Iterator[str]:
    """Lines of code blocks, without comments, and inline code."""
    blocks = re.findall(r"```[a-z]*\n(.*?)```", text(page), re.DOTALL)
    for line in "\n".join(blocks).splitlines():
        yield line.split(" #")[0]
    yield from re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text(page), flags=re.DOTALL))


# -- commands ---------------------------------------------------------------------------------------------------


def options(command: click.Command) -> set[str]:
    own = {
        name
        for parameter in command.params
        if isinstance(parameter, click.Option)
        for name in (*parameter.opts, *parameter.secondary_opts)
    }
    return own | {"--help", "-h"} | EVERYWHERE


def commands(group: click.Group = presales, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], set[str]]]:
    yield path, options(group)
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), options(command)


COMMANDS = dict(commands())
GROUPS = {("forms",), ("templates",), ("outbox",)}
ALL_OPTIONS = set().union(*COMMANDS.values())


def calls(page: Path) -> Iterator[tuple[str, tuple[str, ...], set[str]]]:
    """Every call of `presales` that a page shows: its text, the command, the options."""
    for line in code_of(page):
        match = re.search(r"^(?:\S*/bin/)?presales((?:\s+\S+)+)", line.strip())
        if match:
            words = match[1].split()
            used = {word for word in words if re.fullmatch(r"-[a-z]|--[a-z-]+", word)}
            yield line, command_of(words), used


def command_of(words: list[str]) -> tuple[str, ...]:
    """The longest beginning that names a command; what is no command at all stays, so that it is found out."""
    path: tuple[str, ...] = ()
    for word in words:
        group = path == () or path in GROUPS
        if not group or word.startswith("-"):
            break
        path = (*path, word)
    return path


@by_name
def test_commands_and_options_exist(page: Path) -> None:
    wrong = [line for line, path, used in calls(page) if path not in COMMANDS or not used <= COMMANDS[path]]
    assert wrong == []


@by_name
def test_options_in_the_text_exist(page: Path) -> None:
    outside = (code for code in code_of(page) if code.startswith("--"))
    assert {code.split()[0] for code in outside} <= ALL_OPTIONS


def test_every_command_and_option_is_in_the_operators_guide() -> None:
    shown = {path for _, path, _ in calls(OPERATOR)}
    leaves = {path for path in COMMANDS if path not in GROUPS}
    assert shown >= leaves
    for option in ALL_OPTIONS - {"-h"}:
        assert re.search(rf"(?<![\w-]){option}(?![\w-])", text(OPERATOR)), option


def test_a_wrong_command_is_found(tmp_path: Path) -> None:
    page = tmp_path / "x.md"
    page.write_text("`presales gaze IN` `presales forms spoil X` `presales check X --pdf`\n", encoding="utf-8")
    found = [(path in COMMANDS, used) for _, path, used in calls(page)]
    assert found == [(False, set()), (False, set()), (True, {"--pdf"})]


# -- rules, exit codes, refusals, settings ------------------------------------------------------------------------


@by_name
def test_rules_exist(page: Path) -> None:
    mentioned = set(re.findall(r"\b[FWXGBP]\d{3}\b", text(page)))
    assert mentioned <= set(load_catalogue())


def test_exit_codes_are_in_the_operators_guide() -> None:
    rows = re.findall(r"^\| (\d+) \| ([^|]+) \| ([^|]+) \|$", text(OPERATOR), re.MULTILINE)
    assert [int(code) for code, _, _ in rows] == [code.value for code in ExitCode]


@pytest.mark.parametrize("reason", reasons())
def test_refusals_are_in_the_staff_guide_with_what_to_do(reason: str) -> None:
    rows = dict(re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", text(STAFF), re.MULTILINE))
    assert rows.get(reasons()[reason].zh, "").strip() not in {"", "—"}


def test_settings_are_in_the_operators_guide() -> None:
    keys = {field.name for field in fields(Settings)}
    block = next(b for b in re.findall(r"```toml\n(.*?)```", text(OPERATOR), re.DOTALL) if "company" in b)
    assert set(re.findall(r"^(\w+) =", block, re.MULTILINE)) == keys - {"mail_password"}, "never in a file"
    variables = set(re.findall(r"PRESALES_[A-Z_]*[A-Z]", text(OPERATOR)))
    assert variables == {f"PRESALES_{key.upper()}" for key in keys} | {"PRESALES_CONFIG"}


def test_suffixes_that_are_looked_at_are_in_the_operators_guide() -> None:
    said = next(code for code in code_of(OPERATOR) if code.startswith(".xlsx ."))
    assert set(said.split()) == WORKBOOK_SUFFIXES


def test_workbooks_and_documents_are_named() -> None:
    for form in load_forms().values():
        assert f"| {form.no} " in text(STAFF), form.name
    for code in load_documents():
        assert re.search(rf"\b{code}\b", text(OPERATOR)), code


def test_columns_of_documents_toml_are_in_the_authors_guide() -> None:
    section = text(AUTHOR).split("## documents.toml 的列")[1].split("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == _columns()


def _columns() -> list[str]:
    """In the order of the file's own head."""
    head = text(ROOT / "output_templates" / "documents.toml").split("[[document]]")[1]
    order = re.findall(r"^(\w+) =", head, re.MULTILINE)
    assert set(order) == {field.name for field in fields(DocumentForm)}
    return order


# -- pictures and links -------------------------------------------------------------------------------------------


def linked(page: Path) -> Iterator[str]:
    yield from re.findall(r"\]\(([^)\s]+)\)", text(page))


@by_name
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for link in linked(page):
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        if name.startswith("http"):
            continue
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


def anchors(page: Path) -> set[str]:
    """Anchors of a page: explicit ones, and of the headings as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", text(page), flags=re.DOTALL), re.MULTILINE)
    made = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return made | set(re.findall(r'<a id="([^"]+)">', text(page)))


def test_every_picture_is_used_small_and_made_by_the_script() -> None:
    used = {Path(link).stem for page in GUIDES for link in linked(page) if link.startswith("图/")}
    there = {path.stem for path in PICTURES.iterdir()}
    assert used == there == set(pictures_script().PICTURES)
    assert max(path.stat().st_size for path in PICTURES.iterdir()) < pictures_script().LARGEST


def pictures_script() -> ModuleType:
    name = "doc_pictures"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]
