"""What can be said of a finished PDF without a reader: whole, fonts inside, tags there, its claims true.

The claims are PDF/A-2b and PDF/UA-1. Not a full validator of ISO 19005-2: it looks at everything that our own steps
(conversion, merging, stamping) could break; the tests ask independent validators for a second opinion.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
from lxml import etree
from pikepdf import Array, Dictionary, Name, Pdf

from pipeline.adapters.pdf_ua import against_pdf_ua
from pipeline.adapters.pdf_xmp import TITLE, claims_pdf_a, claims_pdf_ua, read_xmp

_FORBIDDEN_ACTIONS = frozenset({"/JavaScript", "/Launch", "/ImportData", "/ResetForm", "/Sound", "/Movie"})
_OUTLINE_LONGEST = 100_000


def faults(path: Path, *, tags: bool = True) -> list[str]:
    """What is wrong with a PDF of ours, a sentence each; empty when it is sound and its claims, if any, are true.

    Args:
        path: the file.
        tags: whether to look at a claim of PDF/UA-1, which takes a walk over all tags.
    """
    try:
        with Pdf.open(path) as pdf:
            return [*faults_of(pdf), *(_false_ua(pdf) if tags else ())]
    except (OSError, pikepdf.PdfError, ValueError) as error:
        return [f"PDF 打不开(cannot be opened): {error}"]


def faults_of(pdf: Pdf) -> list[str]:
    """What is wrong with an open file, its claim of PDF/UA-1 left aside."""
    return list(_faults(pdf))


def _false_ua(pdf: Pdf) -> list[str]:
    return [f"自称 PDF/UA-1,但{reason}" for reason in against_pdf_ua(pdf)] if claims_pdf_ua(pdf) else []


def _faults(pdf: Pdf) -> Iterator[str]:
    if not len(pdf.pages):
        yield "没有页(no pages)"
    yield from (f"PDF 结构有误(damaged): {problem}" for problem in pdf.check_pdf_syntax()[:3])
    bare = sorted(name for name, font in fonts(pdf) if not _embedded(font))
    if bare:
        yield f"字体没有嵌入(fonts not embedded): {'、'.join(bare)}"
    lost = [title for title, page in outline(pdf) if page is None]
    if lost:
        yield f"书签不指向任何页(dead bookmarks): {'、'.join(lost[:5])}"
    if claims_pdf_a(pdf):
        yield from (f"自称 PDF/A-2b,但{reason}" for reason in against_pdf_a(pdf))


def page_count(path: Path) -> int:
    """Number of pages; 0 when the file cannot be read."""
    try:
        with Pdf.open(path) as pdf:
            return len(pdf.pages)
    except (OSError, pikepdf.PdfError, ValueError):
        return 0


def _entry(node: Any, key: str) -> Any:
    """A dictionary inside of another; an empty one where it is not there."""
    return node.get(key, Dictionary())


# -- the claim ------------------------------------------------------------------------------------------------------


def against_pdf_a(pdf: Pdf) -> list[str]:
    """What a file lacks to be PDF/A-2b with tags and language; empty when nothing is found missing."""
    root = pdf.Root
    found = read_xmp(pdf)
    title = "" if found is None else _title(found)
    checks = (
        (found is None, "没有 XMP 元数据(no XMP)"),
        (output_profile(pdf) is None, "没有输出意图(no OutputIntent)"),
        (not is_tagged(pdf), "没有标签(not tagged)"),
        ("/Lang" not in root, "没有语言(no /Lang)"),
        (title != str(pdf.docinfo.get("/Title", "")), "标题两处不同(title differs)"),
        ("/ID" not in pdf.trailer, "没有文件标识(no /ID)"),
        (pdf.is_encrypted, "已加密(encrypted)"),
        ("/AA" in root or "/EmbeddedFiles" in _entry(root, "/Names"), "带有动作或附件(actions or attachments)"),
        (any(not _embedded(font) for _, font in fonts(pdf)), "字体没有全部嵌入(fonts not embedded)"),
        (_has_forbidden_action(pdf), "带有程序或动作(scripts or actions)"),
    )
    return [reason for wrong, reason in checks if wrong]


def is_tagged(pdf: Pdf) -> bool:
    """Whether there is a tree of tags with something in it, and the file says so."""
    tree = _entry(pdf.Root, "/StructTreeRoot")
    return bool(_entry(pdf.Root, "/MarkInfo").get("/Marked", False)) and "/K" in tree and "/ParentTree" in tree


def output_profile(pdf: Pdf) -> bytes | None:
    """The ICC profile that PDF/A colours refer to; None where there is none."""
    for intent in pdf.Root.get("/OutputIntents", []):
        if intent.get("/S") == Name.GTS_PDFA1 and "/DestOutputProfile" in intent:
            return bytes(intent.DestOutputProfile.read_bytes())
    return None


def _title(found: etree._Element) -> str:
    node = found.find(f".//{TITLE}")
    return "" if node is None else "".join(str(text) for text in node.itertext()).strip()


def _has_forbidden_action(pdf: Pdf) -> bool:
    links = [note for page in pdf.pages for note in page.obj.get("/Annots", [])]
    actions = [pdf.Root.get("/OpenAction"), *(link.get("/A") for link in links)]
    return any(isinstance(a, Dictionary) and str(a.get("/S", "")) in _FORBIDDEN_ACTIONS for a in actions)


# -- fonts and bookmarks ----------------------------------------------------------------------------------------------


def fonts(pdf: Pdf) -> Iterator[tuple[str, Any]]:
    """Every font that pages use, those inside of forms too: its name and its dictionary."""
    seen: set[tuple[int, int]] = set()
    waiting = [_entry(page.obj, "/Resources") for page in pdf.pages]
    while waiting:
        resources = waiting.pop()
        for font in _new(_entry(resources, "/Font"), seen):
            yield str(font.get("/BaseFont", "?")).lstrip("/"), font
        for drawn in _new(_entry(resources, "/XObject"), seen):
            if "/Resources" in drawn:
                waiting.append(drawn.Resources)


def _new(entries: Any, seen: set[tuple[int, int]]) -> Iterator[Any]:
    """Entries of a resource dictionary that were not met before."""
    for _, entry in entries.items():
        if entry.objgen == (0, 0) or entry.objgen not in seen:
            seen.add(entry.objgen)
            yield entry


def _embedded(font: Any) -> bool:
    if font.get("/Subtype") == Name.Type3:
        return True
    real = font.DescendantFonts[0] if "/DescendantFonts" in font else font
    descriptor = _entry(real, "/FontDescriptor")
    return any(key in descriptor for key in ("/FontFile", "/FontFile2", "/FontFile3"))


def outline(pdf: Pdf) -> Iterator[tuple[str, int | None]]:
    """Every bookmark in its order: title, and its page from 0; None where it leads nowhere."""
    pages = {page.obj.objgen: number for number, page in enumerate(pdf.pages)}
    waiting = [_entry(pdf.Root, "/Outlines").get("/First")]
    seen = 0
    while waiting and seen < _OUTLINE_LONGEST:
        node = waiting.pop()
        if node is None:
            continue
        seen += 1
        yield str(node.get("/Title", "")), pages.get(_target(node))
        waiting += [node.get("/Next"), node.get("/First")]


def _target(node: Any) -> tuple[int, int]:
    """Number of the page object that a bookmark points at; (0, 0) for none."""
    found = node.get("/Dest", _entry(node, "/A").get("/D"))
    if isinstance(found, Array) and len(found) and isinstance(found[0], Dictionary):
        return found[0].objgen
    return (0, 0)
