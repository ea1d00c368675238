#!/usr/bin/env python3
"""Say what two commits make differently of the samples: every DOCX, the findings, and where each printed value is from.

Usage: compare_commits.py BASE [HEAD] [--fast]     (HEAD: a commit; default: the working tree)

Each side reads its own samples with today's libraries: the two good ones are built without PDFs, and one of them also
as it stood in the middle of the procedure; all are checked, the good ones also as they stood after each step of
workbook 06.
--fast leaves out the documents. Lists every difference; exit 1 when there is one, 0 when there is none.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import hashlib
import importlib.util
import io
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any
from zipfile import ZipFile

ROOT = Path(__file__).resolve().parent.parent
AS_OF = date(2026, 11, 23)  # the samples' own "today"
GOOD, WRONG = ("LY-SQ-2026-007", "LY-SQ-2026-015"), "wrong-015"
STEPS = (
    *("countersign", "application", "approval", "notice", "tracking", "req_review", "scheme", "test_results"),
    *("bidding", "creview", "problems", "signing", "closing", "handover"),
)
MIDDLE = ("LY-SQ-2026-015", "approval")
_SHOWN = 12  # lines that are printed of one difference


def main() -> int:
    """Let both sides say what they make, and compare it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base")
    parser.add_argument("head", nargs="?", default="")
    parser.add_argument("--fast", action="store_true")
    parser.add_argument("--probe", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.probe:
        asked.probe.write_text(json.dumps(probe(fast=asked.fast), ensure_ascii=False), encoding="utf-8")
        return 0
    sides = [told(commit, fast=asked.fast) for commit in (asked.base, asked.head)]
    found = list(differences(*sides))
    print("\n".join(found) if found else "no difference")
    return 1 if found else 0


def told(commit: str, *, fast: bool) -> dict[str, Any]:
    """What the code of a commit makes of the samples; of the working tree for none."""
    with tempfile.TemporaryDirectory() as temporary, tree(commit, Path(temporary) / "tree") as folder:
        target = Path(temporary) / "found.json"
        words = [sys.executable, __file__, "-", "--probe", str(target), *(["--fast"] if fast else [])]
        subprocess.run(words, check=True, cwd=folder, env={**os.environ, "PYTHONPATH": str(folder)})
        found: dict[str, Any] = json.loads(target.read_text(encoding="utf-8"))
        return found


@contextlib.contextmanager
def tree(commit: str, folder: Path) -> Iterator[Path]:
    """A folder with the files of a commit; the working tree for none."""
    if not commit:
        yield ROOT
        return
    git = ["git", "-C", str(ROOT), "worktree"]
    subprocess.run([*git, "add", "--quiet", "--detach", str(folder), commit], check=True)
    try:
        yield folder
    finally:
        subprocess.run([*git, "remove", "--force", str(folder)], check=True)


# -- one side: runs with the code of its own folder --------------------------------------------------------------------


def probe(*, fast: bool) -> dict[str, Any]:
    """What the code on the path makes of the samples in the working directory, by name."""
    samples, found = Path.cwd() / "samples", dict[str, Any]()
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        for code in () if fast else GOOD:
            found |= documents(samples / code, work / "out")
        found |= {f"{code}: check": report(samples / code) for code in (*GOOD, WRONG)}
        for code in GOOD:
            for last in ("", *STEPS):
                folder = until(samples, code, last, work / f"{code}-{last}")
                found[f"{code} until {last or 'the plan'}: check"] = report(folder)
                if not fast and (code, last) == MIDDLE:
                    found |= documents(folder, work / "middle", f" until {last}")
    return found


def report(folder: Path) -> Any:
    """What `presales check --json` says of a project, without the paths of this machine."""
    from pipeline import cli

    with tempfile.NamedTemporaryFile(suffix=".json") as file, contextlib.redirect_stdout(io.StringIO()):
        cli.run(["check", str(folder), "--as-of", AS_OF.isoformat(), "--json", file.name])
        text = Path(file.name).read_text(encoding="utf-8")
    return json.loads(text.replace(str(folder), folder.name))


def until(samples: Path, code: str, last: str, folder: Path) -> Path:
    """The project as it stood after a step: the sheets of workbook 06 that come later are empty."""
    spec = importlib.util.spec_from_file_location("builder", samples / "build.py")
    assert spec
    assert spec.loader
    builder = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(builder)
    data = builder.load(samples / "data.json")
    later = STEPS[STEPS.index(last) + 1 :] if last else STEPS
    edits = [{"op": "clear_sheet", "workbook": "records", "sheet": key} for key in later]
    builder.write(builder.apply(builder.contents(data, code), edits, recalculate=False), code, folder)
    builder.write_attachments(data, code, folder)
    return folder


def documents(sample: Path, out: Path, when: str = "") -> dict[str, Any]:
    """Parts of every DOCX, and every printed value with its cells, by project and file."""
    from pipeline import project_run
    from pipeline.settings import Settings

    request = getattr(project_run, "RunRequest", None) or getattr(project_run, "Wish", None)  # its name once
    assert request
    plan: Any = project_run.plan_jobs([sample], None, Settings(), request(AS_OF, out, pdf=False))
    run, failures = project_run.run_jobs(getattr(plan, "jobs", plan), 1)  # older commits plan a bare list
    found: dict[str, Any] = {f"{job.path.name}{when}: failure": str(error) for job, error in failures}
    for project in run.projects:
        for document in project.documents:
            name = f"{project.code}{when}: {document.docx.name}"
            found[name] = {"state": document.state, **parts(document.docx), "provenance": printed(document)}
    return found


def parts(docx: Path) -> dict[str, Any]:
    """Text of the pages by part, line by line; pictures and the rest by their hash."""
    with ZipFile(docx) as package:
        return {name: _part(package.read(name)) for name in sorted(package.namelist()) if name != "docProps/core.xml"}


def _part(content: bytes) -> Any:
    if not content.startswith(b"<?xml"):
        return hashlib.sha256(content).hexdigest()
    return re.sub(r"(</w:p>|</w:tr>|</w:sectPr>|/>)", r"\1\n", content.decode()).splitlines()


def printed(document: Any) -> list[str]:
    """One line for every value: its name, text, value and cells."""
    return [f"{p.name} | {p.text} | {p.value} | {', '.join(map(str, p.cells))}" for p in document.printed]


# -- both sides --------------------------------------------------------------------------------------------------------


def differences(base: Any, head: Any, where: str = "") -> Iterator[str]:
    """Every difference of two trees, with the names that lead to it; lists of lines as a diff."""
    if base == head:
        return
    if isinstance(base, Mapping) and isinstance(head, Mapping):
        for key in dict.fromkeys([*base, *head]):
            yield from differences(base.get(key), head.get(key), f"{where} > {key}" if where else key)
    else:
        yield where
        lines = [line for line in difflib.ndiff(_lines(base), _lines(head)) if line[0] in "+-"]
        yield from (f"    {line[:400]}" for line in lines[:_SHOWN])
        if len(lines) > _SHOWN:
            yield f"    ... and {len(lines) - _SHOWN} more lines"


def _lines(value: Any) -> list[str]:
    if isinstance(value, list):
        return [one if isinstance(one, str) else json.dumps(one, ensure_ascii=False, sort_keys=True) for one in value]
    return [] if value is None else [json.dumps(value, ensure_ascii=False, sort_keys=True)]


if __name__ == "__main__":
    sys.exit(main())
