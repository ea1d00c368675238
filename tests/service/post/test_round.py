"""Mail through the night: dropped files in, letters out; and a mail fault that touches nothing."""

from __future__ import annotations

import email
import email.policy
import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.core.errors import DefinitionError, DocumentFailed
from pipeline.core.mail import Letter
from pipeline.definitions.registration import registration_form
from pipeline.definitions.values import Content, Master00
from pipeline.definitions.writer import write_workbook
from pipeline.project_run import pool
from pipeline.service.arrivals.settling import FIXED
from pipeline.service.batch import batch, take_all
from pipeline.service.post import round as post_round
from pipeline.service.post.returns import queue_refusals
from pipeline.service.post.round import Post
from pipeline.service.unattended import Options, Unattended, changed, unattended
from pipeline.service.watch import Watch
from pipeline.workspace import inputs, outbox
from pipeline.workspace.ledger import open_ledger, transaction
from pipeline.workspace.outbox import News
from pipeline.workspace.refusals import ReturnedFile
from tests.cases import AS_OF, ROOT
from tests.service.posting import settings_for
from tests.service.quick import quickly
from tests.service.stage import Hands, company, master, workbook
from tests.smtp_server import Running, smtp_server


@contextmanager
def night(root: Path, running: Running, hands: Hands, *, mail: bool = True) -> Iterator[Unattended]:
    (root / "inbox").mkdir(exist_ok=True)
    settings = settings_for(running, publish_dir=str(root / "share"), mail_pmo="pmo@lanyu.example")
    options = Options(root / "inbox", root / "ws", master(), AS_OF, jobs=0, pdf=False, mail=mail)
    with unattended(options, settings, hands.clock) as alive:
        yield alive


def drop(root: Path, sample: str) -> None:
    (root / "inbox").mkdir(exist_ok=True)
    for path in (ROOT / "samples" / sample).glob("0[1-6]_*.xlsx"):
        (root / "inbox" / path.name).write_bytes(path.read_bytes())


def subjects(running: Running) -> dict[str, str]:
    parsed = [email.message_from_bytes(one.content, policy=email.policy.default) for one in running.taken]
    return {str(message["To"]): str(message["Subject"]) for message in parsed}


@pytest.fixture(scope="module")
def two_nights(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], int, int, list[str]]:
    """The wrong sample and a broken file on the first night; nothing but the same again on the second."""
    root, hands = tmp_path_factory.mktemp("nights"), Hands()
    with smtp_server(root) as running:
        drop(root, "wrong-015")
        (root / "inbox" / "坏的.xlsx").write_bytes(b"PK\x03\x04 broken")
        with night(root, running, hands) as alive:
            batch(alive)
            states = [str(mail.state) for mail in outbox.letters(alive.ledger)]
        told, first = subjects(running), len(running.taken)
        hands.turn(86_400)
        drop(root, "wrong-015")
        with night(root, running, hands) as alive:
            batch(alive, full=True)
        return told, first, len(running.taken), states


def test_a_night_tells_who_is_concerned(two_nights: tuple[dict[str, str], int, int, list[str]]) -> None:
    told, first, _, states = two_nights
    assert set(states) == {"sent"}
    assert first == len(states)
    assert any("不通过（" in subject and "LY-SQ-2026-015" in subject for subject in told.values())
    assert "有文件退回" in told["pmo@lanyu.example"] or "批次日报" in told["pmo@lanyu.example"]


def test_the_same_again_tells_nobody_about_the_project(two_nights: tuple[dict[str, str], int, int, list[str]]) -> None:
    told, first, second, _ = two_nights
    projects = [to for to, subject in told.items() if "LY-SQ-2026-015" in subject]
    assert projects
    assert second == first, "the daily digest is of the same day, everything else was told"


@pytest.fixture(scope="module")
def faulty_night(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[object]]:
    """A night in which everything about mail fails."""

    def fail(*_: object, **__: object) -> None:
        raise DefinitionError("模板坏了")

    root = tmp_path_factory.mktemp("faulty")
    with pytest.MonkeyPatch.context() as patch, smtp_server(root) as running:
        for name in ("queue_project", "queue_refusals", "queue_digest", "send_due"):
            patch.setattr(post_round, name, fail)
        drop(root, "wrong-015")
        with night(root, running, Hands()) as alive:
            return root, [one.failure for one in batch(alive).done]


def test_a_mail_fault_touches_nothing(faulty_night: tuple[Path, list[object]]) -> None:
    root, failures = faulty_night
    assert failures == [None]
    assert list((root / "share").rglob("*_校验.xlsx"))


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name, content in members.items():
            package.writestr(f"{name}.xlsx", content)
    return out.getvalue()


@pytest.fixture
def refusals(tmp_path: Path) -> Iterator[tuple[Path, Running]]:
    """An inbox with a broken file, and a zip with a good member and a broken one."""
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "坏的.xlsx").write_bytes(b"<html>")
    (inbox / "资料.zip").write_bytes(zipped(plan=workbook("02").read_bytes(), cost=b"<html>"))
    with smtp_server(tmp_path) as running:
        yield tmp_path, running


def bodies(running: Running) -> list[str]:
    parsed = [email.message_from_bytes(one.content, policy=email.policy.default) for one in running.taken]
    return [str(message.get_body(("plain",)).get_content()) for message in parsed]


def test_what_went_back_before_a_stop_is_told_once_after_it(refusals: tuple[Path, Running]) -> None:
    root, running = refusals
    with night(root, running, Hands()) as alive:
        take_all(alive)  # and here the power goes: the files are back, no letter was written
    assert len(list((root / "inbox").rglob("*.原因.txt"))) == 2
    for _ in range(2):
        with night(root, running, Hands()) as alive:
            alive.tell()
    (told,) = [one for one in bodies(running) if "退回" in one]
    assert [told.count(word) for word in ("已退回：坏的.xlsx", "资料.zip 里的 1 个文件", "cost.xlsx:")] == [1, 1, 1]


def test_letters_that_were_not_asked_for_do_not_come_later(refusals: tuple[Path, Running]) -> None:
    root, running = refusals
    for mail in (False, True):
        with night(root, running, Hands(), mail=mail) as alive:
            take_all(alive)
            alive.tell()
    assert [one for one in bodies(running) if "退回" in one] == []


def test_one_refusal_that_cannot_be_told_keeps_no_other(
    refusals: tuple[Path, Running], monkeypatch: pytest.MonkeyPatch
) -> None:
    root, running = refusals
    real = post_round.queue_refusals

    def fail(ledger: object, refused: list[ReturnedFile], *more: object) -> int:
        if refused[0].name.startswith("资料"):
            raise ValueError(refused)
        return real(ledger, refused, *more)  # type: ignore[arg-type]

    with night(root, running, Hands()) as alive:
        take_all(alive)
        monkeypatch.setattr(post_round, "queue_refusals", fail)
        alive.tell()
        monkeypatch.undo()
        assert len(bodies(running)) == 1
        alive.clock = replace(alive.clock, now=lambda: Hands().wall + timedelta(days=1))
        alive.tell()
    assert "cost.xlsx:" in bodies(running)[1]


# -- sending --------------------------------------------------------------------------------------------------------


def test_what_was_held_back_leaves_by_itself(refusals: tuple[Path, Running]) -> None:
    """A letter that waits goes out at its time though nothing else happens in the watch."""
    root, running = refusals
    hands = Hands()
    with night(root, running, hands) as alive:
        take_all(alive)
        alive.post.returned()
        waiting = len(outbox.letters(alive.ledger))
        outbox.postpone(alive.ledger, hands.wall + timedelta(minutes=20))
        watch = Watch(alive, quiet_s=30)
        watch._to_tell = False
        watch._basis = (alive.today(), changed(alive.company_path), 0)
        watch.step()
        assert running.taken == []
        hands.turn(1201)
        watch.step()
        assert len(running.taken) == waiting > 0


def write_letters(alive: Unattended, count: int) -> None:
    now = alive.clock.now()
    with transaction(alive.ledger):
        for number in range(count):
            news = News(f"a{number}@lanyu.example", "甲", f"P{number}", {"word": (f"k{number}", {})})
            outbox.put(alive.ledger, news, lambda _: Letter("题", "文", "<p>文</p>"), now, timedelta(0), "x.example")


def test_a_night_stays_until_the_limit_of_a_minute_has_passed(refusals: tuple[Path, Running]) -> None:
    root, running = refusals
    hands = Hands()
    with night(root, running, hands) as alive:
        write_letters(alive, 3)
        alive.settings = replace(alive.settings, mail_per_minute=1)
        assert alive.drain() == ""
    assert len(running.taken) == 3
    assert hands.seconds - Hands().seconds >= 120


@pytest.mark.parametrize(("cap", "why"), [(1, "一天的封数到了上限"), (500, "还在安静期")])
def test_a_night_says_what_waits_and_why(refusals: tuple[Path, Running], cap: int, why: str) -> None:
    root, running = refusals
    hands = Hands()
    with night(root, running, hands) as alive:
        write_letters(alive, 2)
        alive.settings = replace(alive.settings, mail_daily_cap=cap)
        if cap > 1:
            outbox.postpone(alive.ledger, hands.wall + timedelta(hours=1))
        said = alive.drain()
    assert len(running.taken) == (1 if cap == 1 else 0)
    assert why in said
    assert said.startswith(f"{2 - len(running.taken)} 封没有发出,最早的")


def test_who_has_left_gets_no_letter_that_waited(tmp_path: Path) -> None:
    with smtp_server(tmp_path) as running:
        person = company().persons["E104"]
        after = replace(company(), persons={**company().persons, "E104": replace(person, active=False)})
        ledger, hands = open_ledger(tmp_path / "ws"), Hands()
        letter = Letter("主题", "正文", "<p>正文</p>")
        for address in (person.email, "cwb@lanyu.example"):
            with transaction(ledger):
                news = News(address, address, "P", {"k": (address, {"items": []})})
                outbox.put(ledger, news, lambda _: letter, hands.wall, timedelta(0), "lanyu.example")
        Post(ledger, settings_for(running), lambda: after, lambda: hands.wall).send()
        assert [one.recipients for one in running.taken] == [["cwb@lanyu.example"]]
        assert {m.recipient: (str(m.state), m.said) for m in outbox.letters(ledger)}[person.email] == (
            "cancelled",
            "收件人已离职",
        )


def test_a_file_that_went_back_to_who_has_left_is_told_to_the_department_once(tmp_path: Path) -> None:
    with smtp_server(tmp_path) as running:
        person = company().persons["E104"]
        after = replace(company(), persons={**company().persons, "E104": replace(person, active=False)})
        ledger, hands, settings = open_ledger(tmp_path / "ws"), Hands(), settings_for(running)
        file = ReturnedFile("", "费用.xlsx", "文件损坏,请重新保存", hands.wall, filled_by="E104")
        queue_refusals(ledger, [file], company(), settings, hands.wall)
        post = Post(ledger, settings, lambda: after, lambda: hands.wall)
        for _ in range(2):
            post.send()
        (one,) = running.taken
        assert one.recipients == [company().departments[person.dept].mail_group]
        message = email.message_from_bytes(one.content, policy=email.policy.default)
        assert "文件损坏" in message.get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_a_file_that_nobody_can_move_is_told_once_after_two_hours(tmp_path: Path) -> None:
    with smtp_server(tmp_path) as running:
        hands = Hands()
        with night(tmp_path, running, hands) as alive:
            waiting = {"财务部/资料/费用.xlsx": FIXED, "别处/a.xlsx": "被占用"}
            inputs.see_waiting(alive.ledger, waiting, hands.wall)
            alive.send_due()
            assert running.taken == []
            hands.turn(2 * 3600 + 1)
            alive.send_due()
            alive.send_due()
        with night(tmp_path, running, hands) as alive:
            alive.send_due()
        told = {one.recipients[0]: one for one in running.taken}
        assert len(running.taken) == len(told) == 2
        finance, pmo = "cwb@lanyu.example", "pmo@lanyu.example"
        assert "没有权限移走" in bodies_of(told[finance].content)
        assert "投放目录的“别处/a.xlsx”" in bodies_of(told[pmo].content)


def bodies_of(content: bytes) -> str:
    message = email.message_from_bytes(content, policy=email.policy.default)
    return str(message.get_body(("plain",)).get_content())  # type: ignore[union-attr]


def test_a_registered_project_is_told_to_its_sales_representative_once(tmp_path: Path) -> None:
    with smtp_server(tmp_path) as running, quickly():
        (tmp_path / "inbox").mkdir()
        row = {"project_code": "LY-SQ-2026-900", "project_name": "新项目", "customer_name": "客户", "sales_rep": "E103"}
        content = Content(sheets={"project": [row]})
        write_workbook(registration_form(), tmp_path / "inbox" / "立项登记.xlsx", content, Master00({}))
        for _ in range(2):
            with night(tmp_path, running, Hands()) as alive:
                batch(alive)
        found = [email.message_from_bytes(one.content, policy=email.policy.default) for one in running.taken]
        (letter,) = [one for one in found if "已登记" in str(one["Subject"])]
        assert (letter["To"], str(letter["Subject"])) == (
            company().persons["E103"].email,
            "[请填写] LY-SQ-2026-900 新项目 — 已登记",
        )
        assert str(tmp_path / "share" / "LY-SQ-2026-900") in bodies_of(letter.as_bytes())


def test_a_run_that_came_to_nothing_is_told_once_and_its_receipt_follows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hands = Hands()
    with smtp_server(tmp_path) as running, quickly():
        drop(tmp_path, "LY-SQ-2026-015")

        def fails(*_: object) -> None:
            raise DocumentFailed("转换两次都失败")

        def subjects_of(batches: int) -> list[tuple[str, str]]:
            before = len(running.taken)
            for _ in range(batches):
                with night(tmp_path, running, hands) as alive:
                    batch(alive)
                hands.turn(3600)
            found = (email.message_from_bytes(o.content, policy=email.policy.default) for o in running.taken[before:])
            return sorted((str(one["To"]), str(one["Subject"])[:6]) for one in found if "批次" not in one["Subject"])

        with monkeypatch.context() as patch:
            patch.setattr(pool, "run_project", fails)
            assert subjects_of(2) == [("pmo@lanyu.example", "[请处理] ")], "who handed in is not known here"
        assert [tag for _, tag in subjects_of(2)] == ["[已通过] ", "[计划包] "]
