"""Whatever staff type into a text field arrives letter for letter in DOCX and PDF."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.render.word.arrived import lost_in_pdf
from tests.cases import write_sample
from tests.e2e.built import Built, build, docx_text, pdf_text, squeezed

AWKWARD = "R&D <24口> {{ x }} {% y %} ]]> &amp; 😀 龘𠮷 ㎡① “引号” 'a' \\n C:\\t"
FIELDS = (
    ("plan", "narrative", None, "background", "PPR"),
    ("plan", "stages", {"code": "S1"}, "work", "PPR"),
    ("plan", "organisation", {"role": "质量"}, "duty", "PPR"),
    ("plan", "risks", {"no": "R01"}, "desc", "PPR"),
    ("plan", "interfaces", {"no": "IF-01"}, "content", "PPR"),
    ("cost", "lines", {"no": "9"}, "basis", "PP1"),
    ("materials", "lines", {"no": "10"}, "model", "PP2"),
    ("staffing", "lines", {"no": "1"}, "skill", "PP3"),
    ("survey", "items", {"no": "C06"}, "value", "CSR"),
    ("survey", "extra_items", {"no": "1"}, "content", "CSR"),
)


@pytest.fixture(scope="module")
def awkward(tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder: Path = tmp_path_factory.mktemp("awkward")
    edits = [
        {"op": "set", "workbook": w, "sheet": s, "field": f, "value": f"{AWKWARD}{i}", **({"match": m} if m else {})}
        for i, (w, s, m, f, _) in enumerate(FIELDS)
    ]
    source = write_sample(folder / "in", edits)
    return Built(folder / "out", build(source, folder / "out", *{code for *_, code in FIELDS}))


@pytest.mark.parametrize(("number", "code"), [(i, field[-1]) for i, field in enumerate(FIELDS)])
def test_awkward_text_arrives(awkward: Built, number: int, code: str) -> None:
    wanted = squeezed(f"{AWKWARD}{number}")
    assert wanted in docx_text(awkward.document(code).docx)
    assert wanted in awkward.pdf_text(code)


def test_nothing_is_lost_anywhere(awkward: Built) -> None:
    assert not awkward.result.blocked
    assert {document.code for document in awkward.result.documents} >= {code for *_, code in FIELDS}
    for document in awkward.result.documents:
        assert document.pdf
        assert lost_in_pdf(document.printed, pdf_text(document.pdf)) == [], document.docx.name
