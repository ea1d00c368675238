"""Tables of figures: printed as they come, and kept with the machine and the versions that they hold for."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import statistics
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from pipeline.adapters.office.libreoffice import probe

ROOT = Path(__file__).resolve().parent.parent
RESULTS = Path(__file__).resolve().parent / "results"
CORES = len(os.sched_getaffinity(0))
_DESCRIBE = ["git", "-C", str(ROOT), "describe", "--always", "--dirty"]
_LIBRARIES = ("docxtpl", "openpyxl", "pandas", "matplotlib", "distributed")


@dataclass(frozen=True)
class Row:
    """One way of doing the work.

    Attributes:
        name: the way.
        seconds: by the clock, the median of the rounds.
        ratio: of its seconds to those of the first row of the table.
        rounds: how often it was measured; 0 where it is extrapolated.
        remark: what it does more or less than the others.
    """

    name: str
    seconds: float
    ratio: float
    rounds: int = 1
    remark: str = ""


@dataclass(frozen=True)
class Table:
    """Ways of doing the same work; the first row is ours."""

    title: str
    rows: tuple[Row, ...]


def table(title: str, rounds: Mapping[str, Sequence[float]], remarks: Mapping[str, str] | None = None) -> Table:
    """A table of the medians; the first way is ours.

    Args:
        title: what was done.
        rounds: seconds of every round by way.
        remarks: by way.
    """
    medians = {name: statistics.median(taken) for name, taken in rounds.items()}
    ours, said = next(iter(medians.values())), remarks or {}
    rows = (Row(name, took, took / ours, len(rounds[name]), said.get(name, "")) for name, took in medians.items())
    return Table(title, tuple(rows))


def lines(one: Table) -> list[str]:
    """The table in Markdown."""
    found = [f"### {one.title}", "", "| | seconds | ratio | rounds | |", "|---|---:|---:|---:|---|"]
    for row in one.rows:
        digits = 1 if row.seconds >= 10 else 3
        rounds = row.rounds or "extrapolated"
        found.append(f"| {row.name} | {row.seconds:.{digits}f} | {row.ratio:.2f} | {rounds} | {row.remark} |")
    return [*found, ""]


def show(one: Table) -> None:
    """Print a table at once."""
    print("\n".join(lines(one)), flush=True)


def machine() -> dict[str, str]:
    """What the figures hold for."""
    described = subprocess.run(_DESCRIBE, capture_output=True, text=True, check=False)
    known = platform.freedesktop_os_release()
    return {
        "day": date.today().isoformat(),
        "commit": described.stdout.strip(),
        "cores": str(CORES),
        "processor": _processor(),
        "load before": f"{os.getloadavg()[0]:.2f}",
        "system": known.get("PRETTY_NAME", platform.platform()),
        "python": platform.python_version(),
        "LibreOffice": probe().version,
        **{name: importlib.metadata.version(name) for name in _LIBRARIES},
    }


def _processor() -> str:
    told = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    return next((line.partition(":")[2].strip() for line in told if line.startswith("model name")), "")


def keep(known: Mapping[str, str], tables: Sequence[Table]) -> Path:
    """Write a run beside the earlier ones, as JSON and as Markdown; returns the Markdown."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{known['day']}.md"
    said = {"machine": dict(known), "tables": [asdict(one) for one in tables]}
    path.with_suffix(".json").write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n", "utf-8")
    head = [f"# {known['day']}", "", *(f"- {name}: {value}" for name, value in known.items()), ""]
    path.write_text("\n".join([*head, *(line for one in tables for line in lines(one))]), "utf-8")
    return path
