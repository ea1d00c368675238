"""Paths and links as staff write them."""

from __future__ import annotations

from pathlib import Path

from pipeline.service.post.shares import link, shown_path
from pipeline.settings import Settings


def test_paths_as_staff_write_them(tmp_path: Path) -> None:
    root, path = Path("/srv/发布"), Path("/srv/发布/LY-1/校验")
    assert shown_path(path, root, Settings()) == "/srv/发布/LY-1/校验"
    windows = Settings(mail_share=r"\\fs\售前")
    assert shown_path(path, root, windows) == r"\\fs\售前\LY-1\校验"
    assert link(path, root, windows).startswith("file://fs/%E5%94%AE")
    assert shown_path(path, root, Settings(mail_share="Z:\\售前")) == r"Z:\售前\LY-1\校验"
