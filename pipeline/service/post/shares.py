"""Where staff find what was published: paths and links as they write them."""

from __future__ import annotations

from pathlib import Path, PurePosixPath, PureWindowsPath

from pipeline.settings import Settings


def shown_path(path: Path, root: Path, settings: Settings) -> str:
    """A published path as staff write it: below `mail_share` where that is set."""
    return str(_shared(path, root, settings))


def link(path: Path, root: Path, settings: Settings) -> str:
    """A published path as a link."""
    return _shared(path.absolute(), root.absolute(), settings).as_uri()


def _shared(path: Path, root: Path, settings: Settings) -> PureWindowsPath | PurePosixPath:
    if not settings.mail_share:
        return PurePosixPath(path)
    share = settings.mail_share
    kind = PureWindowsPath if "\\" in share or share[1:2] == ":" else PurePosixPath
    return kind(share, *path.relative_to(root).parts)
