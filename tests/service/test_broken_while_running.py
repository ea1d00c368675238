"""Settings, workbook 00, inbox, share and ledger, each broken while the watch runs.

It is said in the status; once, after ten minutes, to whom it concerns; what was handed in meanwhile waits; and once
it is mended everything goes on by itself, which is said once, too.
"""

from __future__ import annotations

import email
import email.policy
import errno
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from pipeline.intake import workbooks
from pipeline.intake.workbooks import Refusal
from pipeline.service import state
from pipeline.service import unattended as hearts
from pipeline.service import watch as watching
from pipeline.service.arrivals import claiming
from pipeline.service.arrivals.names import TAKEN
from pipeline.service.clock import Clock
from pipeline.service.watch import Renewal
from pipeline.settings import load_settings
from pipeline.workspace import ledger as ledgers
from tests.cases import DORM
from tests.service.posting import settings_for
from tests.service.quick import quickly
from tests.service.site import QUIET, Site
from tests.service.stage import workbook
from tests.smtp_server import Running, smtp_server

PMO, KEEPER = "pmo@lanyu.example", "keeper@lanyu.example"
TICK_S = 30.0
BROKEN, DROPPED, MENDED, END = 4, 5, 20, 45  # minutes
Mend = Callable[[], object]


@dataclass
class Broken:
    """One site, its server, and what people see of it.

    Attributes:
        said: lines of the status, ten minutes and more after something broke.
        code: exit code of the status at that time stands for: healthy or not.
    """

    site: Site
    running: Running
    said: list[str] = field(default_factory=list)
    healthy: bool = True
    _plan: list[tuple[float, Callable[[], object]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        more = {"publish_dir": str(self.share), "quiet_s": int(QUIET), "mail_pmo": PMO, "mail_company": KEEPER}
        self.site.settings = settings_for(self.running, **more, mail_quiet_s=0)
        self.site.options = replace(self.site.options, mail=True)
        self.toml.write_text("quiet_s = 30\n", "utf-8")
        self.began = self.site.hands.wall

    @property
    def share(self) -> Path:
        return self.site.root / "share"

    @property
    def toml(self) -> Path:
        return self.site.root / "presales.toml"

    def live(self, breaks: Callable[[], Mend]) -> None:
        """Forty-five minutes: a project, something breaks, a workbook is handed in, it is mended."""
        mend: list[Mend] = []
        self.site.drop(workbook("02"), "02.xlsx")
        self._plan = [
            (BROKEN, lambda: mend.append(breaks())),
            (DROPPED, self._drop),
            (MENDED, self._look),
            (MENDED, lambda: [one() for one in mend]),
            (MENDED + 1, self._drop),
        ]
        while self._minutes() < END:
            self._watch()

    def _watch(self) -> None:
        """One beginning of the command, which begins anew when there are other settings."""
        site = self.site
        renewal = Renewal(self.toml, lambda: load_settings(site.root, {}))
        clock = hearts.Clock(lambda: site.hands.wall, lambda: site.hands.seconds, self._sleep)

        def pauses() -> Iterator[None]:
            while self._minutes() < END:
                self._happen()
                yield
                site.hands.turn(TICK_S)

        with quickly(), watching.alone(site.options, site.settings):
            watching.keep_watching(site.options, site.settings, clock, pauses, renewal)

    def _sleep(self, seconds: float) -> None:
        assert self._minutes() < END, "it waits for ever"
        self.site.hands.turn(seconds)
        self._happen()

    def _happen(self) -> None:
        while self._plan and self._plan[0][0] <= self._minutes():
            self._plan.pop(0)[1]()

    def _minutes(self) -> float:
        return (self.site.hands.wall - self.began).total_seconds() / 60

    def _drop(self) -> None:
        """Hand something in, where the inbox is and can be written."""
        if (self.site.inbox / TAKEN).is_dir():
            with suppress(OSError):
                (self.site.inbox / "03.xlsx").write_bytes(workbook("03").read_bytes())

    def _look(self) -> None:
        clock = Clock(lambda: self.site.hands.wall, lambda: 0.0, lambda _: None)
        self.said, found = state.status(self.site.ws, self.site.settings, clock)
        self.healthy = bool(found) and not found.troubles  # type: ignore[union-attr]

    def letters(self, tag: str) -> list[tuple[str, str, str]]:
        """Letters of the service about itself: to whom, subject and text."""
        found = []
        for one in self.running.taken:
            message = email.message_from_bytes(one.content, policy=email.policy.default)
            if message["Subject"].startswith(tag) and "售前文档服务" in message["Subject"]:
                text = message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
                found.append((one.recipients[0], str(message["Subject"]), str(text)))
        return found


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Broken]:
    monkeypatch.setattr(ledgers, "BUSY_TIMEOUT_MS", 10)
    with smtp_server(tmp_path) as running:
        yield Broken(Site(tmp_path), running)


# -- what breaks, and how it is mended ---------------------------------------------------------------------------------


def content(path: Path, wrong: bytes) -> Mend:
    """Another content, until the right one is written."""
    right = path.read_bytes()
    path.write_bytes(wrong)
    return lambda: path.write_bytes(right)


def gone(path: Path, *, empty: bool = False) -> Mend:
    """Away, perhaps with an empty folder in its place, as where a share is not mounted."""
    aside = path.with_name(f"{path.name}.away")
    path.rename(aside)
    if empty:
        path.mkdir()

    def back() -> None:
        shutil.rmtree(path, ignore_errors=True)
        aside.rename(path)

    return back


def locked_by_office(one: Broken) -> Mend:
    """Another program holds workbook 00 so that it cannot be read."""
    patch, real = pytest.MonkeyPatch(), workbooks._content

    def held(path: Path) -> object:
        return Refusal("unreadable", os.strerror(errno.EACCES)) if path.name == "00.xlsx" else real(path)

    patch.setattr(workbooks, "_content", held)
    os.utime(one.site.root / "00.xlsx", (1, 1))
    return patch.undo


def refusing(module: object, name: str, fault: int) -> Mend:
    """A folder that cannot be written."""
    patch = pytest.MonkeyPatch()

    def refuses(*_: object, **__: object) -> object:
        raise OSError(fault, os.strerror(fault))

    patch.setattr(module, name, refuses)
    return patch.undo


def remount(path: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", str(path)], check=True)


def filled(path: Path) -> Mend:
    """No room on the disk."""
    filler = path / "filler"
    with filler.open("wb", buffering=0) as stream, suppress(OSError):
        while True:
            stream.write(bytes(4096))
    return filler.unlink


def held_ledger(path: Path) -> Mend:
    """Another program holds the ledger for itself."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    return other.close


def damaged_ledger(path: Path) -> Mend:
    with sqlite3.connect(path) as kept:
        kept.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return content(path, b"no ledger" * 1000)


CASES: dict[str, tuple[Callable[[Broken], Mend], str, tuple[str, ...]]] = {
    "settings that are no TOML": (lambda one: content(one.toml, b"quiet_s = ["), "presales.toml", (PMO,)),
    "settings that are no text": (lambda one: content(one.toml, b"\xff\xfe\x00"), "presales.toml", (PMO,)),
    "a setting of another type": (lambda one: content(one.toml, b'quiet_s = "abc"'), "quiet_s", (PMO,)),
    "an unknown setting": (lambda one: content(one.toml, b"quiet = 3"), "quiet_s", (PMO,)),
    "settings that are gone": (lambda one: gone(one.toml), "不在了", (PMO,)),
    "00 that is no workbook": (lambda one: content(one.site.root / "00.xlsx", b"half"), "00.xlsx", (PMO, KEEPER)),
    "00 that is gone": (lambda one: gone(one.site.root / "00.xlsx"), "00.xlsx", (PMO, KEEPER)),
    "00 that another program holds": (locked_by_office, "文件无法打开", (PMO, KEEPER)),
    "an inbox that is gone": (lambda one: gone(one.site.inbox), "投放目录", (PMO,)),
    "an inbox that is not mounted": (lambda one: gone(one.site.inbox, empty=True), "可能没有挂载", (PMO,)),
    "an inbox that cannot be written": (
        lambda _: refusing(claiming, "claim", errno.EROFS),
        "Read-only file system",
        (PMO,),
    ),
    "a share that is gone": (lambda one: gone(one.share), "发布目录不在了", (PMO,)),
    "a share that is not mounted": (lambda one: gone(one.share, empty=True), "发布目录不在了", (PMO,)),
    "a ledger that another program holds": (
        lambda one: held_ledger(one.site.ws / "ledger.sqlite"),
        "台账现在不能用",
        (PMO,),
    ),
    "a damaged ledger": (lambda one: damaged_ledger(one.site.ws / "ledger.sqlite"), "presales restore", (PMO,)),
}


@pytest.mark.parametrize("case", CASES)
def test_what_breaks_is_said_and_goes_on_once_it_is_mended(broken: Broken, case: str) -> None:
    breaks, words, people = CASES[case]
    broken.live(lambda: breaks(broken))
    _judge(broken, words, people)


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """A disk of its own for a folder."""
    folder.mkdir(exist_ok=True)
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)], check=False)
    if made.returncode:
        pytest.skip("no mounts in this container")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts a small disk")
@pytest.mark.parametrize(
    ("name", "how", "words"),
    [
        ("share", "full", "No space left"),
        ("share", "read-only", "Read-only file system"),
        ("inbox", "read-only", "Read-only file system"),
    ],
)
def test_a_disk_that_is_full_or_read_only(broken: Broken, name: str, how: str, words: str) -> None:
    folder = broken.site.root / name
    with ExitStack() as stack:
        stack.enter_context(small_disk(folder))

        def breaks() -> Mend:
            if how == "full":
                return filled(folder)
            (folder / "03.xlsx").write_bytes(workbook("03").read_bytes())
            remount(folder, "ro")
            return lambda: remount(folder, "rw")

        broken.live(breaks)
        _judge(broken, words, (PMO,))


def _judge(one: Broken, words: str, people: tuple[str, ...]) -> None:
    status = "\n".join(one.said)
    assert words in status, status
    assert not one.healthy
    told = one.letters("[请处理]")
    assert sorted(to for to, *_ in told) == sorted(people), "once, to whom it concerns"
    assert all(words in text for _, _, text in told), told
    assert sorted(to for to, *_ in one.letters("[已恢复]")) == sorted(people)
    assert (one.site.ran(), one.site.slots()) == ([DORM], ["cost", "plan"])
    assert (one.share / DORM / "当前工作簿" / "03.xlsx").is_file(), "what was handed in is published"
    after, found = state.status(one.site.ws, one.site.settings, Clock())
    assert not any(line.startswith("监视  停下") or words in line for line in after), after
    assert found
