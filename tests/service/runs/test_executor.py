"""Projects are built from what was taken in, remembered and published; only where something has changed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest

from pipeline.core.documents import Printed
from pipeline.core.errors import DeliveryFailed, DocumentFailed, UsageProblem
from pipeline.deliver.issued.register import Wish
from pipeline.deliver.issued.shelf import FOLDER, Shelf
from pipeline.project_run import pool
from pipeline.render.maker import Drawn, Maker
from pipeline.render.orders import Order
from pipeline.service import state
from pipeline.service.runs.executor import Done, Executor
from pipeline.service.runs.publishing import Publisher
from pipeline.settings import Settings
from pipeline.workspace import projects
from tests.cases import AS_OF, DORM, TV
from tests.service.stage import SAMPLES, STABLE, Stage, master, workbook

FEW = ("03", "04", "05", "06", "附件", "签字件")


class Built(Stage):
    """A stage on which projects are run, without PDFs."""

    def executor(self, **more: object) -> Executor:
        publisher = Publisher(self.workspace, self.root / "share")
        made = Executor(self.workspace, self.ledger, Settings(), self.hands.clock, master(), publisher, pdf=False)
        for key, value in more.items():
            setattr(made, key, value)
        return made

    def drop_sample(self, code: str = DORM, *, but: tuple[str, ...] = ()) -> None:
        for path in sorted(SAMPLES[code].rglob("*")):
            below = path.relative_to(SAMPLES[code])
            if path.is_file() and not str(below).startswith(("00", "expected", *but)):
                self.drop(path, f"{code}/{below}")
        for _ in range(3):
            self.round()
            self.hands.turn(STABLE)

    def run(self, as_of: date = AS_OF, **more: object) -> list[Done]:
        executor = self.executor()
        return executor.run([due for due in executor.look(as_of, **more) if due.reasons], as_of)  # type: ignore[arg-type]

    def published(self, code: str = DORM) -> list[str]:
        return self.files(self.root / "share" / code)

    def reasons(self, as_of: date = AS_OF) -> dict[str, tuple[str, ...]]:
        return {due.code: due.reasons or (due.why_not,) for due in self.executor().look(as_of)}


@pytest.fixture
def stage(tmp_path: Path):
    made = Built(tmp_path)
    yield made
    made.ledger.close()


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory):
    """A stage with one finished project; tests look and do not change it."""
    made = Built(tmp_path_factory.mktemp("stage"))
    made.drop_sample(but=FEW)
    made.outcome = made.run()  # type: ignore[attr-defined]
    yield made
    made.ledger.close()


def test_a_project_is_built_remembered_and_published_where_people_look(once) -> None:
    assert once.outcome == [Done(DORM, rebuilt=True)]
    tops = {name.split("/")[0] for name in once.published()}
    assert tops == {"文档", "校验", "当前工作簿", "对客户"}
    assert "当前工作簿/" + workbook("02").name in once.published()
    known = projects.recall(once.ledger, DORM)
    assert known is not None
    assert known.published == once.root / "share" / DORM
    assert all(document.docx.is_file() for document in known.documents)
    assert {str(d.docx.relative_to(known.published)) for d in known.documents} <= set(once.published())


def test_nothing_private_is_left_and_one_output_stands(once) -> None:
    assert list(once.workspace.work.iterdir()) == []
    assert len(list(once.workspace.out.iterdir())) == 1


def test_nothing_changed_is_nothing_run_and_why_says_so(once) -> None:
    (why,) = once.reasons()[DORM]
    assert why.startswith("工作簿、附件、00、表单、母版、程序、设置都没有变")
    assert once.run() == []


def test_why_names_what_has_changed(once) -> None:
    known = projects.briefs(once.ledger)[DORM]
    later = (known.next_turn or AS_OF) + timedelta(days=4000)
    reasons = once.reasons(later)[DORM]
    assert (known.next_turn is None) == reasons[0].startswith("工作簿")
    other = once.executor(company=next(SAMPLES[TV].glob("00_*")))
    (due,) = other.look(AS_OF)
    assert due.reasons in (("00 公司基础资料 有变化",), ())


def drawings(stage: Built) -> dict[str, os.stat_result]:
    """Charts that are kept, and whole documents, which bring theirs with them."""
    return {path.name: path.stat() for path in stage.workspace.cache.iterdir() if path.suffix in {".png", ".docx"}}


def test_a_changed_workbook_runs_its_project_alone(stage: Built) -> None:
    stage.drop_sample(DORM, but=FEW)
    stage.drop_sample(TV, but=FEW)
    assert {one.code for one in stage.run()} == {DORM, TV}
    kept = drawings(stage)
    stage.drop(workbook("03"), "03.xlsx")
    stage.settle()
    assert stage.reasons()[DORM] == ("新增 03.xlsx(cost)",)
    assert [one.code for one in stage.run()] == [DORM]
    now = drawings(stage)
    assert {name: now[name].st_ino for name in kept} == {name: before.st_ino for name, before in kept.items()}
    assert any(now[name].st_mtime_ns > kept[name].st_mtime_ns for name in kept)  # used again, not drawn again


def test_a_failure_of_one_leaves_the_others_and_what_was_remembered(stage: Built, monkeypatch) -> None:
    stage.drop_sample(DORM, but=FEW)
    stage.drop_sample(TV, but=FEW)
    real = pool.run_project

    def failing(job, office=None):
        if job.path.name == DORM:
            raise ZeroDivisionError("a mistake of ours")
        return real(job, office)

    monkeypatch.setattr(pool, "run_project", failing)
    done = {one.code: one for one in stage.run()}
    assert "ZeroDivisionError" in str(done[DORM].failure)
    assert done[TV].rebuilt
    assert stage.reasons()[DORM] == ("上次运行没有完成,稍后再试",)
    assert "ZeroDivisionError" in projects.failures(stage.ledger)[DORM]
    stage.drop(workbook("03"), "03.xlsx")  # what is new may be what mends it: it is not made to wait
    stage.settle()
    assert stage.reasons()[DORM] == ("上次运行没有完成", "新增 03.xlsx(cost)")
    assert [str(one.failure) for one in stage.run()] == [projects.failures(stage.ledger)[DORM]]
    monkeypatch.undo()
    stage.hands.turn(31 * 60)
    assert [one.rebuilt for one in stage.run()] == [True]
    assert projects.failures(stage.ledger) == {}


def test_a_share_that_is_gone_publishes_later_and_never_into_the_empty_folder(stage: Built) -> None:
    stage.drop_sample(DORM, but=FEW)
    stage.executor().publisher.ready()
    share = stage.root / "share"
    share.rename(stage.root / "away")
    share.mkdir()
    (done,) = stage.run()
    assert isinstance(done.failure, DeliveryFailed)
    assert "可能没有挂载" in str(done.failure)
    assert list(share.iterdir()) == []
    share.rmdir()
    (stage.root / "away").rename(share)
    assert stage.executor().publish_rest() == []
    assert stage.published()
    assert stage.reasons()[DORM][0].startswith("工作簿")


def test_what_a_person_keeps_or_changes_in_the_published_folder_is_never_lost(stage: Built) -> None:
    stage.drop_sample(DORM, but=FEW)
    stage.run()
    share = stage.root / "share" / DORM
    docx = next((share / "校验").glob("*VAL*.docx"))
    docx.write_bytes(b"changed by hand")
    own = share / "我的笔记.txt"
    own.write_text("mine")
    stage.run(full=True)
    assert docx.read_bytes() != b"changed by hand"
    assert docx.with_stem(f"{docx.stem}_人工修改1").read_bytes() == b"changed by hand"
    assert own.read_text() == "mine"


def test_an_error_keeps_the_older_documents_and_a_new_version_takes_the_old_ones_away(stage: Built) -> None:
    stage.drop_sample(DORM, but=(*FEW, "02"))
    stage.run()
    before = {name for name in stage.published() if name.startswith(("待签/", "文档/"))}
    assert before
    wrong = next((SAMPLES[DORM].parent / "wrong-015").glob("01_*.xlsx"))
    stage.drop(wrong, "调查.xlsx")
    stage.settle()
    (done,) = stage.run()
    assert done.blocked
    assert before <= set(stage.published())
    assert [name for name in stage.published() if name.startswith("当前工作簿/")] == ["当前工作簿/调查.xlsx"]


def test_marks_are_in_the_language_of_the_settings_and_another_one_marks_anew(once, stage: Built, monkeypatch) -> None:
    (due,) = once.executor(settings=Settings(lang="en")).look(AS_OF)
    assert due.reasons == ("设置 有变化",)
    asked = []

    def noted(job, office=None):
        asked.append(job.request.lang)
        raise DeliveryFailed("enough")

    monkeypatch.setattr(pool, "run_project", noted)
    stage.drop(workbook("01"), "01.xlsx")
    stage.settle()
    executor = stage.executor(settings=Settings(lang="en"))
    executor.run(executor.look(AS_OF), AS_OF)
    assert asked == ["en"]


def test_a_document_that_cannot_be_made_leaves_the_older_ones_and_its_reports_are_new(
    stage: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.drop_sample(but=FEW)
    stage.run()
    before, real = stage.published(), Maker.draw

    def failing(maker: Maker, order: Order, signed: Sequence[Printed] = ()) -> Drawn:
        if order.form.code == "CSR":
            raise DocumentFailed("需求调查表(CSR):丢了 2 行表格")
        return real(maker, order, signed)

    monkeypatch.setattr(Maker, "draw", failing)
    stage.drop(workbook("03"), "03.xlsx")
    stage.settle()
    [done] = stage.run()
    assert (done.rebuilt, str(done.failure)) == (True, "需求调查表(CSR):丢了 2 行表格")
    kept = [name for name in before if name.startswith(("待签/", "文档/", "对客户/"))]
    assert kept
    assert set(kept) <= set(stage.published())
    known = projects.recall(stage.ledger, DORM)
    assert known is not None
    assert ("丢了 2 行" in known.failure, {one.code for one in known.documents}) == (True, {"VAL", "XCK", "CSR"})
    assert any("VAL" in name for name in stage.published())
    assert stage.reasons()[DORM] == ("上次运行没有完成,稍后再试",)
    monkeypatch.undo()
    stage.hands.turn(31 * 60)
    assert [(one.rebuilt, one.failure) for one in stage.run()] == [(True, None)]
    assert projects.failures(stage.ledger) == {}


# -- issued once -------------------------------------------------------------------------------------------------------


def issued(stage: Built) -> list[tuple[str, str, str]]:
    """Code, kind and reason of what was issued."""
    output = projects.recall(stage.ledger, DORM).output  # type: ignore[union-attr]
    register = Shelf(stage.workspace.out / output / DORM / FOLDER).read(DORM)
    return [(issue.code, issue.kind, issue.reason) for issue in register.issues]


def test_what_was_issued_goes_with_every_run_and_stays(stage: Built) -> None:
    stage.drop_sample(but=FEW)
    stage.run()
    known = projects.recall(stage.ledger, DORM)
    assert known
    before = {document.docx.name: document.docx.read_bytes() for document in known.documents if document.state}
    assert before
    assert stage.run(full=True) == [Done(DORM, rebuilt=True)]
    again = projects.recall(stage.ledger, DORM)
    assert again
    assert again.output != known.output
    assert {d.docx.name: d.docx.read_bytes() for d in again.documents if d.state} == before
    assert [kind for _, kind, _ in issued(stage)] == ["首次"] * len(before)


def test_a_paper_that_is_wanted_anew_is_issued_in_the_next_round(stage: Built) -> None:
    stage.drop_sample(but=FEW)
    stage.run()
    state.reissue(stage.workspace.root, DORM, Wish("CSR", "", "王五要求", AS_OF), stage.hands.clock)
    assert stage.reasons()[DORM] == ("要求重出 CSR:王五要求",)
    assert stage.run() == [Done(DORM, rebuilt=True)]
    assert issued(stage)[-1] == ("CSR", "重出", "王五要求")
    assert stage.run() == []


def test_of_a_project_that_is_not_there_nothing_is_issued_anew(stage: Built) -> None:
    with pytest.raises(UsageProblem, match="还没有签发"):
        state.reissue(stage.workspace.root, "LY-SQ-2026-099", Wish("CSR", "", "x", AS_OF), stage.hands.clock)
