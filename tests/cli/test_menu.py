"""The list of commands needs none of them; each is what the list says."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from pipeline.cli import COMMANDS, presales
from tests.cases import ROOT

_SAYS = "import sys; from pipeline.cli import run; run(['--help']); print(*sys.modules, file=sys.stderr)"


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_there_and_its_help_begins_with_its_line(name: str) -> None:
    command = COMMANDS[name].load()
    assert command.name == name
    assert (command.help or "").startswith(COMMANDS[name].does)


def test_the_list_names_every_command_with_its_line_uncut() -> None:
    listed = CliRunner().invoke(presales, ["--help"]).output
    for name, entry in COMMANDS.items():
        assert any(line.split() == [name, *entry.does.split()] for line in listed.splitlines())


def test_the_list_loads_no_command() -> None:
    done = subprocess.run([sys.executable, "-c", _SAYS], capture_output=True, text=True, cwd=ROOT, check=True)
    ours = {name for name in done.stderr.split() if name.startswith("pipeline")}
    assert ours == {"pipeline", "pipeline.cli", "pipeline.cli.menu", "pipeline.core", "pipeline.core.errors"}


def test_a_mistyped_command_gets_the_nearest_one() -> None:
    done = CliRunner().invoke(presales, ["chekc", "IN"])
    assert done.exit_code == click.UsageError.exit_code
    assert "没有命令 chekc。是不是 check" in done.output


def test_a_name_like_none_gets_the_way_to_the_list() -> None:
    done = CliRunner().invoke(presales, ["打包"])
    assert "没有命令 打包。全部命令:presales --help" in done.output
