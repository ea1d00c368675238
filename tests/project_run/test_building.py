"""What lies where after a run: papers, register, and what is made beside a register that is not as we wrote it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pipeline.adapters.files import sha256
from pipeline.core.errors import DeliveryFailed
from pipeline.deliver.issued.shelf import RegisterUnsound
from tests.cases import DORM
from tests.project_run.grown import Grown, cell, paper

ANOTHER = cell("records", "scheme", "approve_date", "2026-07-03")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Grown:
    grown = Grown(tmp_path_factory.mktemp("built"), {"SAF", "STR", "CSC"})
    grown.build("scheme")
    return grown


@pytest.fixture
def project(built: Grown, tmp_path: Path) -> Grown:
    """A copy that a test may change."""
    shutil.copytree(built.out, tmp_path / "out")
    return Grown(tmp_path, built.codes, list(built.runs))


def contents(folder: Path) -> dict[str, str]:
    """Hashes of the papers below a folder."""
    return {str(p.relative_to(folder)): sha256(p) for p in folder.rglob("*.docx") if "check" not in p.parts}


def test_papers_and_register_lie_beside_each_other(project: Grown) -> None:
    assert {path.name for path in project.output.iterdir() if path.is_dir()} == {"check", "customer", "docx", "issued"}
    assert {issue.code for issue in project.register.issues} == {"SAF", "STR"}


def test_what_nobody_signs_is_made_anew(project: Grown) -> None:
    result = project.build("scheme", cell("survey", "items", "value", "别的", no="A05"))
    assert [d.code for d in result.documents] == ["CSC", "SAF", "STR", "XCK", "VAL", "AUD"]


def test_beside_a_changed_register_nothing_is_overwritten(project: Grown) -> None:
    path = project.output / "issued" / "register.json"
    path.write_bytes(path.read_bytes().replace(b"2026-07-02", b"2026-07-01", 1))
    before = contents(project.output)
    result = project.build("scheme", ANOTHER)
    assert isinstance(result.failure, RegisterUnsound)
    assert str(path) in str(result.failure)
    assert {name: digest for name, digest in contents(project.output).items() if name in before} == before
    beside = project.output / "系统重新生成"
    assert [p.name for p in (beside / "docx").glob("*SAF*")] == [f"{DORM}_SAF_A0_20260703.docx"]
    assert (beside / "issued" / "register.json").is_file()
    assert [d.code for d in result.documents] == ["XCK", "VAL"]


def test_a_lost_paper_is_named_and_the_rest_stays(project: Grown) -> None:
    record = project.issues("SAF")[0]
    (project.output / "issued" / "files" / f"{record.docx}.docx").unlink()
    register = project.register
    result = project.build("scheme")
    assert "SAF A/0" in str(result.failure)
    assert (project.register, (project.output / "docx" / f"{record.file}.docx").is_file()) == (register, True)


def test_drafts_are_never_issued(project: Grown) -> None:
    register = project.register
    result = project.build("scheme", cell("plan", "basics", "pm", "E999"), draft=True)
    assert result.blocked
    assert paper(result, "SAF").state == "草稿"
    assert project.register == register


def test_papers_of_another_output_folder_are_taken_over(project: Grown, tmp_path: Path) -> None:
    """The same record, so the same bytes, though the new folder has never seen it signed."""
    result = project.build(
        "scheme", cell("survey", "items", "value", "别的", no="A05"), out=tmp_path / "new", issued=[project.out]
    )
    [record] = [issue for issue in project.issues("SAF") if issue.signed]
    assert sha256(paper(result, "SAF").docx) == record.docx
    assert paper(result, "SAF").docx.is_relative_to(tmp_path / "new")


def test_papers_that_cannot_be_taken_over_stop_the_project(project: Grown, tmp_path: Path) -> None:
    path = project.output / "issued" / "register.json"
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(DeliveryFailed):
        project.build("scheme", out=tmp_path / "new", issued=[project.out])
    assert not (tmp_path / "new" / DORM).exists()


def test_a_list_of_papers_made_for_the_first_time_prints_nothing_as_signed_before(tmp_path: Path) -> None:
    """It names the papers made before it, which are part of what it would say today."""
    result = Grown(tmp_path, {"CRV", "CPM", "HND", "IDX"}).build("handover")
    assert {d.code: d.kept for d in result.documents if d.kept} == {}
    assert {d.code for d in result.documents} >= {"HND", "IDX"}
