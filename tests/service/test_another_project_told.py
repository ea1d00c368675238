"""Another project under a known code, through whole nights: nothing of the first changes, and all concerned hear."""

from __future__ import annotations

import email
import email.policy
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipeline.cli import run
from pipeline.service import watch as watching
from pipeline.service.batch import BatchResult, batch, take_all
from pipeline.service.unattended import Options, Unattended, unattended
from pipeline.workspace import doubts
from tests.cases import AS_OF
from tests.service.posting import settings_for
from tests.service.quick import quickly
from tests.service.stage import STABLE, Hands, company, master
from tests.service.test_another_project import CLINIC, CODE, LAKE, book, foreign
from tests.smtp_server import Running, smtp_server

PMO = "pmo@lanyu.example"


class Nights:
    """A workspace with letters over several nights, each a process of its own."""

    def __init__(self, root: Path, running: Running) -> None:
        self.root, self.running, self.hands = root, running, Hands()
        (root / "inbox").mkdir()

    @contextmanager
    def open(self) -> Iterator[Unattended]:
        settings = settings_for(self.running, publish_dir=str(self.root / "share"), mail_pmo=PMO, mail_quiet_s=0)
        options = Options(
            self.root / "inbox", self.root / "ws", master(), AS_OF, jobs=0, pdf=False, mail=True, stable_s=STABLE
        )
        with quickly(), unattended(options, settings, self.hands.clock) as alive:
            yield alive

    def night(self) -> BatchResult:
        self.hands.turn(3600)
        with self.open() as alive:
            return batch(alive)

    def drop(self, files: dict[str, bytes]) -> None:
        for name, content in files.items():
            (self.root / "inbox" / name).write_bytes(content)

    def letters(self, about: str = "有文件") -> list[tuple[str, str, str]]:
        """Recipient, subject and text of what was sent about doubts, and forget it."""
        parsed = [email.message_from_bytes(one.content, policy=email.policy.default) for one in self.running.taken]
        self.running.taken.clear()
        texts = [(one["To"], one["Subject"], one.get_body(("plain",)).get_content()) for one in parsed]
        return sorted((to, subject, text) for to, subject, text in texts if CODE in subject and about in subject)

    def share(self) -> dict[str, bytes]:
        top = self.root / "share" / CODE
        return {str(p.relative_to(top)): p.read_bytes() for p in sorted(top.rglob("*")) if p.is_file()}

    def page(self) -> str:
        return (self.root / "share" / "项目状态.html").read_text("utf-8")


@pytest.fixture
def nights(tmp_path: Path) -> Iterator[Nights]:
    with smtp_server(tmp_path) as running:
        made = Nights(tmp_path, running)
        first = {"02.xlsx": book("plan", **LAKE, by="E103"), "03.xlsx": book("cost", LAKE["name"], by="E103")}
        made.drop(first)
        assert made.night().tally.ran == 1
        made.letters()
        yield made


def mail(*numbers: str) -> list[str]:
    return sorted([*(company().persons[number].email for number in numbers), PMO])


def test_nothing_of_the_first_project_changes_and_three_sides_hear_once(nights: Nights) -> None:
    before = nights.share()
    nights.drop({f"{form}.xlsx": content for form, content in foreign().items()})
    night = nights.night()
    assert (night.tally.ran, night.tally.taken, night.held, night.exit_code) == (0, 0, 5, 3)
    assert nights.share() == before
    told = nights.letters()
    assert [to for to, _, _ in told] == mail("E102", "E103")
    assert all(f"有文件待确认：{CODE}" in subject for _, subject, _ in told)
    assert all(text in told[0][2] for text in (LAKE["name"], CLINIC["name"], f"presales confirm {CODE}", "plan.xlsx"))
    assert "待确认:" in nights.page()
    assert nights.night().tally.ran == 0
    assert nights.letters() == []


def test_one_name_that_differs_is_taken_and_told(nights: Nights) -> None:
    nights.drop({"04.xlsx": book("materials", CLINIC["name"], by="E102")})
    night = nights.night()
    assert (night.tally.ran, night.tally.taken, night.held, night.exit_code) == (1, 1, 0, 0)
    told = nights.letters()
    assert [to for to, _, _ in told] == mail("E102", "E103")
    assert all("有文件的名称不同" in subject for _, subject, _ in told)


def test_two_versions_of_one_workbook_are_told_to_both_senders(nights: Nights) -> None:
    nights.drop(
        {name: book("materials", LAKE["name"], by=by) for name, by in (("旧.xlsx", "E102"), ("新.xlsx", "E104"))}
    )
    for name, time in (("旧.xlsx", 100), ("新.xlsx", 200)):
        os.utime(nights.root / "inbox" / name, (time, time))
    assert nights.night().tally.taken == 2
    told = nights.letters("收到同一份表的两个版本")
    assert {to for to, _, _ in told} >= set(mail("E102", "E104"))
    assert all("没有采用“旧.xlsx”" in text and "修改时间较晚" in text for _, _, text in told)


def test_what_a_killed_run_held_is_told_by_the_next(nights: Nights) -> None:
    nights.drop({"x.xlsx": foreign()["plan"]})
    with nights.open() as alive:
        assert take_all(alive).held == 1
    nights.night()
    assert [to for to, _, _ in nights.letters()] == mail("E102", "E103")


def test_of_a_secret_project_no_name_is_told(nights: Nights, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.service.arrivals.doubting.Judge._said", _secret)
    nights.drop({"x.xlsx": foreign()["plan"]})
    nights.night()
    assert not any(name in text for _, _, text in nights.letters() for name in (LAKE["name"], CLINIC["name"]))


def _secret(_: object, one: object, match: object) -> str:
    return match.said(one.project, secret=True)  # type: ignore[attr-defined]


def test_confirmed_files_run_and_a_watch_beside_sees_the_decision(nights: Nights, capsys) -> None:
    nights.drop({f"{form}.xlsx": content for form, content in foreign().items()})
    nights.night()
    before = nights.share()
    workspace = str(nights.root / "ws")
    with nights.open() as alive:
        step = watching.Watch(alive, quiet_s=60).step
        step()
        assert run(["confirm", CODE, "-w", workspace, "--reason", "客户换了名称"]) == 0
        assert f"{CODE}：plan.xlsx 已收下，是第 2 版。" in capsys.readouterr().out
        step()
        nights.hands.turn(61)
        assert [one.code for one in step()] == [CODE]
        assert doubts.held(alive.ledger) == []
    assert nights.share() != before
    assert "待确认:" not in nights.page()
    assert sorted(p.name for p in (nights.root / "inbox" / "待确认").glob("*")) == []


def test_held_files_can_be_set_aside_and_a_wrong_call_is_said(nights: Nights, capsys) -> None:
    nights.drop({"x.xlsx": foreign()["plan"]})
    nights.night()
    workspace = ["-w", str(nights.root / "ws"), "--reason", "编号写错"]
    assert run(["withdraw", CODE, *workspace]) == 2
    assert "--held" in capsys.readouterr().err
    assert run(["withdraw", CODE, "--held", *workspace]) == 0
    assert "不收下" in capsys.readouterr().out
    assert run(["confirm", CODE, *workspace]) == 2
    nights.night()
    assert (nights.root / "inbox" / "退回" / "x.xlsx").is_file()
    assert "待确认:" not in nights.page()
