"""The command `presales`: words on the screen and exit codes, nothing else."""

from __future__ import annotations

import gc
import logging
import sys
import traceback

import click

from pipeline.cli.menu import Entry, Menu
from pipeline.core.errors import ExitCode, PipelineError

COMMANDS = {
    "alert": Entry("pipeline.cli.keeping:send_alert", "服务停了:写信给 PMO"),
    "audit": Entry("pipeline.cli.audit:audit_pack", "独立复核文件包"),
    "backup": Entry("pipeline.cli.keeping:make_backup", "备份工作区"),
    "batch": Entry("pipeline.cli.service:run_batch", "夜间批处理"),
    "build": Entry("pipeline.cli.check_build:build", "校验并生成文档、PDF 和文档包"),
    "check": Entry("pipeline.cli.check_build:check", "校验工作簿并列出问题"),
    "confirm": Entry("pipeline.cli.service:confirm_held", "待确认的确是这个项目的"),
    "doctor": Entry("pipeline.cli.doctor:doctor", "检查本机"),
    "explain": Entry("pipeline.cli.packs:explain_value", "说明打印的值来自哪个工作簿、哪张表、哪些单元格"),
    "export": Entry("pipeline.cli.export:export_tables", "导出供分析用的表和数据字典"),
    "forms": Entry("pipeline.cli.forms:forms", "表单:空白工作簿及其定义"),
    "gates": Entry("pipeline.cli.gates:show_gates", "逐步列出何时何人办完,或还缺什么、填哪个单元格、等谁"),
    "outbox": Entry("pipeline.cli.outbox:outbox", "发件箱:看、重发、取消、批准邮件"),
    "procedure": Entry("pipeline.cli.procedure:show_procedure", "逐条列出程序条款:步骤、表单、规则、文档"),
    "reissue": Entry("pipeline.cli.issued:reissue", "已签发的一份照现在的工作簿重出"),
    "reopen": Entry("pipeline.cli.service:reopen_project", "重新打开已归档的项目"),
    "restore": Entry("pipeline.cli.keeping:restore_backup", "从备份恢复工作区"),
    "status": Entry("pipeline.cli.service:show_status", "现在怎么样"),
    "templates": Entry("pipeline.cli.templates:templates", "输出文档的 Word 模板"),
    "tidy": Entry("pipeline.cli.keeping:tidy_up", "清理保存期满的"),
    "verify": Entry("pipeline.cli.packs:verify_pack", "核对文件包是否原样"),
    "watch": Entry("pipeline.cli.service:run_watch", "监视投放目录"),
    "why": Entry("pipeline.cli.service:show_why", "一个项目为什么运行了,或没有运行"),
    "withdraw": Entry("pipeline.cli.service:withdraw_file", "撤回误投的一份"),
    "worklog": Entry("pipeline.cli.worklog:report_logs", "核对工作日志,汇总成周报、月报"),
    "worker": Entry("pipeline.cli.cluster:run_worker", "替别的机器做项目"),
}


@click.group(cls=Menu, entries=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="presales-pipeline", prog_name="presales")
def presales() -> None:
    """网络工程售前文档流水线:校验工作簿,核对总额,生成项目计划文档包(check workbooks, make document packs).

    依据 Q/DY 03.2-2002《网络工程售前阶段项目控制程序》。
    """


def main() -> None:
    """Entry point: every way out has its exit code; staff never see a traceback."""
    # A run makes much that lives to its end: looking for rubbish every 700 objects takes a tenth of its time.
    gc.set_threshold(100_000, 10, 10)
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
