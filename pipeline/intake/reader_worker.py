"""The child process that looks at strangers' files: the gate, then the reader, under hard limits.

Started by `pipeline.intake.reader` as a module. Question: a frame of JSON `{"name"}` and a frame with the file's bytes.
Answer: a frame of JSON, `{"refused", "detail"}` or `{"book"}`, with `peak_kb` and `cpu_s` of the process so far;
`last` says that this process has grown and ends. It opens no file and no socket: once it is up, the kernel gives it no
new descriptor.
"""

from __future__ import annotations

import io
import json
import os
import re
import resource
import signal

from pipeline.adapters.fences import MAX_ANSWER, leave_the_network, limit, limit_cpu
from pipeline.adapters.frames import read_exactly, read_framed, write_framed
from pipeline.adapters.ooxml.reader import MissingPart, NotAWorkbook, TooMuch, read_book
from pipeline.adapters.ooxml.wire import to_wire
from pipeline.intake.gate import refuse

MEMORY = 1 << 30
# Of the processor, not of the clock: a verdict must not depend on how busy the machine is. A million cells take 36.
SECONDS = 60
# Our starter has its own deadline by the clock. The alarm is for the case that the starter was killed.
ALARM_S = 20 * SECONDS
_GROWN_KB = 256 << 10
_MESSAGES = 64 << 10
_STATUS = os.open("/proc/self/status", os.O_RDONLY)
# Loaded on first use, which the fences would forbid: what zipfile and the gate decode with.
_CODECS = ("ascii", "cp437", "gb18030", "latin-1", "utf-16", "utf-16-be", "utf-16-le")


def verdict(name: str, content: bytes) -> dict[str, object]:
    """What the gate and the reader say about a file."""
    if refusal := refuse(name, content):
        return {"refused": refusal.reason, "detail": refusal.detail}
    try:
        return {"book": to_wire(read_book(io.BytesIO(content)))}
    except TooMuch as error:
        return {"refused": error.reason, "detail": str(error)}
    except MissingPart as error:
        return {"refused": "part", "detail": str(error)}
    except NotAWorkbook as error:
        return {"refused": "corrupt", "detail": str(error)}


def answer(name: str, content: bytes) -> tuple[bytes, bool]:
    """The answer as it is sent, and whether it is this process's last."""
    try:
        found, full = verdict(name, content), False
    except MemoryError:
        found, full = {"refused": "memory"}, True
    peak, used = _peak_kb(), resource.getrusage(resource.RUSAGE_SELF)
    last = full or peak > _GROWN_KB
    found |= {"last": last, "peak_kb": peak, "cpu_s": used.ru_utime + used.ru_stime}
    said = json.dumps(found).encode()
    if len(said) > MAX_ANSWER:
        said = json.dumps({"refused": "grid_cells", "detail": f"{len(said)} bytes", "last": True}).encode()
    return said, last


def _peak_kb() -> int:
    """Largest resident memory so far; what getrusage says is at least that of whoever started us."""
    match = re.search(rb"VmHWM:\s+(\d+)", os.pread(_STATUS, 4096, 0))
    return int(match[1]) if match else 0


def _fence() -> None:
    """Everything that a reader does not need is taken away; modules and codecs it needs later are loaded before."""
    for codec in _CODECS:
        "".encode(codec)
    leave_the_network()
    # Descriptors up to this one are open: no file, socket or pipe can be added.
    limit(AS=MEMORY, FSIZE=_MESSAGES, CORE=0, NOFILE=_STATUS + 1)


def main() -> None:
    """Answer until the other end closes the line."""
    line = os.fdopen(0, "r+b", buffering=0, closefd=False)
    _fence()
    last = False
    while not last and (size := line.read(8)):
        name = json.loads(read_exactly(line, int.from_bytes(size, "big")))["name"]
        content = read_framed(line)
        limit_cpu(SECONDS)
        signal.alarm(ALARM_S)
        said, last = answer(name, content)
        signal.alarm(0)
        write_framed(line, said)


if __name__ == "__main__":
    main()
