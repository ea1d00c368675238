"""`presales audit`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from pipeline.core.audits import Agreement, Audit
from pipeline.core.characters import printable
from pipeline.core.errors import ExitCode

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
        click.echo(f"{pack.name}:有 {len(found.audit.different)} 处不一致(the audit differs)。", err=True)
        ctx.exit(int(ExitCode.DOCUMENT))
    if found.problems or not (found.audit.figures or found.audit.printed):
        click.echo(f"{pack.name}:与制作时不符,或没有可以复核的(not as it was made, or nothing to audit)。", err=True)
        ctx.exit(int(ExitCode.FINDINGS))
    some = "能复核的都" if found.audit.remarks or found.audit.all_of(Agreement.UNCHECKED) else ""
    click.echo(f"{pack.name}:{some or '复核'}一致(what could be audited agrees)。")


def _lines(audit: Audit) -> Iterator[str]:
    yield from (f"说明:{remark}" for remark in audit.remarks)
    for kind in (Agreement.UNCHECKED, Agreement.CONVENTION, Agreement.DIFFERENT):
        yield from _shortened(f"{kind}:{line}" for line in audit.all_of(kind))
    counts = "、".join(f"{kind} {len(audit.all_of(kind))} 项" for kind in Agreement)
    yield f"合计数:{counts};印出的值 {audit.printed} 个、表格行 {audit.rows} 行逐个核对过"


def _shortened(lines: Iterable[str]) -> Iterator[str]:
    known = list(lines)
    yield from known[:_SHOWN]
    if len(known) > _SHOWN:
        yield f"……另有 {len(known) - _SHOWN} 项"
