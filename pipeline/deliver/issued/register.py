"""The register of issued papers of a project: what was issued, in which state, what of it stands."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any

from cattrs import Converter
from cattrs.errors import BaseValidationError

from pipeline.core.documents import UNSIGNED
from pipeline.core.places import Place
from pipeline.deliver import manifest
from pipeline.deliver.changes import plain

SCHEMA = 1
FIRST, RENEWED, REGISTERED, COMPLETED, CORRECTED, REISSUED = "首次", "续新", "登记", "补登", "更正", "重出"
VOID = "作废"

Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Kept:
    """A value that a paper prints as it was signed although the workbooks say otherwise.

    Attributes:
        name: field as the templates name it.
        signed: what was signed; `now` what the workbooks said when the paper was issued.
        signed_at: cells of what was signed; `now_at` those of today's value.
    """

    name: str
    signed: str
    now: str
    signed_at: tuple[Place, ...] = ()
    now_at: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Issue:
    """A paper that was issued.

    Attributes:
        part: what tells papers of one code apart: HY-01, a department; empty where there is only one.
        version: of the plan or the survey, as it stands in its head.
        seq: counts the papers of one code, part and version, from 1.
        state: 待签, 部分登记 or 记录.
        kind: why it was issued: 首次, 续新 (a 待签 made anew), 登记, 补登, 更正 or 重出.
        plan: version of the plan that it is about; `survey` that of the survey.
        day: date of the paper; `on` the day on which it was issued.
        template: SHA-256 of the template; `program` the version of the program.
        docx: SHA-256 of the DOCX; `pdf` that of the PDF, empty as long as there is none.
        file: name of the files without ending.
        values: SHA-256 of the file with all printed values.
        kept: values that stand as they were signed.
        filled: cells of its own record that were filled, `方案审批!C7`, printed or not; empty where nobody kept them.
        reason: why it was issued again.
        ended: day on which it stood no more; None while it stands or a later one of its key took its place.
        ended_as: 作废 where its record was emptied, else what took its place.
    """

    code: str
    part: str
    version: str
    seq: int
    state: str
    kind: str
    title: str
    plan: str
    survey: str
    day: date
    on: date
    program: str
    template: str
    docx: str
    file: str
    values: str
    pdf: str = ""
    pages: int = 0
    kept: tuple[Kept, ...] = ()
    filled: tuple[str, ...] = ()
    reason: str = ""
    ended: date | None = None
    ended_as: str = ""

    @property
    def key(self) -> Key:
        """What it is a paper of."""
        return self.code, self.part, self.version

    @property
    def signed(self) -> bool:
        """Whether its record was given: from then on it stands."""
        return self.state != UNSIGNED

    @property
    def label(self) -> str:
        """Code with part, as people name it."""
        return f"{self.code}-{self.part}" if self.part else self.code


@dataclass(frozen=True, slots=True)
class Wish:
    """Somebody wants a paper issued anew from today's workbooks."""

    code: str
    part: str
    reason: str
    on: date


@dataclass(frozen=True, slots=True)
class Register:
    """All papers of a project that were issued, in the order in which they were.

    Attributes:
        code: the project.
        wishes: papers to be issued anew, with the reasons.
    """

    code: str
    issues: tuple[Issue, ...] = ()
    wishes: tuple[Wish, ...] = ()

    def signed(self, code: str, part: str, version: str | None = None) -> Issue | None:
        """The newest record of a paper that stands; None for `version`: of any."""
        fits = (i for i in reversed(self.issues) if (i.code, i.part) == (code, part) and i.signed)
        return next((i for i in fits if version in (None, i.version) and self.newest(i)), None)

    def waiting(self, key: Key) -> list[Issue]:
        """The papers of a key that were issued to be signed, the newest first."""
        return [issue for issue in reversed(self.issues) if issue.key == key and not issue.signed and not issue.ended]

    def newest(self, issue: Issue) -> bool:
        """Whether no later record of the same key took its place, and it was not ended."""
        later = [other for other in self.issues if other.key == issue.key and other.signed]
        return not issue.ended and (not issue.signed or max(later, key=lambda other: other.seq) == issue)

    def standing(self) -> list[Issue]:
        """The records that stand, one of each code, part and version."""
        return [issue for issue in self.issues if issue.signed and self.newest(issue)]

    def former(self, issue: Issue) -> list[Issue]:
        """The records of the same key that were issued before one."""
        return [one for one in self.issues if one.key == issue.key and one.signed and one.seq < issue.seq]

    def next_seq(self, key: Key) -> int:
        """Number of the next paper of a key."""
        return 1 + max((issue.seq for issue in self.issues if issue.key == key), default=0)

    def renewed(self, key: Key, plan: str, survey: str) -> Issue | None:
        """The 待签 that a new one about the same plan and survey takes the place of; not one that was signed since."""
        last = max((issue.seq for issue in self.issues if issue.key == key and issue.signed), default=0)
        waiting = (issue for issue in self.waiting(key) if issue.seq > last)
        return next((issue for issue in waiting if (issue.plan, issue.survey) == (plan, survey)), None)

    def with_issue(self, issue: Issue) -> Register:
        """The register with a paper more; a 待签 takes the place of the one that it renews."""
        gone = None if issue.signed else self.renewed(issue.key, issue.plan, issue.survey)
        return replace(self, issues=(*(i for i in self.issues if i != gone), issue))

    def changed(self, issue: Issue, **fields: Any) -> Register:
        """The register with other words about one of its papers."""
        return replace(self, issues=tuple(replace(i, **fields) if i == issue else i for i in self.issues))


# -- as a file --------------------------------------------------------------------------------------------------------


def to_bytes(register: Register) -> bytes:
    """The register as a sealed JSON file."""
    return manifest.seal({"schema": SCHEMA, **_converter().unstructure(register)})


def from_bytes(content: bytes) -> Register | None:
    """Read back what `to_bytes` wrote; None where a byte of it was changed, or it is of another schema."""
    found = manifest.parse(content)
    if not manifest.unbroken(content) or found.get("schema") != SCHEMA:
        return None
    try:
        return _converter().structure(found, Register)
    except (BaseValidationError, TypeError, ValueError, KeyError):
        return None


@cache
def _converter() -> Converter:
    converter = Converter(omit_if_default=True)
    converter.register_unstructure_hook(date, date.isoformat)
    converter.register_structure_hook(date, lambda text, _: date.fromisoformat(text))
    return converter


_HEAD = (
    *("代号", "分本", "版本", "序号", "状态", "缘由", "文件日期", "签发日期", "文件名", "页数"),
    *("DOCX SHA-256", "PDF SHA-256", "母版 SHA-256", "程序", "照签字件印的值", "说明"),
)


def as_csv(issues: Iterable[Issue]) -> bytes:
    """The papers as a table for people, with a byte order mark so that Excel reads it as UTF-8."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(_HEAD)
    for one in issues:
        rows.writerow([plain(str(text)) for text in _row(one)])
    return out.getvalue().encode("utf-8-sig")


def _row(one: Issue) -> Sequence[object]:
    kept = ";".join(f"{value.name}:{value.signed}(现为 {value.now})" for value in one.kept)
    state = f"{one.ended_as}({one.ended})" if one.ended else one.state
    return (
        *(one.code, one.part, one.version, one.seq, state, one.kind, one.day, one.on, one.file, one.pages or ""),
        *(one.docx, one.pdf, one.template, one.program, kept, one.reason),
    )
