"""What one look at the inbox brought."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipeline.service.arrivals.recognise import Starting
from pipeline.workspace.refusals import ReturnedFile


@dataclass
class RoundResult:
    """What one round took in.

    Attributes:
        projects: codes whose inputs have changed.
        taken: number of accepted files; the same bytes again are not among them.
        same: number of files whose bytes count already.
        returned: files that went back, members of a zip among them.
        held: files that may belong to another project and wait for somebody to decide.
        starting: projects that registrations started.
        waiting: why each file that still lies there was not taken, by path below the inbox.
        hampered: a disk or a share failed, which may pass.
    """

    projects: set[str] = field(default_factory=set)
    taken: int = 0
    same: int = 0
    returned: list[ReturnedFile] = field(default_factory=list)
    held: int = 0
    starting: list[Starting] = field(default_factory=list)
    waiting: dict[str, str] = field(default_factory=dict)
    hampered: bool = False
