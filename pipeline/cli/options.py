"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


class Day(click.ParamType[date]):
    """A day as 2026-03-05."""

    name = "DATE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Read the day or fail with the right spelling."""
        if isinstance(value, date):
            return value
        try:
            return datetime.strptime(str(value), "%Y-%m-%d").date()
        except ValueError:
            self.fail(f"{value}:日期写作 2026-03-05(write dates as 2026-03-05)", param, ctx)


def shared(command: F) -> F:
    """Options of every command that reads projects."""
    options = (
        click.option("--company", type=click.Path(path_type=Path), help="00 公司基础资料工作簿(workbook 00)"),
        click.option("--as-of", type=Day(), default=None, help="“今天”是哪天(default: today)"),
        click.option("--lang", type=click.Choice(["zh", "en"]), default=None, help="语言(language of messages)"),
        click.option("--json", "json_file", type=click.Path(path_type=Path), help="结果写成 JSON(result as JSON)"),
    )
    for option in reversed(options):
        command = option(command)
    return command


def today(as_of: date | None) -> date:
    """The given day, else the machine's."""
    return as_of or date.today()
