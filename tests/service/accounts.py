"""Work as another account of the machine: in a child of root, because what root may do shows nothing."""

from __future__ import annotations

import os
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree

import pytest

STAFF, CLOSED = 40001, 40002  # groups
only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can work as other accounts")


@dataclass(frozen=True)
class Account:
    """An account with groups beside its own."""

    uid: int
    groups: tuple[int, ...] = ()

    def does(self, work: Callable[[], object]) -> bool:
        """Do something in a child process; whether it went well. Modules and caches must be warm before."""
        child = os.fork()
        if child:
            return os.waitpid(child, 0)[1] == 0
        code = 1
        try:
            os.setgroups((self.uid, *self.groups))
            os.setgid(self.uid)
            os.setuid(self.uid)
            os.umask(0o027)
            work()
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)

    def own(self, folder: Path, group: int, mode: int) -> Path:
        """Make a folder that is the account's."""
        folder.mkdir()
        os.chown(folder, self.uid, group)
        folder.chmod(mode)
        return folder

    def may(self, work: Callable[[], object]) -> bool:
        """Whether something is permitted."""

        def tried() -> None:
            try:
                work()
            except PermissionError:
                os._exit(3)

        return self.does(tried)


SERVICE = Account(30001, (STAFF, CLOSED))
PERSON = Account(30002, (STAFF,))
TRUSTED = Account(30004, (STAFF, CLOSED))
STRANGER = Account(30003)


@contextmanager
def ground() -> Iterator[Path]:
    """A folder that every account can reach; the folders of tests are root's alone."""
    folder = Path(tempfile.mkdtemp(prefix="accounts-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        rmtree(folder, ignore_errors=True)
