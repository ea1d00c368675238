from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import docx
import pdf_oxide
import pikepdf
import pytest
from docx.enum.section import WD_SECTION
from docx.oxml import OxmlElement
from pikepdf import Name, NumberTree
from pypdf import PdfReader

from pipeline.adapters.office.libreoffice import LibreOffice
from pipeline.adapters.pdf_file import is_tagged, outline
from pipeline.adapters.pdf_ua import against_pdf_ua
from pipeline.adapters.pdf_xmp import claim_pdf_ua, claims_pdf_a, claims_pdf_ua
from pipeline.deliver.merged import Part, Stated, join
from tests.deliver import made_up

STATED = Stated("青岚台 R&D <计划包>", "LY-SQ-2026-007", "澜屿网络", date(2026, 7, 31))


@pytest.fixture(scope="module")
def parts(office: LibreOffice, tmp_path_factory: pytest.TempPathFactory) -> list[Part]:
    """Three documents of two pages, headings on two levels, a link and a table in each."""
    folder = tmp_path_factory.mktemp("parts")
    made = []
    for number, name in enumerate(("封面", "报告", "附表"), 1):
        document: Any = docx.Document()
        document.core_properties.title = name
        document.add_heading(f"{number} {name}", 1)
        document.add_heading(f"{number}.1 范围", 2)
        table = document.add_table(rows=2, cols=2)
        table.cell(0, 0).text = f"{name}之表"
        table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
        document.add_section(WD_SECTION.NEW_PAGE)
        document.add_heading(f"{number}.2 结论", 2)
        document.add_paragraph(f"{name}之末")
        document.save(str(folder / f"{name}.docx"))
        office.to_pdf(folder / f"{name}.docx", folder / f"{name}.pdf")
        made.append(Part(folder / f"{name}.pdf", name, own_bookmarks=number > 1))
    return made


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "numbered"])
def merged(request: pytest.FixtureRequest, parts: list[Part], tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("merged") / "pack.pdf"
    assert join(parts, target, STATED, numbered=request.param) == 6
    return target


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def test_the_claim_of_the_merged_file_is_true(merged: Path) -> None:
    found = pdf_oxide.PdfDocument(str(merged))
    assert found.validate_pdf_a("2b")["errors"] == []
    assert found.validate_pdf_ua()["errors"] == []
    with pikepdf.open(merged) as pdf:
        assert claims_pdf_a(pdf)
        assert claims_pdf_ua(pdf)
        assert against_pdf_ua(pdf) == []
        assert pdf.check_pdf_syntax() == []


def test_every_piece_of_text_finds_its_tag_on_its_own_page(merged: Path) -> None:
    with pikepdf.open(merged) as pdf:
        parents = dict(NumberTree(pdf.Root.StructTreeRoot.ParentTree).items())
        assert [str(part.S) for part in pdf.Root.StructTreeRoot.K[0].K] == ["/Part"] * 3
        for page in pdf.pages:
            tags = [tag for tag in parents[int(page.obj.StructParents)] if "/Pg" in tag]
            assert tags
            assert {tag.Pg.objgen for tag in tags} == {page.obj.objgen}
        assert int(pdf.Root.StructTreeRoot.ParentTreeNextKey) > max(parents)


def test_text_of_every_page_is_there_in_its_order(merged: Path, parts: list[Part]) -> None:
    pages = [page for part in parts for page in PdfReader(part.path).pages]
    for before, after in zip(pages, PdfReader(merged).pages, strict=True):
        assert squeezed(before.extract_text()) in squeezed(after.extract_text())


def test_bookmarks_stand_two_levels_deep_and_lead_to_their_pages(merged: Path) -> None:
    with pikepdf.open(merged) as pdf:
        assert [title for title, page in outline(pdf) if page is None] == []
        found = dict(outline(pdf))
        assert found == {"封面": 0, "报告": 2, "2 报告": 2, "2.1 范围": 2, "2.2 结论": 3} | {
            "附表": 4,
            "3 附表": 4,
            "3.1 范围": 4,
            "3.2 结论": 5,
        }
        open_ones = [int(item.get("/Count", 0)) for item in chain(pdf.Root.Outlines.First)]
        assert open_ones == [0, 1, 1]  # a document shows its chapters; what lies below them is folded
        assert [int(child.Count) for child in chain(pdf.Root.Outlines.Last.First)] == [-2]


def chain(item: Any) -> list[Any]:
    return [item, *chain(item.Next)] if "/Next" in item else [item]


def test_the_page_box_shows_the_number_that_is_printed(merged: Path) -> None:
    assert PdfReader(merged).page_labels == ["1", "2", "3", "4", "5", "6"]


def test_it_says_what_it_is_and_nothing_of_the_machine(merged: Path, tmp_path: Path) -> None:
    reader = PdfReader(merged)
    assert reader.metadata
    assert {key: str(value) for key, value in reader.metadata.items()} == {
        "/Title": STATED.title,
        "/Subject": STATED.subject,
        "/Author": STATED.author,
        "/CreationDate": "D:20260731000000+00'00",
        "/ModDate": "D:20260731000000+00'00",
    }
    assert reader.xmp_metadata
    assert reader.xmp_metadata.dc_title == {"x-default": STATED.title}
    with pikepdf.open(merged) as pdf:
        assert (str(pdf.Root.Lang), bool(pdf.Root.ViewerPreferences.DisplayDocTitle)) == ("zh-CN", True)
        assert len(pdf.trailer.ID) == 2


def test_it_is_hardly_larger_than_its_parts(merged: Path, parts: list[Part]) -> None:
    assert merged.stat().st_size <= 1.1 * sum(part.path.stat().st_size for part in parts)


def test_the_same_parts_give_the_same_bytes(parts: list[Part], tmp_path: Path) -> None:
    for name in ("a.pdf", "b.pdf"):
        join(parts, tmp_path / name, STATED, numbered=True)
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()


@pytest.mark.parametrize("what", ["no claim", "no tags", "another profile"])
def test_one_part_without_a_claim_takes_it_from_all(parts: list[Part], tmp_path: Path, what: str) -> None:
    poor = tmp_path / "poor.pdf"
    with pikepdf.open(parts[1].path) as pdf:
        if what == "no claim":
            del pdf.Root.Metadata
        elif what == "no tags":
            del pdf.Root.StructTreeRoot
        else:
            profile = pdf.Root.OutputIntents[0].DestOutputProfile
            profile.write(profile.read_bytes()[:-4] + b"\0\0\0\1")
        pdf.save(poor)
    target = tmp_path / "pack.pdf"
    join([parts[0], Part(poor, "x", "X-"), parts[2]], target, STATED, numbered=True)
    with pikepdf.open(target) as pdf:
        assert not claims_pdf_a(pdf)
        assert not is_tagged(pdf)
        assert "/OutputIntents" not in pdf.Root
        assert all("/StructParents" not in page.obj for page in pdf.pages)
        assert pdf.docinfo["/Title"] == STATED.title


@pytest.mark.parametrize("what", ["no claim", "a false claim", "a style of two meanings"])
def test_one_part_that_not_everybody_can_read_takes_that_claim_alone(
    parts: list[Part], tmp_path: Path, what: str
) -> None:
    poor = tmp_path / "poor.pdf"
    with pikepdf.open(parts[1].path) as pdf:
        if what == "no claim":
            claim_pdf_ua(pdf, claim=False)
        elif what == "a false claim":
            pdf.pages[0].contents_add(b"0 0 9 9 re f")
        else:
            roles = pdf.Root.StructTreeRoot.RoleMap
            roles[next(iter(roles.keys()))] = Name.Quote
        pdf.save(poor)
    target = tmp_path / "pack.pdf"
    join([parts[0], Part(poor, "x", "X-"), parts[2]], target, STATED, numbered=True)
    with pikepdf.open(target) as pdf:
        assert claims_pdf_a(pdf)
        assert is_tagged(pdf)
        assert not claims_pdf_ua(pdf)


def test_blank_pages_of_another_program_are_joined_without_a_claim(tmp_path: Path) -> None:
    part = Part(made_up.pdf(tmp_path / "a.pdf", 2), "甲", "A-")
    assert join([part], tmp_path / "pack.pdf", STATED, numbered=False) == 2
    with pikepdf.open(tmp_path / "pack.pdf") as pdf:
        assert not claims_pdf_a(pdf)
