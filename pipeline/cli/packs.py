"""`presales verify` and `presales explain`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from pipeline.core.errors import ExitCode
from pipeline.core.places import Place, runs
from pipeline.definitions.wording import say
from pipeline.deliver.explain import Origin, explain
from pipeline.deliver.verify import verify

PACK = click.argument("pack", type=click.Path(path_type=Path))


@click.command(name="verify")
@PACK
@click.pass_context
def verify_pack(ctx: click.Context, pack: Path) -> None:
    """核对文件包是否原样:逐个说出缺少、多余、改动的文件(is the pack as it was made?).

    PACK: 文件包目录或压缩包。
    """
    problems = verify(pack)
    for problem in problems:
        click.echo(problem)
    if problems:
        click.echo(say("verify.wrong", pack=pack.name, count=len(problems)), err=True)
        ctx.exit(int(ExitCode.FINDINGS))
    click.echo(say("verify.well", pack=pack.name))


@click.command(name="explain")
@PACK
@click.argument("wanted", metavar="FIELD-OR-TEXT")
@click.pass_context
def explain_value(ctx: click.Context, pack: Path, wanted: str) -> None:
    """说明打印的值来自哪个工作簿、哪张表、哪些单元格(where does a printed value come from?).

    PACK: 文件包目录或压缩包。FIELD-OR-TEXT: 字段名,或文档里印出的文字、金额。
    """
    found = explain(pack, wanted)
    for origin in found:
        click.echo("\n".join(_lines(origin)))
    if not found:
        click.echo(say("explain.nothing", pack=pack.name, wanted=wanted), err=True)
        ctx.exit(int(ExitCode.FINDINGS))


def _lines(origin: Origin) -> list[str]:
    lines = [f"{origin.document} {origin.title}({origin.file})"]
    lines += [say("explain.field", name=origin.name), say("explain.text", text=origin.text)]
    if origin.value and origin.value != origin.text:
        lines.append(say("explain.value", value=origin.value))
    if not origin.cells:
        return [*lines, say("explain.no_cells")]
    lines.append(say("explain.cells", count=len(origin.cells)))
    lines += [f"    {sheet}!{'、'.join(cells)}" for sheet, cells in _by_sheet(origin.cells).items()]
    return lines + [say("explain.file", name=name, digest=digest) for name, digest in origin.hashes.items()]


def _by_sheet(cells: Iterable[str]) -> dict[str, list[str]]:
    """Cells by workbook and sheet, runs down a column joined: `[03_费用.xlsx]费用明细` to K12:K14, K20."""
    sheets: dict[str, list[Place]] = {}
    for cell in cells:
        sheet, _, address = cell.rpartition("!")
        sheets.setdefault(sheet or cell, []).append(Place(sheet, cell=address if sheet else say("explain.whole")))
    return {sheet: runs(places) for sheet, places in sheets.items()}
