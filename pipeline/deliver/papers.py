"""Whether the PDFs of a pack are what they say: sound, fonts inside, the claim of PDF/A true, pages as listed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from pipeline.adapters.pdf_file import faults, page_count
from pipeline.deliver import manifest

PDF_FOLDER = "pdf"


def wrong_papers(root: Path, start: str = "") -> list[str]:
    """Faults of the PDFs that we made, a sentence each; attachments are somebody else's and stay out of it.

    Args:
        root: folder with the pack's files.
        start: what names begin with (`data/` in a bag).
    """
    listed = _listed_pages(root / manifest.LISTING)
    found = []
    for path in _papers(root):
        name = manifest.nfc(path.relative_to(root).as_posix())
        found += [f"{start}{name}:{fault}" for fault in faults(path)]
        pages, told = page_count(path), listed.get(name)
        if told and told != str(pages):
            found.append(f"{start}{name}:{pages} 页,{manifest.LISTING} 写的是 {told} 页(pages differ)")
    return found


def _papers(root: Path) -> Iterator[Path]:
    """The single documents and, beside the lists, the merged one."""
    for folder in (root / PDF_FOLDER, root):
        yield from sorted(path for path in folder.glob("*.pdf") if path.is_file() and not path.is_symlink())


def _listed_pages(path: Path) -> dict[str, str]:
    """Pages by file name as 清单.csv tells them; nothing where it cannot be read."""
    try:
        rows = list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"))))
    except (OSError, UnicodeDecodeError, csv.Error):
        return {}
    return {row[0]: row[2] for row in rows[1:] if len(row) > 2}
