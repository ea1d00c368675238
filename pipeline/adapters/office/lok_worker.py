"""The child process that holds LibreOffice: a request a line in, an answer a line out, both JSON.

``lok_child.py`` starts this file as a plain script and throws the process away when it hangs, dies or grows.
So it imports nothing but the standard library and our fences, trusts its starter, and keeps no state worth saving.

Request: ``{"id", "limit_s", "do": "pdf" | "recalculate", "source", "target", "update_indexes"}`` with absolute paths.
Answer: ``{"id", "outcome": "done" | "failed" | "missing", "reason"}``.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from pipeline.adapters.fences import leave_the_network, limit

# Measured on 7.4.7: 0.7 GB of address space for a document; 2 GB held through 300 documents.
MEMORY_LIMIT = 2 << 30
FILE_LIMIT = 512 << 20
BEGIN_S = 120

PDF_OPTIONS = {
    "SelectPdfVersion": {"type": "long", "value": "2"},  # PDF/A-2b, fonts embedded
    "PDFUACompliance": {"type": "boolean", "value": "true"},  # roles, scopes, the title shown: what PDF/UA-1 needs
    "UseTaggedPDF": {"type": "boolean", "value": "true"},
    "ExportBookmarks": {"type": "boolean", "value": "true"},
}

_COMMON = "/org.openoffice.Office.Common"
_SETTINGS = (
    (f"{_COMMON}/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    (f"{_COMMON}/Security/Scripting", "DisableMacrosExecution", "true"),
    (f"{_COMMON}/Misc", "FirstRun", "false"),
    ("/org.openoffice.Setup/Office", "FirstStartWizardCompleted", "true"),
    ("/org.openoffice.Office.Recovery/AutoSave", "Enabled", "false"),
    ("/org.openoffice.Office.Recovery/RecoveryInfo", "Enabled", "false"),
    # 0 = always: we open a workbook to learn what its formulas give, whatever values it carries.
    ("/org.openoffice.Office.Calc/Formula/Load", "OOXMLRecalcMode", "0"),
)
_REGISTRY = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
{items}</oor:items>
"""
_ITEM = '<item oor:path="{}"><prop oor:name="{}" oor:op="fuse"><value>{}</value></prop></item>\n'

_text = ctypes.c_char_p
_pointer = ctypes.c_void_p
_listener = ctypes.CFUNCTYPE(None, ctypes.c_int, _text, _pointer)
LOK_CALLBACK_UNO_COMMAND_RESULT = 16


class _OfficeCalls(ctypes.Structure):
    """The head of ``_LibreOfficeKitClass`` (LibreOfficeKit.h); the table only ever grows at its end."""

    _fields_ = (
        ("size", ctypes.c_size_t),
        ("destroy", _pointer),
        ("load", ctypes.CFUNCTYPE(_pointer, _pointer, _text)),
        ("error", ctypes.CFUNCTYPE(_text, _pointer)),
    )


class _DocumentCalls(ctypes.Structure):
    """The head of ``_LibreOfficeKitDocumentClass``."""

    _fields_ = (
        ("size", ctypes.c_size_t),
        ("destroy", ctypes.CFUNCTYPE(None, _pointer)),
        ("save_as", ctypes.CFUNCTYPE(ctypes.c_int, _pointer, _text, _text, _text)),
        ("not_used", _pointer * 10),  # getDocumentType .. getDocumentSize
        ("prepare", ctypes.CFUNCTYPE(None, _pointer, _text)),
        ("listen", ctypes.CFUNCTYPE(None, _pointer, _listener, _pointer)),
        ("not_used_either", _pointer * 2),  # postKeyEvent, postMouseEvent
        ("command", ctypes.CFUNCTYPE(None, _pointer, _text, _text, ctypes.c_bool)),
    )


class _RefusedError(Exception):
    """LibreOffice said no to this document; the process is still good."""


class _MissingError(Exception):
    """The program is not there, or not whole."""


class Kit:
    """LibreOffice inside this process, through the C interface of LibreOfficeKit."""

    def __init__(self, program: Path, profile: Path) -> None:
        try:
            hook = ctypes.CDLL(str(program / "libmergedlo.so")).libreofficekit_hook_2
        except (OSError, AttributeError) as problem:
            raise _MissingError(str(problem)) from problem
        hook.restype, hook.argtypes = _pointer, [_text, _text]
        self._office: int | None = hook(os.fsencode(program), profile.as_uri().encode())
        if not self._office:
            raise _MissingError(f"LibreOfficeKit in {program} does not start")
        self._calls = _calls_of(self._office, _OfficeCalls)
        self._results: SimpleQueue[bytes] = SimpleQueue()
        self._listener = _listener(self._hear)  # the C side does not keep it alive
        # LibreOffice takes over signals as it starts; the alarm must stay deadly.
        signal.signal(signal.SIGALRM, signal.SIG_DFL)

    def to_pdf(self, source: Path, target: Path, *, update_indexes: bool) -> None:
        """Load ``source`` and export it to ``target``."""
        document = self._calls.load(self._office, source.as_uri().encode())
        if not document:
            raise _RefusedError(self._error())
        calls = _calls_of(document, _DocumentCalls)
        try:
            if update_indexes:
                self._update_indexes(calls, document)
            options = json.dumps(PDF_OPTIONS).encode()
            if not calls.save_as(document, target.as_uri().encode(), b"pdf", options):
                raise _RefusedError(self._error())
        finally:
            calls.destroy(document)

    def _update_indexes(self, calls: Any, document: int) -> None:
        # A command only goes into the queue of LibreOffice's own main thread, and an export that follows at once
        # overtakes it now and then (3 of 150 times, in silence): wait for the result of each.
        calls.listen(document, self._listener, None)
        calls.prepare(document, b"{}")
        # Twice: the first pass may change the length of the contents, and with it every page number.
        for _ in range(2):
            calls.command(document, b".uno:UpdateAllIndexes", None, True)
            if not json.loads(self._results.get())["success"]:
                raise _RefusedError("the table of contents could not be brought up to date")

    def _hear(self, kind: int, said: bytes, _data: int | None) -> None:
        if kind == LOK_CALLBACK_UNO_COMMAND_RESULT:
            self._results.put(said)

    def _error(self) -> str:
        # The text should be handed back to be freed; a few bytes, in a process that ends after 200 documents.
        said: bytes = self._calls.error(self._office) or b""
        return said.decode("utf-8", "replace")


def _calls_of(handle: int, table: type[ctypes.Structure]) -> Any:
    """The functions of an object whose first word points at their table."""
    return ctypes.cast(handle, ctypes.POINTER(ctypes.POINTER(table))).contents.contents


class Worker:
    """Does what the requests ask, with one LibreOffice.

    Args:
        program: the folder of libmergedlo.so and soffice.
        home: our own folder; holds the profiles ``profile`` and ``profile-calc``.
    """

    def __init__(self, program: Path, home: Path) -> None:
        self._program = program
        self._home = home

    @cached_property
    def _kit(self) -> Kit:
        return Kit(self._program, _new_profile(self._home / "profile"))

    def begin(self) -> None:
        """Start LibreOffice; where it is missing, the first request says so."""
        signal.alarm(BEGIN_S)
        with suppress(_MissingError):
            _ = self._kit
        signal.alarm(0)

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Do one request and say how it went."""
        # Our starter has its own, earlier deadline. The alarm is for the case that the starter was killed.
        signal.alarm(request["limit_s"])
        try:
            self._do(request)
        except _RefusedError as problem:
            outcome, reason = "failed", str(problem)
        except _MissingError as problem:
            outcome, reason = "missing", str(problem)
        else:
            outcome, reason = "done", ""
        finally:
            signal.alarm(0)
        return {"id": request["id"], "outcome": outcome, "reason": reason}

    def _do(self, request: dict[str, Any]) -> None:
        source, target = Path(request["source"]), Path(request["target"])
        if request["do"] == "pdf":
            self._kit.to_pdf(source, target, update_indexes=request["update_indexes"])
        else:
            self._recalculate(source, target, request["limit_s"])

    def _recalculate(self, source: Path, target: Path, limit_s: int) -> None:
        """Open a workbook and save it; the profile says that every formula is calculated on load.

        Not through LibreOfficeKit: that opens Calc with its input line, whose description (inputbar.ui) is
        not in Debian's nogui packages, and so no workbook loads.
        """
        profile = _new_profile(self._home / "profile-calc").as_uri()
        command = [str(self._program / "soffice"), f"-env:UserInstallation={profile}", "--headless"]
        command += ["--norestore", "--convert-to", "xlsx:Calc MS Excel 2007 XML"]
        command += ["--outdir", str(target.parent), str(source)]
        try:
            # The same process group, so that whoever ends this process ends the program too. The exit code is
            # 0 for a file that could not be read, so nobody asks for it.
            subprocess.run(command, stdin=subprocess.DEVNULL, check=False, timeout=limit_s)
        except OSError as problem:
            raise _MissingError(str(problem)) from problem
        if not target.exists():
            raise _RefusedError("soffice wrote no workbook")


def _new_profile(folder: Path) -> Path:
    """Lay down a profile of our own, unless it is there already."""
    settings = folder / "user" / "registrymodifications.xcu"
    if not settings.exists():
        settings.parent.mkdir(parents=True)
        items = "".join(_ITEM.format(*setting) for setting in _SETTINGS)
        settings.write_text(_REGISTRY.format(items=items), encoding="utf-8")
    return folder


def _private_stdout() -> Callable[[bytes], object]:
    """Keep the pipe to ourselves: LibreOffice prints what it likes, and none of it may pass for an answer."""
    pipe = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    return pipe.write


def main(program: str, home: str) -> None:
    """Answer requests until the other end closes the pipe."""
    send = _private_stdout()
    limit(AS=MEMORY_LIMIT, FSIZE=FILE_LIMIT, CORE=0)
    # The profile forbids documents to fetch anything; this holds when a fault in LibreOffice gets round that.
    leave_the_network()
    worker = Worker(Path(program), Path(home))
    worker.begin()
    for line in sys.stdin.buffer:
        send(json.dumps(worker.answer(json.loads(line))).encode() + b"\n")
    # The starter is gone without tidying up, or it would have killed us first.
    shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Exception:
        traceback.print_exc()
    finally:
        # The ordinary way out runs LibreOffice's destructors, which hang or crash.
        os._exit(0)
