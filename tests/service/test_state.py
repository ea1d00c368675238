"""What an operator asks of a workspace, and the one thing that is done by hand: opening an archived project."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipeline.core.documents import ProjectResult
from pipeline.core.errors import UsageProblem
from pipeline.core.facts import Facts
from pipeline.deliver.pack import HANDOVER, Contents, make_pack
from pipeline.project_run import Job, pool
from pipeline.service import state
from pipeline.service.clock import Clock
from pipeline.service.runs.executor import Executor
from pipeline.service.runs.publishing import Publisher
from pipeline.settings import Settings
from pipeline.workspace import inputs, projects
from pipeline.workspace.ledger import open_ledger
from tests.cases import AS_OF, DORM, TV, load_case
from tests.check.followed import followed, recorded
from tests.service.crash import SHARE, cycle, lay_out
from tests.service.quick import DAY, quick_run, quickly
from tests.service.stage import SAMPLES, Hands, Stage, master, workbook


def archiving_run(job: Job, office: object = None) -> ProjectResult:
    """A run that also makes the archived bundle."""
    result = quick_run(job, office)
    assert job.request.out
    folder = job.request.out / DORM / "pack"
    contents = Contents(DORM, "项目", HANDOVER, DAY, result.documents, None, {"documents": []}, {}, archived=DAY)
    return ProjectResult(DORM, "项目", result.facts, documents=result.documents, packs=(make_pack(contents, folder),))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    lay_out(tmp_path)
    cycle(tmp_path)
    return tmp_path


def test_status_tells_everything(root: Path) -> None:
    lines = state.status(root / "ws", Settings(), Clock())[0]
    heads = [line.split("  ")[0] for line in lines]
    assert heads.count("已接收") == 3
    assert heads.count("退回") == 2, "a file, and a member of a zip whose other member was taken"
    assert any(line.startswith(f"项目  {DORM}") and "计划编制" in line for line in lines)
    assert "磁盘可用" in lines[-1]


def test_why_tells_reasons_and_versions(root: Path) -> None:
    first, reason, *versions = state.why(root / "ws", DORM)
    assert "判断要运行" in first
    assert reason == "  第一次运行"
    names = ["02.xlsx(plan)", "05.xlsx(staffing)", f"附件/{DORM}_合同.pdf"]
    assert [line.split("：")[0].strip() for line in versions] == names
    cycle(root)
    assert "不必运行" in state.why(root / "ws", DORM)[0]


def test_why_tells_of_a_step_when_and_by_whom_or_what_is_missing(root: Path) -> None:
    """The ledger keeps the answers of the steps; a row from before that says what to do."""
    assert state.why(root / "ws", DORM, "countersign")[1].startswith("上次运行的程序还不记各步骤")
    ledger = open_ledger(root / "ws")
    one = projects.recall(ledger, DORM)
    assert one
    open_case = followed(load_case(), [recorded("countersign", 8, signer=None)])
    result = ProjectResult(DORM, "项目", open_case.facts)
    projects.remember(ledger, result, projects.Ran(one.ran_at, AS_OF, one.inputs, one.output))
    ledger.close()
    _, line, missing = state.why(root / "ws", DORM, "部门会签")
    assert line.startswith("部门会签(6.3.2)  下一关口  2026-06-01  骆明远、柳静宜")
    assert missing.endswith("]计划会签!F8  网络工程部 程立群 E301")
    with pytest.raises(UsageProblem, match=r"没有步骤“会签”.*部门会签"):
        state.why(root / "ws", DORM, "会签")


def test_questions_about_nothing_are_answered_clearly(tmp_path: Path, root: Path) -> None:
    with pytest.raises(UsageProblem, match="不是工作区"):
        state.status(tmp_path / "nowhere", Settings(), Clock())
    with pytest.raises(UsageProblem, match="没有这个项目"):
        state.why(root / "ws", "LY-SQ-2026-999")
    with pytest.raises(UsageProblem, match="没有归档"):
        state.reopen(root / "ws", DORM, "x", Hands().clock)


def test_damage_is_found(root: Path) -> None:
    assert state.ledger_faults(root / "ws") == []
    content = next((root / "ws" / "store").glob("??/*"))
    content.chmod(0o644)
    content.write_bytes(b"x")
    (fault,) = state.ledger_faults(root / "ws")
    assert content.name in fault


def test_an_archived_project_is_frozen_until_it_is_opened_again(tmp_path: Path, monkeypatch) -> None:
    lay_out(tmp_path)
    with quickly(), pytest.MonkeyPatch.context() as patch:
        import tests.service.quick as quick

        patch.setattr(quick, "quick_run", archiving_run)
        cycle(tmp_path)
        stage = Stage(tmp_path)
        stage.drop(workbook("03"), "新的.xlsx")
        cycle(tmp_path)
        assert "已归档" in (stage.inbox / "退回" / "新的.xlsx.原因.txt").read_text("utf-8-sig")
        aside = state.reopen(tmp_path / "ws", DORM, "张三要求补充", Hands().clock)
        assert aside.is_dir()
        stage.drop(workbook("03"), "又一次.xlsx")
        cycle(tmp_path)
        stage.ledger.close()
    packs = sorted(path.name for path in (tmp_path / SHARE / DORM / "文档包").iterdir())
    assert packs == [f"{DORM}_移交包_V1_20260601.zip", f"{DORM}_移交包_V2_20260601.zip"]
    ledger = open_ledger(tmp_path / "ws")
    assert "cost" in {one.slot for one in inputs.current(ledger, DORM)}
    assert projects.archived_codes(ledger) == {DORM}
    reopened = ledger.execute("SELECT reason FROM reopened").fetchall()
    assert [row["reason"] for row in reopened] == ["张三要求补充"]
    ledger.close()


def counting(root: Path) -> dict[str, int]:
    ledger = open_ledger(root / "ws")
    try:
        return {one.slot: one.version for one in inputs.current(ledger, DORM)}
    finally:
        ledger.close()


def resaved(number: str) -> bytes:
    """The same workbook in other bytes, as a second version."""
    out = io.BytesIO(workbook(number).read_bytes())
    with zipfile.ZipFile(out, "a") as package:
        package.comment = b"again"
    return out.getvalue()


def test_a_version_that_was_dropped_by_mistake_is_withdrawn(root: Path) -> None:
    stage = Stage(root)
    stage.drop(resaved("05"), "错的.xlsx")
    stage.ledger.close()
    cycle(root)
    assert counting(root)["staffing"] == 2
    said = state.withdraw(root / "ws", DORM, "错的.xlsx", "李四投错", Hands().clock)
    assert "第 2 版" in said
    assert "现在用第 1 版" in said
    cycle(root)
    assert counting(root)["staffing"] == 1
    assert {path.name for path in (root / SHARE / DORM / "当前工作簿").iterdir()} == {"02.xlsx", "05.xlsx"}
    assert state.ledger_faults(root / "ws") == []
    stage = Stage(root)
    stage.drop(resaved("05"), "又投.xlsx")
    stage.ledger.close()
    cycle(root)
    assert counting(root)["staffing"] == 3, "the same bytes again are a version of their own"


def test_an_attachment_is_withdrawn_by_its_name_or_place(root: Path) -> None:
    for name, problem in (("没有.pdf", "没有这个文件"), ("05", "没有这个文件")):
        with pytest.raises(UsageProblem, match=problem):
            state.withdraw(root / "ws", DORM, name, "x", Hands().clock)
    assert "现在没有了" in state.withdraw(root / "ws", DORM, f"附件/{DORM}_合同.pdf", "别的项目的", Hands().clock)
    assert set(counting(root)) == {"plan", "staffing"}


def test_a_project_without_workbooks_leaves_the_portfolio(root: Path) -> None:
    """A code with a slip of the pen must not stay on the page for ever."""
    (root / SHARE / DORM / "我的笔记.txt").write_text("x")
    for name in ("plan", "staffing"):
        state.withdraw(root / "ws", DORM, name, "编号写错", Hands().clock)
    cycle(root)
    ledger = open_ledger(root / "ws")
    assert projects.remembered(ledger) == []
    ledger.close()
    assert [path.name for path in (root / SHARE / DORM).rglob("*") if path.is_file()] == ["我的笔记.txt"]
    assert list((root / "ws" / "out").iterdir()) == []
    assert len(list((root / "ws" / "quarantine").iterdir())) == 1
    assert state.ledger_faults(root / "ws") == []
    stage = Stage(root)
    stage.drop(resaved("05"), "回来.xlsx")
    stage.ledger.close()
    cycle(root)
    assert counting(root)["staffing"] == 2
    assert (root / SHARE / DORM / "文档包").is_dir()


def test_whatever_goes_wrong_after_the_run_of_one_project_the_others_are_done(
    tmp_path: Path, monkeypatch, caplog: pytest.LogCaptureFixture
) -> None:
    stage, real = Stage(tmp_path), Executor._remember
    for code in (DORM, TV):
        stage.drop(SAMPLES[code] / next(p.name for p in SAMPLES[code].glob("02_*")), f"{code}/02.xlsx")
    stage.settle()

    def remember(self: Executor, unit: Any, result: ProjectResult) -> None:
        if result.code == DORM:
            raise UnicodeEncodeError("utf-8", "\udc80", 0, 1, "surrogates not allowed")
        real(self, unit, result)

    monkeypatch.setattr(Executor, "_remember", remember)
    publisher = Publisher(stage.workspace, tmp_path / "share")
    made = Executor(stage.workspace, stage.ledger, Settings(), stage.hands.clock, master(), publisher)
    with quickly(), caplog.at_level("ERROR", "presales"):
        done = {one.code: one for one in made.run(made.look(AS_OF), AS_OF)}
    assert "UnicodeEncodeError" in str(done[DORM].failure)
    assert done[TV].rebuilt
    (line,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert "Traceback" in line.__dict__["traceback"]
    assert "Traceback" not in line.getMessage()
    stage.ledger.close()


def test_the_worker_is_the_real_one_outside() -> None:
    with quickly():
        assert pool.run_project is quick_run
    assert pool.run_project is not quick_run


def test_a_project_with_no_gate_left_shows_its_state_alone() -> None:
    day = date(2026, 6, 1)
    assert state._stands(Facts("P", "项目", day, day, "已归档", "", ())) == "已归档"
    assert state._stands(Facts("P", "项目", day, day, "执行中", "归档(7.2)", ())) == "执行中，下一关口 归档(7.2)"
