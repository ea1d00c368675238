"""Who may look into a published project: what an administrator set, but for secret ones, which are closed.

A new folder has the permissions of the published one. What somebody sets later stays, with one exception: when a
project becomes secret its folder is closed to others, and opened again when it is none any more, as long as nobody has
changed what we set.
"""

from __future__ import annotations

import grp
import json
import logging
import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pipeline.adapters.files import make_alike, write_atomic
from pipeline.core.facts import Facts

LOG = logging.getLogger("presales.publish")
_OTHERS, _GROUP_TOO = 0o007, 0o077
Permissions = tuple[int, int]
"""Mode and group of a folder."""


@dataclass(frozen=True)
class Access:
    """Permissions of the folders of projects.

    Attributes:
        root: the published folder.
        record: where to remember what was closed.
        secret_group: name of the group that may look into secret projects; empty: that of the service alone.
    """

    root: Path
    record: Path
    secret_group: str = ""

    def prepare(self, folder: Path, facts: Facts | None) -> None:
        """Make the folder of a project where it is missing, and see that it is for those for whom it should be.

        Args:
            folder: of the project.
            facts: tell the degree of secrecy; None where nobody can: what is closed stays so, what is new is closed.
        """
        new = not folder.is_dir()
        make_alike(folder, self.root)
        closed = self._closed()
        secret = new if facts is None else facts.entries.secret
        if secret and folder.name not in closed:
            self._close(folder, closed)
        elif facts is not None and not secret and folder.name in closed:
            self._open(folder, closed)

    def _close(self, folder: Path, closed: dict[str, list[int]]) -> None:
        before = _permissions(folder)
        group = self._group(before[1])
        mask = _OTHERS if group is not None else _GROUP_TOO
        wanted = (before[0] & ~mask, before[1] if group is None else group)
        _set(folder, wanted)
        self._keep({**closed, folder.name: [*before, *_permissions(folder)]})

    def _group(self, of_folder: int) -> int | None:
        """The group that may look into a secret project; None: nobody but the service."""
        with suppress(KeyError):
            if self.secret_group:
                return grp.getgrnam(self.secret_group).gr_gid
        if self.secret_group:
            LOG.warning("没有 secret_group %s 这个组,秘密项目的目录只有程序能看", self.secret_group)
        own = not self.secret_group and of_folder == os.getegid()
        return of_folder if own else None

    def _open(self, folder: Path, closed: dict[str, list[int]]) -> None:
        mode, group, *ours = closed.pop(folder.name)
        if list(_permissions(folder)) == ours:
            _set(folder, (mode, group))
        self._keep(closed)

    def _closed(self) -> dict[str, list[int]]:
        """Folders that we closed: what they were, and what we made of them."""
        try:
            return {
                str(name): list(map(int, kept)) for name, kept in json.loads(self.record.read_text("utf-8")).items()
            }
        except (OSError, ValueError, AttributeError, TypeError):
            return {}

    def _keep(self, closed: dict[str, list[int]]) -> None:
        write_atomic(self.record, json.dumps(closed, ensure_ascii=False, indent=1, sort_keys=True).encode())


def _permissions(folder: Path) -> Permissions:
    status = folder.stat()
    return stat.S_IMODE(status.st_mode), status.st_gid


def _set(folder: Path, wanted: Permissions) -> None:
    """Set mode and group, the mode first where it closes; a share that has neither is let go, and said."""
    mode, group = wanted
    try:
        folder.chmod(mode & _permissions(folder)[0])
        if group != _permissions(folder)[1]:
            os.chown(folder, -1, group)
        folder.chmod(mode)  # a change of the group may have taken the set-group bit
    except OSError as error:
        LOG.warning("%s 的权限改不了(%s),请管理员设置", folder, error.strerror)
