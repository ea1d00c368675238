"""`presales doctor`: what it says of the mail, tried on a real server on loopback; nothing is ever sent."""

from __future__ import annotations

import importlib
import socket
from collections.abc import Mapping
from pathlib import Path

import pytest
import trustme
from click.testing import CliRunner, Result

from pipeline.adapters import fonts
from pipeline.core.errors import ExitCode
from tests.cases import write_sample
from tests.service.accounts import PERSON, SERVICE, STAFF, ground, only_root
from tests.smtp_server import PASSWORD, USER, Running, smtp_server

module = importlib.import_module("pipeline.cli.doctor")  # the package holds the command under this name


def doctor(folder: Path, monkeypatch: pytest.MonkeyPatch, **settings: object) -> Result:
    """Run it with these settings of mail; the other tests of the machine are left out."""
    monkeypatch.chdir(folder)
    monkeypatch.setattr(module, "_TESTS", ())
    lines = [
        f'mail_{key} = "{value}"' if isinstance(value, str) else f"mail_{key} = {value}"
        for key, value in settings.items()
    ]
    (folder / "presales.toml").write_text("\n".join(lines), "utf-8")
    return CliRunner().invoke(module.doctor, [])


def settings_for(running: Running, folder: Path, **changes: object) -> Mapping[str, object]:
    (folder / "password").write_text(f"{PASSWORD}\n", "utf-8")
    (folder / "password").chmod(0o600)
    usual = {"host": "localhost", "port": running.port, "security": running.security, "user": USER}
    return {**usual, "from": "pmo@example.com", "password_file": "password", "ca_file": running.ca_file, **changes}


def test_a_missing_kai_is_said_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """No fault, since an agreed face stands in for it; but the headings look otherwise."""
    monkeypatch.setattr(fonts, "_match", lambda family: (fonts._aliases().get(family) or (family,))[-1])
    monkeypatch.setattr(module, "_TESTS", [test for test in module._TESTS if test[0] == "字体"])
    said = CliRunner().invoke(module.doctor, [])
    assert said.output.startswith("正常  字体：")
    assert "字体“楷体”应印作 AR PL KaitiM GB,没有安装,改用 Noto Serif CJK SC" in said.output
    assert "apt-get install -y fonts-arphic-gkai00mp" in said.output


def test_without_mail_it_says_that_mail_is_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = doctor(tmp_path, monkeypatch)
    assert (said.exit_code, said.output) == (0, "正常  邮件：没有启用（没有设置 mail_host），不写信，不发信\n")


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_good_server_is_greeted_and_gets_no_letter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, security: str
) -> None:
    with smtp_server(tmp_path, security=security) as running:
        said = doctor(tmp_path, monkeypatch, **settings_for(running, tmp_path))
        assert said.output.splitlines() == [
            f"正常  邮件设置：发件人 pmo@example.com，用户 {USER}，密码取自 {tmp_path / 'password'}",
            f"正常  邮件服务器：localhost:{running.port} 可用（{security}，已登录 {USER}），单封最大 33.6 MB；没有发信",
            "正常  邮件模板：可用",
        ]
        assert said.exit_code == 0
        assert (running.taken, running.wire) == ([], [])
        assert running.calls["AUTH"] == 1
        assert "MAIL" not in running.calls


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"AUTH": "535 5.7.8 no"}, "缺失  邮件服务器：登录:535"),
        ({"EHLO": "drop"}, "缺失  邮件服务器：EHLO:"),
        ({"STARTTLS": "454 not now"}, "缺失  邮件服务器：STARTTLS:"),
    ],
)
def test_what_the_server_does_not_do_is_named_with_its_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: dict[str, str], words: str
) -> None:
    with smtp_server(tmp_path, fault) as running:
        said = doctor(tmp_path, monkeypatch, **settings_for(running, tmp_path))
    assert words in said.output
    assert said.exit_code == ExitCode.DELIVERY
    assert PASSWORD not in said.output


def test_a_wrong_password_and_a_foreign_certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with smtp_server(tmp_path, security="tls") as running:
        good = settings_for(running, tmp_path)
        (tmp_path / "password").write_text("wrong", "utf-8")
        assert "缺失  邮件服务器：登录:535" in doctor(tmp_path, monkeypatch, **good).output
        tried = running.calls["AUTH"]
        trustme.CA().cert_pem.write_to_path(tmp_path / "other.pem")
        said = doctor(tmp_path, monkeypatch, **{**good, "ca_file": "other.pem"})
        assert "服务器证书不可信" in said.output
        assert running.calls["AUTH"] == tried


def test_a_server_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    gone = Running(port, str(tmp_path / "ca.pem"), "none")
    said = doctor(tmp_path, monkeypatch, **settings_for(gone, tmp_path, user="", ca_file="", password_file=""))
    assert f"缺失  邮件服务器：连接 localhost:{port}:服务器拒绝连接" in said.output
    assert "正常  邮件设置：发件人 pmo@example.com，不登录" in said.output


@pytest.mark.parametrize(("source", "words"), [("", "没有密码"), ("nowhere", "读不出来")])
def test_a_login_without_a_password_is_a_fault_of_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, words: str
) -> None:
    with smtp_server(tmp_path) as running:
        said = doctor(tmp_path, monkeypatch, **settings_for(running, tmp_path, password_file=source))
    assert said.output.startswith("缺失  邮件设置：")
    assert words in said.output.splitlines()[0]


def test_a_broken_letter_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mail").mkdir()
    (tmp_path / "mail" / "letter.txt").write_text("{{ nothing.of_the_kind }}", "utf-8")
    monkeypatch.setattr(module, "data_folder", lambda _: tmp_path)
    with smtp_server(tmp_path) as running:
        said = doctor(tmp_path, monkeypatch, **settings_for(running, tmp_path))
    assert "缺失  邮件模板：mail/letter.txt:第 1 行" in said.output
    assert said.exit_code == ExitCode.DEFINITION


def test_what_workbook_00_leaves_to_the_definitions_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = [{"op": "delete_row", "workbook": "master", "sheet": "parameters", "match": {"key": "min_margin"}}]
    folder = write_sample(tmp_path / "lacking", gone)
    whole = write_sample(tmp_path / "whole")
    monkeypatch.setattr(module, "_TESTS", [test for test in module._TESTS if test[0] == "00 工作簿"])
    monkeypatch.chdir(folder)
    said = CliRunner().invoke(module.doctor, [])
    assert said.output.splitlines()[0].endswith("；没有以下参数，取默认值（parameters by default）：min_margin = 12")
    assert said.exit_code == 0
    monkeypatch.chdir(whole)
    assert "min_margin" not in CliRunner().invoke(module.doctor, []).output


def test_a_password_that_others_may_read_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with smtp_server(tmp_path) as running:
        settings = settings_for(running, tmp_path)
        (tmp_path / "password").chmod(0o644)
        said = doctor(tmp_path, monkeypatch, **settings)
        assert "请 chmod 600" in said.output.splitlines()[0]
        assert said.exit_code == ExitCode.DEFINITION
        (tmp_path / "password").chmod(0o640)
        assert doctor(tmp_path, monkeypatch, **settings).exit_code == 0, "a group may be the service's own"


@only_root
def test_folders_are_tried_as_the_account_that_asks() -> None:
    with ground() as top:
        inbox = SERVICE.own(top / "投放", STAFF, 0o2750)

        def found(expected: list[str]) -> None:
            assert module._closed([inbox, inbox / "later"]) == expected

        assert SERVICE.does(lambda: found([]))
        assert PERSON.does(lambda: found([f"{inbox}：{PERSON.uid} 没有写权限（not writable）。"]))
