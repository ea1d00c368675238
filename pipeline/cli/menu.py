"""A group of commands that are loaded when they are called: the list of them needs none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from typing import Any

import click

Found = tuple[str | None, click.Command | None, list[str]]


@dataclass(frozen=True)
class Entry:
    """One command of the menu.

    Attributes:
        where: module and name of the command, with a colon between.
        does: what it does, in one line; the command's own help begins with it.
    """

    where: str
    does: str

    def load(self) -> click.Command:
        """Import the command."""
        module, _, name = self.where.partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command


class Menu(click.Group):
    """A group that knows its commands by name and line, and imports the one that is called."""

    def __init__(self, *args: Any, entries: Mapping[str, Entry], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.entries = entries

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of the commands in order."""
        return sorted({*super().list_commands(ctx), *self.entries})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load the command that is called."""
        entry = self.entries.get(cmd_name)
        return entry.load() if entry else super().get_command(ctx, cmd_name)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Found:
        """Find the command; a name that is none gets the nearest ones."""
        name = args[0]
        if not name.startswith("-") and self.get_command(ctx, name) is None:
            near = "、".join(get_close_matches(name, self.list_commands(ctx)))
            hint = f"是不是 {near}?" if near else ""
            ctx.fail(f"没有命令 {name}。{hint}全部命令:presales --help(no such command)")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list from the entries."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, self.entries[name].does) for name in self.list_commands(ctx)])
