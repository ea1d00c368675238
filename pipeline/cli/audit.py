"""`presales audit`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from pipeline.core.audits import Agreement, Audit
from pipeline.core.characters import printable
from pipeline.core.errors import ExitCode
from pipeline.definitions.wording import say

_SHOWN = 50


@click.command(name="audit")
@click.argument("pack", type=click.Path(path_type=Path))
@click.pass_context
def audit_pack(ctx: click.Context, pack: Path) -> None:
    """独立复核文件包:用包里的工作簿另算一遍,与印出的逐项核对(recompute a pack from its own workbooks).

    PACK: 文件包目录或压缩包。只用包里的东西,不需要工作区和设置;先核对文件是否原样,再复核数。
    """
    from pipeline.project_run.audited import audit_published

    found = audit_published(pack)
    for line in (*found.problems, *_lines(found.audit)):
        click.echo(printable(line))
    if found.audit.different:
        click.echo(say("audit.differs", pack=pack.name, count=len(found.audit.different)), err=True)
        ctx.exit(int(ExitCode.DOCUMENT))
    if found.problems or not (found.audit.figures or found.audit.printed):
        click.echo(say("audit.nothing", pack=pack.name), err=True)
        ctx.exit(int(ExitCode.FINDINGS))
    in_part = found.audit.remarks or found.audit.all_of(Agreement.UNCHECKED)
    click.echo(say("audit.agrees_in_part" if in_part else "audit.agrees", pack=pack.name))


def _lines(audit: Audit) -> Iterator[str]:
    yield from (say("audit.remark", remark=remark) for remark in audit.remarks)
    for kind in (Agreement.UNCHECKED, Agreement.CONVENTION, Agreement.DIFFERENT):
        yield from _shortened(f"{kind}:{line}" for line in audit.all_of(kind))
    counts = "、".join(say("audit.count", kind=kind, count=len(audit.all_of(kind))) for kind in Agreement)
    yield say("audit.counts", counts=counts, printed=audit.printed, rows=audit.rows)


def _shortened(lines: Iterable[str]) -> Iterator[str]:
    known = list(lines)
    yield from known[:_SHOWN]
    if len(known) > _SHOWN:
        yield say("audit.more", count=len(known) - _SHOWN)
