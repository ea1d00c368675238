"""`presales doctor`: is everything there that a run needs?"""

from __future__ import annotations

import os
import pwd
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

import click

from pipeline.adapters.fonts import require
from pipeline.adapters.office.converters import installed
from pipeline.cli.options import today
from pipeline.core.errors import (
    DefinitionError,
    DeliveryFailed,
    ExitCode,
    PipelineError,
    UsageProblem,
)
from pipeline.definitions.catalogue import load_catalogue
from pipeline.definitions.forms import data_folder, load_forms
from pipeline.deliver.mail.delivery import greet
from pipeline.deliver.mail.letter import check_mail_templates, size_text
from pipeline.intake.company import find_company, read_company
from pipeline.render.word.template_fonts import template_families
from pipeline.render.word.templates import check_templates
from pipeline.service import state
from pipeline.service.post.sending import server_of
from pipeline.service.runs import premises
from pipeline.service.unattended import PUBLISHED
from pipeline.settings import load_settings
from pipeline.workspace.layout import Workspace
from pipeline.workspace.ledger import FILE

Test = tuple[str, Callable[[], str]]


@click.command()
@click.option("-w", "--workspace", type=click.Path(path_type=Path), help="也检查工作区(check a workspace, too)")
@click.option("--inbox", type=click.Path(path_type=Path), help="和它的投放目录(and its inbox)")
@click.pass_context
def doctor(ctx: click.Context, workspace: Path | None, inbox: Path | None) -> None:
    """检查本机:设置、程序、字体、表单、模板、邮件(不发信);加 -w 再检查工作区(is everything there that a run needs?)."""
    worst = ExitCode.DONE
    tests = [*_TESTS, *_mail()]
    if workspace:
        tests += [("目录", partial(_folders, workspace, inbox)), ("台账和库存", partial(_ledger, workspace))]
    for name, test in tests:
        try:
            click.echo(f"正常  {name}:{test()}")
        except PipelineError as error:
            click.echo(f"缺失  {name}:{error}")
            worst = max(worst, error.exit_code)
    ctx.exit(int(worst))


def _settings() -> str:
    settings = load_settings(Path.cwd())
    return f"语言 {settings.lang},转换时限 {settings.convert_timeout_s} 秒"


def _libreoffice() -> str:
    return installed(load_settings(Path.cwd()).libreoffice)


def _fonts() -> str:
    """Every family of the templates has its face; agreed substitutes are named, other ones are a fault."""
    families = template_families()
    replaced = require(families)
    return "; ".join([f"{len(families)} 种字体都有字形", *replaced])


def _definitions() -> str:
    return f"{len(load_forms())} 个工作簿,{len(load_catalogue())} 条规则"


def _templates() -> str:
    problems = check_templates(data_folder("output_templates"))
    if problems:
        raise DefinitionError("".join(problems[:3]))
    return "全部名称可用"


def _mail() -> Sequence[Test]:
    """What a letter needs; faulty settings are told by their own test."""
    with suppress(PipelineError):
        if load_settings(Path.cwd()).mail_host:
            return _MAIL
        return (("邮件", lambda: "没有启用(没有设置 mail_host),不写信,不发信"),)
    return ()


def _mail_sender() -> str:
    settings = load_settings(Path.cwd())
    server = server_of(settings)
    if server.user and not server.password:
        raise DefinitionError("没有密码:请设置 mail_password_file,或环境变量 PRESALES_MAIL_PASSWORD(no password)。")
    if settings.mail_password_file and Path(settings.mail_password_file).stat().st_mode & 0o007:
        raise DefinitionError(
            f"{settings.mail_password_file}:别的账号也能读,请 chmod 600(others may read the password)。"
        )
    source = settings.mail_password_file or "环境变量 PRESALES_MAIL_PASSWORD"
    login = f"用户 {server.user},密码取自 {source}" if server.user else "不登录"
    return f"发件人 {settings.mail_from},{login}"


def _mail_server() -> str:
    server = replace(server_of(load_settings(Path.cwd())), connect_s=10, answer_s=20, total_s=40)
    limit = greet(server)
    login = f",已登录 {server.user}" if server.user else ""
    return f"{server.host}:{server.port} 可用({server.security}{login}),单封最大 {size_text(limit)};没有发信"


def _mail_templates() -> str:
    if faults := check_mail_templates(data_folder("output_templates")):
        raise DefinitionError(";".join(faults[:3]))
    return "可用"


def _company() -> str:
    """Where it is, and what it leaves to the definitions: parameters that it lacks, with the values that count."""
    settings, forms = load_settings(Path.cwd()), load_forms()
    setting = Path(settings.company) if settings.company else None
    try:
        path = find_company(None, [Path.cwd()], setting, forms)
    except PipelineError:
        return "当前目录没有;运行时在项目目录旁查找,或用 --company 指定"
    lacking = read_company(path, forms).lacking(today(None))
    said = "、".join(f"{key} = {value}" for key, value in lacking.items())
    return f"{path}" + (f";没有以下参数,取默认值(parameters by default):{said}" if said else "")


def _folders(root: Path, inbox: Path | None) -> str:
    settings = load_settings(Path.cwd())
    workspace = Workspace(root.absolute())
    inbox = inbox or (Path(settings.inbox) if settings.inbox else None)
    publish = Path(settings.publish_dir) if settings.publish_dir else workspace.root / PUBLISHED
    problems = premises.inspect(inbox and inbox.absolute(), workspace, publish, settings.min_free_mb)
    problems += _closed([folder for folder in (inbox, publish) if folder])
    if problems:
        raise UsageProblem("".join(problems))
    return f"工作区 {workspace.root},发布目录 {publish}(以 {_account()} 的身份检查)"


def _closed(folders: Sequence[Path]) -> list[str]:
    """Folders in which this account may not write; one that is not there yet is made where that is possible."""
    standing = [next(path for path in (folder, *folder.absolute().parents) if path.exists()) for folder in folders]
    closed = [folder for folder in dict.fromkeys(standing) if not os.access(folder, os.W_OK | os.X_OK)]
    return [f"{folder}:{_account()} 没有写权限(not writable)。" for folder in closed]


def _account() -> str:
    """The account that looks; what another one may do is another question."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())


def _ledger(root: Path) -> str:
    if not (root / FILE).is_file():
        return "还没有,第一次运行时建立"
    if faults := state.ledger_faults(root):
        raise DeliveryFailed(";".join(faults[:5]))
    return "完好"


_MAIL: tuple[Test, ...] = (
    ("邮件设置", _mail_sender),
    ("邮件服务器", _mail_server),
    ("邮件模板", _mail_templates),
)
_TESTS: tuple[Test, ...] = (
    ("设置", _settings),
    ("LibreOffice", _libreoffice),
    ("字体", _fonts),
    ("表单与规则", _definitions),
    ("模板", _templates),
    ("00 工作簿", _company),
)
