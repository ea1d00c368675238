"""Comments of a sheet while a package is edited: the legacy comments part and its VML drawing, kept in step."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping

from lxml import etree

from pipeline.adapters.ooxml.cells import SHEET_ORDER, spelled, split_ref
from pipeline.adapters.ooxml.package import Package, insert_in_order, own
from pipeline.adapters.ooxml.vml import CommentBox, add_boxes, blocks, decode, empty_drawing, has_shapes, remove_boxes

_GAP = "\n\n"  # between the text of a comment and what is added to it
_COMMENTS = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
_VML = "application/vnd.openxmlformats-officedocument.vmlDrawing"
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_WIDTH, _LINE, _EDGE, _CHARACTER = 330, 16, 14, 6.5  # pixels of a box, a line of text, its edges, half an ideograph
_TALLEST = 480
_FONT = (("sz", "val", "9"), ("color", "indexed", "81"), ("rFont", "val", "微软雅黑"), ("family", "val", "2"))


def add_comments(package: Package, sheet: str, comments: Mapping[str, str], author: str) -> tuple[str, ...]:
    """Add comments to a sheet; where a cell has one already, the text is put under it after an empty line.

    Args:
        package: the package.
        sheet: name of the sheet's part.
        comments: text by cell address; its first line is printed bold.
        author: who they are by.

    Returns:
        Cells whose comment is a conversation (threaded comment): Excel shows nothing else there, so it is left alone.
    """
    if not comments:
        return ()
    part = _comments_part(package, sheet)
    root = package.root(part)
    by_cell = {str(node.get("ref")): node for node in root.iterfind("{*}commentList/{*}comment")}
    threaded = tuple(ref for ref in comments if ref in by_cell and _is_threaded(root, by_cell[ref]))
    new = [ref for ref in comments if ref not in by_cell]
    for ref in comments:
        if ref in by_cell and ref not in threaded:
            _append(by_cell[ref], _GAP + comments[ref])
    number = _author(root, author) if new else ""
    listed = _list(root)
    for ref in new:
        node = etree.SubElement(listed, own(root, "comment"), ref=ref, authorId=number)
        etree.SubElement(node, own(root, "text"))
        _append(node, comments[ref])
    package.touch(part)
    _draw(package, sheet, {ref: comments[ref] for ref in new})
    return threaded


def remove_comments(package: Package, sheet: str, marker: str) -> bool:
    """Remove comments that begin with a marker, and the end of those that have it further down.

    The text tells, not the author: other programs drop the author when they save the file again.

    Args:
        package: the package.
        sheet: name of the sheet's part.
        marker: first line of the comments to remove.

    Returns:
        Whether there were any.
    """
    part = package.related(sheet, "comments")
    if part is None or not (_holds(package.read(part), marker)):
        return False
    gone, changed = [], False
    for node in list(package.root(part).iterfind("{*}commentList/{*}comment")):
        found = _text(node).find(marker)
        if found < 0 or (found > 0 and _text(node)[found - 1] != "\n"):
            continue
        changed = True
        if (before := _text(node)[:found]).strip():
            own_text = before.removesuffix(_GAP) if before.endswith(_GAP) else before.rstrip()
            _cut(node, len(own_text))
        else:
            gone.append(str(node.get("ref")))
            _parent(node).remove(node)
    if changed:
        _forget_authors(package.root(part))
        package.touch(part)
        _erase(package, sheet, part, gone)
    return changed


def comment_texts(package: Package, sheet: str) -> dict[str, str]:
    """Text of every comment of a sheet by cell address."""
    part = package.related(sheet, "comments")
    nodes = package.root(part).iterfind("{*}commentList/{*}comment") if part else ()
    return {str(node.get("ref")): _text(node) for node in nodes}


# -- the comments part --------------------------------------------------------------------------------------------


def _comments_part(package: Package, sheet: str) -> str:
    part = package.related(sheet, "comments")
    if part is None:
        part = package.free_name("xl/comments{}.xml")
        namespace = etree.QName(package.root(sheet)).namespace
        package.put(part, f"<comments xmlns='{namespace}'><authors/><commentList/></comments>".encode(), _COMMENTS)
        package.relate(sheet, "comments", part)
    return part


def _list(root: etree._Element) -> etree._Element:
    found = root.find("{*}commentList")
    return found if found is not None else etree.SubElement(root, own(root, "commentList"))


def _holds(content: bytes, text: str) -> bool:
    """Whether a part can hold a text, before it is parsed."""
    return text.encode() in content or b"&#" in content or text.encode("utf-16-le") in content


def _author(root: etree._Element, name: str) -> str:
    """Number of an author, added where he is new."""
    authors = root.find("{*}authors")
    if authors is None:
        authors = root.makeelement(own(root, "authors"), {})
        root.insert(0, authors)
    names = [node.text or "" for node in authors]
    if name not in names:
        etree.SubElement(authors, own(root, "author")).text = name
        names.append(name)
    return str(names.index(name))


def _forget_authors(root: etree._Element) -> None:
    """Take out the last authors as long as nothing is by them; the numbers of the others stay."""
    used = {node.get("authorId") for node in root.iterfind("{*}commentList/{*}comment")}
    authors = root.find("{*}authors")
    while authors is not None and len(authors) and str(len(authors) - 1) not in used:
        authors.remove(authors[-1])


def _is_threaded(root: etree._Element, comment: etree._Element) -> bool:
    authors = [node.text or "" for node in root.iterfind("{*}authors/{*}author")]
    number = int(comment.get("authorId") or 0)
    return number < len(authors) and authors[number].startswith("tc={")


def _append(comment: etree._Element, text: str) -> None:
    """Add text as runs: its first line bold, the rest plain."""
    holder = comment.find("{*}text")
    if holder is None:
        holder = etree.SubElement(comment, own(comment, "text"))
    plain = holder.find("{*}t")
    if plain is not None:  # text without runs becomes a run, so that ours can follow it
        run = holder.makeelement(own(holder, "r"), {})
        holder.replace(plain, run)
        run.append(plain)
    blank = text[: len(text) - len(text.lstrip("\n"))]
    first, newline, rest = text[len(blank) :].partition("\n")
    for piece, bold in ((blank + first, True), (newline + rest, False)):
        if piece:
            _run(holder, piece, bold=bold)


def _run(holder: etree._Element, text: str, *, bold: bool) -> None:
    run = etree.Element(own(holder, "r"), {}, None)
    properties = etree.SubElement(run, own(holder, "rPr"))
    if bold:
        etree.SubElement(properties, own(holder, "b"))
    for name, key, value in _FONT:
        etree.SubElement(properties, own(holder, name), {key: value})
    written = etree.SubElement(run, own(holder, "t"))
    written.text = spelled(text)
    written.set(_SPACE, "preserve")
    last = [n for n, child in enumerate(holder) if etree.QName(child).localname == "r"]
    holder.insert(last[-1] + 1 if last else 0, run)


def _pieces(comment: etree._Element) -> Iterator[etree._Element]:
    yield from comment.iterfind("{*}text/{*}t")
    yield from comment.iterfind("{*}text/{*}r/{*}t")


def _text(comment: etree._Element) -> str:
    return "".join(piece.text or "" for piece in _pieces(comment))


def _cut(comment: etree._Element, length: int) -> None:
    """Keep the first characters of a comment; runs that become empty go."""
    for piece in list(_pieces(comment)):
        text = piece.text or ""
        piece.text, length = text[: max(length, 0)], length - len(text)
        if not piece.text and text:
            run = _parent(piece)
            if etree.QName(run).localname == "r":
                _parent(run).remove(run)


def _parent(node: etree._Element) -> etree._Element:
    parent = node.getparent()
    assert parent is not None  # noqa: S101 - the callers found the node below its root
    return parent


# -- the drawing --------------------------------------------------------------------------------------------------


def _draw(package: Package, sheet: str, comments: Mapping[str, str]) -> None:
    """Draw a box for each comment in the sheet's VML drawing; one is made where the sheet has none."""
    if not comments:
        return
    grid = Grid(package.root(sheet))
    boxes = [grid.box(ref, text) for ref, text in comments.items()]
    part = _drawing(package, sheet)
    others = [name for name in package.names() if name.lower().endswith(".vml") and name != part]
    taken = {block for name in others for block in blocks(decode(package.read(name))[0])}
    if part is None:
        part = package.free_name("xl/drawings/vmlDrawing{}.vml")
        block = next(n for n in range(1, len(taken) + 2) if n not in taken)
        package.put(part, empty_drawing(block).encode("latin-1"), _VML)
        root = package.root(sheet)
        attribute = {f"{{{package.namespace}}}id": package.relate(sheet, "vmlDrawing", part)}
        insert_in_order(
            root, root.makeelement(own(root, "legacyDrawing"), attribute, {"r": package.namespace}), SHEET_ORDER
        )
        package.touch(sheet)
    text, encoding = decode(package.read(part))
    package.put(part, add_boxes(text, boxes, taken).encode(encoding))


def _drawing(package: Package, sheet: str) -> str | None:
    """The VML drawing that the sheet names (a second one may hold pictures of headers and footers)."""
    node = package.root(sheet).find("{*}legacyDrawing")
    ids = {str(value) for value in node.attrib.values()} if node is not None else set()
    found = (r.target for r in package.relations(sheet) if r.id in ids and r.target in package)
    return next(found, None)


def _erase(package: Package, sheet: str, part: str, refs: list[str]) -> None:
    """Remove boxes; parts that hold nothing any more go with their relations."""
    drawing = _drawing(package, sheet)
    if drawing and refs:
        text, encoding = decode(package.read(drawing))
        places = {split_ref(ref) for ref in refs}
        text = remove_boxes(text, {(row - 1, column - 1) for row, column in places})
        package.put(drawing, text.encode(encoding))
        if not has_shapes(text):
            root = package.root(sheet)
            for node in root.findall("{*}legacyDrawing"):
                root.remove(node)
            package.touch(sheet)
            _detach(package, sheet, drawing)
    if package.root(part).find("{*}commentList/{*}comment") is None:
        _detach(package, sheet, part)


def _detach(package: Package, sheet: str, part: str) -> None:
    for relation in package.relations(sheet):
        if relation.target == part:
            package.unrelate(sheet, relation.id)
    package.drop(part)


class Grid:
    """Where columns and rows of a sheet lie, in pixels."""

    def __init__(self, root: etree._Element) -> None:
        """Read widths and heights that the sheet states; the others are the usual ones."""
        self._columns: dict[int, int] = {}
        for col in root.iterfind("{*}cols/{*}col"):
            width = 0 if col.get("hidden") in {"1", "true"} else round(float(col.get("width") or 9) * 7)
            first, last = int(col.get("min") or 1), int(col.get("max") or 1)
            self._columns.update((n - 1, width) for n in range(first, min(last, 2000) + 1))
        self._rows: dict[int, int] = {}
        for row in root.iterfind("{*}sheetData/{*}row"):
            if row.get("hidden") in {"1", "true"} or row.get("ht"):
                height = 0 if row.get("hidden") in {"1", "true"} else round(float(str(row.get("ht"))) / 0.75)
                self._rows[int(row.get("r") or 1) - 1] = height

    def box(self, ref: str, text: str) -> CommentBox:
        """Box beside a cell, as large as the text; left of it in the last columns."""
        row, column = (number - 1 for number in split_ref(ref))
        height = min(_EDGE + _LINE * sum(_lines(line) for line in text.split("\n")), _TALLEST)
        left = column + 1 if column < 16370 else column - 6
        right, right_offset = self._walk(self._columns, left, 15, _WIDTH, 64)
        top = max(row - 1, 0) if row < 1048000 else row - 40
        bottom, bottom_offset = self._walk(self._rows, top, 10, height, 20)
        anchor = (left, 15, top, 10, right, right_offset, bottom, bottom_offset)
        place = (self._before(self._columns, left, 64) + 15, self._before(self._rows, top, 20) + 10, _WIDTH, height)
        return CommentBox((row, column), anchor, place)

    @staticmethod
    def _walk(sizes: Mapping[int, int], start: int, offset: int, length: int, usual: int) -> tuple[int, int]:
        """Column (or row) where a length ends, and how far into it."""
        index, rest = start, offset + length
        while rest > (size := sizes.get(index, usual)):
            index, rest = index + 1, rest - size
        return index, rest

    @staticmethod
    def _before(sizes: Mapping[int, int], index: int, usual: int) -> int:
        return index * usual + sum(size - usual for n, size in sizes.items() if n < index)


def _lines(text: str) -> int:
    """Lines that a paragraph takes in a box."""
    wide = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in re.sub(r"\s+$", "", text))
    return max(1, -int(-wide * _CHARACTER // (_WIDTH - 24)))
