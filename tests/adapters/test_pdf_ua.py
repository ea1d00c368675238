from __future__ import annotations

from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, String

from pipeline.adapters.pdf_ua import against_pdf_ua, strays


def element(pdf: Pdf, name: str, *below: Any, **more: Any) -> Any:
    return pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name("/" + name), K=Array(below), **more))


def tagged(pdf: Pdf, *below: Any) -> Pdf:
    """A file with one page, a link on it, and these tags."""
    page = pdf.add_blank_page().obj
    page.Contents = pdf.make_stream(b"/Artifact BMC\n0 0 9 9 re f\nEMC\n/P <</MCID 0>> BDC\nBT (EMC f ) Tj ET\nEMC\n")
    link = element(pdf, "Link")
    page.Annots = Array([Dictionary(Subtype=Name.Link, Contents=String("第 1 章"), StructParent=7)])
    page.Tabs = Name.S
    pdf.Root.Lang = String("zh-CN")
    pdf.Root.MarkInfo = Dictionary(Marked=True)
    pdf.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
    pdf.docinfo["/Title"] = "纪要"
    root = Dictionary(K=element(pdf, "Document", link, *below), ParentTree=Dictionary(Nums=Array([7, link])))
    root.RoleMap = Dictionary({"/表头": Name.P})
    pdf.Root.StructTreeRoot = pdf.make_indirect(root)
    return pdf


def table(pdf: Pdf, head: str = "TH", **more: Any) -> Any:
    return element(pdf, "Table", element(pdf, "THead", element(pdf, "TR", element(pdf, head, **more))))


SCOPE = Dictionary(O=Name.Table, Scope=Name.Column)


@pytest.mark.parametrize(
    "below",
    [
        lambda pdf: [element(pdf, "H1"), element(pdf, "表头"), element(pdf, "H2"), element(pdf, "H1")],
        lambda pdf: [element(pdf, "P", element(pdf, "Figure", Alt=String("拓扑图")))],
        lambda pdf: [table(pdf, A=SCOPE)],
        lambda pdf: [table(pdf, A=Array([Dictionary(O=Name.Layout), SCOPE]))],
    ],
)
def test_nothing_is_missing(below: Any) -> None:
    with pikepdf.new() as pdf:
        assert against_pdf_ua(tagged(pdf, *below(pdf))) == []


@pytest.mark.parametrize(
    ("below", "missing"),
    [
        (lambda pdf: [element(pdf, "P", element(pdf, "Figure", Alt=String(" ")))], "picture without description"),
        (lambda pdf: [table(pdf, "TD")], "table without heads"),
        (lambda pdf: [table(pdf)], "head without scope"),
        (lambda pdf: [element(pdf, "H2")], "heading level skipped"),
        (lambda pdf: [element(pdf, "正文")], "no standard role"),
        (lambda pdf: [element(pdf, "P", element(pdf, "Note"))], "note without ID"),
    ],
)
def test_what_the_tags_lack(below: Any, missing: str) -> None:
    with pikepdf.new() as pdf:
        found = against_pdf_ua(tagged(pdf, *below(pdf)))
        assert len(found) == 1
        assert missing in found[0]


def untagged_line(pdf: Pdf) -> None:
    pdf.pages[0].contents_add(b"0 0 m 9 9 l S")


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        (lambda pdf: pdf.Root.__delitem__("/StructTreeRoot"), "not tagged"),
        (lambda pdf: pdf.Root.__delitem__("/Lang"), "no /Lang"),
        (lambda pdf: pdf.Root.__delitem__("/ViewerPreferences"), "title not shown"),
        (lambda pdf: pdf.Root.MarkInfo.__setitem__("/Suspects", True), "suspects"),
        (lambda pdf: pdf.docinfo.__delitem__("/Title"), "no title"),
        (lambda pdf: pdf.pages[0].obj.__delitem__("/Tabs"), "links without"),
        (lambda pdf: pdf.pages[0].obj.Annots[0].__delitem__("/Contents"), "links without"),
        (lambda pdf: pdf.pages[0].obj.Annots[0].__setitem__("/StructParent", 8), "links without"),
        (untagged_line, "untagged content"),
    ],
)
def test_what_the_file_lacks(change: Any, missing: str) -> None:
    with pikepdf.new() as pdf:
        change(tagged(pdf))
        assert missing in against_pdf_ua(pdf)[0]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"/Artifact BMC\nf\nEMC\n", []),
        (b"/Span<</MCID 0/ActualText(a BMC \\) f)>>BDC\nBT <4F> Tj ET\nEMC", []),
        (b"q 1 w\n/P <</MCID 0>> BDC f EMC Q", []),
        (b"/A BMC EMC\n/S gs 0 0 m l S\n/P <</MCID 0>> BDC f EMC", [(b"\n/S gs 0 0 m l S\n", False)]),
        (b"/A BMC EMC\nBT (x) Tj ET f*", [(b"\nBT (x) Tj ET f*", True)]),
        (b"/Im0 Do", [(b"/Im0 Do", True)]),
    ],
)
def test_what_stands_outside_of_tags_and_artifacts(content: bytes, found: list[tuple[bytes, bool]]) -> None:
    assert [(content[begin:end], real) for begin, end, real in strays(content)] == found
