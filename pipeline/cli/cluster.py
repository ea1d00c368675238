"""`presales worker`, and the options of commands that have projects done by workers."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import click

from pipeline.adapters.fonts import require
from pipeline.adapters.office.converters import installed
from pipeline.adapters.private_folders import private_folder
from pipeline.core.errors import UsageProblem
from pipeline.definitions.wording import say
from pipeline.project_run.pool import Engine, engine
from pipeline.render.word.template_fonts import template_families
from pipeline.settings import Settings, load_settings

F = TypeVar("F", bound=Callable[..., Any])
_OPTIONS = (
    click.option("--scheduler", default=None, metavar="tcp://主机:8786", help="Dask 调度器(Dask scheduler)"),
    click.option(
        "--exchange", default=None, type=click.Path(path_type=Path), help="各台机器都能读写的交换目录(exchange folder)"
    ),
)


def CLUSTER(command: F) -> F:  # noqa: N802  a decorator beside the other options
    """Options that say where the workers are."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def engine_of(settings: Settings, scheduler: str | None, exchange: Path | None, jobs: int | None) -> tuple[Engine, int]:
    """Where projects are run, and how many at the same time: with a scheduler as many as its workers take.

    Raises:
        UsageProblem: half of what is needed is given.
        DependencyMissing: Dask is not installed.
        NotReady: the cluster cannot be used now.
    """
    wanted = _with(settings, scheduler, exchange)
    if not wanted.scheduler:
        return engine, jobs or settings.jobs
    access = _access(wanted)
    from pipeline.project_run.cluster.leader import cluster_of

    cluster = cluster_of(access, _program(wanted))
    return cluster.engine, jobs or cluster.slots


@click.command(name="worker")
@CLUSTER
@click.option("--jobs", type=click.IntRange(1, 64), default=None, help="同时处理几个项目(projects at a time)")
@click.option(
    "--cache", type=click.Path(path_type=Path), default=None, help="图和 PDF 的缓存目录(kept between projects)"
)
def run_worker(scheduler: str | None, exchange: Path | None, jobs: int | None, cache: Path | None) -> None:
    """替别的机器做项目:夜间批处理分来什么就做什么(work for the night of another machine).

    用 Ctrl-C 或 SIGTERM 停止;正在做的项目由别的工作进程重做。
    """
    settings = _with(load_settings(Path.cwd()), scheduler, exchange)
    access, program = _access(settings), _program(settings)
    require(template_families())
    from pipeline.project_run.cluster.worker import Bench, serve

    with ExitStack() as stack:
        kept = cache.absolute() if cache else stack.enter_context(private_folder())
        kept.mkdir(parents=True, exist_ok=True)
        serve(access, program, Bench(access.exchange, settings.libreoffice, kept, jobs or settings.jobs))


def _with(settings: Settings, scheduler: str | None, exchange: Path | None) -> Settings:
    """The settings with what the command line says."""
    folder = str(exchange.absolute()) if exchange else settings.exchange
    return replace(settings, scheduler=scheduler or settings.scheduler, exchange=folder)


def _access(settings: Settings) -> Any:
    from pipeline.project_run.cluster.access import Access

    if not settings.scheduler or not settings.exchange:
        raise UsageProblem("--scheduler 和 --exchange 要一起写(name the scheduler and the exchange folder)。")
    access = Access(
        settings.scheduler, Path(settings.exchange), settings.tls_ca_file, settings.tls_cert, settings.tls_key
    )
    if access.open:
        click.echo(say("cluster.open", scheduler=access.scheduler), err=True)
    access.security()  # says so where Dask is not there
    return access


def _program(settings: Settings) -> str:
    """What decides what a project's documents are, beside its inputs: the same here and there, or they do not meet."""
    from pipeline.service.runs.dependence import of_the_program

    version = installed(settings.libreoffice).partition("(")[0]
    return "\n".join([*of_the_program().values(), version])
