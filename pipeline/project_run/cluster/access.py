"""Where the other machines are found: the scheduler, the folder that all of them see, the certificates."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pipeline.core.errors import DependencyMissing, UsageProblem

if TYPE_CHECKING:
    from distributed import Security

_SCHEMES = ("tcp", "tls")
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True)
class Access:
    """How to reach the cluster.

    Attributes:
        scheduler: `tls://host:8786` or `tcp://host:8786`.
        exchange: the exchange folder as it is mounted here.
        ca_file: certificate (PEM) of whoever signed the others'; with it, everything is encrypted.
        cert: certificate (PEM) of this machine.
        key: its key (PEM).
    """

    scheduler: str
    exchange: Path
    ca_file: str = ""
    cert: str = ""
    key: str = ""

    def __post_init__(self) -> None:
        """Say what cannot be used.

        Raises:
            UsageProblem: the address is none, or half of the certificates are there.
        """
        if urlsplit(self.scheduler).scheme not in _SCHEMES:
            raise UsageProblem(f"{self.scheduler}:调度器写作 tcp://主机:8786 或 tls://主机:8786(no such scheduler)。")
        given = [bool(one) for one in (self.ca_file, self.cert, self.key)]
        if any(given) != all(given) or all(given) != self.scheduler.startswith("tls:"):
            raise UsageProblem(
                "tls:// 的调度器要 tls_ca_file、tls_cert、tls_key 三个设置,tcp:// 的一个也不要"
                "(three settings with tls, none with tcp)。"
            )

    @property
    def open(self) -> bool:
        """Whether others on the network could read, and order, what our machines do."""
        return self.scheduler.startswith("tcp:") and urlsplit(self.scheduler).hostname not in _LOOPBACK

    def security(self) -> Security:
        """The certificates, for Dask.

        Raises:
            DependencyMissing: Dask is not installed.
        """
        try:
            from distributed import Security
        except ImportError as error:
            raise DependencyMissing(
                "分到几台机器做要 Dask,本机没有装。请运行 .venv/bin/pip install distributed(install distributed)。"
            ) from error
        if not self.ca_file:
            return Security(require_encryption=False)
        roles = {f"tls_{role}_{part}": value for role in ("client", "worker") for part, value in self._pair()}
        return Security(tls_ca_file=self.ca_file, require_encryption=True, **roles)

    def _pair(self) -> list[tuple[str, str]]:
        return [("cert", self.cert), ("key", self.key)]


def resource(program: str, exchange: str) -> str:
    """What a worker offers and an errand asks for: only one of the same program at the same folder is given any.

    Args:
        program: hash of everything that decides what is made.
        exchange: identity of the exchange folder.
    """
    return f"presales-{hashlib.sha256(f'{program} {exchange}'.encode()).hexdigest()[:16]}"
