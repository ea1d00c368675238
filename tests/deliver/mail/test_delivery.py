"""What becomes of a message, for every way in which a server can fail: the fate is never better than the truth."""

from __future__ import annotations

import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from pipeline.core.mail import Envelope
from pipeline.deliver.mail.delivery import Fate, deliver
from tests.smtp_server import PASSWORD, Action, authority, smtp_server

MESSAGE = b"From: a@lanyu.example\r\nTo: b@lanyu.example\r\nSubject: x\r\n\r\n.one\r\n..two\r\nthree"
TO = Envelope("a@lanyu.example", ("b@lanyu.example",))
FULL = "552 5.3.4 too big"

# Where it goes wrong, how, and what follows. Nothing before CONTENT can have been delivered.
FAULTS: list[tuple[str, Action, Fate]] = [
    ("CONNECT", "drop", Fate.TROUBLE),
    ("CONNECT", "hang", Fate.TROUBLE),
    ("CONNECT", "421 busy", Fate.TROUBLE),
    ("CONNECT", "554 no service here", Fate.TROUBLE),
    ("CONNECT", "?? garbage", Fate.TROUBLE),
    ("CONNECT", "drip", Fate.TROUBLE),
    ("EHLO", "drop", Fate.TROUBLE),
    ("EHLO", "hang", Fate.TROUBLE),
    ("EHLO", "421 busy", Fate.TROUBLE),
    ("EHLO", "502 not here", Fate.TROUBLE),
    ("EHLO", "?? garbage", Fate.TROUBLE),
    ("STARTTLS", "drop", Fate.TROUBLE),
    ("STARTTLS", "hang", Fate.TROUBLE),
    ("STARTTLS", "454 no TLS now", Fate.TROUBLE),
    ("STARTTLS", "220 go on, but no TLS follows", Fate.TROUBLE),
    ("AUTH", "drop", Fate.TROUBLE),
    ("AUTH", "hang", Fate.TROUBLE),
    ("AUTH", "454 later", Fate.TROUBLE),
    ("AUTH", "535 wrong", Fate.TROUBLE),
    ("AUTH", "?? garbage", Fate.TROUBLE),
    ("MAIL", "drop", Fate.TROUBLE),
    ("MAIL", "hang", Fate.TROUBLE),
    ("MAIL", "drip", Fate.TROUBLE),
    ("MAIL", "451 later", Fate.TROUBLE),
    ("MAIL", "553 not your address", Fate.TROUBLE),
    ("MAIL", FULL, Fate.TOO_LARGE),
    ("RCPT", "drop", Fate.TROUBLE),
    ("RCPT", "hang", Fate.TROUBLE),
    ("RCPT", "421 closing", Fate.LATER),
    ("RCPT", "450 grey", Fate.LATER),
    ("RCPT", "550 unknown", Fate.REFUSED),
    ("RCPT", "552 mailbox full", Fate.REFUSED),
    ("RCPT", "?? garbage", Fate.LATER),
    ("DATA", "drop", Fate.TROUBLE),
    ("DATA", "hang", Fate.TROUBLE),
    ("DATA", "451 later", Fate.LATER),
    ("DATA", "554 no", Fate.REFUSED),
    ("DATA", FULL, Fate.TOO_LARGE),
    ("DATA", "?? garbage", Fate.LATER),
    ("CONTENT", "drop", Fate.UNSURE),
    ("CONTENT", "keep+drop", Fate.UNSURE),
    ("CONTENT", "hang", Fate.UNSURE),
    ("CONTENT", "keep+hang", Fate.UNSURE),
    ("CONTENT", "drip", Fate.UNSURE),
    ("CONTENT", "break off", Fate.UNSURE),
    ("CONTENT", "keep+break off", Fate.UNSURE),
    ("CONTENT", "?? garbage", Fate.UNSURE),
    ("CONTENT", "keep+?? garbage", Fate.UNSURE),
    ("CONTENT", "421 closing", Fate.LATER),
    ("CONTENT", "451 later", Fate.LATER),
    ("CONTENT", "554 spam", Fate.REFUSED),
    ("CONTENT", FULL, Fate.TOO_LARGE),
    ("QUIT", "drop", Fate.SENT),
    ("QUIT", "hang", Fate.SENT),
    ("QUIT", "500 what", Fate.SENT),
]


@pytest.mark.parametrize(("stage", "action", "fate"), FAULTS, ids=[f"{s}-{a}" for s, a, _ in FAULTS])
def test_fate(tmp_path: Path, stage: str, action: Action, fate: Fate) -> None:
    begun: list[int] = []
    with smtp_server(tmp_path, {stage: action}) as running:
        outcome = deliver(MESSAGE, TO, running.server(), lambda: not begun.append(len(running.taken)))
        taken = len(running.taken)
    assert outcome.fates == {"b@lanyu.example": fate}
    assert taken == 1 if fate is Fate.SENT else taken == 0 or fate is Fate.UNSURE
    assert (begun == [0]) == (stage in {"DATA", "CONTENT", "QUIT"}), "written down before DATA, and only then"
    assert outcome.said["b@lanyu.example"]
    assert PASSWORD not in repr(outcome) + repr(running.server())


def test_a_good_server_gets_the_bytes_as_they_are(tmp_path: Path) -> None:
    for security in ("starttls", "tls", "none"):
        with smtp_server(tmp_path, security=security) as running:
            server = running.server(**({"user": ""} if security == "none" else {}))
            assert deliver(MESSAGE, TO, server).fates == {"b@lanyu.example": Fate.SENT}
            assert [(t.sender, t.recipients, t.content) for t in running.taken] == [
                (TO.sender, list(TO.recipients), MESSAGE + b"\r\n")
            ]


def test_each_recipient_has_a_fate_of_its_own(tmp_path: Path) -> None:
    names = [f"{name}@lanyu.example" for name in ("good", "unknown", "grey", "fine")]
    faults = {f"RCPT {names[1]}": "550 unknown", f"RCPT {names[2]}": "450 grey"}
    with smtp_server(tmp_path, faults) as running:
        outcome = deliver(MESSAGE, Envelope(TO.sender, tuple(names)), running.server())
        assert running.taken[0].recipients == [names[0], names[3]]
    assert [outcome.fates[name] for name in names] == [Fate.SENT, Fate.REFUSED, Fate.LATER, Fate.SENT]
    assert outcome.said[names[1]] == "550 unknown"


def test_what_is_withdrawn_at_the_last_moment_is_not_sent(tmp_path: Path) -> None:
    with smtp_server(tmp_path) as running:
        assert deliver(MESSAGE, TO, running.server(), lambda: False).fates == {"b@lanyu.example": Fate.LATER}
        assert running.taken == []
        assert "DATA" not in running.calls


@pytest.mark.parametrize(("size", "limit"), [(40, 40), (0, 10_240_000)])
def test_the_size_of_ehlo_counts(tmp_path: Path, size: int, limit: int) -> None:
    message = MESSAGE if size else MESSAGE + b"\r\n" + b"x" * 10_240_000
    with smtp_server(tmp_path, size=size) as running:
        outcome = deliver(message, TO, running.server(answer_s=5))
        assert (outcome.fates["b@lanyu.example"], outcome.limit) == (Fate.TOO_LARGE, limit)
        assert "MAIL" not in running.calls


def bad_certificates() -> dict[str, trustme.LeafCert]:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    return {
        "unknown authority": trustme.CA().issue_cert("localhost"),
        "other host": authority().issue_cert("mail.other.example"),
        "expired": authority().issue_cert("localhost", not_after=yesterday),
    }


@pytest.mark.parametrize("kind", bad_certificates())
@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_that_is_not_good_stops_everything(tmp_path: Path, kind: str, security: str) -> None:
    with smtp_server(tmp_path, security=security, certificate=bad_certificates()[kind]) as running:
        outcome = deliver(MESSAGE, TO, running.server())
        assert outcome.fates["b@lanyu.example"] is Fate.TROUBLE
        assert "证书" in outcome.said["b@lanyu.example"]
        assert not running.calls.get("AUTH"), "the password is not told to a stranger"


def test_no_tls_means_no_login(tmp_path: Path) -> None:
    with smtp_server(tmp_path, security="none") as running:
        outcome = deliver(MESSAGE, TO, running.server(security="starttls"))
        assert outcome.fates["b@lanyu.example"] is Fate.TROUBLE
        assert set(running.calls) <= {"EHLO", "QUIT"}


def test_a_plain_server_on_the_port_of_tls(tmp_path: Path) -> None:
    with smtp_server(tmp_path, security="none") as running:
        assert deliver(MESSAGE, TO, running.server(security="tls")).fates["b@lanyu.example"] is Fate.TROUBLE


def test_a_wrong_password_is_not_shown(tmp_path: Path) -> None:
    with smtp_server(tmp_path) as running:
        outcome = deliver(MESSAGE, TO, running.server(password="not this one"))
        assert outcome.fates["b@lanyu.example"] is Fate.TROUBLE
        assert outcome.said["b@lanyu.example"].startswith("登录:535")
        assert "not this one" not in repr(outcome)


def test_nobody_listens_and_no_such_certificates(tmp_path: Path) -> None:
    with socket.socket() as free, smtp_server(tmp_path) as running:
        free.bind(("127.0.0.1", 0))
        refused = deliver(MESSAGE, TO, running.server(port=free.getsockname()[1]))
        missing = deliver(MESSAGE, TO, running.server(ca_file=str(tmp_path / "none.pem")))
    assert "服务器拒绝连接" in refused.said["b@lanyu.example"]
    assert "找不到 CA 证书文件" in missing.said["b@lanyu.example"]
