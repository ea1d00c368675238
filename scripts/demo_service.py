"""The unattended work at a glance: wrong workbooks and their mended ones into a watched folder, a night, its letters.

Everything is real: the watch, the night, and an SMTP server on loopback, which files each letter as .eml.
"""

from __future__ import annotations

import asyncio
import email
import email.policy
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PRESALES = ROOT / ".venv" / "bin" / "presales"
LINK = ROOT / "out" / "demo-service"  # leads to the newest one; the program's folder may hold no workspace
PREFIX = "presales-demo-"
WRONG, MENDED = ROOT / "samples" / "wrong-015", ROOT / "samples" / "LY-SQ-2026-015"
PATIENCE_S = 300
_SETTINGS = """\
company = "{company}"
inbox = "投放"
publish_dir = "发布"
stable_s = 0.5
quiet_s = 2
poll_s = 1
mail_host = "127.0.0.1"
mail_port = {port}
mail_security = "none"
mail_from = "presales@lanyu.example"
mail_pmo = "pmo@lanyu.example"
mail_quiet_s = 0
mail_per_minute = 1000
"""


async def _answer(folder: Path, read: asyncio.StreamReader, write: asyncio.StreamWriter) -> None:
    """One session of RFC 5321, as much of it as a client without extensions needs."""

    async def say(line: str) -> None:
        write.write(f"{line}\r\n".encode())
        await write.drain()

    with suppress(ConnectionError, asyncio.IncompleteReadError):
        await say("220 localhost")
        while line := await read.readline():
            command = line[:4].strip().upper()
            if command == b"QUIT":
                await say("221 bye")
                break
            if command == b"DATA":
                await say("354 go on")
                content = await _message(read)
                number = len(list(folder.glob("*.eml"))) + 1
                (folder / f"{number:03}.eml").write_bytes(content)
            await say("250 ok")
    write.close()


async def _message(read: asyncio.StreamReader) -> bytes:
    lines = []
    while (line := await read.readuntil(b"\r\n")) != b".\r\n":
        lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
    return b"".join(lines)


@contextmanager
def server(folder: Path) -> Iterator[int]:
    """An SMTP server on a free port of loopback while the block lasts."""
    loop = asyncio.new_event_loop()
    listening = asyncio.start_server(lambda r, w: _answer(folder, r, w), "127.0.0.1", 0, limit=2**27)
    running = loop.run_until_complete(listening)
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield running.sockets[0].getsockname()[1]
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)


def letters(folder: Path) -> list[tuple[str, str, list[str]]]:
    """Recipient, subject and enclosures of each letter, in the order in which they came."""
    found = []
    for path in sorted(folder.glob("*.eml")):
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        enclosed = [str(part.get_filename()) for part in message.iter_attachments()]
        found.append((str(message["To"]), str(message["Subject"]), enclosed))
    return found


def drop(sample: Path, inbox: Path, name: str) -> None:
    """Put a sample's workbooks and attachments into the inbox, as a person drops a folder."""
    ignored = shutil.ignore_patterns("00_*", "expected")
    shutil.copytree(sample, inbox / name, ignore=ignored)


def wait_for(what: str, there: Callable[[], object], watch: subprocess.Popen[bytes]) -> None:
    """Wait until something is there.

    Raises:
        SystemExit: the watch has ended, or nothing came of it.
    """
    began = time.monotonic()
    while not there():
        if watch.poll() is not None or time.monotonic() - began > PATIENCE_S:
            raise SystemExit(f"demo: {what} did not come; the watch {watch.poll()=}")
        time.sleep(0.2)
    print(f"  {time.monotonic() - began:5.1f} s  {what}", flush=True)


def fresh() -> Path:
    """A folder for this run; that of the run before goes."""
    if LINK.is_symlink():
        before = LINK.readlink()
        if before.name.startswith(PREFIX) and before.parent == Path(tempfile.gettempdir()):
            shutil.rmtree(before, ignore_errors=True)
        LINK.unlink()
    home = Path(tempfile.mkdtemp(prefix=PREFIX))
    for name in ("投放", "信件"):
        (home / name).mkdir()
    LINK.parent.mkdir(exist_ok=True)
    LINK.symlink_to(home)
    return home


def watched(home: Path) -> None:
    """Drop the wrong workbooks, then the mended ones, into a folder that is watched."""
    inbox, share, post = home / "投放", home / "发布" / "LY-SQ-2026-015", home / "信件"
    print("\n== presales watch", flush=True)
    with (home / "watch.log").open("wb") as log:
        watch = subprocess.Popen([PRESALES, "watch", "-w", home / "工作区"], cwd=home, stdout=log, stderr=log)
    try:
        drop(WRONG, inbox, "015")
        wait_for("wrong workbooks answered / 有错的一套退回填表人", lambda: letters(post), watch)
        drop(MENDED, inbox, "015-改好")
        wait_for("packs of the mended ones / 改好的一套出了文档包", lambda: list(share.glob("文档包/*.zip")), watch)
        before = len(letters(post))
        wait_for("letters about them / 通知各方", lambda: len(letters(post)) > before, watch)
    finally:
        watch.send_signal(signal.SIGTERM)
        watch.wait(60)


def night(home: Path) -> None:
    """Run the night; 3 says that some project has errors."""
    print("\n== presales batch", flush=True)
    ended = subprocess.run([PRESALES, "batch", "-w", home / "工作区"], cwd=home, check=False, stderr=subprocess.DEVNULL)
    if ended.returncode not in (0, 3):
        raise SystemExit(f"demo: the night ended with exit code {ended.returncode}")


def main() -> None:
    """Run the whole and say where everything lies."""
    home = fresh()
    with server(home / "信件") as port:
        settings = _SETTINGS.format(company=next(MENDED.glob("00_*.xlsx")), port=port)
        (home / "presales.toml").write_text(settings, "utf-8")
        watched(home)
        night(home)
    published = home / "发布"
    print(f"\n项目状态页 / status page:\n  {published / '项目状态.html'}")
    print("发布的文档包 / published packs:")
    for path in sorted(published.glob("*/文档包/*")):
        print(f"  {path}")
    print(f"信件 / letters, {home / '信件'}:")
    for to, subject, enclosed in letters(home / "信件"):
        print(f"  {to}: {subject}" + (f" [{len(enclosed)}]" if enclosed else ""))


if __name__ == "__main__":
    sys.exit(main())
