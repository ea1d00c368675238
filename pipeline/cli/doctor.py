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
from pipeline.definitions.wording import say
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
        tests += _of_workspace(workspace, inbox)
    for name, test in tests:
        try:
            click.echo(say("doctor.well", name=name, said=test()))
        except PipelineError as error:
            click.echo(say("doctor.wrong", name=name, error=error))
            worst = max(worst, error.exit_code)
    ctx.exit(int(worst))


def _of_workspace(workspace: Path, inbox: Path | None) -> Sequence[Test]:
    folders, ledger = partial(_folders, workspace, inbox), partial(_ledger, workspace)
    return ((say("doctor.folders"), folders), (say("doctor.ledger"), ledger))


def _settings() -> str:
    settings = load_settings(Path.cwd())
    return say("doctor.settings_said", lang=settings.lang, seconds=settings.convert_timeout_s)


def _libreoffice() -> str:
    return installed(load_settings(Path.cwd()).libreoffice)


def _fonts() -> str:
    """Every family of the templates has its face; agreed substitutes are named, other ones are a fault."""
    families = template_families()
    replaced = require(families)
    return "; ".join([say("doctor.fonts_said", count=len(families)), *replaced])


def _definitions() -> str:
    return say("doctor.definitions_said", forms=len(load_forms()), rules=len(load_catalogue()))


def _templates() -> str:
    problems = check_templates(data_folder("output_templates"))
    if problems:
        raise DefinitionError("".join(problems[:3]))
    return say("doctor.templates_said")


def _mail() -> Sequence[Test]:
    """What a letter needs; faulty settings are told by their own test."""
    with suppress(PipelineError):
        if load_settings(Path.cwd()).mail_host:
            return _MAIL
        return ((say("doctor.mail"), lambda: say("doctor.no_mail")),)
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
    source = settings.mail_password_file or say("doctor.password_variable")
    login = say("doctor.login", user=server.user, source=source) if server.user else say("doctor.no_login")
    return say("doctor.sender", sender=settings.mail_from, login=login)


def _mail_server() -> str:
    server = replace(server_of(load_settings(Path.cwd())), connect_s=10, answer_s=20, total_s=40)
    limit = greet(server)
    login = say("doctor.logged_in", user=server.user) if server.user else ""
    address, most = f"{server.host}:{server.port}", size_text(limit)
    return say("doctor.server", address=address, security=server.security, login=login, limit=most)


def _mail_templates() -> str:
    if faults := check_mail_templates(data_folder("output_templates")):
        raise DefinitionError(";".join(faults[:3]))
    return say("doctor.mail_templates_said")


def _company() -> str:
    """Where it is, and what it leaves to the definitions: parameters that it lacks, with the values that count."""
    settings, forms = load_settings(Path.cwd()), load_forms()
    setting = Path(settings.company) if settings.company else None
    try:
        path = find_company(None, [Path.cwd()], setting, forms)
    except PipelineError:
        return say("doctor.no_company")
    lacking = read_company(path, forms).lacking(today(None))
    said = "、".join(f"{key} = {value}" for key, value in lacking.items())
    return say("doctor.lacking", company=path, lacking=said) if said else str(path)


def _folders(root: Path, inbox: Path | None) -> str:
    settings = load_settings(Path.cwd())
    workspace = Workspace(root.absolute())
    inbox = inbox or (Path(settings.inbox) if settings.inbox else None)
    publish = Path(settings.publish_dir) if settings.publish_dir else workspace.root / PUBLISHED
    problems = premises.inspect(inbox and inbox.absolute(), workspace, publish, settings.min_free_mb)
    problems += _closed([folder for folder in (inbox, publish) if folder])
    if problems:
        raise UsageProblem("".join(problems))
    return say("doctor.folders_said", workspace=workspace.root, publish=publish, account=_account())


def _closed(folders: Sequence[Path]) -> list[str]:
    """Folders in which this account may not write; one that is not there yet is made where that is possible."""
    standing = [next(path for path in (folder, *folder.absolute().parents) if path.exists()) for folder in folders]
    closed = [folder for folder in dict.fromkeys(standing) if not os.access(folder, os.W_OK | os.X_OK)]
    return [say("doctor.closed", folder=folder, account=_account()) for folder in closed]


def _account() -> str:
    """The account that looks; what another one may do is another question."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())


def _ledger(root: Path) -> str:
    if not (root / FILE).is_file():
        return say("doctor.no_ledger")
    if faults := state.ledger_faults(root):
        raise DeliveryFailed(";".join(faults[:5]))
    return say("doctor.ledger_said")


_MAIL: tuple[Test, ...] = (
    (say("doctor.mail_settings"), _mail_sender),
    (say("doctor.mail_server"), _mail_server),
    (say("doctor.mail_templates"), _mail_templates),
)
_TESTS: tuple[Test, ...] = (
    (say("doctor.settings"), _settings),
    (say("doctor.office"), _libreoffice),
    (say("doctor.fonts"), _fonts),
    (say("doctor.definitions"), _definitions),
    (say("doctor.templates"), _templates),
    (say("doctor.company"), _company),
)
