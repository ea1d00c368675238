"""A worker process on a line: a session of its own, answers under a deadline, an end without a trace."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pipeline.adapters.private_folders import claim_folder

FONTS = Path(__file__).with_name("fonts.conf")

# The worker's own alarm comes after our deadline, for the case that we were killed.
ALARM_GRACE_S = 30
LONGEST_ANSWER = 1 << 16
LONGEST_GOODBYE_S = 5.0


class ChildLostError(Exception):
    """The worker hung, died or talked nonsense; there is no use in asking it again."""


class Child:
    """One ``lok_worker.py`` and its private folder.

    Args:
        program: the folder of libmergedlo.so.
        worker: the script to run.
        timeout_s: seconds that an answer may take.

    Attributes:
        asked: the number of questions so far.
    """

    def __init__(self, program: Path, worker: Path, timeout_s: float) -> None:
        self.asked = 0
        self._timeout_s = timeout_s
        self._claim = claim_folder()
        self._home = self._claim.folder
        self._said = self._home / "stderr.txt"
        self._line, far_end = socket.socketpair()
        try:
            with far_end:
                self._process = self._start(far_end, str(worker), str(program), str(self._home))
        except BaseException:
            self._line.close()
            self._leave()
            raise

    def _start(self, far_end: socket.socket, *arguments: str) -> subprocess.Popen[bytes]:
        environment = _environment(self._home)
        Path(environment["TMPDIR"]).mkdir()
        with self._said.open("wb") as said:
            return subprocess.Popen(
                [sys.executable, "-I", *arguments],
                stdin=far_end.fileno(),
                stdout=far_end.fileno(),
                stderr=said,
                cwd=self._home,
                env=environment,
                start_new_session=True,
            )

    @contextlib.contextmanager
    def folder(self) -> Iterator[Path]:
        """A fresh folder for one document, gone afterwards."""
        fresh = Path(tempfile.mkdtemp(prefix="document-", dir=self._home))
        try:
            yield fresh
        finally:
            shutil.rmtree(fresh, ignore_errors=True)

    def ask(self, question: Mapping[str, object], *, extra_s: float = 0.0) -> dict[str, Any]:
        """Put one question and wait for its answer.

        Args:
            question: what is asked.
            extra_s: seconds that this answer may take beyond the usual.

        Raises:
            ChildLostError: no answer to this very question came in time.
        """
        self.asked += 1
        timeout_s = self._timeout_s + extra_s
        line = {"id": self.asked, "limit_s": int(timeout_s) + ALARM_GRACE_S, **question}
        try:
            answer = json.loads(self._exchange(json.dumps(line).encode() + b"\n", timeout_s))
        except TimeoutError as problem:
            raise ChildLostError(f"no answer within {timeout_s:g} s") from problem
        except OSError as problem:
            raise ChildLostError(f"the process ended {self._last_words()}") from problem
        except ValueError as problem:
            raise ChildLostError("its answer is not JSON") from problem
        if not isinstance(answer, dict) or answer.get("id") != self.asked:
            raise ChildLostError("its answer belongs to another question")
        return answer

    def _exchange(self, line: bytes, timeout_s: float) -> bytes:
        deadline = time.monotonic() + timeout_s
        self._line.settimeout(timeout_s)
        self._line.sendall(line)
        answer = b""
        while not answer.endswith(b"\n"):
            # Zero would mean "do not wait at all" and raise another error than TimeoutError.
            self._line.settimeout(max(deadline - time.monotonic(), 0.001))
            piece = self._line.recv(LONGEST_ANSWER)
            if not piece:
                raise ConnectionResetError("end of file")
            answer += piece
            if len(answer) > LONGEST_ANSWER:
                raise ValueError("an answer without end")
        return answer

    def _last_words(self) -> str:
        lines = self._said.read_text(encoding="utf-8", errors="replace").strip().split("\n")
        return f"({' | '.join(lines[-3:])[-300:]})"

    def end(self) -> None:
        """Kill everything in the session, wait for it, remove the folder."""
        # Not poll() first: until its leader is reaped, the number of the group cannot pass to anyone else.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._line.close()
        self._process.wait()
        self._leave()

    def _leave(self) -> None:
        _remove(self._home)
        with contextlib.suppress(OSError):  # the next one removes it
            self._claim.leave()


def _remove(folder: Path) -> None:
    """Remove a folder into which a grandchild, killed but not dead yet, may still be writing."""
    deadline = time.monotonic() + LONGEST_GOODBYE_S
    shutil.rmtree(folder, ignore_errors=True)
    while folder.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
        shutil.rmtree(folder, ignore_errors=True)


def _environment(home: Path) -> dict[str, str]:
    """All that LibreOffice learns of us: no user's fonts, locale, proxies or secrets."""
    ours = {
        "HOME": str(home),
        "TMPDIR": str(home / "tmp"),
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "FONTCONFIG_FILE": str(FONTS),
        "SAL_USE_VCLPLUGIN": "svp",
    }
    return ours | ({"TZ": os.environ["TZ"]} if "TZ" in os.environ else {})
