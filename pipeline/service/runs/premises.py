"""Are the folders fit to be worked with? What never mends itself is refused: overlapping, linked, remote ones.

What may pass is told apart, so that whoever can wait waits: a share that is not mounted yet, a disk that is full.
"""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from pipeline.core.errors import DeliveryFailed, NotReady, UsageProblem
from pipeline.service.faults import LEDGER, fault_of
from pipeline.workspace.layout import Workspace

LEAST_FREE_MB = 500  # unless `min_free_mb` says otherwise
_CODE = Path(__file__).resolve().parents[3]
_REMOTE = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "fuse.rclone", "ceph", "glusterfs", "davfs"}
)


def inspect(inbox: Path | None, workspace: Workspace, publish: Path, least_mb: int = LEAST_FREE_MB) -> list[str]:
    """What stands against working with these folders, one sentence each; empty when all is well.

    Args:
        inbox: watched folder; None where only the workspace is asked about.
        workspace: on a local disk.
        publish: folder for what is made.
        least_mb: how much of the workspace's disk must be free.
    """
    return [*_lasting(inbox, workspace, publish), *_passing(inbox, workspace, least_mb)]


def require(inbox: Path, workspace: Workspace, publish: Path, least_mb: int = LEAST_FREE_MB) -> None:
    """Refuse folders that must not be worked with, or not now.

    Raises:
        UsageProblem: all that is wrong and stays so until somebody mends it, with remedies.
        NotReady: all that may pass by itself.
    """
    refuse(inbox, workspace, publish)
    if problems := list(_passing(inbox, workspace, least_mb)):
        raise NotReady("\n".join(problems))


def refuse(inbox: Path, workspace: Workspace, publish: Path) -> None:
    """Refuse folders that must never be worked with; nothing is made in them before this was asked.

    Raises:
        UsageProblem: all that is wrong, with remedies.
    """
    if problems := list(_lasting(inbox, workspace, publish)):
        raise UsageProblem("\n".join(problems))


def _lasting(inbox: Path | None, workspace: Workspace, publish: Path) -> Iterator[str]:
    folders = {"工作区(-w)": workspace.root, "发布目录(publish_dir)": publish}
    if inbox is not None:
        folders = {"投放目录(INBOX)": inbox, **folders}
    yield from _linked(folders)
    yield from _overlapping(folders)
    yield from _remote(workspace.root)


def _passing(inbox: Path | None, workspace: Workspace, least_mb: int) -> Iterator[str]:
    yield from _missing(inbox)
    yield from _cramped(workspace.root, least_mb)


def _missing(inbox: Path | None) -> Iterator[str]:
    if inbox is not None and not inbox.is_dir():
        yield f"{inbox}:没有这个目录,可能没有挂载(no such folder; is it mounted?)。"


def _linked(folders: Mapping[str, Path]) -> Iterator[str]:
    for name, folder in folders.items():
        if folder.is_symlink():
            yield f"{name} {folder} 是符号链接,请写真正的路径 {folder.resolve()}(a symbolic link)。"


def _overlapping(folders: Mapping[str, Path]) -> Iterator[str]:
    """No folder lies in another, or in the program; output under the input would be taken in again."""
    real = {name: folder.resolve() for name, folder in folders.items()}
    for name, folder in real.items():
        if folder == _CODE or (_CODE in folder.parents and (_CODE / "pyproject.toml").exists()):
            yield f"{name} {folder} 在程序目录 {_CODE} 里,请换一个目录(inside the program's folder)。"
        for other, top in real.items():
            if name != other and (top == folder or top in folder.parents) and (name, other) != _ALLOWED:
                yield f"{name} {folder} 在{other} {top} 里,请分开(must not lie inside)。"


# The default place of what is published.
_ALLOWED = ("发布目录(publish_dir)", "工作区(-w)")


def _remote(root: Path) -> Iterator[str]:
    kind = _file_system(root)
    if kind in _REMOTE:
        yield f"{root}:工作区要在本地磁盘上,这里是 {kind}(the workspace must be on a local disk)。"


def _cramped(root: Path, least_mb: int) -> Iterator[str]:
    standing = next(path for path in (root, *root.parents) if path.exists())
    if not os.access(standing, os.W_OK):
        yield f"{standing}:没有写权限(not writable)。"
    free = free_mb(standing)
    if free < least_mb:
        yield f"{root}:磁盘只剩 {free} MB,至少要 {least_mb} MB(disk nearly full)。"


def free_mb(folder: Path) -> int:
    """Room on the disk of a folder, in MB, rounded down."""
    return shutil.disk_usage(folder).free // 1024**2


def _file_system(path: Path) -> str:
    """Kind of the file system on which a path lies, as the kernel names it; empty where it does not say."""
    real = path.resolve()
    best, kind = -1, ""
    try:
        lines = Path("/proc/self/mounts").read_text("utf-8", "replace").splitlines()
    except OSError:
        return ""
    for line in lines:
        _, mount, found, *_ = line.split(" ")
        top = Path(mount.encode().decode("unicode_escape"))
        if (real == top or top in real.parents) and len(top.parts) > best:
            best, kind = len(top.parts), found
    return kind


# What disks and shares say that are full, busy or gone for now.
_PASSES = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.ESTALE, errno.ENODEV, errno.ENOTCONN, errno.ETIMEDOUT,
     errno.EHOSTDOWN, errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN}
)  # fmt: skip


def passes(error: Exception) -> bool:
    """Whether a fault is one that may pass: of a disk or a share, or of a ledger that others hold."""
    return isinstance(error, sqlite3.OperationalError) or (isinstance(error, OSError) and error.errno in _PASSES)


@contextmanager
def passing() -> Iterator[None]:
    """Name what may pass, so that whoever called can tell it from what somebody must mend.

    Raises:
        NotReady: in place of a fault of a disk, a share or a ledger that another process holds for long.
        DeliveryFailed: the ledger is damaged.
    """
    try:
        yield
    except sqlite3.OperationalError as error:
        raise NotReady(
            f"台账暂时不能用:{error}。磁盘满就腾出空间,以后再运行(the ledger cannot be used now)。"
        ) from error
    except sqlite3.DatabaseError as error:
        kind, text = fault_of(error)
        if kind != LEDGER:
            raise
        raise DeliveryFailed(f"{text}(the ledger is damaged; restore it)") from error
    except OSError as error:
        if not passes(error):
            raise
        raise NotReady(f"磁盘或共享暂时不能用:{error}。以后再运行(a disk or share cannot be used now)。") from error
