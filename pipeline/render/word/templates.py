"""`presales templates check`: every tag of every template is allowed, and every name in it exists."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import docx
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml.ns import qn
from jinja2 import TemplateSyntaxError
from lxml import etree

from pipeline.adapters.fonts import named, unprintable
from pipeline.adapters.jinja import Problem, Sandbox, forbidden, undeclared
from pipeline.adapters.limited import Limited, OverLimitError
from pipeline.definitions.documents import DocumentForm, load_documents
from pipeline.render.context.shown import Node
from pipeline.render.preview.context import preview_context
from pipeline.render.word.safe_package import package_faults

_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_HALF = re.compile(r"\{\{|\{%|\}\}|%\}")
_PREFIX = re.compile(r"(\{%)(tr|tc|p) ")
_QUOTES = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'"})
_WHOLE = {"p": (qn("w:p"), "段"), "tr": (qn("w:tr"), "行"), "tc": (qn("w:tc"), "格")}


@dataclass(frozen=True)
class Tag:
    """A tag as it stands in a template: its text, the paragraph that holds it, and where that is for people."""

    text: str
    paragraph: Any
    where: str


def check_templates(folder: Path) -> list[str]:
    """Every fault of every template in `documents.toml`, worded for who edits it in Word.

    Raises:
        DefinitionError: `documents.toml` itself is wrong.
    """
    return _over_all(folder, check_template)


def remarks(folder: Path) -> list[str]:
    """What is no fault but worth a look in Word: tags that had to be put together, characters no font has."""
    return _over_all(folder, template_remarks)


def _over_all(folder: Path, look: Callable[[Path, DocumentForm], list[str]]) -> list[str]:
    """Sentences about every template; each is opened in a child under limits, because nobody has looked at it yet."""
    limited = Limited(look)
    return [
        f"{form.template}:{sentence}"
        for form in load_documents(folder).values()
        for sentence in _said(limited, folder / form.template, form)
    ]


def check_template_apart(path: Path, form: DocumentForm) -> list[str]:
    """The same as `check_template`, in a child under limits."""
    return _said(Limited(check_template), path, form)


def _said(limited: Limited, path: Path, form: DocumentForm) -> list[str]:
    try:
        said: list[str] = limited(path, form)
    except OverLimitError as problem:
        return [f"检查时{problem}(stopped by a limit)"]
    return said


def check_template(path: Path, form: DocumentForm) -> list[str]:
    """Faults of one template, in the order of the document; one whose package is refused is not opened at all."""
    if unsafe := package_faults(path):
        return unsafe
    try:
        document = docx.Document(str(path))
    except (OSError, KeyError, ValueError, BadZipFile, etree.XMLSyntaxError, PackageNotFoundError) as error:
        return [f"读不出来(cannot read): {error}"]
    context = preview_context(form)
    found: list[str] = []
    for where, root in _parts(document):
        tags = list(_tags(root, where))
        found += (
            _broken(root, where)
            + _revisions(root, where)
            + _parted(root, where)
            + _swallowing(tags)
            + _names(tags, context)
        )
    return list(dict.fromkeys(found + _elsewhere(document)))


# -- where tags stand ---------------------------------------------------------------------------------------------


def _parts(document: Any) -> Iterator[tuple[str, Any]]:
    """Body, headers and footers: the parts that are filled."""
    yield "", document.element.body
    for relation in document.part.rels.values():
        for kind, name in (("/header", "页眉"), ("/footer", "页脚")):
            if relation.reltype.endswith(kind):
                yield name, relation.target_part.element


def _elsewhere(document: Any) -> list[str]:
    """Tags in parts that are not filled, such as footnotes: they would be printed as they are."""
    found = []
    for part in document.part.package.iter_parts():
        name = str(part.partname)
        if re.search(r"/word/(footnotes|endnotes)", name) and re.search(rb"\{\{|\{%", part.blob):
            found.append(f"{name}:脚注和尾注里不能用标签(tags are not filled here)。")
        if "/word/comments" in name:
            found.append(f"{name}:请删除批注,它们会留在每一份文档里(comments)。")
    return found


def _revisions(root: Any, part: str) -> list[str]:
    """Tracked changes: they would stand in every document."""
    changed = root.iter(*map(qn, ("w:ins", "w:del", "w:moveFrom", "w:moveTo")))
    return (
        [f"{part or '正文'}:有未接受的修订,请全部接受后再保存(tracked changes)。"]
        if next(changed, None) is not None
        else []
    )


def _tags(root: Any, part: str) -> Iterator[Tag]:
    for paragraph, where in _paragraphs(root, part):
        for match in _TAG.finditer(_text(paragraph)):
            yield Tag(match[0].translate(_QUOTES), paragraph, where)


def _paragraphs(root: Any, part: str) -> Iterator[tuple[Any, str]]:
    """Paragraphs with their place: 第3个表格第2行第1格, 第12段; counted from 1 as they stand in the template."""
    tables = {table: number for number, table in enumerate(root.iter(qn("w:tbl")), 1)}
    number = 0
    for paragraph in root.iter(qn("w:p")):
        cell = next(paragraph.iterancestors(qn("w:tc")), None)
        if cell is None:
            number += 1
            yield paragraph, f"{part}第{number}段"
        else:
            row = cell.getparent()
            table = next(cell.iterancestors(qn("w:tbl")))
            at = list(table.iter(qn("w:tr"))).index(row) + 1, list(row.iterchildren(qn("w:tc"))).index(cell) + 1
            yield paragraph, f"{part}第{tables[table]}个表格第{at[0]}行第{at[1]}格"


def _text(node: Any) -> str:
    return "".join(text.text or "" for text in node.iter(qn("w:t")))


# -- what can be wrong --------------------------------------------------------------------------------------------


def _broken(root: Any, part: str) -> list[str]:
    """Halves of tags: an opening or closing pair whose other half is missing in the paragraph."""
    found = []
    for paragraph, where in _paragraphs(root, part):
        rest = _TAG.sub("", _text(paragraph))
        if _HALF.search(rest):
            found.append(f"{where}:“{rest.strip()[:40]}”里的标签不完整(broken tag)。")
    return found


def _parted(root: Any, part: str) -> list[str]:
    """Tags over the edge of a revision, link or content control: putting them together would tear the document."""
    found = []
    for paragraph, where in _paragraphs(root, part):
        for tag, pieces in _pieces(paragraph):
            if len({piece.getparent().getparent() for piece in pieces}) > 1:
                found.append(f"{where} {tag}:标签跨过了修订、链接或控件的边界,请接受修订并整段重打(tag over an edge)。")
    return found


def template_remarks(path: Path, _: DocumentForm) -> list[str]:
    """Remarks on one template, which is not refused."""
    if package_faults(path):
        return []
    document = docx.Document(str(path))
    found, text = [], ""
    for part, root in _parts(document):
        text += _text(root)
        for paragraph, where in _paragraphs(root, part):
            for tag, pieces in _pieces(paragraph):
                if len({_look(piece) for piece in pieces}) > 1:
                    found.append(f"{where} {tag}:标签中途换了格式,已合在一起,按第一段的格式印(tag put together)。")
    chars = unprintable(text)
    return found + [f"没有字体能印 {named(char)}(no font has it)。" for char in chars]


def _pieces(paragraph: Any) -> Iterator[tuple[str, list[Any]]]:
    """Tags that Word has divided, with the text elements that hold the pieces."""
    texts = list(paragraph.iter(qn("w:t")))
    ends = list(accumulate(len(text.text or "") for text in texts))
    for match in _TAG.finditer(_text(paragraph)):
        first, last = bisect_right(ends, match.start()), bisect_right(ends, match.end() - 1)
        if first != last:
            yield match[0], texts[first : last + 1]


def _look(text: Any) -> bytes:
    """Format of the run around a text, as it is stored."""
    form = text.getparent().find(qn("w:rPr"))
    return b"" if form is None else bytes(etree.tostring(form))


def _swallowing(tags: list[Tag]) -> list[str]:
    """Text beside `{%p`, `{%tr` or `{%tc`: docxtpl drops the whole paragraph, row or cell."""
    found = []
    for tag in tags:
        match = _PREFIX.match(tag.text)
        if not match:
            continue
        element, name = _WHOLE[match[2]]
        whole = tag.paragraph if match[2] == "p" else next(tag.paragraph.iterancestors(element), None)
        if whole is None:
            found.append(f"{tag.where}:{tag.text} 不在表格里(not in a table)。")
        elif _text(whole).strip().translate(_QUOTES) != tag.text:
            found.append(f"{tag.where}:{tag.text} 所在的{name}还有别的内容,会丢失(other content would be lost)。")
    return found


def _names(tags: list[Tag], context: Node) -> list[str]:
    """Faults of grammar, of what is allowed, and of names; one line of source a tag, so that lines are tags."""
    lines = [_PREFIX.sub(r"\1 ", tag.text).replace("\n", " ") for tag in tags]
    try:
        tree = Sandbox().parse("\n".join(lines))
        return [_worded(tags, problem) for problem in forbidden(tree) or undeclared(tree, context)]
    except TemplateSyntaxError as error:
        return [_worded(tags, Problem(error.lineno, f"语法错误(syntax): {error.message}"))]
    except RecursionError:
        longest = max(tags, key=lambda tag: len(tag.text))
        return [f"{longest.where} {longest.text[:40]}…:嵌套过深(nested too deeply)"]


def _worded(tags: list[Tag], problem: Problem) -> str:
    tag = tags[min(max(problem.line or 1, 1), len(tags)) - 1]  # jinja2 gives some nodes no line
    return f"{tag.where} {tag.text}:{problem.text}"
