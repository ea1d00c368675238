"""Which packs a project gets: each when its gate wants nothing any more; the plan pack whole, or not at all."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.core.documents import Document, ProjectResult
from pipeline.deliver.pack import PLAN, REVIEW
from pipeline.project_run.packs import make_packs
from pipeline.render.context.shown import Source
from pipeline.render.maker import Maker, pack_forms
from tests.answered import passed
from tests.cases import AS_OF, load_case

PLAN_CODES = [form.code for form in pack_forms(PLAN)]
ALL = {form.code for kind in (PLAN, REVIEW) for form in pack_forms(kind)}


def packs(folder: Path, documents: Collection[str], gates: Collection[str]) -> dict[str, list[str]]:
    """Documents of the packs that are made of some documents, with some gates passed."""
    case = load_case()
    facts = replace(case.facts, steps=passed(gates))
    source = Source(case.project, case.company, facts, case.forms, (), ())
    made = []
    for code in sorted(documents):
        docx = folder / f"{code}.docx"
        docx.write_bytes(code.encode())
        made.append(Document(code, code, "A/0", "待签", AS_OF, docx))
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


def test_nothing_is_packed_where_nothing_was_made(tmp_path: Path) -> None:
    assert packs(tmp_path, (), ("plan", "creview", "handover")) == {}
