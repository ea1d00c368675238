"""A run of one project that takes milliseconds: real outbox, real pack, no Word and no LibreOffice.

For tests that kill, fail and race: what they prove is about the steps around a run, and about its files.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from pipeline.adapters.files import sha256
from pipeline.core.documents import Document, Printed, ProjectResult
from pipeline.core.facts import Facts
from pipeline.definitions.forms import load_forms
from pipeline.definitions.registration import KEY, registration_form
from pipeline.deliver.files import OutputFolder
from pipeline.deliver.pack import PLAN, Contents, make_pack
from pipeline.intake.workbooks import open_file
from pipeline.project_run import Job, pool
from pipeline.service.arrivals import recognise

DAY = date(2026, 6, 1)


def quick_run(job: Job, office: object = None) -> ProjectResult:
    """What a project's folder holds, as one document and one pack."""
    code = job.path.name
    hashes = {p.relative_to(job.path).as_posix(): sha256(p) for p in sorted(job.path.rglob("*")) if p.is_file()}
    facts = Facts(code, "项目", job.request.as_of, DAY, "计划编制", "会签", ())
    if job.request.out is None:
        return ProjectResult(code, "项目", facts, hashes=hashes)
    text = "\n".join(f"{name} {digest}" for name, digest in hashes.items())
    made = job.path.parent / f"{code}_PPR_A0_20260601.docx"
    made.write_text(text)
    outbox = OutputFolder(job.request.out / code)
    placed = outbox.put(made, f"docx/{made.name}")
    outbox.close()
    made.unlink()
    document = Document("PPR", "项目计划报告", "A/0", "待签", DAY, placed, printed=(Printed("inputs", text, text),))
    contents = Contents(code, "项目", PLAN, DAY, [document], None, {"documents": []}, hashes)
    pack = make_pack(contents, job.request.out / code / "pack")
    return ProjectResult(code, "项目", facts, documents=(document,), packs=(pack,), hashes=hashes)


@cache
def _opened(digest: str, path: Path) -> object:
    return open_file(path, {**load_forms(), KEY: registration_form()})


def opened_once(path: Path, forms: object) -> object:
    """The real reading, done once for each content, so that a forked process needs no reader of its own."""
    return _opened(sha256(path), _kept(path))


_KEPT: dict[str, Path] = {}


def _kept(path: Path) -> Path:
    return _KEPT.setdefault(sha256(path), path)


@contextmanager
def quickly() -> Iterator[None]:
    """Within the block, projects run quickly and known workbooks are not read again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pool, "run_project", quick_run)
        patch.setattr(recognise, "open_file", opened_once)
        yield
