"""The real worker of LibreOffice, which fails as a plan beside this file says: one word for each document it is given.

Copied into a folder with `plan`, and started there as `lok_worker.py` is. All workers of the folder share the plan.
"""

from __future__ import annotations

import fcntl
import os
import signal
import sys
from pathlib import Path
from typing import Any

import docx

from pipeline.adapters.office import lok_worker

HERE = Path(__file__).parent
GARBAGE = b"%PDF-1.7\nnot quite\n%%EOF\n"


def next_word() -> str:
    """The next word of the plan; `well` after its end."""
    with (HERE / "taken").open("a+b") as taken:
        fcntl.flock(taken, fcntl.LOCK_EX)
        number = taken.seek(0, os.SEEK_END)
        taken.write(b".")
    words = (HERE / "plan").read_text().split()
    return words[number] if number < len(words) else "well"


class Faulty(lok_worker.Worker):
    """Does what the plan says."""

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        word = next_word()
        if word == "hang":
            signal.pause()
        if word == "crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        if word in {"nothing", "garbage"}:
            if word == "garbage":
                Path(request["target"]).write_bytes(GARBAGE)
            return {"id": request["id"], "outcome": "done", "reason": ""}
        if word == "lost":
            document = docx.Document(request["source"])
            rows = document.tables[0]._tbl.tr_lst
            rows[-1].getparent().remove(rows[-1])
            document.save(request["source"])
        return super().answer(request)


if __name__ == "__main__":
    lok_worker.Worker = Faulty  # type: ignore[misc]
    try:
        lok_worker.main(*sys.argv[1:])
    finally:
        os._exit(0)
