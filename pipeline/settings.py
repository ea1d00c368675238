"""Paths, programs and limits of this machine: `presales.toml`, then `PRESALES_*`. No business threshold lives here."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from pipeline.adapters.files import replacing
from pipeline.core.errors import DefinitionError
from pipeline.core.mail import NotAnAddress, address
from pipeline.definitions.forms import build, did_you_mean, read_toml

FILE = "presales.toml"
PREFIX = "PRESALES_"
_FILE_VARIABLE = "PRESALES_CONFIG"
_TLS = {"tls_ca_file", "tls_cert", "tls_key"}
_PATHS = {
    "company",
    "cache",
    "inbox",
    "publish_dir",
    "mail_password_file",
    "mail_ca_file",
    "exchange",
    *_TLS,
}  # relative ones start at the file
MAIL_PORTS: Mapping[str, int] = {"tls": 465, "starttls": 587, "none": 25}
_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})
_SHORTEST_S = 0.1
_BOOLEAN = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


@dataclass(frozen=True)
class Settings:
    r"""Settings of one process.

    Attributes:
        company: workbook 00 that counts where none lies beside the input.
        libreoffice: program folder or `soffice` of LibreOffice; empty: look in the usual places.
        convert_timeout_s: seconds after which a conversion is stopped.
        lang: language of the screen and of the marks in workbooks, `zh` or `en`.
        jobs: projects that are built at the same time.
        cache: folder in which `build` keeps what the next build need not make again, for all output folders; empty:
            `.presales-cache` in each of them.
        scheduler: `tls://host:8786` or `tcp://host:8786` whose workers run a night's projects; empty: this machine.
        exchange: folder that this machine and those of the workers see.
        tls_ca_file: certificate (PEM) of whoever signed those of our machines.
        tls_cert: certificate (PEM) of this machine.
        tls_key: its key (PEM).
        inbox: folder in which staff drop their files, where the command names none.
        publish_dir: folder in which they find what was made; empty: `发布` in the workspace.
        secret_group: group of this machine that may look into published secret projects; empty: that of the service.
        min_free_mb: least room on the workspace's disk; with less, nothing is begun.
        show_money: amounts stand on the status page.
        stable_s: seconds that a file must stand still before it is taken.
        quiet_s: seconds without a new file after which a project is run.
        poll_s: seconds between two looks at the inbox.
        mail_host: server that takes our letters; empty: no mail.
        mail_port: 0 takes the usual one: 465 with tls, 587 with starttls, 25 with none.
        mail_security: `tls`, `starttls`, or `none`, which only a server on this machine may have.
        mail_user: account at the server; empty: no login.
        mail_password_file: file whose first line is the password; the variable PRESALES_MAIL_PASSWORD holds it else.
        mail_password: only from the environment, never from the file of settings.
        mail_from: address that letters come from.
        mail_ca_file: certificates (PEM) that count beside the system's.
        mail_domains: domains, with commas between, that get letters without approval; empty: that of `mail_from`.
        mail_pmo: address of the PMO: where nobody else is known, and the daily digest.
        mail_company: who keeps workbook 00: words as in 邮件分发 (a department, a post, an address), with semicolons
            between; empty: the PMO.
        mail_share: how staff reach the published folder: `\\fs\售前` or `Z:\售前`; empty: the path here.
        mail_daily_cap: most letters in 24 hours.
        mail_per_minute: most letters in a minute.
        mail_quiet_s: seconds between two letters to one person about one project.
    """

    company: str = ""
    libreoffice: str = ""
    convert_timeout_s: int = 120
    lang: str = "zh"
    jobs: int = 1
    cache: str = ""
    scheduler: str = ""
    exchange: str = ""
    tls_ca_file: str = ""
    tls_cert: str = ""
    tls_key: str = ""
    inbox: str = ""
    publish_dir: str = ""
    secret_group: str = ""
    min_free_mb: int = 500
    show_money: bool = False
    stable_s: float = 5.0
    quiet_s: int = 60
    poll_s: int = 3
    mail_host: str = ""
    mail_port: int = 0
    mail_security: str = "starttls"
    mail_user: str = ""
    mail_password_file: str = ""
    mail_password: str = field(default="", repr=False)
    mail_from: str = ""
    mail_ca_file: str = ""
    mail_domains: str = ""
    mail_pmo: str = ""
    mail_company: str = ""
    mail_share: str = ""
    mail_daily_cap: int = 500
    mail_per_minute: int = 30
    mail_quiet_s: int = 1800


def settings_file(folder: Path, environment: Mapping[str, str] = os.environ) -> Path:
    """Where the settings are read from; the file need not be there."""
    return Path(environment.get(_FILE_VARIABLE) or folder / FILE)


def load_settings(folder: Path, environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings.

    Args:
        folder: where `presales.toml` may lie; `PRESALES_CONFIG` names another file.
        environment: variables; those that begin with `PRESALES_` count.

    Raises:
        DefinitionError: an unknown key or a value of another type; file, key and the nearest valid key are named.
    """
    path = settings_file(folder, environment)
    raw: dict[str, Any] = read_toml(path) if path.is_file() or _FILE_VARIABLE in environment else {}
    if "mail_password" in raw:
        raise DefinitionError(f"{path.name}.mail_password:密码不写在设置里,请用 mail_password_file(use a file)。")
    for key in _PATHS & raw.keys():
        raw[key] = str((path.parent / str(raw[key])).resolve()) if raw[key] else ""
    raw |= _from_environment(environment)
    settings: Settings = build(Settings, raw, path.name)
    if settings.jobs < 1 or settings.convert_timeout_s < 1:
        raise DefinitionError(f"{path.name}:jobs 和 convert_timeout_s 至少为 1(must be 1 or more)。")
    if not settings.stable_s >= _SHORTEST_S or settings.poll_s < 1 or min(settings.quiet_s, settings.min_free_mb) < 0:
        said = f"stable_s 至少为 {_SHORTEST_S}(例如 stable_s = 2.5),poll_s 至少为 1,quiet_s、min_free_mb 不能为负"
        raise DefinitionError(f"{path.name}:{said}(must not be less)。")
    if settings.lang not in {"zh", "en"}:
        raise DefinitionError(f"{path.name}.lang 或 {PREFIX}LANG:“{settings.lang}”,应为 zh 或 en(must be zh or en)。")
    if faults := _mail_faults(settings):
        raise DefinitionError(f"{path.name} 或 {PREFIX}*:{';'.join(faults)}。")
    return settings


def keep_settings(settings: Settings, path: Path) -> None:
    """Keep settings that work, for the letter that those of later do not; the password stays where it is."""
    kept = asdict(replace(settings, mail_password=""))
    with suppress(OSError), replacing(path, 0o600) as stream:  # nothing must wait for a full disk because of it
        stream.write(json.dumps(kept, ensure_ascii=False, indent=1).encode())


def kept_settings(path: Path, environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings that were kept.

    Raises:
        DefinitionError: none were kept, or they cannot be read.
    """
    try:
        raw = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise DefinitionError(f"{path}:没有存下能用的设置(no settings were kept): {error}") from error
    raw["mail_password"] = environment.get(f"{PREFIX}MAIL_PASSWORD", "")
    kept: Settings = build(Settings, raw, path.name)
    return kept


def _mail_faults(settings: Settings) -> list[str]:
    """What is wrong with the settings for mail; they only count where there is a server."""
    if not settings.mail_host:
        return []
    faults = []
    if settings.mail_security not in MAIL_PORTS:
        faults.append(f"mail_security“{settings.mail_security}”应为 tls、starttls 或 none")
    if settings.mail_security == "none" and (settings.mail_host not in _THIS_MACHINE or settings.mail_user):
        faults.append("mail_security 为 none 只许用于本机的邮件服务,且不登录(only without login, to this machine)")
    if min(settings.mail_daily_cap, settings.mail_per_minute) < 1:
        faults.append("mail_daily_cap 和 mail_per_minute 至少为 1(must be 1 or more)")
    for key, wanted in (("mail_from", True), ("mail_pmo", False)):
        text = str(getattr(settings, key))
        try:
            if text or wanted:
                address(text)
        except NotAnAddress as error:
            faults.append(f"{key}:{error}")
    return faults


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    kinds = {one.name: type(one.default) for one in fields(Settings)}
    found: dict[str, Any] = {}
    for name, text in environment.items():
        if not name.startswith(PREFIX) or name == _FILE_VARIABLE:
            continue
        key = name.removeprefix(PREFIX).lower()
        if key not in kinds:
            raise DefinitionError(f"环境变量 {name}:没有“{key}”这个设置(unknown setting){did_you_mean(key, kinds)}")
        if kinds[key] is int and not text.isdecimal():
            raise DefinitionError(f"环境变量 {name}:“{text}”应为整数(must be a whole number)。")
        if kinds[key] is float:
            try:
                found[key] = float(text)
            except ValueError as error:
                raise DefinitionError(f"环境变量 {name}:“{text}”应为数,例如 2.5(must be a number)。") from error
            continue
        if kinds[key] is bool:
            if text.lower() not in _BOOLEAN:
                raise DefinitionError(f"环境变量 {name}:“{text}”应为 true 或 false(must be true or false)。")
            found[key] = _BOOLEAN[text.lower()]
            continue
        found[key] = int(text) if kinds[key] is int else text
    return found
