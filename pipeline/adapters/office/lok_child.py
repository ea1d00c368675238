"""The child that holds LibreOffice: a private folder, an environment of its own, an end without a trace."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pipeline.adapters.child import LINES, Child, ChildLost, spawned
from pipeline.adapters.private_folders import claim_folder

FONTS = Path(__file__).resolve().parent.parent / "fonts.conf"

# The worker's own alarm comes after our deadline, for the case that we were killed.
ALARM_GRACE_S = 30
LONGEST_GOODBYE_S = 5.0


class OfficeChild:
    """One ``lok_worker.py`` and its private folder.

    Args:
        program: the folder of libmergedlo.so.
        worker: the script to run.
        timeout_s: seconds that an answer may take.
    """

    def __init__(self, program: Path, worker: Path, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._claim = claim_folder()
        self._home = self._claim.folder
        environment = _environment(self._home)
        command = [sys.executable, "-I", str(worker), str(program), str(self._home)]
        try:
            Path(environment["TMPDIR"]).mkdir()
            start = spawned(command, printed=True, cwd=self._home, environment=environment)
            self._child = Child(start, LINES)
        except BaseException:
            self._leave()
            raise

    @property
    def asked(self) -> int:
        """The number of questions so far."""
        return self._child.asked

    @contextlib.contextmanager
    def folder(self) -> Iterator[Path]:
        """A fresh folder for one document, gone afterwards."""
        fresh = Path(tempfile.mkdtemp(prefix="document-", dir=self._home))
        try:
            yield fresh
        finally:
            shutil.rmtree(fresh, ignore_errors=True)

    def put(self, question: Mapping[str, object], *, extra_s: float = 0.0) -> None:
        """Put one question.

        Args:
            question: what is asked.
            extra_s: seconds that this answer may take beyond the usual.

        Raises:
            ChildLost: the child does not hear it.
        """
        timeout_s = self._timeout_s + extra_s
        asked = {"id": self.asked + 1, "limit_s": int(timeout_s) + ALARM_GRACE_S, **question}
        self._child.put(asked, timeout_s=timeout_s)

    def take(self) -> dict[str, Any]:
        """Wait for the answer.

        Raises:
            ChildLost: no answer to this very question came in time.
        """
        answer = self._child.take()
        if not isinstance(answer, dict) or answer.get("id") != self.asked:
            raise ChildLost("its answer belongs to another question")
        return answer

    def fileno(self) -> int:
        """Where its answer is read, for `select`."""
        return self._child.fileno()

    @property
    def left_s(self) -> float:
        """Seconds that are left for its answer."""
        return self._child.left_s

    def end(self) -> None:
        """Kill everything in the session, wait for it, remove the folder."""
        self._child.end()
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
