"""One file that a project is given, before it is a version of its inputs."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.workspace.store import Kept


@dataclass(frozen=True, slots=True)
class Given:
    """One file that a project is given.

    Attributes:
        slot: what a newer version of it replaces: `plan`, `records/财务部/E201`, `附件/合同.pdf`.
        name: path below the project folder.
        project_name: as it stands in the workbook; empty for attachments.
        filled_by: employee number of who filled it in; empty where that is not said.
        customer: as it stands in the workbook; empty where the form has no such field, or it is blank.
        uscc: the customer's unified social credit code, likewise.
        secret: it says that its project is secret; nothing of it is written into letters.
        speaks: its names are the project's own; else nothing vouches for them.
    """

    project: str
    slot: str
    name: str
    kept: Kept
    project_name: str = ""
    filled_by: str = ""
    customer: str = ""
    uscc: str = ""
    speaks: bool = True
    secret: bool = False
