"""Whether everybody can read a PDF: what it lacks to be PDF/UA-1 (ISO 14289-1).

Not a full validator. It looks at everything that a document or a template can bring about (a picture without a
description, a table without heads) and at what our own steps could break; the tests ask two independent validators.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from pikepdf import Array, Dictionary, Name, NumberTree, Page, Pdf

# ISO 32000-1, 14.8.4
STANDARD = frozenset(
    """/Document /Part /Art /Sect /Div /BlockQuote /Caption /TOC /TOCI /Index /NonStruct /Private
    /P /H /H1 /H2 /H3 /H4 /H5 /H6 /L /LI /Lbl /LBody /Table /TR /TH /TD /THead /TBody /TFoot
    /Span /Quote /Note /Reference /BibEntry /Code /Link /Annot /Ruby /RB /RT /RP /Warichu /WT /WP
    /Figure /Formula /Form""".split()  # noqa: SIM905
)
_LEVELS = {f"/H{level}": level for level in range(1, 7)}
_TEXT = "/Span"  # half of all elements; LibreOffice puts nothing but text into them
UNTAGGED = "有未标记的内容(untagged content)"
# What opens and closes marked content, and what paints; strings are stepped over.
_TOKEN = re.compile(
    rb"(?P<open>/[^\s/<>()\[\]]+\s*(?:<<(?:\((?:[^()\\]|\\.)*\)|[^>(]|>(?!>))*>>|/\S+)?\s*(?:BDC|BMC)(?!\S))"
    rb"|\((?:[^()\\]|\\.)*\)|(?<![^\s>\])])(?:(?P<close>EMC)"
    rb"|(?P<real>Tj|TJ|'|\"|Do|BI|sh)|(?P<path>[SsFBb]|f\*?|[Bb]\*))(?!\S)",
    re.DOTALL,
)


def against_pdf_ua(pdf: Pdf) -> list[str]:
    """What a tagged file lacks to be PDF/UA-1, a sentence each; empty when nothing is found missing."""
    untagged = any(any(strays(content_of(page))) for page in pdf.pages)
    return [*against_catalog(pdf), *([UNTAGGED] if untagged else []), *against_tags(pdf)]


def against_catalog(pdf: Pdf) -> list[str]:
    """What the file lacks as a whole, and its links."""
    root = pdf.Root
    marks, tree = root.get("/MarkInfo", Dictionary()), root.get("/StructTreeRoot")
    if tree is None or "/ParentTree" not in tree or not marks.get("/Marked", False):
        return ["没有标签(not tagged)"]
    checks = (
        (bool(marks.get("/Suspects", False)), "标签不可靠(suspects)"),
        (not str(root.get("/Lang", "")), "没有语言(no /Lang)"),
        (not str(pdf.docinfo.get("/Title", "")), "没有标题(no title)"),
        (
            not root.get("/ViewerPreferences", Dictionary()).get("/DisplayDocTitle", False),
            "不显示标题(title not shown)",
        ),
        (_has_bare_note(pdf, tree), "链接没有说明或顺序(links without description or tab order)"),
    )
    return [reason for wrong, reason in checks if wrong]


def content_of(page: Page) -> bytes:
    """What draws a page, in one piece."""
    found = page.obj.get("/Contents")
    parts = list(found) if isinstance(found, Array) else [] if found is None else [found]
    return b"\n".join(part.read_bytes() for part in parts)


def strays(content: bytes) -> Iterator[tuple[int, int, bool]]:
    """Stretches of a page that paint outside of tags and artifacts: begin, end, whether text or a picture is in it."""
    depth, begin, painted, real = 0, 0, False, False
    for token in _TOKEN.finditer(content):
        kind = token.lastgroup
        if kind == "open":
            if painted and depth == 0:
                yield begin, token.start(), real
            depth, painted, real = depth + 1, False, False
        elif kind == "close":
            depth, begin = depth - 1, token.end()
        elif kind and depth == 0:
            painted, real = True, real or kind == "real"
    if painted:
        yield begin, len(content), real


# -- links ------------------------------------------------------------------------------------------------------------


def _has_bare_note(pdf: Pdf, tree: Any) -> bool:
    """Whether a link is there without description, outside of the tags, or on a page without an order of tabs."""
    noted = [page.obj for page in pdf.pages if "/Annots" in page.obj]
    parents = dict(NumberTree(tree.ParentTree).items()) if noted else {}
    return any(page.get("/Tabs") != Name.S or any(_is_bare(note, parents) for note in page.Annots) for page in noted)


def _is_bare(note: Any, parents: dict[int, Any]) -> bool:
    parent = parents.get(int(note.get("/StructParent", -1)))
    return not str(note.get("/Contents", "")) or not isinstance(parent, Dictionary)


# -- tags -------------------------------------------------------------------------------------------------------------


def kids(element: Any) -> list[Any]:
    """The elements of the tree directly below one."""
    below = element.get("/K")
    found = list(below) if isinstance(below, Array) else [below]
    return [kid for kid in found if isinstance(kid, Dictionary) and "/S" in kid]


def against_tags(pdf: Pdf, mend_table: Callable[[Any], None] | None = None) -> list[str]:
    """What the tags lack.

    Args:
        pdf: the file.
        mend_table: is given every table before it is looked at.
    """
    tree = pdf.Root.get("/StructTreeRoot", Dictionary())
    roles = {style: str(role) for style, role in tree.get("/RoleMap", {}).items()}
    wrong: dict[str, None] = {}
    level = 0
    waiting = kids(tree)[::-1]
    while waiting:
        element = waiting.pop()
        said = str(element.S)
        if mend_table and said == "/Table":
            mend_table(element)
            said = str(element.S)
        role = said if said in STANDARD else roles.get(said, said)
        if heading := _LEVELS.get(role):
            if heading > level + 1:
                wrong["标题层次有跳跃(heading level skipped)"] = None
            level = heading
        elif role not in STANDARD:
            wrong[f"标签 {role[1:]} 没有对应的标准标签(no standard role)"] = None
        elif look := _LOOKS.get(role):
            wrong.update(dict.fromkeys(look(element)))
        if role != _TEXT:
            waiting += kids(element)[::-1]
    return list(wrong)


def _figure(element: Any) -> Iterator[str]:
    if not str(element.get("/Alt", element.get("/ActualText", ""))).strip():
        yield "图片没有说明(picture without description)"


def _note(element: Any) -> Iterator[str]:
    if "/ID" not in element:
        yield "脚注没有标识(note without ID)"


def _table(element: Any) -> Iterator[str]:
    if not any(cell.S == Name.TH for row in rows(element) for cell in kids(row)):
        yield "表格没有表头(table without heads)"


def _head(element: Any) -> Iterator[str]:
    if not any("/Scope" in said or "/Headers" in said for said in attributes(element)):
        yield "表头没有说明属于行还是列(head without scope)"


_LOOKS = {"/Figure": _figure, "/Formula": _figure, "/Note": _note, "/Table": _table, "/TH": _head}


def rows(table: Any) -> Iterator[Any]:
    """The rows of a table, those inside of its head and body too."""
    for kid in kids(table):
        if kid.S == Name.TR:
            yield kid
        elif kid.S in (Name.THead, Name.TBody, Name.TFoot):
            yield from kids(kid)


def attributes(element: Any) -> list[Any]:
    """The dictionaries of attributes of an element."""
    found = element.get("/A")
    return [said for said in (found if isinstance(found, Array) else [found]) if isinstance(said, Dictionary)]
