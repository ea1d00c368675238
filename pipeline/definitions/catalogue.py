"""The rule catalogue: every rule once, in `rules.toml`."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pipeline.core.errors import DefinitionError
from pipeline.core.findings import Rule, Severity
from pipeline.definitions.forms import build, did_you_mean, read_toml

_FILE = Path(__file__).with_name("rules.toml")


@cache
def load_catalogue(path: Path = _FILE) -> dict[str, Rule]:
    """All rules by code.

    Raises:
        DefinitionError: the file is wrong; rule and key are named.
    """
    rules: dict[str, Rule] = {}
    for code, raw in read_toml(path).items():
        where = f"{path.name}: {code}"
        severity = raw.get("severity")
        if severity not in set(Severity):
            raise DefinitionError(f"{where}.severity:“{severity}”{did_you_mean(str(severity), set(Severity))}")
        rules[code] = build(Rule, {**raw, "code": code, "severity": Severity(severity)}, where)
    return rules
