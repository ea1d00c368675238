"""A letter's words: the two templates of `output_templates/mail/`, filled in the same sandbox as the documents."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import TemplateError

from pipeline.adapters.jinja import Sandbox, forbidden, undeclared
from pipeline.core.errors import DefinitionError
from pipeline.core.mail import NOTE, Enclosure, Letter, printable
from pipeline.definitions.documents import load_documents
from pipeline.definitions.forms import data_folder

TEXT, PAGE = "letter.txt", "letter.html"
_CODED = re.compile(r"_([A-Z][A-Z0-9]{2})(?:-[^_]+)?_")
_SAMPLE: Mapping[str, Any] = {
    "todo": "[请会签]",
    "title": "LY-SQ-2026-001 示例项目 — 不通过（1错/0警）",
    "sections": [
        {
            "heading": "示例",
            "intro": "示例",
            "items": [{"text": "示例", "remedy": "示例", "link": "示例"}],
            "more": "示例",
            "facts": [{"label": "示例", "value": "示例"}],
        }
    ],
    "files": [{"title": "示例", "name": "示例.pdf", "size": "1.0 MB"}],
    "folder": "示例",
    "link": "示例",
    "reason": "示例",
}


def compose(context: Mapping[str, Any], enclosures: Sequence[Enclosure], limit: int) -> Letter:
    """Fill the templates.

    Args:
        context: names as the templates use them: todo, title, sections, folder, link, reason.
        enclosures: files that go along; the templates list them.
        limit: largest message in bytes.

    Raises:
        DefinitionError: a template is wrong.
    """
    files = [{"title": _title(one.name), "name": one.name, "size": size_text(one.size)} for one in enclosures]
    whole = {**context, "files": files}
    text = html.unescape(_filled(TEXT, whole))
    subject, _, body = text.partition("\n")
    return Letter(printable(subject), body.strip("\n") + "\n", _filled(PAGE, whole), tuple(enclosures), limit)


def _title(name: str) -> str:
    """What a document is called whose file is named after its code: LY-SQ-2026-007_PAN_A0_20260403.pdf."""
    form = load_documents().get(found[1]) if (found := _CODED.search(name)) else None
    return form.title if form else ""


def size_text(size: int) -> str:
    """Bytes for people: 850 KB, 7.4 MB."""
    return f"{size / 1_000_000:.1f} MB" if size >= 1_000_000 else f"{max(1, round(size / 1000))} KB"


def check_mail_templates(folder: Path) -> list[str]:
    """Every fault of the two templates, worded for who edits them."""
    return [f"mail/{name}:{fault}" for name in (TEXT, PAGE) for fault in _faults(folder / "mail" / name)]


def _faults(path: Path) -> list[str]:
    try:
        source = path.read_text("utf-8")
        tree = Sandbox().parse(source)
    except (OSError, UnicodeDecodeError) as error:
        return [f"读不出来(cannot read): {error}"]
    except TemplateError as error:
        return [f"第 {getattr(error, 'lineno', 0)} 行:{error}"]
    found = [f"第 {p.line} 行:{p.text}" for p in forbidden(tree) or undeclared(tree, _SAMPLE)]
    return found + ([f"缺少 {NOTE}(附件说明的位置)"] if path.name == PAGE and NOTE not in source else [])


def _filled(name: str, context: Mapping[str, Any]) -> str:
    path = data_folder("output_templates") / "mail" / name
    try:
        return Sandbox().from_string(path.read_text("utf-8")).render(context)
    except (OSError, TemplateError) as error:
        raise DefinitionError(f"{path}:邮件模板不能用(cannot be used): {error}") from error
