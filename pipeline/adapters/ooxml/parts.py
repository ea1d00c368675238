"""What a package calls its parts, and which of several alternatives counts: one answer for reader and editor."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

from lxml import etree

CONTENT_TYPES = "[Content_Types].xml"
_COMPATIBILITY = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
# Namespaces of Microsoft's own extensions, which Excel knows; Hancom's and others' it does not.
_KNOWN_TO_EXCEL = ("http://schemas.microsoft.com/office/", "http://schemas.openxmlformats.org/")


def part_name(stored: str) -> str:
    """Name of a part; old .NET programs store it with the backslashes of Windows, and Excel opens that."""
    return stored.replace("\\", "/")


class PartNames:
    """Names of parts as they are stored; they compare without case (ECMA-376 part 2, 6.2.2.3)."""

    def __init__(self, names: Iterable[str]) -> None:
        self._stored = {part_name(name).lower(): name for name in names}

    def find(self, name: str) -> str | None:
        """The stored name of a part, as it is or with its percent signs decoded; None when it is not there."""
        key = part_name(name).lower()
        found = self._stored.get(key)
        return found if found is not None else self._stored.get(unquote(key).lower())

    def add(self, name: str) -> None:
        """A part was put."""
        self._stored[part_name(name).lower()] = name

    def drop(self, name: str) -> None:
        """A part was taken out."""
        self._stored.pop(name.lower(), None)

    def __contains__(self, name: str) -> bool:
        return self.find(name) is not None


def rels_name(part: str) -> str:
    """Part that holds the relations of a part; of the package for the empty name."""
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def target_of(part: str, reference: str) -> str:
    """Part that a relation of `part` refers to."""
    return posixpath.normpath(posixpath.join("/", posixpath.dirname(part), part_name(reference))).lstrip("/")


# -- alternatives ---------------------------------------------------------------------------------------------------


def members(parent: etree._Element) -> list[etree._Element]:
    """Elements of a collection in the order of their indices: of alternatives those that Excel takes."""
    return list(_members(parent))


def _members(parent: etree._Element) -> Iterator[etree._Element]:
    for node in parent:
        if node.tag == f"{_COMPATIBILITY}AlternateContent":
            taken = _taken(node)
            yield from _members(taken) if taken is not None else ()
        elif isinstance(node.tag, str):
            yield node


def _taken(alternatives: etree._Element) -> etree._Element | None:
    """First choice whose namespaces Excel knows, else the fallback (ECMA-376 part 3, 7.6)."""
    for choice in alternatives.iterfind(f"{_COMPATIBILITY}Choice"):
        spaces = [choice.nsmap.get(prefix) or "" for prefix in str(choice.get("Requires", "")).split()]
        if spaces and all(space.startswith(_KNOWN_TO_EXCEL) for space in spaces):
            return choice
    return alternatives.find(f"{_COMPATIBILITY}Fallback")


def settle_alternatives(root: etree._Element) -> etree._Element:
    """Put what is taken of alternatives in their place, at any depth; the tree is changed."""
    for node in list(root.iter(f"{_COMPATIBILITY}AlternateContent")):
        parent = node.getparent()
        if parent is not None:
            taken = _taken(node)
            place = parent.index(node)
            parent[place : place + 1] = list(taken) if taken is not None else []
    return root
