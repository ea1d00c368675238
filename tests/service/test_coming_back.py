"""A watch comes back by itself: after a full disk, a busy ledger, a share that was not there, and faults of ours."""

from __future__ import annotations

import errno
import logging
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.cli import run
from pipeline.core.errors import DefinitionError, ExitCode, Outdated, UsageProblem
from pipeline.service import batch as nights
from pipeline.service import state
from pipeline.service import watch as watching
from pipeline.service.arrivals import recognise
from pipeline.service.arrivals.claiming import REASON
from pipeline.service.batch import batch
from pipeline.service.clock import Clock
from pipeline.service.runs import premises
from pipeline.service.unattended import Options, unattended
from pipeline.settings import Settings
from pipeline.workspace import inputs, projects, store
from pipeline.workspace.ledger import open_ledger
from tests.cases import DORM, ROOT
from tests.service.quick import quickly
from tests.service.site import Site
from tests.service.stage import workbook


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def failing(times: int, error: Exception, real: Callable[..., object]) -> Callable[..., object]:
    """A function that fails so many times before it works."""
    left = [times]

    def sometimes(*args: object, **kwargs: object) -> object:
        if left[0]:
            left[0] -= 1
            raise error
        return real(*args, **kwargs)

    return sometimes


FAULTS = {
    "full": sqlite3.OperationalError("database or disk is full"),
    "locked": sqlite3.OperationalError("database is locked"),
    "broken": sqlite3.OperationalError("disk I/O error"),
    "no room": OSError(errno.ENOSPC, "No space left on device"),
    "ours": KeyError("a fault of the program"),
}


@pytest.mark.parametrize("fault", ["full", "no room", "ours"])
@pytest.mark.parametrize("where", [(inputs, "decide"), (projects, "remember"), (inputs, "see_waiting")])
def test_whatever_fails_the_watch_waits_and_goes_on(site: Site, where, fault: str, monkeypatch, caplog) -> None:
    caplog.set_level(logging.INFO, "presales")
    monkeypatch.setattr(logging.getLogger("presales"), "propagate", True)
    module, name = where
    monkeypatch.setattr(module, name, failing(2, FAULTS[fault], getattr(module, name)))
    site.drop(workbook("02"), "a.xlsx")
    site.tick = 400  # a failed run is tried again after half an hour
    site.watch(ticks=14)
    assert (site.ran(), site.slots()) == ([DORM], ["plan"])
    assert str(FAULTS[fault]).strip("'") in caplog.text
    assert state.status(site.ws, Settings(), Clock())[0][0].startswith("已接收"), "the trouble is over"


def test_it_waits_longer_each_time_up_to_a_minute_and_says_it_once(site: Site, monkeypatch, caplog) -> None:
    monkeypatch.setattr(logging.getLogger("presales"), "propagate", True)
    monkeypatch.setattr(inputs, "see_waiting", failing(6, FAULTS["full"], inputs.see_waiting))
    said: list[str] = []
    site.while_asleep.append(lambda: said.append(state.status(site.ws, Settings(), Clock())[0][0]))
    site.drop(workbook("02"), "a.xlsx")
    site.watch()
    assert site.slept == [5, 10, 20, 40, 60, 60]
    assert all(
        line.startswith("监视  停下等待:台账现在不能用:database or disk is full。磁盘满就腾出空间") for line in said
    )
    assert len(set(said)) == 1, "since the first time"
    assert len({id(one) for one in caplog.records if "停下等待" in one.message}) == 1
    assert not any(line.startswith("监视  停下") for line in state.status(site.ws, Settings(), Clock())[0])


def test_an_inbox_that_is_mounted_after_the_start(site: Site) -> None:
    said: list[str] = []
    site.while_asleep.append(lambda: said.append((site.ws / "locks" / "watch.sign").read_text()))
    site.while_asleep.append(lambda: site.drop(workbook("02"), "a.xlsx") if len(said) == 4 else None)
    site.watch()
    assert (site.slept, site.ran()) == ([5, 10, 20, 40], [DORM])
    assert all("没有这个目录,可能没有挂载" in one for one in said)


def test_a_disk_without_room_at_the_start(site: Site, monkeypatch) -> None:
    monkeypatch.setattr(premises, "free_mb", lambda _: 0)
    site.while_asleep.append(
        lambda: monkeypatch.setattr(premises, "free_mb", lambda _: 1000) if len(site.slept) == 3 else None
    )
    site.drop(workbook("02"), "a.xlsx")
    site.watch()
    assert (len(site.slept), site.ran()) == (3, [DORM])


def test_a_workbook_00_that_comes_later(site: Site) -> None:
    company = site.root / "00.xlsx"
    content = company.read_bytes()
    company.unlink()
    site.while_asleep.append(lambda: company.write_bytes(content) if len(site.slept) == 2 else None)
    site.drop(workbook("02"), "a.xlsx")
    site.watch()
    assert (len(site.slept), site.ran()) == (2, [DORM])


def test_a_broken_workbook_00_is_said_in_the_status(site: Site) -> None:
    company = site.root / "00.xlsx"
    content = company.read_bytes()
    company.write_bytes(b"half")
    said: list[str] = []

    def mend() -> None:
        said.extend(state.status(site.ws, Settings(), Clock())[0])
        company.write_bytes(content)

    site.drop(workbook("02"), "a.xlsx")
    site.watch(at={3: mend})
    assert (said[0].startswith("监视  停下等待:"), site.ran()) == (True, [DORM])


def test_other_settings_end_the_watch_and_wrong_ones_do_not(site: Site) -> None:
    site.inbox.mkdir()
    file, wrong = site.root / "presales.toml", [True]

    def load() -> None:
        if wrong[0]:
            raise DefinitionError("没有这个键")

    file.write_text("old")
    site.renewal = watching.Renewal(file, load)
    said: list[str] = []
    sign = site.ws / "locks" / "watch.sign"
    site.watch(
        ticks=8,
        at={
            2: lambda: file.write_text("wrong one"),
            4: lambda: said.append(sign.read_text("utf-8").strip()),
            5: lambda: wrong.clear() or wrong.append(False) or file.write_text("a good one"),  # type: ignore[func-returns-value]
            7: lambda: pytest.fail("it ended with the sixth look"),
        },
    )
    assert "设置改过,但不能用,仍按原来的设置工作:没有这个键" in said[0]


def test_settings_that_mend_what_it_waits_for_are_taken_up(site: Site, monkeypatch) -> None:
    monkeypatch.setattr(premises, "free_mb", lambda _: 0)
    file = site.root / "presales.toml"
    site.renewal = watching.Renewal(file, lambda: None)
    site.while_asleep.append(lambda: file.write_text("min_free_mb = 0") if len(site.slept) == 3 else None)
    site.watch()
    assert len(site.slept) == 3


def test_settings_with_which_no_watch_could_begin_do_not_end_one(site: Site, monkeypatch) -> None:
    """An inbox within the published folder, a server without its password: neither is wrong by itself."""
    renewals: list[watching.Renewal] = []
    monkeypatch.setattr(watching, "keep_watching", lambda *given: renewals.append(given[-1]))
    monkeypatch.setattr("os.execv", lambda *_: None)
    monkeypatch.chdir(site.root)
    site.inbox.mkdir()
    file = site.root / "presales.toml"
    file.write_text('inbox = "inbox"\n', "utf-8")
    run(["watch", "-w", "ws", "--no-mail"])
    (renewal,) = renewals
    for wrong, said in (
        ('inbox = "inbox"\npublish_dir = "inbox/发布"\n', "请分开"),
        ("quiet_s = 30\n", "请写明投放目录"),
        ('inbox = "ws/inbox"\n', "请分开"),
    ):
        file.write_text(wrong, "utf-8")
        assert not renewal.due()
        assert said in renewal.fault
    file.unlink()
    assert not renewal.due()
    assert "不在了" in renewal.fault
    file.write_text('inbox = "inbox"\nquiet_s = 30\n', "utf-8")
    assert renewal.due()


def test_the_page_says_how_the_service_is_and_what_troubles_it(site: Site) -> None:
    site.drop(workbook("02"), "a.xlsx")
    page = site.root / "share" / "项目状态.html"
    seen: list[str] = []
    site.tick = 200.0
    ledger = site.ws / "ledger.sqlite"

    def stuck() -> None:
        seen.append(page.read_text("utf-8"))
        with sqlite3.connect(ledger) as kept:
            kept.execute("INSERT INTO failures VALUES ('LY-9', '转换超时', '{}', '2026-11-23T00:00:00+00:00')")

    site.watch(ticks=12, at={6: stuck})
    assert "监视在运行，上次查看" in seen[0]
    assert "上次没有完成" not in seen[0]
    assert "1 个项目上次没有完成：LY-9" in page.read_text("utf-8"), "made anew for it, though nothing was handed in"


def test_what_never_mends_itself_ends_at_once(site: Site) -> None:
    site.inbox.mkdir()
    open_ledger(site.ws).execute("PRAGMA user_version=9999").connection.close()
    with pytest.raises(Outdated):
        site.watch()
    site.options = Options(ROOT / "samples", site.ws)
    with pytest.raises(UsageProblem, match="在程序目录"):
        site.watch()
    assert site.slept == []


@pytest.mark.parametrize("damaged", [b"<html>", b"PK\x05\x06" + b"\0" * 18])
def test_a_broken_file_goes_back_once_and_nothing_loops(site: Site, damaged: bytes) -> None:
    site.drop(damaged, "坏.xlsx")
    site.watch(ticks=5)
    assert site.slept == []
    assert (site.inbox / "退回" / f"坏.xlsx{REASON}").is_file()


def test_a_file_at_which_the_program_fails_holds_nobody_up_and_goes_back(site: Site, monkeypatch) -> None:
    tried = 0
    real = recognise.read_workbook

    def fails(opened: object, *more: object) -> object:
        nonlocal tried
        book = real(opened, *more)
        if book.form == "cost":
            tried += 1
            raise RecursionError("too deep")
        return book

    monkeypatch.setattr(recognise, "read_workbook", fails)
    site.drop(workbook("03"), "a.xlsx")
    site.drop(workbook("02"), "b.xlsx")
    site.watch(ticks=40)
    assert (site.slept, tried, site.ran()) == ([], 3, [DORM])
    assert "程序读这个文件时几次出错" in (site.inbox / "退回" / f"a.xlsx{REASON}").read_text("utf-8-sig")
    assert list(site.inbox.glob(".处理中/*")) == []


def test_a_file_that_cannot_be_kept_rests_ever_longer(site: Site, monkeypatch) -> None:
    tried = 0

    def full(*_: object) -> object:
        nonlocal tried
        tried += 1
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(store, "keep", full)
    site.drop(workbook("02"), "a.xlsx")
    site.watch(ticks=120)
    assert tried == 9, "in 1200 seconds: at once, then after 10, 20, 40, 80, 160, 300 and 300"
    assert (site.inbox / "a.xlsx").is_file() or list(site.inbox.glob(".处理中/*/a.xlsx"))
    monkeypatch.undo()
    site.watch(ticks=12)
    assert site.ran() == [DORM]


# -- the night ------------------------------------------------------------------------------------------------------


def test_a_night_at_which_the_disk_is_full_ends_with_9_and_the_next_one_does_it(site: Site, monkeypatch) -> None:
    site.drop(workbook("02"), "a.xlsx")
    with quickly(), unattended(site.options, site.settings, site.hands.clock) as opened:
        with monkeypatch.context() as patch:
            patch.setattr(store, "keep", failing(99, FAULTS["no room"], store.keep))
            night = batch(opened)
        assert (night.exit_code, night.tally.ran) == (ExitCode.NOT_READY, 0)
    with quickly(), unattended(site.options, site.settings, site.hands.clock) as opened:
        assert (batch(opened).exit_code, site.ran()) == (0, [DORM])


@pytest.mark.parametrize("fault", ["full", "locked", "broken", "no room"])
def test_a_night_that_cannot_write_says_so_with_9(site: Site, fault: str, monkeypatch, capsys) -> None:
    monkeypatch.chdir(site.root)
    (site.root / "presales.toml").write_text('company = "00.xlsx"\n')
    site.drop(workbook("02"), "a.xlsx")

    def fails(*_: object, **__: object) -> object:
        raise FAULTS[fault]

    monkeypatch.setattr(nights, "take_all", fails)
    assert run(["batch", "inbox", "-w", "ws", "--no-pdf"]) == 9
    said = capsys.readouterr().err
    assert "暂时不能用" in said
    assert "Traceback" not in said
    assert (site.inbox / "a.xlsx").is_file()


def test_a_night_with_a_damaged_ledger_says_what_to_do(site: Site, monkeypatch, capsys) -> None:
    monkeypatch.chdir(site.root)
    (site.root / "presales.toml").write_text('company = "00.xlsx"\n')
    site.inbox.mkdir()
    site.ws.mkdir()
    (site.ws / "ledger.sqlite").write_bytes(b"no ledger" * 1000)
    assert run(["batch", "inbox", "-w", "ws", "--no-pdf"]) == ExitCode.DELIVERY
    assert "台账损坏" in capsys.readouterr().err
    assert run(["status", "-w", "ws"]) == ExitCode.NOT_READY
    assert "presales restore" in capsys.readouterr().out


def test_a_night_without_its_inbox_ends_with_9(site: Site, monkeypatch, capsys) -> None:
    monkeypatch.chdir(site.root)
    assert run(["batch", "gone", "-w", "ws"]) == 9
    assert "可能没有挂载" in capsys.readouterr().err


def test_a_fault_of_ours_in_a_night_stays_1(site: Site, monkeypatch) -> None:
    monkeypatch.chdir(site.root)
    (site.root / "presales.toml").write_text('company = "00.xlsx"\n')
    site.inbox.mkdir()
    monkeypatch.setattr(nights, "take_all", failing(9, FAULTS["ours"], nights.take_all))
    assert run(["batch", "inbox", "-w", "ws", "--no-pdf"]) == 1


# -- what the service manager does -----------------------------------------------------------------------------------


def test_units_start_again_after_all_that_may_pass_and_after_nothing_else() -> None:
    def prevented(unit: str) -> set[str]:
        text = (ROOT / "scripts" / "service" / unit).read_text("utf-8")
        assert "\nRestart=on-failure\n" in text
        return set(text.partition("RestartPreventExitStatus=")[2].splitlines()[0].split())

    assert prevented("presales-watch.service") == {"2", "5", "8"}
    night = prevented("presales-batch.service")
    done = {"0", "3", "130"}
    assert {str(int(code)) for code in ExitCode} - night - done == {str(int(ExitCode.NOT_READY))}


def test_a_log_that_has_no_room_leaves_the_console(tmp_path: Path, capsys) -> None:
    from pipeline.service import logs

    (tmp_path / "file").write_text("no folder")
    logs.set_up(tmp_path / "file" / "log.jsonl")
    logging.getLogger("presales.x").warning("说一句")
    said = capsys.readouterr().err
    assert "说一句" in said
    assert "Traceback" not in said
    logs.set_up(tmp_path / "log.jsonl")
    for handler in logging.getLogger("presales").handlers:
        if isinstance(handler, logging.FileHandler):
            handler.stream = Path("/dev/full").open("w")  # noqa: SIM115  the handler closes it
    logging.getLogger("presales.x").warning("再说一句")
    said = capsys.readouterr().err
    assert "再说一句" in said
    assert "Traceback" not in said
    logs.set_up(tmp_path / "log.jsonl")  # closes what still holds a line without room for it
