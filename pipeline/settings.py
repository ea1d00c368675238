"""Paths, programs and limits of this machine: `presales.toml`, then `PRESALES_*`. No business threshold lives here."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from pipeline.core.errors import DefinitionError
from pipeline.definitions.forms import build, did_you_mean, read_toml

FILE = "presales.toml"
PREFIX = "PRESALES_"
_FILE_VARIABLE = "PRESALES_CONFIG"
_PATHS = {"company", "inbox", "publish_dir"}  # relative ones start at the file of settings
_BOOLEAN = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


@dataclass(frozen=True)
class Settings:
    """Settings of one process.

    Attributes:
        company: workbook 00 that counts where none lies beside the input.
        libreoffice: program folder or `soffice` of LibreOffice; empty: look in the usual places.
        convert_timeout_s: seconds after which a conversion is stopped.
        lang: language of the screen, `zh` or `en`.
        jobs: projects that are built at the same time.
        inbox: folder in which staff drop their files, where the command names none.
        publish_dir: folder in which they find what was made; empty: `发布` in the workspace.
        show_money: amounts stand on the status page.
        stable_s: seconds that a file must stand still before it is taken.
        quiet_s: seconds without a new file after which a project is run.
        poll_s: seconds between two looks at the inbox.
    """

    company: str = ""
    libreoffice: str = ""
    convert_timeout_s: int = 120
    lang: str = "zh"
    jobs: int = 1
    inbox: str = ""
    publish_dir: str = ""
    show_money: bool = False
    stable_s: int = 5
    quiet_s: int = 60
    poll_s: int = 3


def load_settings(folder: Path, environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings.

    Args:
        folder: where `presales.toml` may lie; `PRESALES_CONFIG` names another file.
        environment: variables; those that begin with `PRESALES_` count.

    Raises:
        DefinitionError: an unknown key or a value of another type; file, key and the nearest valid key are named.
    """
    path = Path(environment.get(_FILE_VARIABLE) or folder / FILE)
    raw: dict[str, Any] = read_toml(path) if path.is_file() or _FILE_VARIABLE in environment else {}
    for key in _PATHS & raw.keys():
        raw[key] = str((path.parent / str(raw[key])).resolve()) if raw[key] else ""
    raw |= _from_environment(environment)
    settings: Settings = build(Settings, raw, path.name)
    if settings.jobs < 1 or settings.convert_timeout_s < 1:
        raise DefinitionError(f"{path.name}:jobs 和 convert_timeout_s 至少为 1(must be 1 or more)。")
    if min(settings.stable_s, settings.poll_s) < 1 or settings.quiet_s < 0:
        raise DefinitionError(f"{path.name}:stable_s 和 poll_s 至少为 1,quiet_s 不能为负(must not be less)。")
    if settings.lang not in {"zh", "en"}:
        raise DefinitionError(f"{path.name}.lang 或 {PREFIX}LANG:“{settings.lang}”,应为 zh 或 en(must be zh or en)。")
    return settings


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    kinds = {field.name: type(field.default) for field in fields(Settings)}
    found: dict[str, Any] = {}
    for name, text in environment.items():
        if not name.startswith(PREFIX) or name == _FILE_VARIABLE:
            continue
        key = name.removeprefix(PREFIX).lower()
        if key not in kinds:
            raise DefinitionError(f"环境变量 {name}:没有“{key}”这个设置(unknown setting){did_you_mean(key, kinds)}")
        if kinds[key] is int and not text.isdecimal():
            raise DefinitionError(f"环境变量 {name}:“{text}”应为整数(must be a whole number)。")
        if kinds[key] is bool:
            if text.lower() not in _BOOLEAN:
                raise DefinitionError(f"环境变量 {name}:“{text}”应为 true 或 false(must be true or false)。")
            found[key] = _BOOLEAN[text.lower()]
            continue
        found[key] = int(text) if kinds[key] is int else text
    return found
