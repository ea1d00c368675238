"""What a template may print: every name of a document's context with its Chinese label, type, example and source."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.core.errors import UsageProblem
from pipeline.core.leaves import Shown
from pipeline.definitions.documents import PEOPLE, DocumentForm, load_documents
from pipeline.definitions.forms import data_folder, did_you_mean, load_forms, read_toml
from pipeline.render.context.charts import Picture
from pipeline.render.preview.context import preview_context
from pipeline.render.word.mentioned import mentioned

NAMES = "names.toml"
HEAD = ("写法", "中文名", "类型", "示例", "还可以写", "来源", "本母版已用")
_KINDS: tuple[tuple[frozenset[str], str], ...] = (
    (frozenset({"wan", "upper"}), "金额"),
    (frozenset({"cn", "iso"}), "日期"),
    (frozenset({"cn"}), "月份"),
    (frozenset({"no"}), "人员"),
)
_LONGEST_EXAMPLE = 40


@dataclass(frozen=True)
class TemplateName:
    """A name that a template may use.

    Attributes:
        path: full name, lists as `[]`: `cost.lines[].amount`.
        forms: suffixes that print it another way.
        source: workbook and sheet of a field; empty for what is computed.
        used: the template at hand mentions it.
    """

    path: str
    label: str
    kind: str
    example: str
    forms: tuple[str, ...]
    source: str
    used: bool

    @property
    def written(self) -> str:
        """As it is written in a template: in a loop by the loop's variable, which may have any name."""
        if self.kind == "条件":
            return f"{{% if {self.path} %}}"
        start, _, end = self.path.rpartition("[]")
        if not start:
            return f"{{{{ {self.path} }}}}"
        return f"{{{{ x{end} }}}} 在 for x in {start.replace('[]', '…')} 里"

    def row(self) -> tuple[str, ...]:
        """The columns of `HEAD`."""
        more = " ".join(f".{form}" for form in self.forms)
        return (self.written, self.label, self.kind, self.example, more, self.source, "是" if self.used else "")


def document_form(name: str) -> DocumentForm:
    """The document of a code or file name: PPR, ppr or PPR.docx.

    Raises:
        UsageProblem: there is none; the nearest code is named.
    """
    forms = load_documents()
    wanted = name.strip()
    for form in forms.values():
        if wanted.casefold() in (form.code.casefold(), form.template.casefold()):
            return form
    raise UsageProblem(f"没有“{name}”这份文档(no such document){did_you_mean(wanted.upper(), forms)}")


def names(form: DocumentForm, folder: Path | None = None) -> list[TemplateName]:
    """Every name that the template of a document may use, in the order of the context."""
    words = mentioned((folder or data_folder("output_templates")) / form.template)
    found = []
    for path, value in _leaves(preview_context(form), ""):
        label, source = _told(path, value)
        forms = tuple(value.forms) if isinstance(value, Shown) else ()
        used = re.split(r"[.\[]", path)[-1] in words
        found.append(TemplateName(path, label, _kind(path, value), _example(value), forms, source, used))
    return found


def unused_fields(folder: Path | None = None) -> list[TemplateName]:
    """Fields of the workbooks that no template of a folder mentions by their key."""
    root = folder or data_folder("output_templates")
    forms = [form for form in load_documents().values() if form.per != PEOPLE]  # which print nothing of a project
    words = frozenset[str]().union(*(mentioned(root / form.template) for form in forms))
    fields = {(name.source, name.path.rpartition(".")[2]): name for name in names(forms[0], root) if name.source}
    return [name for (_, key), name in fields.items() if key not in words]


def _leaves(node: object, path: str) -> Iterator[tuple[str, object]]:
    """Leaves with their names; of a list its first row stands for all."""
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield from _leaves(value, f"{path}.{key}" if path else str(key))
    elif isinstance(node, list):
        yield from _leaves(node[0], f"{path}[]") if node else ()
    else:
        yield path, node


# -- words ------------------------------------------------------------------------------------------------------------


def _told(path: str, value: object) -> tuple[str, str]:
    """Label and source of a name."""
    if path.startswith("charts."):
        return (value.alt[:_LONGEST_EXAMPLE] if isinstance(value, Picture) else "") or "图", ""
    last = path.rpartition(".")[2]
    if isinstance(value, Shown) and value.cells:
        at = value.cells[0]
        if label := _labels().get((at.sheet or "", last)):
            return label, f"{at.workbook.removesuffix('.xlsx')}·{at.sheet}"
    words = _words()
    return words["names"].get(path) or words["parts"].get(last) or "", ""


@cache
def _labels() -> dict[tuple[str, str], str]:
    """Labels of fields by sheet and key."""
    sheets = [sheet for form in load_forms().values() for sheet in form.sheet]
    return {(sheet.name, field.key): field.label for sheet in sheets for field in (*sheet.labelled, *sheet.fields)}


@cache
def _words() -> dict[str, Any]:
    return {"names": {}, "parts": {}} | read_toml(data_folder("output_templates") / NAMES)


def _kind(path: str, value: object) -> str:
    if path.startswith("charts."):
        return "图"
    if isinstance(value, bool):
        return "条件"
    if not isinstance(value, Shown):
        return "文字"
    suffixes = frozenset(value.forms)
    found = next((kind for wanted, kind in _KINDS if wanted == suffixes), "")
    return found or ("文字" if isinstance(value.value, str | tuple) or value.value is None else "数")


def _example(value: object) -> str:
    text = " ".join(str(value).split()) if isinstance(value, Shown) else ""
    return text if len(text) <= _LONGEST_EXAMPLE else text[: _LONGEST_EXAMPLE - 1] + "…"


# -- as a file --------------------------------------------------------------------------------------------------------


def as_csv(found: Iterable[TemplateName]) -> str:
    """Comma-separated, as Excel opens it; texts that Excel would take for a formula begin with an apostrophe."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(HEAD)
    rows.writerows([f"'{cell}" if cell[:1] in "=+-@" and cell else cell for cell in name.row()] for name in found)
    return out.getvalue()


def as_markdown(found: Iterable[TemplateName]) -> str:
    """A table for a page or a chat."""
    lines = ["| " + " | ".join(HEAD) + " |", "|" + "---|" * len(HEAD)]
    for name in found:
        written, *others = (cell.replace("|", "\\|") for cell in name.row())
        lines.append(f"| `{written}` | " + " | ".join(others) + " |")
    return "\n".join(lines) + "\n"


def as_text(found: Iterable[TemplateName]) -> str:
    """A line a name for the screen."""
    lines = []
    for name in found:
        mark = "*" if name.used else " "
        example = f" 例:{name.example}" if name.example else ""
        lines.append(f"{mark} {name.path}  {name.label}({name.kind}){example}")
    return "\n".join(lines) + "\n"


FORMATS: Mapping[str, Callable[[Iterable[TemplateName]], str]] = {"text": as_text, "md": as_markdown, "csv": as_csv}
