"""HTML pages from our own templates: all is escaped, a missing name is an error, and the page says what may run."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError
from markupsafe import Markup

from pipeline.core.errors import DefinitionError

# What could end the element or the line that the data stand in; inside JSON strings these read the same.
_UNSAFE = {ord(char): f"\\u{ord(char):04x}" for char in "<>&'\u2028\u2029"}


def page(folder: Path, **context: Any) -> str:
    """Fill `page.html` with `page.css` and `page.js` beside it; nothing but these two may style it or run in it.

    Args:
        folder: where the three lie.
        context: what the template prints; `data` becomes JSON that the script reads.

    Raises:
        DefinitionError: a file is missing, or the template is wrong.
    """
    loader = FileSystemLoader(folder)
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    try:
        style, script = (_inline(folder / name) for name in ("page.css", "page.js"))
        own = {"style": style, "script": script, "style_hash": _hash(style), "script_hash": _hash(script)}
        data = Markup(json.dumps(context.pop("data"), ensure_ascii=False, separators=(",", ":")).translate(_UNSAFE))  # noqa: S704
        return environment.get_template("page.html").render(**context, **own, data=data)
    except TemplateError as error:
        raise DefinitionError(f"{folder.name}/page.html:{error.message}") from error
    except OSError as error:
        raise DefinitionError(f"{error.filename}:{error.strerror}(cannot read)") from error


def _inline(path: Path) -> Markup:
    """A file of ours that goes into the page as it is."""
    return Markup(path.read_text(encoding="utf-8").strip())  # noqa: S704


def _hash(text: str) -> str:
    """Source of the content security policy for an inline element (CSP level 2)."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
