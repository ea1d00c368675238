"""What a marked workbook is known by: names of its sheet, of its comments' author, and of the file itself."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePath

SHEET = "校验结果"
TITLE = "系统校验结果"
AUTHOR = "系统校验"
MARKER = f"{AUTHOR}:"
SUFFIX = "_校验"
# What copying, downloading and our own writing beside put behind it.
_SUFFIX = re.compile(rf"({SUFFIX})+(_系统重新生成\d+)?(\s*[((]\d+[))]|\s*-\s*(副本|Copy|复件)(\s*[((]\d+[))])?)*$")


def marked_name(name: str) -> str:
    """File name of the marked copy of a workbook; a marked copy's own name stays as it is."""
    path = PurePath(original_name(name))
    return f"{path.stem}{SUFFIX}{path.suffix}"


def original_name(name: str) -> str:
    """File name of the workbook that a marked copy was made of; other names stay as they are."""
    path = PurePath(name)
    return _SUFFIX.sub("", path.stem) + path.suffix


def is_result_sheet(name: str, first_column: Iterable[str]) -> bool:
    """Whether a sheet is the list of findings that we put first.

    Args:
        name: name of the sheet, which a copy in Excel has with a number.
        first_column: texts at the top of column A.
    """
    return name.startswith(SHEET) and any(text.startswith(TITLE) for text in first_column)
