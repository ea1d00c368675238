"""The merged PDF of a pack: every document with its tags and bookmarks; PDF/A-2b and PDF/UA-1 only where that is true.

Joining PDF/A files in the usual ways drops the claim with its colour profile and tags, or keeps the first file's
claim over pages that do not fulfil it. Here everything behind the claim is carried over part by part (pages, tags,
profile), and the claim is made only when each part made it and the result still has what it takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

from pikepdf import Array, Dictionary, Name, NumberTree, Pdf, Stream, String

from pipeline.adapters.pdf_file import against_pdf_a, is_tagged, output_profile
from pipeline.adapters.pdf_ua import against_pdf_ua
from pipeline.adapters.pdf_xmp import claim_pdf_ua, claims_pdf_a, claims_pdf_ua
from pipeline.deliver.stamp import running_numbers

LANGUAGE = "zh-CN"
_OUTPUT = "sRGB IEC61966-2.1"


@dataclass(frozen=True)
class Part:
    """One PDF of a pack.

    Attributes:
        title: text of its bookmark.
        own_bookmarks: whether the bookmarks inside it come along.
    """

    path: Path
    title: str
    own_bookmarks: bool = True


@dataclass(frozen=True)
class Stated:
    """What the merged file says of itself: title, subject, author and day."""

    title: str
    subject: str
    author: str
    day: date


@dataclass
class _Tags:
    """Tags of the parts so far; numbers of later parts go on where the earlier ones end.

    Attributes:
        roots: the elements at the top of each part.
        everybody: whether every part claims PDF/UA-1, and no two mean different things by one style.
    """

    roots: list[list[Any]] = field(default_factory=list)
    parents: list[Any] = field(default_factory=list)
    roles: dict[str, Any] = field(default_factory=dict)
    next_number: int = 0
    everybody: bool = True


def join(parts: Sequence[Part], target: Path, stated: Stated, *, numbered: bool, cache: Path | None = None) -> int:
    """Write the merged PDF; returns its number of pages. The same parts give the same bytes.

    Its pages have no labels of their own: the number in the reader's page box is the one printed on the page.

    Args:
        parts: in the order of the pack.
        target: where the file goes.
        stated: its title and so on.
        numbered: print `卷内第N页 共M页` on every page.
        cache: as of `running_numbers`.
    """
    with Pdf.new() as merged:
        tags, profiles, bookmarks = _Tags(), [], []
        for part in parts:
            with Pdf.open(part.path) as source:
                first = len(merged.pages)
                merged.pages.extend(source.pages)
                _take_tags(merged, source, first, tags)
                profiles.append(output_profile(source) if claims_pdf_a(source) and is_tagged(source) else None)
                bookmarks.append(_bookmark(merged, source, part, first))
        merged.Root.PageMode = Name.UseOutlines
        merged.Root.Lang = String(LANGUAGE)
        merged.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
        _hang_bookmarks(merged, bookmarks)
        if numbered:
            running_numbers(merged, cache)
        claim = _carry(merged, tags, profiles)
        _save(merged, target, stated, claim=claim, everybody=claim and tags.everybody)
        if claim and _wrong(target):
            _save(merged, target, stated, claim=False, everybody=False)
        return len(merged.pages)


def _save(merged: Pdf, target: Path, stated: Stated, *, claim: bool, everybody: bool) -> None:
    _state(merged, stated, claim=claim)
    claim_pdf_ua(merged, claim=everybody and not against_pdf_ua(merged))
    merged.save(target, min_version="1.7", deterministic_id=True)


def _wrong(target: Path) -> list[str]:
    with Pdf.open(target) as written:
        return against_pdf_a(written)


# -- tags -------------------------------------------------------------------------------------------------------------


def _take_tags(merged: Pdf, source: Pdf, first: int, tags: _Tags) -> None:
    """Bring over the tags of a part, whose pages are the last ones of `merged`, and renumber its references."""
    tags.everybody = tags.everybody and claims_pdf_ua(source)
    if not is_tagged(source):
        return
    tree = merged.copy_foreign(source.make_indirect(source.Root.StructTreeRoot))
    start, highest = tags.next_number, -1
    for number, parent in NumberTree(tree.ParentTree).items():
        tags.parents += [start + number, parent]
        highest = max(highest, number)
    for page in list(merged.pages)[first:]:
        for node in (page.obj, *page.obj.get("/Annots", [])):
            for key in ("/StructParents", "/StructParent"):
                if key in node:
                    node[key] = start + int(node[key])
    tags.next_number = start + highest + 1
    tags.roots.append(list(tree.K) if isinstance(tree.K, Array) else [tree.K])
    for style, role in tree.get("/RoleMap", {}).items():
        tags.everybody = tags.everybody and tags.roles.setdefault(style, role) == role


def _plant_tags(merged: Pdf, tags: _Tags) -> None:
    """One document with a part for each of those that were merged."""
    root = merged.make_indirect(Dictionary(Type=Name.StructTreeRoot))
    whole = merged.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Document, P=root))
    for nodes in tags.roots:
        for node in nodes:
            node.P = whole
            if str(node.S) == "/Document":
                node.S = Name.Part
    whole.K = Array([node for nodes in tags.roots for node in nodes])
    root.K = Array([whole])
    root.ParentTree = merged.make_indirect(Dictionary(Nums=Array(tags.parents)))
    root.ParentTreeNextKey = tags.next_number
    root.RoleMap = Dictionary(tags.roles)
    merged.Root.StructTreeRoot = root
    merged.Root.MarkInfo = Dictionary(Marked=True)


# -- the claim --------------------------------------------------------------------------------------------------------


def _carry(merged: Pdf, tags: _Tags, profiles: Sequence[bytes | None]) -> bool:
    """Give the merged file tags and colour profile; returns whether it may claim PDF/A-2b.

    It may when every part claims it, with tags, and with one and the same profile. Where a part is not tagged, the
    others' tags are left out too: half a tree would tell a screen reader that the rest of the pages is empty.
    """
    kinds = {profile and _timeless(profile) for profile in profiles}
    if None in kinds or len(kinds) != 1:
        _unmark(merged)
        return False
    _plant_tags(merged, tags)
    merged.Root.OutputIntents = Array([_intent(merged, profiles[0] or b"")])
    return True


def _timeless(profile: bytes) -> bytes:
    """A colour profile without the moment at which it was written, and without the digest over that."""
    return profile[:24] + bytes(12) + profile[36:84] + bytes(16) + profile[100:]


def _unmark(merged: Pdf) -> None:
    """No page refers to tags that are not there."""
    for page in merged.pages:
        for node in (page.obj, *page.obj.get("/Annots", [])):
            for key in ("/StructParents", "/StructParent"):
                if key in node:
                    del node[key]


def _intent(merged: Pdf, profile: bytes) -> Any:
    stream = Stream(merged, profile)
    stream.N = 3
    return merged.make_indirect(
        Dictionary(
            Type=Name.OutputIntent,
            S=Name.GTS_PDFA1,
            OutputConditionIdentifier=String(_OUTPUT),
            Info=String(_OUTPUT),
            DestOutputProfile=merged.make_indirect(stream),
        )
    )


def _state(merged: Pdf, stated: Stated, *, claim: bool) -> None:
    """Info dictionary and XMP with the same content; nothing of the machine, no time of the clock."""
    moment = f"{stated.day.isoformat()}T00:00:00+00:00"
    with merged.open_metadata(set_pikepdf_as_editor=False, update_docinfo=True) as said:
        said["dc:title"], said["dc:description"] = stated.title, stated.subject
        said["dc:creator"] = [stated.author]
        said["dc:language"] = {LANGUAGE}
        said["xmp:CreateDate"] = said["xmp:ModifyDate"] = moment
        for key, value in (("pdfaid:part", "2"), ("pdfaid:conformance", "B")):
            if claim:
                said[key] = value
            elif key in said:
                del said[key]


# -- bookmarks --------------------------------------------------------------------------------------------------------


def _bookmark(merged: Pdf, source: Pdf, part: Part, first: int) -> Any:
    """The bookmark of a part with its own ones below it; the second level shows, what lies deeper is folded."""
    own = source.Root.get("/Outlines") if part.own_bookmarks else None
    if own is not None and "/First" in own:
        item = merged.copy_foreign(source.make_indirect(own))
        item.Count = _folded(item)
    else:
        item = merged.make_indirect(Dictionary())
    if "/Type" in item:
        del item.Type
    item.Title = String(part.title)
    item.Dest = Array([merged.pages[first].obj, Name.XYZ, None, None, None])
    return item


def _folded(item: Any) -> int:
    """Fold what lies below the children of a bookmark; returns the number of the children."""
    number, child = 0, item.get("/First")
    while child is not None:
        number += 1
        if "/Count" in child:
            child.Count = -abs(int(child.Count))
        child = child.get("/Next")
    return number


def _hang_bookmarks(merged: Pdf, items: Sequence[Any]) -> None:
    root = merged.make_indirect(Dictionary(Type=Name.Outlines))
    for before, after in pairwise(items):
        before.Next, after.Prev = after, before
    for item in items:
        item.Parent = root
    root.First, root.Last = items[0], items[-1]
    root.Count = len(items) + sum(int(item.get("/Count", 0)) for item in items)
    merged.Root.Outlines = root
