"""A build of which one cell has changed is that of an empty folder, also when one before it was killed half way."""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import signal
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from pipeline.adapters.files import sha256
from pipeline.core.documents import ProjectResult
from pipeline.deliver import manifest
from pipeline.deliver.files import OutputFolder
from pipeline.project_run import RunRequest, plan_jobs, run_jobs
from pipeline.settings import Settings
from tests.cases import AS_OF, write_sample
from tests.e2e.built import docx_text, only, pdf_text
from tests.project_run.grown import cell, head

CODES = ("SUM", "HND")
# What is archived is not written any more.
OPEN = [head("records", "handover", key, None) for key in ("archive_dept", "archive_date")]
OPEN += [head("records", "handover", key, None) for key in ("retention_years", "retention_until")]
CHANGE = cell("records", "closing", "summary_experience", "先看弱电间再排工期")


def build(project: Path, out: Path, cache: Path | None) -> ProjectResult:
    """A few documents with PDFs, and the pack of them."""
    jobs = plan_jobs([project], None, Settings(), RunRequest(AS_OF, out)).jobs
    with only(CODES):
        run, failures = run_jobs([replace(job, cache=cache) for job in jobs], 1)
    assert not failures
    return run.projects[0]


def killed(project: Path, out: Path, cache: Path, after: int) -> None:
    """The same in a process that is killed as soon as some files stand in the output folder."""
    if number := os.fork():
        assert os.waitstatus_to_exitcode(os.waitpid(number, 0)[1]) == -signal.SIGKILL
        return
    real, put = OutputFolder.put_bytes, list[str]()

    def put_bytes(self: OutputFolder, content: bytes, relative: str) -> Path:
        if len(put) == after:
            os.kill(os.getpid(), signal.SIGKILL)
        put.append(relative)
        return real(self, content, relative)

    try:
        OutputFolder.put_bytes = put_bytes  # type: ignore[method-assign]
        build(project, out, cache)
    finally:
        os._exit(0)


def packed(result: ProjectResult) -> Mapping[str, object]:
    """What the pack says, whatever its number and what was issued before: values with cells, list without hashes."""
    [pack] = result.packs
    root = manifest.payload(pack.folder)
    told = manifest.read(root)
    listed = csv.DictReader(io.StringIO((root / manifest.LISTING).read_text("utf-8-sig")))
    rows = [{key: text.replace(f"_V{pack.version}_", "_") for key, text in row.items()} for row in listed]
    assert pack.pdf
    return {
        "values": manifest.read(root, manifest.PROVENANCE)["documents"],
        "listed": [[*row.values()][:-1] for row in rows if not row["文件"].startswith(("变更对照", "签发登记"))],
        "text": re.sub(rf"V{pack.version}(?![\d.])", "V", pdf_text(pack.pdf)),
        "said": [told[key] for key in ("project", "kind", "date", "content_sha256", "sources", "attachments")],
    }


def everything(result: ProjectResult) -> Mapping[str, object]:
    """Figures, findings and documents as a person reads them, and the pack."""
    assert result.facts
    assert not result.failure
    return {
        "figures": sorted(result.facts.figures.items()),
        "findings": [(f.rule.code, str(f.at)) for f in result.findings],
        "documents": [(d.docx.name, d.state, d.pages, d.printed, sha256(d.docx)) for d in result.documents],
        "texts": [docx_text(d.docx) for d in result.documents],
        "PDFs": [d.pdf and pdf_text(d.pdf) for d in result.documents],
        "packs": packed(result),
    }


@dataclass(frozen=True)
class Begun:
    """A project that was built, with what was kept; and the same with a changed cell, built from nothing."""

    top: Path
    changed: Path
    fresh: Mapping[str, object]

    def copy(self, folder: Path) -> tuple[Path, Path]:
        """Output and kept parts, to be built into."""
        for name in ("out", "kept"):
            shutil.copytree(self.top / name, folder / name)
        return folder / "out", folder / "kept"


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Begun:
    top = tmp_path_factory.mktemp("begun")
    build(write_sample(top / "in", OPEN), top / "out", top / "kept")
    changed = write_sample(top / "changed", [*OPEN, CHANGE])
    return Begun(top, changed, everything(build(changed, top / "fresh", None)))


@pytest.mark.parametrize("after", [None, 3], ids=["not killed", "killed"])
def test_what_is_built_again_is_what_is_built_from_nothing(begun: Begun, tmp_path: Path, after: int | None) -> None:
    out, kept = begun.copy(tmp_path)
    before = len(list(kept.iterdir()))
    if after:
        killed(begun.changed, out, kept, after)
    result = build(begun.changed, out, kept)
    assert everything(result) == begun.fresh
    assert result.packs[0].version == 2
    assert 0 < len(list(kept.iterdir())) - before < 14  # most of it was taken from what is kept
