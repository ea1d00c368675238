"""Files that are no workbooks: contracts, schemes and topologies (附件/), signed scans (签字件/)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

ENCLOSED = "附件"
SIGNED = "签字件"
FOLDERS = (ENCLOSED, SIGNED)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of the project that is kept as it is.

    Attributes:
        path: relative to the project folder, with `/`, NFC: `附件/销售合同.pdf`.
        name: file name, NFC.
        kind: what it really is: pdf, docx, xlsx, dwg, jpg or png.
        size: bytes.
        sha256: hash of its bytes, hexadecimal.
        pages: of a PDF; 1 for a picture; 0 where it cannot be told.
        folder: 附件 or 签字件.
        signs: code of the document that a signed scan belongs to, with its part where there are several
            (`PPR`, `MEM-HY01`); empty for 附件 and for scans that belong to nothing known.
    """

    path: str
    name: str
    kind: str
    size: int
    sha256: str
    pages: int
    folder: str
    signs: str = ""


def scans_of(attachments: Iterable[Attachment], code: str, part: str = "") -> tuple[Attachment, ...]:
    """Signed scans of a document; a scan that names no part belongs to the whole document."""
    return tuple(a for a in attachments if a.folder == SIGNED and _belongs(a.signs, code, part))


def _belongs(signs: str, code: str, part: str) -> bool:
    """Whether a scan's mark means a document; file names write the part HY-01 as HY01."""
    marked, _, of_part = signs.partition("-")
    return marked == code and (not of_part or _letters(of_part) == _letters(part))


def _letters(part: str) -> str:
    return re.sub(r"[\W_]", "", part)
