"""The same files are read and checked once in a process; any change is seen at once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pipeline.intake.projects import read_project
from pipeline.project_run import judged as module
from pipeline.project_run.judged import Judged, judged
from tests.cases import AS_OF, DORM, ROOT, write_sample

MASTER = ROOT / "samples" / DORM / "00_公司基础资料.xlsx"
EDIT = {"op": "set", "workbook": "survey", "sheet": "items", "field": "value", "value": "别的", "match": {"no": "A05"}}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = write_sample(tmp_path / DORM, [])
    (folder / "附件").mkdir(exist_ok=True)
    (folder / "附件" / "图.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    return folder


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Projects that were read."""
    seen: list[Path] = []
    fresh = module._fresh

    def counted(path: Path, *rest: object) -> Judged | None:
        seen.append(path)
        return fresh(path, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "_fresh", counted)
    return seen


def test_what_has_not_changed_is_not_read_again(project: Path, readings: list[Path]) -> None:
    first, again = (judged(project, MASTER, AS_OF) for _ in range(2))
    assert first
    assert first is again
    assert len(readings) == 1
    assert judged(project, MASTER, AS_OF, {"another"}) is None
    assert judged(project, MASTER, AS_OF, {DORM}) is first
    judged(project, MASTER, AS_OF.replace(day=1))
    assert len(readings) == 2


def test_another_cell_attachment_or_workbook_is_seen(project: Path, readings: list[Path], tmp_path: Path) -> None:
    judged(project, MASTER, AS_OF)
    scan = project / "附件" / "图.png"
    scan.write_bytes(scan.read_bytes() + b"more")
    second = judged(project, MASTER, AS_OF)
    assert second
    assert next(one for one in second.source.project.attachments if one.name == scan.name).size == 12
    scan.unlink()
    judged(project, MASTER, AS_OF)
    changed = write_sample(tmp_path / "changed", [EDIT])
    for book in changed.glob("01_*.xlsx"):
        book.replace(project / book.name)
    last = judged(project, MASTER, AS_OF)
    assert last
    assert last.result.hashes != second.result.hashes
    next(project.glob("05_*.xlsx")).unlink()
    judged(project, MASTER, AS_OF)
    assert len(readings) == 5


def test_another_workbook_of_the_company_is_seen(project: Path, readings: list[Path], tmp_path: Path) -> None:
    master = Path(shutil.copy(MASTER, tmp_path))
    judged(project, master, AS_OF)
    library = next((ROOT / "samples").glob("voluntary-015/09_*.xlsx"))
    shutil.copy(library, tmp_path)
    found = judged(project, master, AS_OF)
    assert found
    assert "library" in found.source.company.others
    assert len(readings) == 2


def test_what_changes_while_it_is_read_is_not_remembered(
    project: Path, readings: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    read = read_project

    def slow(path: Path, *rest: object) -> object:
        found = read(path, *rest)  # type: ignore[arg-type]
        (project / "附件" / "图.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(len(readings)))
        return found

    monkeypatch.setattr(module, "read_project", slow)
    judged(project, MASTER, AS_OF)
    judged(project, MASTER, AS_OF)
    assert len(readings) == 2


def test_only_a_few_projects_are_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST", 1)
    one = write_sample(tmp_path / "one", [])
    first = judged(one, MASTER, AS_OF)
    judged(ROOT / "samples" / DORM, MASTER, AS_OF)
    assert len(module._known) == 1
    assert judged(one, MASTER, AS_OF) is not first
