"""The command `presales`: words on the screen and exit codes, nothing else."""

from __future__ import annotations

import logging
import sys
import traceback

import click

from pipeline.cli.audit import audit_pack
from pipeline.cli.check_build import build, check
from pipeline.cli.doctor import doctor
from pipeline.cli.forms import forms
from pipeline.cli.gates import show_gates
from pipeline.cli.issued import reissue
from pipeline.cli.keeping import make_backup, restore_backup, send_alert, tidy_up
from pipeline.cli.outbox import outbox
from pipeline.cli.packs import explain_value, verify_pack
from pipeline.cli.procedure import show_procedure
from pipeline.cli.service import (
    confirm_held,
    reopen_project,
    run_batch,
    run_watch,
    show_status,
    show_why,
    withdraw_file,
)
from pipeline.cli.templates import templates
from pipeline.core.errors import ExitCode, PipelineError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="presales-pipeline", prog_name="presales")
def presales() -> None:
    """网络工程售前文档流水线:校验工作簿,核对总额,生成项目计划文档包(check workbooks, make document packs).

    依据 Q/DY 03.2-2002《网络工程售前阶段项目控制程序》。
    """


COMMANDS = (
    *(check, build, run_batch, run_watch, show_status, send_alert, make_backup, restore_backup, tidy_up),
    *(show_why, reopen_project, withdraw_file, confirm_held),
    *(reissue, verify_pack, audit_pack, explain_value, show_procedure, show_gates, forms, templates, outbox, doctor),
)
for command in COMMANDS:
    presales.add_command(command)


def main() -> None:
    """Entry point: every way out has its exit code; staff never see a traceback."""
    debug = "--debug" in sys.argv
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    sys.exit(run(arguments, debug=debug))


def run(arguments: list[str], *, debug: bool = False) -> int:
    """Run the command line and return the exit code.

    Args:
        arguments: words after the program's name.
        debug: show the traceback of an unexpected failure.
    """
    if debug:
        logging.basicConfig()
        logging.getLogger("presales").setLevel(logging.DEBUG)
    try:
        code = presales.main(args=arguments, prog_name="presales", standalone_mode=False)
        return int(code or ExitCode.DONE)
    except PipelineError as error:
        click.echo(f"错误:{error}", err=True)
        return int(error.exit_code)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except (click.exceptions.Abort, KeyboardInterrupt):
        click.echo("已中断(interrupted)。", err=True)
        return int(ExitCode.INTERRUPTED)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except Exception as error:
        if debug:
            traceback.print_exc()
        click.echo(f"内部错误(unexpected):{type(error).__name__}: {error}。加 --debug 可看细节。", err=True)
        return int(ExitCode.UNEXPECTED)
