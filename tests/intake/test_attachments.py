from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest

from pipeline.core.attachments import Attachment, scans_of
from pipeline.core.findings import Severity
from pipeline.definitions.catalogue import load_catalogue
from pipeline.intake import attachments
from pipeline.intake.attachments import matched, read_attachments
from tests.cases import DORM, TV, sample_builder, sample_data
from tests.intake import made_files as made

RULES = load_catalogue()
placeholder = sample_builder().placeholder


def put(folder: Path, path: str, content: bytes | None = None, title: str = "合同", pages: int = 3) -> Path:
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(placeholder(target.suffix, title, pages) if content is None else content)
    return target


def read(folder: Path) -> tuple[list[str], dict[str, str]]:
    """Paths that are kept, and what was found about the others."""
    kept, findings, _ = read_attachments(folder, TV, RULES)
    return [a.path for a in kept], {f.at.workbook: f.values["found"] for f in findings}


def test_every_kind_is_kept_with_size_pages_and_hash(tmp_path: Path) -> None:
    for kind in ("pdf", "docx", "xlsx", "dwg", "jpg", "png"):
        put(tmp_path, f"附件/文件.{kind}")
    kept, findings, verdicts = read_attachments(tmp_path, TV, RULES)
    assert {a.kind: a.pages for a in kept} == {"docx": 0, "dwg": 0, "jpg": 1, "pdf": 3, "png": 1, "xlsx": 0}
    assert findings == ()
    assert {v.verdict for v in verdicts} == {"accepted"}
    contract = next(a for a in kept if a.kind == "pdf")
    assert (contract.path, contract.name, contract.folder) == ("附件/文件.pdf", "文件.pdf", "附件")
    assert contract.size == (tmp_path / "附件/文件.pdf").stat().st_size
    assert len(contract.sha256) == 64


def test_a_file_that_is_not_what_its_name_says_is_left_out(tmp_path: Path) -> None:
    put(tmp_path, "附件/合同.pdf", placeholder(".png", "", 1))
    put(tmp_path, "附件/方案.docx", placeholder(".xlsx", "", 1))
    put(tmp_path, "附件/程序.exe", b"MZ")
    put(tmp_path, "附件/空.pdf", b"")
    put(tmp_path, "附件/坏.pdf", b"%PDF-1.4 nothing else")
    put(tmp_path, "附件/半个.docx", b"PK\x03\x04 half")
    assert read(tmp_path) == (
        [],
        {
            "附件/合同.pdf": "内容是 PNG,文件名却写作 .pdf",
            "附件/方案.docx": "内容是 XLSX,文件名却写作 .docx",
            "附件/程序.exe": "内容不是能保存的类型",
            "附件/空.pdf": "内容不是能保存的类型",
            "附件/坏.pdf": "PDF 打不开(损坏或加密)",
            "附件/半个.docx": "内容不是能保存的类型",
        },
    )


def test_the_finding_is_a_warning_in_both_languages(tmp_path: Path) -> None:
    put(tmp_path, "附件/合同.pdf", placeholder(".png", "", 1))
    _, (finding,), (verdict,) = read_attachments(tmp_path, TV, RULES)
    assert (finding.rule.code, finding.rule.severity) == ("X231", Severity.WARNING)
    assert finding.message() == "附件“附件/合同.pdf”没有收入:内容是 PNG,文件名却写作 .pdf。"
    assert finding.message("en") == 'Attachment "附件/合同.pdf" was not taken: it is PNG under the name .pdf.'
    assert "PDF" in finding.remedy()
    assert "PDF" in finding.remedy("en")
    assert (verdict.verdict, verdict.rule) == ("ignored", "X231")


def test_size_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "MAX_SIZE", 100)
    put(tmp_path, "附件/大.pdf")
    assert read(tmp_path) == ([], {"附件/大.pdf": "超过 100 MB"})


def test_one_level_of_folders_and_nothing_hidden(tmp_path: Path) -> None:
    put(tmp_path, "附件/图纸/一层.dwg")
    put(tmp_path, "附件/图纸/再深/二层.dwg")
    put(tmp_path, "附件/~$合同.docx", b"x")
    put(tmp_path, "附件/.DS_Store", b"x")
    put(tmp_path, "附件/Thumbs.db", b"x")
    put(tmp_path, "别处/合同.pdf")
    assert read(tmp_path) == (["附件/图纸/一层.dwg"], {})


def test_links_and_pipes_are_not_followed(tmp_path: Path) -> None:
    outside = put(tmp_path, "外面/秘密.pdf")
    put(tmp_path, "附件/合同.pdf")
    (tmp_path / "附件" / "链接.pdf").symlink_to(outside)
    (tmp_path / "附件" / "目录").symlink_to(outside.parent)
    os.mkfifo(tmp_path / "附件" / "管道.pdf")
    kept, found = read(tmp_path)
    assert kept == ["附件/合同.pdf"]
    assert set(found) == {"附件/链接.pdf", "附件/目录", "附件/管道.pdf"}


def test_a_linked_folder_is_not_read(tmp_path: Path) -> None:
    put(tmp_path, "外面/合同.pdf")
    (tmp_path / "附件").symlink_to(tmp_path / "外面")
    assert read(tmp_path) == ([], {})


def test_names_are_nfc_and_twins_are_named(tmp_path: Path) -> None:
    put(tmp_path, unicodedata.normalize("NFD", "附件/é.pdf"))
    assert read(tmp_path) == (["附件/é.pdf"], {})
    put(tmp_path, "附件/é.pdf")
    assert read(tmp_path) == (["附件/é.pdf"], {"附件/é.pdf": "同一文件名有两个文件(大小写或编码不同)"})


@pytest.mark.parametrize(
    "name",
    [
        "合\n同.pdf",
        "合\u202e同.pdf",
        "合?同.pdf",
        "a:b.pdf",
        "100%.pdf",
        "合同.pdf ",
        " 合同.pdf",
        "合" * 70 + ".pdf",
        "a\\b.pdf",
    ],
)
def test_names_that_do_not_unpack_everywhere(name: str, tmp_path: Path) -> None:
    put(tmp_path, f"附件/{name}", placeholder(".pdf", "合同", 1))
    kept, found = read(tmp_path)
    assert (kept, list(found.values())) == ([], ["文件名过长,或含有不能用的字符"])


@pytest.mark.parametrize("name", ["-x.pdf", "合同(副本)V2.1.pdf", "Ünïcode ①.pdf", "合同.PDF", "a'b&c.pdf"])
def test_names_that_are_kept(name: str, tmp_path: Path) -> None:
    put(tmp_path, f"附件/{name}", placeholder(".pdf", "合同", 1))
    assert read(tmp_path) == ([f"附件/{name}"], {})


def test_names_that_windows_takes_for_one(tmp_path: Path) -> None:
    put(tmp_path, "附件/A.pdf")
    put(tmp_path, "附件/a.pdf")
    assert read(tmp_path) == (["附件/A.pdf"], {"附件/a.pdf": "同一文件名有两个文件(大小写或编码不同)"})


@pytest.mark.parametrize(
    ("name", "text", "signs"),
    [
        ("PPR.pdf", "", "PPR"),
        ("PPR_签字.pdf", "", "PPR"),
        ("PPR-签字扫描.pdf", "", "PPR"),
        (f"{TV}_PPR_V1.0_20260301.pdf", "", "PPR"),
        ("项目计划报告.pdf", "", "PPR"),
        ("项目计划报告审批单_盖章.jpg", "", "PAF"),
        ("扫描0001.pdf", f"内部 {TV}_PP1 第1页", "PP1"),
        ("扫描0001.pdf", "记录编号:JL-PM-02", "PP1"),
        ("扫描0001.pdf", "JL-PM-021", ""),
        ("扫描0001.pdf", "LY-SQ-2026-999_PPR", ""),
        ("APPR.pdf", "", ""),
        ("合同.pdf", "", ""),
    ],
)
def test_what_a_scan_signs(name: str, text: str, signs: str) -> None:
    assert matched(name, text, TV) == signs


def test_a_scan_is_matched_by_its_pages(tmp_path: Path) -> None:
    put(tmp_path, "签字件/scan.pdf", title=f"{TV}_PAF")
    put(tmp_path, "附件/PPR.pdf")
    kept, _, _ = read_attachments(tmp_path, TV, RULES)
    assert {a.path: a.signs for a in kept} == {"签字件/scan.pdf": "PAF", "附件/PPR.pdf": ""}


def scan(signs: str) -> Attachment:
    return Attachment(f"签字件/{signs}.pdf", f"{signs}.pdf", "pdf", 1, "", 1, "签字件", signs)


def test_standing_of_a_document() -> None:
    kept = (scan("PPR"), scan("MEM-HY01"))
    assert scans_of(kept, "PPR")
    assert not scans_of(kept, "PAF")
    assert scans_of(kept, "MEM", "HY-01")
    assert not scans_of(kept, "MEM", "HY-02")
    assert scans_of(kept, "PPR") == (kept[0],)


@pytest.mark.parametrize("code", [TV, DORM])
def test_samples_have_their_attachments(code: str, tmp_path: Path) -> None:
    data = sample_data()
    written = sample_builder().write_attachments(data, code, tmp_path)
    once = {path: path.read_bytes() for path in written}
    assert {p: p.read_bytes() for p in sample_builder().write_attachments(data, code, tmp_path)} == once
    wanted = next(p["attachments"] for p in data["projects"] if p["code"] == code)
    kept, findings, _ = read_attachments(tmp_path, code, RULES)
    assert {a.path: a.pages for a in kept} == {a["path"]: a["pages"] for a in wanted}
    assert findings == ()


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("图.tif", b"II*\0" + bytes(20), "tif"),
        ("图.TIFF", b"MM\0*" + bytes(20), "tif"),
        ("照片.heic", b"\0\0\0\x18ftypheic" + bytes(20), "heic"),
        ("照片.heif", b"\0\0\0\x18ftypmif1" + bytes(20), "heic"),
        ("合同.ofd", made.zipped({"OFD.xml": b"<x/>"}), "ofd"),
        ("拓扑.vsdx", made.zipped({"visio/document.xml": b"<x/>"}), "vsdx"),
        ("汇报.pptx", made.zipped({"ppt/presentation.xml": b"<x/>"}), "pptx"),
        ("假.ofd", made.zipped({"word/document.xml": b"<x/>"}), ""),
        ("假.heic", b"\0\0\0\x18ftypmp42" + bytes(20), ""),
    ],
)
def test_what_offices_here_send_is_kept(tmp_path: Path, name: str, content: bytes, kind: str) -> None:
    put(tmp_path, f"附件/{name}", content)
    kept, findings, _ = read_attachments(tmp_path, "LY-SQ-2026-007", RULES)
    assert ([a.kind for a in kept], len(findings)) == (([kind], 0) if kind else ([], 1))
