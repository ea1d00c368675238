"""The parts of an Office package while it is edited: relations, content types; what is not touched stays as it is."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from lxml import etree

from pipeline.adapters.ooxml.parts import CONTENT_TYPES, PartNames, part_name, rels_name, target_of

TRANSITIONAL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT = "http://purl.oclc.org/ooxml/officeDocument/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_RELATIONS = f"{{{_PACKAGE}/relationships}}"
_TYPES = f"{{{_PACKAGE}/content-types}}"
_RELS_TYPE = "application/vnd.openxmlformats-package.relationships+xml"
_BY_EXTENSION = ("vml", "rels")
_DECLARATION = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_DAY = (1980, 1, 1, 0, 0, 0)  # new parts have no day, so that the same edits give the same bytes


class CannotEdit(ValueError):
    """The package lacks what the edit needs, or a part of it cannot be read; nothing was written."""


@contextmanager
def damage_told() -> Iterator[None]:
    """Turn whatever a damaged part leads to (no number, no such index) into CannotEdit."""
    try:
        yield
    except CannotEdit:
        raise
    except (ValueError, LookupError, TypeError, AttributeError, StopIteration, etree.LxmlError) as fault:
        raise CannotEdit(f"{type(fault).__name__}: {fault}") from fault


@dataclass(frozen=True, slots=True)
class PartRelation:
    """One relation of a part: its id, its type's last word (`worksheet`), and the part (or outside address)."""

    id: str
    kind: str
    target: str
    external: bool


class Package:
    """A package in memory. Parts are parsed when asked for; only those named to `touch` are written anew."""

    def __init__(self, content: bytes) -> None:
        """Read the zip; the caller has made sure that it is harmless (`pipeline.intake.gate`).

        Raises:
            CannotEdit: it is no zip or has no content types.
        """
        self._entries: dict[str, zipfile.ZipInfo] = {}
        self._bytes: dict[str, bytes] = {}
        self._trees: dict[str, etree._Element] = {}
        self._touched: set[str] = set()
        self._relations: dict[str, list[PartRelation]] = {}
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as package:
                for entry in package.infolist():
                    name = part_name(entry.filename)
                    self._entries[name], self._bytes[name] = entry, package.read(entry)
        except (zipfile.BadZipFile, EOFError, OSError, ValueError, RuntimeError, NotImplementedError) as error:
            raise CannotEdit(f"no package: {error}") from error
        self._names = PartNames(self._bytes)
        types = self._names.find(CONTENT_TYPES)
        if types is None:
            raise CannotEdit("no content types")
        self._types = types

    # -- parts ------------------------------------------------------------------------------------------------

    def __contains__(self, name: str) -> bool:
        return name in self._bytes

    def names(self) -> list[str]:
        """Names of all parts."""
        return list(self._bytes)

    def read(self, name: str) -> bytes:
        """Bytes of a part as they would be written now.

        Raises:
            CannotEdit: there is no such part.
        """
        if name in self._touched and name in self._trees:
            return _written(self._trees[name])
        if name not in self._bytes:
            raise CannotEdit(f"no part {name}")
        return self._bytes[name]

    def root(self, name: str) -> etree._Element:
        """Parsed part; say `touch` after changing it.

        Raises:
            CannotEdit: there is no such part, or it is no XML.
        """
        if name not in self._trees:
            parser = etree.XMLParser(
                resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True, strip_cdata=False
            )
            try:
                self._trees[name] = etree.fromstring(self.read(name), parser)
            except etree.XMLSyntaxError as error:
                raise CannotEdit(f"{name}: {error}") from error
        return self._trees[name]

    def touch(self, name: str) -> None:
        """The parsed part has been changed and must be written anew."""
        self._touched.add(name)
        if name.endswith(".rels"):
            self._relations.clear()

    def put(self, name: str, content: bytes, content_type: str = "") -> None:
        """Add or replace a part; `content_type` is wanted for a new one."""
        self._bytes[name] = content
        self._relations.clear()
        self._names.add(name)
        self._trees.pop(name, None)
        self._touched.discard(name)
        if content_type:
            self._declare(name, content_type)

    def drop(self, name: str) -> None:
        """Remove a part with its relations and its content type; relations to it are the caller's."""
        self._relations.clear()
        rels = self._names.find(rels_name(name)) or rels_name(name)
        for gone in (name, rels):
            self._bytes.pop(gone, None)
            self._trees.pop(gone, None)
            self._touched.discard(gone)
            self._names.drop(gone)
        names = {f"/{name}".lower(), f"/{rels}".lower()}
        for node in self.root(self._types).findall(f"{_TYPES}Override"):
            if str(node.get("PartName")).lower() in names:
                self.root(self._types).remove(node)
                self.touch(self._types)

    def free_name(self, pattern: str) -> str:
        """First name that is not taken, such as `xl/comments{}.xml` with a number."""
        number = 1
        while pattern.format(number) in self._names:
            number += 1
        return pattern.format(number)

    def _declare(self, name: str, content_type: str) -> None:
        types = self.root(self._types)
        extension = name.rpartition(".")[2].lower()
        for default in types.iterfind(f"{_TYPES}Default"):
            if str(default.get("Extension")).lower() == extension and default.get("ContentType") == content_type:
                return
        taken = {str(default.get("Extension")).lower() for default in types.iterfind(f"{_TYPES}Default")}
        if extension in _BY_EXTENSION and extension not in taken:  # as Excel itself declares them
            types.insert(0, types.makeelement(f"{_TYPES}Default", Extension=extension, ContentType=content_type))
        else:
            etree.SubElement(types, f"{_TYPES}Override", PartName=f"/{name}", ContentType=content_type)
        self.touch(self._types)

    # -- relations --------------------------------------------------------------------------------------------

    def relations(self, part: str) -> list[PartRelation]:
        """Relations of a part (`""`: of the package) in their order."""
        if part not in self._relations:
            rels = self._names.find(rels_name(part))
            nodes = self.root(rels).iterfind("{*}Relationship") if rels else ()
            self._relations[part] = [self._relation(part, node) for node in nodes]
        return self._relations[part]

    def _relation(self, part: str, node: etree._Element) -> PartRelation:
        target, external = str(node.get("Target", "")), node.get("TargetMode") == "External"
        if not external:
            target = target_of(part, target)
            target = self._names.find(target) or target
        return PartRelation(str(node.get("Id")), str(node.get("Type", "")).rpartition("/")[2], target, external)

    def related(self, part: str, kind: str) -> str | None:
        """First part of a kind that is there."""
        return next((r.target for r in self.relations(part) if r.kind == kind and r.target in self), None)

    def relate(self, part: str, kind: str, target: str) -> str:
        """Add a relation to a part; returns its id. Strict packages get a strict type."""
        rels = self._names.find(rels_name(part)) or rels_name(part)
        if rels not in self:
            self.put(rels, f'<Relationships xmlns="{_PACKAGE}/relationships"/>'.encode(), _RELS_TYPE)
        taken = {relation.id for relation in self.relations(part)}
        number = next(n for n in range(1, len(taken) + 2) if f"rId{n}" not in taken)
        reference = posixpath.relpath(f"/{target}", f"/{posixpath.dirname(part)}")
        etree.SubElement(
            self.root(rels), f"{_RELATIONS}Relationship", Id=f"rId{number}", Type=f"{self.namespace}/{kind}",
            Target=reference,
        )  # fmt: skip
        self.touch(rels)
        return f"rId{number}"

    def unrelate(self, part: str, id_: str) -> None:
        """Remove a relation; the last one takes the relations part with it."""
        rels = self._names.find(rels_name(part)) or ""
        root = self.root(rels)
        for node in root.findall("{*}Relationship"):
            if node.get("Id") == id_:
                root.remove(node)
                self.touch(rels)
        if not len(root):
            self.drop(rels)

    def users(self, target: str) -> Iterator[str]:
        """Relations parts that point at a part."""
        for name in self.names():
            if name.endswith(".rels"):
                folder, _, file = name.rpartition("_rels/")
                part = folder + file.removesuffix(".rels")
                if any(relation.target == target for relation in self.relations(part)):
                    yield name

    @property
    def workbook(self) -> str:
        """Name of the workbook part.

        Raises:
            CannotEdit: there is none.
        """
        found = self.related("", "officeDocument")
        if found is None:
            raise CannotEdit("no workbook part")
        return found

    @property
    def namespace(self) -> str:
        """Namespace of the relation types of this package: transitional or strict."""
        stored = self._names.find(rels_name(""))
        rels = self.read(stored) if stored else b""
        return STRICT if re.search(rf"{re.escape(STRICT)}/officeDocument\b".encode(), rels) else TRANSITIONAL

    # -- out --------------------------------------------------------------------------------------------------

    def to_bytes(self) -> bytes:
        """The package as a zip: old parts in their order with their own dates, new ones after them."""
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
            for name in self._bytes:
                package.writestr(self._entry(name), self.read(name))
        return out.getvalue()

    def _entry(self, name: str) -> zipfile.ZipInfo:
        old = self._entries.get(name)
        entry = zipfile.ZipInfo(name, old.date_time if old else _DAY)
        entry.compress_type = old.compress_type if old else zipfile.ZIP_DEFLATED
        entry.external_attr = old.external_attr if old else 0o600 << 16
        return entry


def drop_signatures(package: Package) -> bool:
    """Take out the digital signatures (ECMA-376 part 2, 10); returns whether there were any.

    Excel would say of the edited file that its signatures are invalid, as if somebody had tampered with it.
    """
    origins = [relation for relation in package.relations("") if relation.kind == "origin"]
    for origin in origins:
        for signature in package.relations(origin.target) if origin.target in package else ():
            package.drop(signature.target)
        package.drop(origin.target)
        package.unrelate("", origin.id)
    return bool(origins)


def _written(root: etree._Element) -> bytes:
    return _DECLARATION + bytes(etree.tostring(root.getroottree(), encoding="UTF-8", xml_declaration=False))


def insert_in_order(parent: etree._Element, node: etree._Element, order: tuple[str, ...]) -> None:
    """Put a child where the schema's sequence wants it.

    Args:
        parent: element that gets the child.
        node: the new child.
        order: local names of the sequence; `mc:AlternateContent` stands for what it holds.
    """
    rank = order.index(local_name(node))
    for index, child in enumerate(parent):
        if _rank(child, order) > rank:
            parent.insert(index, node)
            return
    parent.append(node)


def _rank(child: etree._Element, order: tuple[str, ...]) -> int:
    names = [local_name(node) for node in child.iter() if isinstance(node.tag, str)]
    return next((order.index(name) for name in names if name in order), -1)


def local_name(node: etree._Element) -> str:
    """Name of an element without its namespace; empty for comments and instructions."""
    return etree.QName(node).localname if isinstance(node.tag, str) else ""


def unset(node: etree._Element, *names: str) -> None:
    """Take attributes away, where they are there."""
    for name in names:
        if name in node.attrib:
            del node.attrib[name]


def own(node: etree._Element, name: str) -> str:
    """Tag of a name in the namespace of an element."""
    return f"{{{etree.QName(node).namespace or ''}}}{name}"
