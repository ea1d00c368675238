from __future__ import annotations

import csv
from pathlib import Path

from pikepdf import Dictionary, Name, Pdf

from pipeline.deliver.verify import wrong_papers
from tests.deliver import made_up


def pack(root: Path, pages: int, told: str) -> Path:
    made_up.pdf(root / "pdf" / "甲.pdf", pages)
    with (root / "清单.csv").open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream).writerows([["文件", "页数", "SHA-256"], ["pdf/甲.pdf", told, "0"]])
    return root


def test_pages_are_those_of_the_list(tmp_path: Path) -> None:
    assert wrong_papers(pack(tmp_path, 2, "2")) == []
    found = wrong_papers(pack(tmp_path, 2, "3"), "data/")
    assert found == ["data/pdf/甲.pdf:2 页,清单.csv 写的是 3 页(pages differ)"]


def test_an_unsound_document_is_named_and_an_attachment_is_not_ours(tmp_path: Path) -> None:
    root = pack(tmp_path, 1, "1")
    with Pdf.open(root / "pdf" / "甲.pdf", allow_overwriting_input=True) as pdf:
        pdf.pages[0].Resources = Dictionary(Font=Dictionary(F1=Dictionary(Subtype=Name.Type1, BaseFont=Name.Helvetica)))
        pdf.save()
    (root / "附件").mkdir()
    (root / "附件" / "合同.pdf").write_bytes(b"%PDF broken")
    found = wrong_papers(root)
    assert len(found) == 1
    assert found[0].startswith("pdf/甲.pdf:字体没有嵌入")
