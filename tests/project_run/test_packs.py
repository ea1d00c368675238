"""Which packs a project gets: each when its gate wants nothing any more; the plan pack whole, or not at all."""

from __future__ import annotations

import os
import signal
from collections.abc import Collection
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from pipeline.adapters.files import sha256
from pipeline.core.attachments import Attachment
from pipeline.core.documents import Document, Pack, ProjectResult
from pipeline.core.errors import DeliveryFailed
from pipeline.core.sheets import Project
from pipeline.deliver.pack import PLAN, REVIEW, Contents
from pipeline.derive.records import Records
from pipeline.project_run import packs as packs_module
from pipeline.project_run.packs import due_kinds, make_packs, of_the_review
from pipeline.render.context.shown import Source
from pipeline.render.maker import Maker, pack_forms
from tests.answered import passed
from tests.cases import AS_OF, TV, load_case, voluntary_case
from tests.check.reported import retyped

PLAN_CODES = [form.code for form in pack_forms(PLAN)]
REVIEWED = date(2026, 7, 22)  # a day on which the contract of either sample is under review
ALL = {form.code for kind in (PLAN, REVIEW) for form in pack_forms(kind)}


def packs(
    folder: Path, documents: Collection[str], gates: Collection[str], project: Project | None = None
) -> dict[str, list[str]]:
    """Documents of the packs that are made of some documents, with some gates passed."""
    case = load_case()
    facts = replace(case.facts, steps=passed(gates))
    source = Source(project or case.project, case.company, facts, case.forms, (), ())
    made = []
    for code in sorted(documents):
        docx = folder / f"{code}.docx"
        docx.write_bytes(code.encode())
        made.append(Document(code, code, "A/0", "待签", REVIEWED, docx))
    result = ProjectResult(facts.code, facts.name, facts, documents=tuple(made))
    found = make_packs(folder / "pack", Maker(source, folder, None), result, ())
    return {pack.name.split("_")[1]: sorted(path.stem for path in pack.folder.rglob("*.docx")) for pack in found}


def test_a_pack_holds_its_documents_and_no_others(tmp_path: Path) -> None:
    found = packs(tmp_path, {*ALL, "XYZ"}, ("plan", "creview"))
    assert found == {kind: sorted({form.code for form in pack_forms(kind)} & ALL) for kind in (PLAN, REVIEW)}


@pytest.mark.parametrize("missing", PLAN_CODES)
def test_a_plan_pack_that_lacks_a_document_is_not_made(tmp_path: Path, missing: str) -> None:
    """What is countersigned is the whole plan; the other packs wait for nothing of it."""
    assert PLAN not in packs(tmp_path, ALL - {missing}, ("plan", "creview"))


@pytest.mark.parametrize(("gates", "kinds"), [((), set()), (("plan",), {PLAN}), (("creview",), {REVIEW})])
def test_a_pack_waits_for_its_gate(tmp_path: Path, gates: tuple[str, ...], kinds: set[str]) -> None:
    assert set(packs(tmp_path, ALL, gates)) == kinds


def test_the_last_pack_waits_for_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The handover may freeze a project, so it must not be there when another pack could not be made."""
    made = packs_module.make_pack

    def failing(contents: Contents, folder: Path) -> Pack:
        if contents.kind == PLAN:
            raise DeliveryFailed("计划包写不进去")
        return made(contents, folder)

    monkeypatch.setattr(packs_module, "make_pack", failing)
    with pytest.raises(DeliveryFailed, match="计划包写不进去"):
        packs(tmp_path, ALL, ("plan", "creview"))
    assert list((tmp_path / "pack").iterdir()) == []


def test_a_pack_whose_process_is_lost_is_a_failed_delivery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = packs_module.make_pack

    def dying(contents: Contents, folder: Path) -> Pack:
        if contents.kind == PLAN:
            os.kill(os.getpid(), signal.SIGKILL)
        return made(contents, folder)

    monkeypatch.setattr(packs_module, "make_pack", dying)
    with pytest.raises(DeliveryFailed, match="文件包没有做完"):
        packs(tmp_path, ALL, ("plan", "creview"))
    assert not list((tmp_path / "pack").glob("*_V*"))


@pytest.mark.parametrize(
    ("code", "day", "inside"),
    [
        ("CHG", "2026-07-03", True),
        ("CHG", "2026-07-22", True),  # the last problem of the review was closed that day
        ("CHG", "2026-07-23", False),
        ("MEM", "2026-07-13", False),
        ("MEM", "2026-07-14", True),  # the first opinion
        ("STR", "2026-05-01", True),
    ],
)
def test_a_review_is_packed_with_the_changes_up_to_it_and_its_own_meetings(code: str, day: str, inside: bool) -> None:
    found = Document(code, code, "A/1", "记录", date.fromisoformat(day), Path("x.docx"))
    assert of_the_review([found], Records(load_case(code=TV).project)) == ([found] if inside else [])


def test_a_review_without_opinions_holds_no_meeting() -> None:
    memo = Document("MEM", "会议备忘录", "", "记录", AS_OF, Path("x.docx"))
    assert of_the_review([memo], Records(Project("LY-SQ-2026-001", Path(), {}))) == []


@pytest.mark.parametrize(
    ("name", "held"),
    [
        ("销售合同草案_B1.pdf", True),
        ("评审稿-合同.pdf", True),
        ("销售合同_LY-XS-2026-0031.pdf", False),
        ("方案草案.docx", False),
    ],
)
def test_the_draft_of_the_contract_goes_with_its_review(tmp_path: Path, name: str, held: bool) -> None:
    folder = tmp_path / "项目"
    (folder / "附件").mkdir(parents=True)
    (folder / "附件" / name).write_bytes(b"draft")
    kept = Attachment(f"附件/{name}", name, "pdf", 5, sha256(folder / "附件" / name), 1, "附件")
    case = load_case()
    project = replace(case.project, folder=folder, attachments=(kept,))
    made = packs(tmp_path, {"CRV"}, ("creview",), project)
    assert [path.name for path in (tmp_path / "pack").rglob("附件/*")] == ([name] if held else [])
    assert made == {REVIEW: ["CRV"]}


def test_nothing_is_packed_where_nothing_was_made(tmp_path: Path) -> None:
    assert packs(tmp_path, (), ("plan", "creview", "handover")) == {}


def test_the_packs_of_voluntary_workbooks_wait_for_their_cells() -> None:
    """Whether there is one is said in `documents.toml`: the customer's signature; the bid check and the bid."""
    case = voluntary_case()
    unsigned = retyped(case, "support", "req_confirm", "head", customer_date=None)
    early = retyped(unsigned, "records", "bidding", "head", submit_time=None)
    due = [
        due_kinds(Source(c.project, c.company, replace(c.facts, steps={}), c.forms)) for c in (case, unsigned, early)
    ]
    assert due == [["支持包", "投标包"], ["投标包"], []]
