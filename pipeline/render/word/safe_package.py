"""What a template's package must not hold: whatever fetches, runs, embeds or links something when it is opened.

An allow-list, not a list of evils: relations that stay inside, links for the reader to click, and fields that only
count pages, numbers and headings. A template that brings anything else is not used (threats 2.1, T10, T12).
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from lxml import etree

from pipeline.render.word.package import W, parse

LARGEST = 100 << 20
MOST_PARTS = 1000
MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_LINK = re.compile(r"(https?://|mailto:)", re.IGNORECASE)
# Parts inside of the package that hold somebody else's file or program.
_FOREIGN: dict[str, str] = {
    "oleObject": "OLE 对象(OLE object)",
    "package": "嵌入的文件(embedded file)",
    "aFChunk": "altChunk 嵌入的文档(embedded document)",
    "control": "ActiveX 控件(control)",
    "activeXControlBinary": "ActiveX 控件(control)",
    "vbaProject": "宏(macro)",
    "attachedTemplate": "附加的模板(attached template)",
    "subDocument": "子文档(subdocument)",
    "frame": "框架(frame)",
    "mailMergeSource": "邮件合并的数据源(mail merge)",
    "externalLink": "外部链接(external link)",
}
FIELDS = frozenset(
    ("PAGE", "NUMPAGES", "SECTION", "SECTIONPAGES", "TOC", "TC", "PAGEREF", "REF", "NOTEREF", "SEQ", "STYLEREF", "=")
)
_ELEMENTS = {f"{W}altChunk": "altChunk", f"{W}object": "OLE", f"{W}control": "ActiveX", f"{W}subDoc": "子文档"}


def package_faults(path: Path) -> list[str]:
    """Every thing in a .docx that a template may not bring, a sentence each; empty when there is none."""
    try:
        return list(_faults_of(path.read_bytes()))
    except OSError as error:
        return [f"读不出来(cannot read): {error.strerror}"]


@lru_cache(maxsize=64)
def _faults_of(content: bytes) -> tuple[str, ...]:
    try:
        with ZipFile(io.BytesIO(content)) as package:
            return tuple(dict.fromkeys(_faults(package)))
    except (OSError, BadZipFile, RuntimeError, NotImplementedError, etree.XMLSyntaxError, KeyError) as error:
        return (f"读不出来(cannot read): {error}",)


def _faults(package: ZipFile) -> Iterator[str]:
    entries = package.infolist()
    if len(entries) > MOST_PARTS or sum(entry.file_size for entry in entries) > LARGEST:
        yield f"文件过大:最多 {MOST_PARTS} 个部件、展开后 {LARGEST >> 20} MB(too large)"
        return
    if MAIN.encode() not in package.read("[Content_Types].xml"):
        yield "不是普通的 .docx(带宏的文档、.dotx 模板都不用)(no plain .docx)"
    for entry in entries:
        name, content = entry.filename, package.read(entry)
        if not name.endswith((".xml", ".rels")):
            continue
        if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
            yield f"{name}:含有 DTD 或实体(DTD)"
            continue
        root = parse(content)
        if name.endswith(".rels"):
            yield from _relations(name, root)
        else:
            yield from _content(name, root)


def _relations(name: str, root: etree._Element) -> Iterator[str]:
    for relation in root.iter(_RELATION):
        kind, target = relation.get("Type", "").rpartition("/")[2], relation.get("Target", "")
        if kind in _FOREIGN:
            yield f"{name}:{_FOREIGN[kind]}:{target[:80]}"
        elif relation.get("TargetMode") == "External" and not (kind == "hyperlink" and _LINK.match(target)):
            yield f"{name}:引用了文件以外的内容(external {kind}):{target[:80]}"


def _content(name: str, root: etree._Element) -> Iterator[str]:
    for node in root.iter(*_ELEMENTS):
        yield f"{name}:{_ELEMENTS[str(node.tag)]} 不能用在模板里(not allowed)"
    for code in _field_codes(root):
        kind = code.split()[0].upper() if code.split() else ""
        if not (kind in FIELDS or kind.startswith("=") or re.match(r"\s*HYPERLINK\s+\\l", code, re.IGNORECASE)):
            yield f"{name}:域 {code.strip()[:60]} 不能用在模板里(field not allowed)"


def _field_codes(root: etree._Element) -> Iterator[str]:
    """Instructions of all fields; one that is split over several runs comes whole, nested ones come on their own."""
    yield from (node.get(f"{W}instr", "") for node in root.iter(f"{W}fldSimple"))
    stack: list[list[str]] = []
    for node in root.iter(f"{W}fldChar", f"{W}instrText", f"{W}delInstrText"):
        kind = node.get(f"{W}fldCharType")
        if kind == "begin":
            stack.append([])
        elif kind == "separate" and stack:
            yield "".join(stack[-1])
            stack[-1] = []
        elif kind == "end" and stack:
            left = "".join(stack.pop())
            yield from [left] if left.strip() else []
        elif kind is None:
            if not stack:  # an instruction outside of any field: named like the others
                stack.append([])
            stack[-1].append(node.text or "")
    yield from ("".join(left) for left in stack if "".join(left).strip())
