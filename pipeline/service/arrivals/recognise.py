"""Whose file is this? The project code inside a workbook; for everything else the place where it was dropped."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import PurePath

from pipeline.core.attachments import ENCLOSED, FOLDERS, SIGNED
from pipeline.core.company import Company
from pipeline.core.sheets import Workbook
from pipeline.definitions.forms import Form
from pipeline.definitions.registration import KEY, registration_form
from pipeline.intake.attachments import matched
from pipeline.intake.company import unique_names
from pipeline.intake.gate import Refusal
from pipeline.intake.workbooks import open_file, read_workbook
from pipeline.service.arrivals.identity import names_of
from pipeline.service.arrivals.names import fitted, shown
from pipeline.workspace.given import Given
from pipeline.workspace.store import Kept

_ATTACHED = frozenset({".pdf", ".docx", ".dwg", ".jpg", ".jpeg", ".png"})
_COPY = re.compile(r"(\s*[((]\d+[))]|\s*-\s*副本|\s*_\d+)+$")


@dataclass(frozen=True)
class Surroundings:
    """What must be known to tell whose a file is.

    Attributes:
        forms: all forms by key.
        today: day whose spelling of project codes counts.
        frozen: codes of archived projects.
        taken: codes that are in use.
    """

    forms: Mapping[str, Form]
    company: Company
    today: date
    frozen: Collection[str] = ()
    taken: Collection[str] = ()

    @cached_property
    def spelling(self) -> re.Pattern[str]:
        """Spelling of project codes, as workbook 00 has it, without its anchors."""
        text = self.company.text_parameter("project_code_regex", self.today)
        return re.compile(text.removeprefix("^").removesuffix("$"))

    @cached_property
    def people(self) -> Mapping[str, str]:
        """Employee numbers by unique name."""
        return unique_names(self.company)

    def code_in(self, path: PurePath) -> str:
        """The only project code in the names of a path; the innermost part that holds one decides."""
        for part in reversed(path.parts):
            found = set(self.spelling.findall(unicodedata.normalize("NFKC", part)))
            if len(found) == 1:
                return str(found.pop())
        return ""


@dataclass(frozen=True)
class Dropped:
    """One file, or member of a zip, whose bytes lie in the store.

    Attributes:
        path: as it was dropped, below its box.
        department: name of the box.
        hint: code of the project with which it was dropped; empty while that is not known.
    """

    kept: Kept
    path: PurePath
    department: str = ""
    hint: str = ""


@dataclass(frozen=True)
class Starting:
    """A project that a 立项登记 starts."""

    code: str
    name: str
    customer: str = ""
    sales_rep: str = ""


@dataclass(frozen=True)
class Recognised:
    """What a file is: versions for projects, projects that it starts, or the reason why it is returned.

    Attributes:
        refused: members of a zip that are returned while others are taken.
    """

    given: tuple[Given, ...] = ()
    starting: tuple[Starting, ...] = ()
    reason: str = ""
    project: str = ""
    filled_by: str = ""
    refused: tuple[BadMember, ...] = ()


@dataclass(frozen=True)
class BadMember:
    """A member of a zip that is returned.

    Attributes:
        target: path below the department's folder where it goes.
        path: in the zip.
        sha256: of its content.
        why: with the reason, and what is known of it.
    """

    target: str
    path: PurePath
    sha256: str
    why: Recognised


_OF_COMPANY = "{no} {name}由质量管理部和财务部维护,不从投放目录接收。请交给质量管理部。"


def is_attachment(path: PurePath) -> bool:
    """Whether a file is kept as it is: by its suffix, or because it lies in 附件 or 签字件."""
    return path.suffix.lower() in _ATTACHED or bool(_enclosing(path))


def recognise(dropped: Dropped, known: Surroundings) -> Recognised:
    """Say what a file is; a returned one with a reason for its sender."""
    if is_attachment(dropped.path):
        return _attachment(dropped, known)
    forms = {**known.forms, KEY: registration_form()}
    opened = open_file(dropped.kept.path, forms)
    if isinstance(opened, Refusal):
        return Recognised(reason=opened.message())
    if opened.form is None:
        return _foreign(dropped, opened.meta, known)
    if opened.form.company:
        return Recognised(reason=_OF_COMPANY.format(no=opened.form.no, name=opened.form.name))
    book = read_workbook(opened, opened.form, known.people)
    return _registration(dropped, book, known) if opened.form.key == KEY else _workbook(dropped, book, known)


def _foreign(dropped: Dropped, meta: Mapping[str, str], known: Surroundings) -> Recognised:
    """A workbook of no form: one of ours in an unknown version, else an attachment where its project is said."""
    if meta.get("template_id") or any(form.claimed_by(dropped.path.name) for form in known.forms.values()):
        return Recognised(reason="认不出是哪张表单或哪个版本。请把内容填入最新的空白工作簿。")
    if known.code_in(dropped.path):
        return _attachment(dropped, known)
    return Recognised(reason="不是本流程的表单。附件请放进“附件”文件夹,或在文件名里写上项目编号。")


def _workbook(dropped: Dropped, book: Workbook, known: Surroundings) -> Recognised:
    inside = book.head.text("project_code")
    code = inside or dropped.hint or known.code_in(dropped.path)
    filled_by = book.head.text("filled_by")
    if reason := _refused(code, known):
        return Recognised(reason=reason, project=code, filled_by=filled_by)
    name = kept_name(dropped.path.name, ".xlsx")
    slot = book.form
    if known.forms[book.form].many:
        slot = "/".join((book.form, dropped.department, filled_by or _COPY.sub("", name.removesuffix(".xlsx"))))
    project_name, names = book.head.text("project_name"), names_of(book)
    said = (project_name, filled_by, names.customer, names.uscc)
    given = Given(code, slot, name, dropped.kept, *said, secret=names.secret)
    return Recognised((given,), project=code, filled_by=filled_by)


def _refused(code: str, known: Surroundings) -> str:
    """Why nothing can be taken for a code; empty when it can."""
    if not code:
        return "没有填项目编号,不知道属于哪个项目。请在第一张表的第2行填写项目编号。"
    if not known.spelling.fullmatch(code):
        return f"项目编号“{shown(code)}”不合规定的写法。请填市场销售部登记的编号。"
    if code in known.frozen:
        return f"项目 {code} 已归档,不再接收文件。确需改动,请联系质量管理部重新打开项目。"
    return ""


def _attachment(dropped: Dropped, known: Surroundings) -> Recognised:
    code = known.code_in(dropped.path) or dropped.hint
    if not code:
        return Recognised(reason=UNATTRIBUTED)
    if reason := _refused(code, known):
        return Recognised(reason=reason, project=code)
    name = _kept_path(dropped.path, code)
    return Recognised((Given(code, unicodedata.normalize("NFC", name).casefold(), name, dropped.kept),), project=code)


UNATTRIBUTED = "不知道属于哪个项目。请在文件名里写上项目编号,或和这个项目的工作簿放在同一个文件夹里投放。"


def _kept_path(path: PurePath, code: str) -> str:
    """Path of an attachment below the project folder: its own folder and at most one below it."""
    name = kept_name(path.name)
    top = _enclosing(path)
    if not top:
        return f"{SIGNED if matched(path.name, '', code) else ENCLOSED}/{name}"
    parts = [shown(part) for part in path.parts]
    below = parts[[unicodedata.normalize("NFC", part) for part in path.parts].index(top) + 1 : -1]
    return "/".join((top, *(["_".join(below)] if below else []), name))


def _enclosing(path: PurePath) -> str:
    """附件 or 签字件 where the file lies in one."""
    normal = (unicodedata.normalize("NFC", part) for part in path.parts[:-1])
    return next((part for part in normal if part in FOLDERS), "")


def kept_name(name: str, suffix: str = "") -> str:
    """Name under which a file is handed to the run: as dropped, made safe, with the suffix that is needed."""
    clean = shown(name)
    if suffix and not clean.lower().endswith(suffix):
        clean = fitted(clean + suffix)
    return clean


def _registration(dropped: Dropped, book: Workbook, known: Surroundings) -> Recognised:
    rows = book.sheets["project"].rows
    starting = tuple(
        Starting(*(row.text(key) for key in ("project_code", "project_name", "customer_name", "sales_rep")))
        for row in rows
    )
    if reason := _faulty(starting, known):
        return Recognised(reason=reason)
    given = tuple(
        Given(one.code, KEY, kept_name(dropped.path.name, ".xlsx"), dropped.kept, one.name, one.sales_rep, one.customer)
        for one in starting
    )
    return Recognised(given, starting, project=starting[0].code, filled_by=starting[0].sales_rep)


def _faulty(starting: Iterable[Starting], known: Surroundings) -> str:
    """What stands against a registration."""
    listed = list(starting)
    if not listed:
        return "立项登记里没有填写项目。请填一行后重新投放。"
    for one in listed:
        if reason := _refused(one.code, known):
            return reason
        if not one.name:
            return f"{one.code} 没有填项目名称。请填写后重新投放。"
        if one.code in known.taken:
            return f"项目编号 {one.code} 已有项目使用。请核对编号。"
    if len({one.code for one in listed}) != len(listed):
        return "立项登记里有两行的项目编号相同。请核对编号。"
    return ""
