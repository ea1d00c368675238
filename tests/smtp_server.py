"""A real SMTP server on loopback, with TLS and a login, that goes wrong where a test says so."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from pipeline.deliver.mail.delivery import Server

USER, PASSWORD = "presales", "correct horse"
Action = str | Callable[[], object]
"""A reply (`451 later`), `drop`, `hang`, `drip` (one byte at a time, for ever), `keep+drop` (take the message, then
drop), `break off` (an answer without its end), or a function that is called before the server goes on."""


@dataclass
class Taken:
    """A message that the server took: who the wire said it is from and for."""

    sender: str
    recipients: list[str]
    content: bytes


@dataclass
class Running:
    """A running server.

    Attributes:
        faults: command (or CONNECT, CONTENT) to what happens there; `RCPT a@b` counts for one recipient.
        taken: messages that it has; the only truth about what was delivered.
        wire: arguments of all RCPT commands as they came.
    """

    port: int = 0
    ca_file: str = ""
    security: str = "starttls"
    faults: dict[str, Action] = field(default_factory=dict)
    taken: list[Taken] = field(default_factory=list)
    wire: list[str] = field(default_factory=list)
    calls: dict[str, int] = field(default_factory=dict)

    def server(self, **changes: Any) -> Server:
        """How to speak to it; impatient, because a test has five seconds."""
        base = Server("localhost", self.port, self.security, USER, PASSWORD, self.ca_file, 0.4, 0.4, 0.4, 2)
        return replace(base, **changes)


class _Handler:
    def __init__(self, state: Running) -> None:
        self.state = state

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:
        fault = self.state.faults.get("CONTENT", "")
        kept = Taken(envelope.mail_from or "", list(envelope.rcpt_tos), bytes(envelope.original_content or b""))
        if not fault or callable(fault) or fault.startswith("keep"):
            self.state.taken.append(kept)
        if await server.fault("CONTENT"):
            return "250 never seen"
        return "250 OK queued"


class Faulty(SMTP):
    """aiosmtpd, whose commands may go wrong."""

    def __init__(self, state: Running, **options: Any) -> None:
        super().__init__(_Handler(state), hostname="localhost", **options)
        self.state = state
        self._smtp_methods = {name: self._wrapped(name, method) for name, method in self._smtp_methods.items()}

    def _wrapped(self, name: str, method: Callable[[str], Any]) -> Callable[[str], Any]:
        async def call(arg: str) -> None:
            self.state.calls[name] = self.state.calls.get(name, 0) + 1
            if name == "RCPT":
                self.state.wire.append(arg)
                address = arg.partition("<")[2].partition(">")[0]
                if await self.fault(f"RCPT {address}"):
                    return
            if not await self.fault(name):
                await method(arg)

        return call

    async def _handle_client(self) -> None:
        if not await self.fault("CONNECT"):
            await super()._handle_client()

    async def fault(self, stage: str) -> bool:
        """Do what the test wants at a stage; False to go on as a good server does."""
        action = self.state.faults.get(stage)
        if action is None:
            return False
        if callable(action):
            await asyncio.get_running_loop().run_in_executor(None, action)
            return False
        word = action.removeprefix("keep+")
        if word == "drop":
            self.transport.abort()
            raise asyncio.CancelledError
        if word == "break off":
            self._writer.write(b"250 O")
            await self._writer.drain()
            self._writer.close()
            raise asyncio.CancelledError
        if word == "hang":
            await asyncio.Event().wait()
        if word == "drip":
            while not self._writer.is_closing():
                self._writer.write(b"2")
                await self._writer.drain()
                await asyncio.sleep(0.05)
        await self.push(word)
        return True


class _Loud:
    """Accepts exactly one login."""

    def __call__(self, server: Any, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        good = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=good, handled=False)


@cache
def authority() -> trustme.CA:
    """The certificate authority of the tests."""
    return trustme.CA()


def context_for(certificate: trustme.LeafCert) -> ssl.SSLContext:
    """A server's side of TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


@contextmanager
def smtp_server(
    folder: Path,
    faults: Mapping[str, Action] | None = None,
    *,
    security: str = "starttls",
    size: int = 33_554_432,
    certificate: trustme.LeafCert | None = None,
) -> Iterator[Running]:
    """Run a server in a thread while the block lasts.

    Args:
        folder: where the file with the authority's certificate is written.
        faults: what goes wrong; may be changed while it runs.
        security: tls, starttls or none.
        size: what EHLO says; 0 says nothing.
        certificate: other than a good one for localhost.
    """
    state = Running(security=security, faults=dict(faults or {}), ca_file=str(folder / "ca.pem"))
    authority().cert_pem.write_to_path(state.ca_file)
    context = context_for(certificate or authority().issue_cert("localhost"))
    options: dict[str, Any] = {"data_size_limit": size or None}
    if security != "none":
        options |= {"authenticator": _Loud(), "auth_required": True, "auth_require_tls": security == "starttls"}
    if security == "starttls":
        options |= {"tls_context": context, "require_starttls": True}
    loop = asyncio.new_event_loop()

    def factory() -> Faulty:
        return Faulty(state, loop=loop, **options)

    listening = loop.create_server(factory, "127.0.0.1", 0, ssl=context if security == "tls" else None)
    running = loop.run_until_complete(listening)
    state.port = running.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        loop.call_soon_threadsafe(running.close)
        loop.call_soon_threadsafe(_end, loop)
        thread.join(5)
        loop.close()


def _end(loop: asyncio.AbstractEventLoop) -> None:
    for task in asyncio.all_tasks(loop):
        task.cancel()
    loop.call_later(0.02, loop.stop)
