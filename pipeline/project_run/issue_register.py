"""The register of an output folder: opened before the run, put back after it, left alone where it is unsound."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.core.errors import DeliveryFailed
from pipeline.core.names import safe
from pipeline.deliver.files import OutputFolder
from pipeline.deliver.issued.carrying import Issued, taken_over
from pipeline.deliver.issued.register import Register, Wish
from pipeline.deliver.issued.shelf import FOLDER, REGISTER, RegisterUnsound, Shelf

BESIDE = "系统重新生成"
_PLACE = f"{FOLDER}/{REGISTER}"
_REMEDY = (
    "原有的文件一个没有动,新做的写在 {beside}。请从备份恢复 {folder},或用 build --issued 文件包 接过来"
    "(what is there was left alone; restore the register, or take it over from a pack with build --issued)。"
)


@dataclass(frozen=True)
class Opened:
    """What was issued before.

    Attributes:
        beside: folder under the output folder for what is made while the register is unsound; empty: none is needed.
        trouble: what is wrong with the register; None while it is sound.
        notes: papers that were not taken over.
    """

    shelf: Shelf
    register: Register
    beside: str = ""
    trouble: DeliveryFailed | None = None
    notes: tuple[str, ...] = ()


def opened(outbox: OutputFolder, code: str, sources: Sequence[Path], wishes: Sequence[Wish] = ()) -> Opened:
    """The register of an output folder, with what is taken over.

    Args:
        outbox: output folder of the project.
        code: the project.
        sources: packs and output folders whose papers are taken over.
        wishes: papers that are to be issued anew in this run.

    Raises:
        DeliveryFailed: a source is not as it was made, or of another project; nothing was written.
    """
    shelf = Shelf(outbox.folder / FOLDER)
    try:
        register = shelf.read(code)
        if not shelf.there and not sources:
            _first_time(outbox, code)
    except RegisterUnsound as problem:
        remedy = _REMEDY.format(beside=outbox.folder / BESIDE, folder=outbox.folder / FOLDER)
        beside = Shelf(outbox.folder / BESIDE / FOLDER)
        return Opened(beside, Register(code), BESIDE, RegisterUnsound(f"{problem}{remedy}"))
    register, notes = taken_over(sources, Issued(register, shelf))
    return Opened(shelf, replace(register, wishes=(*register.wishes, *wishes)), notes=tuple(notes))


def _first_time(outbox: OutputFolder, code: str) -> None:
    """See that nothing was issued here that we have forgotten.

    Raises:
        RegisterUnsound: there was a register, or papers lie here that no run of ours is known to have written.
    """
    if outbox.wrote(_PLACE):
        raise RegisterUnsound(f"{outbox.folder / _PLACE}:签发登记不在了(the register of issued papers is missing)。")
    strangers = outbox.strangers(f"docx/{safe(code)}_*.docx")
    if strangers:
        names = "、".join(path.name for path in strangers[:3])
        raise RegisterUnsound(
            f"{outbox.folder}:没有签发登记,docx/ 里却有 {len(strangers)} 份不是本处做的文件,如 {names}"
            "(papers without a register that are not ours)。"
        )


def put_register(outbox: OutputFolder, opened_one: Opened, register: Register) -> None:
    """Put the register back, where anything was issued.

    Raises:
        DeliveryFailed: it cannot be written.
    """
    shelf = opened_one.shelf
    # What was only wished for in this run, and is not due, is forgotten; what waits in the register waits on.
    if not register.issues and not shelf.there:
        return
    try:
        shelf.write(register)
    except OSError as error:
        raise DeliveryFailed(f"{shelf.folder}:签发登记写不进去(cannot write the register): {error.strerror}") from error
    outbox.note(shelf.folder / REGISTER)
