"""Coverage-guided fuzzing of gate and reader with atheris."""

from __future__ import annotations

import argparse
import importlib.util
import subprocess
import sys
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent.parent / ".soak"
_WATCHED = (
    "pipeline.intake.gate",
    "pipeline.adapters.ooxml.reader",
    "pipeline.adapters.ooxml.rows",
    "pipeline.adapters.ooxml.wire",
)


def _atheris() -> ModuleType:
    """The fuzzer, installed beside the repository's own environment: no product and no test needs it."""
    sys.path.insert(0, str(FOLDER / "python"))
    if importlib.util.find_spec("atheris") is None:
        pip = [sys.executable, "-m", "pip", "install", "-q", "--target", str(FOLDER / "python"), "atheris"]
        subprocess.run(pip, check=True)
        importlib.invalidate_caches()
    import atheris

    module: ModuleType = atheris
    return module


def content_of(data: bytes) -> bytes:
    """The file that some bytes stand for: themselves, or a good workbook with one part spoiled or replaced."""
    from tests.intake import made_files as made
    from tests.intake.fuzzed import NAMES, WORKBOOK, spoiled

    how, name = data[0] % 3, NAMES[data[1] % len(NAMES)]
    if how == 0:
        return data[2:]
    if how == 1:
        return made.zipped({**WORKBOOK, name: data[2:]})
    return spoiled(name, int.from_bytes(data[2:4], "big"), data[4], data[5:])


def _seeds(folder: Path) -> None:
    """Every part of a good workbook as its own replacement, and the workbook itself."""
    from tests.intake import made_files as made
    from tests.intake.fuzzed import NAMES, WORKBOOK

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "workbook").write_bytes(b"\0\0" + made.zipped(WORKBOOK))
    for number, name in enumerate(NAMES):
        (folder / f"part-{number}").write_bytes(bytes([1, number]) + WORKBOOK[name])


def main() -> None:
    """Fuzz for a while; a finding ends with its input kept in .soak/found and the exit code of libFuzzer."""
    parser = argparse.ArgumentParser(prog="scripts/soak fuzz", description=main.__doc__)
    parser.add_argument("--seconds", type=int, default=600, help="how long (default 600)")
    arguments = parser.parse_args()
    atheris: Any = _atheris()
    with atheris.instrument_imports(include=list(_WATCHED)):
        from tests.intake.fuzzed import hold

    def one(data: bytes) -> None:
        if len(data) >= 6:
            hold(content_of(data))

    (FOLDER / "found").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="presales-fuzz-") as fresh:
        _seeds(Path(fresh))
        limits = [
            f"-max_total_time={arguments.seconds}",
            "-max_len=8192",
            "-timeout=30",
            "-rss_limit_mb=1024",
            "-len_control=0",
        ]
        found = f"-artifact_prefix={FOLDER / 'found'}/"
        atheris.Setup([sys.argv[0], *limits, found, "-print_final_stats=1", fresh], one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
