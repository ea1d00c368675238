"""The workbooks of a project for the audit: which form each is, and its sheets, those of several workbooks as one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.audit.frames import Lines, NotFound, lines_of
from pipeline.audit.operands import completed, with_departments
from pipeline.audit.reader import NotOpened, Opened, Page, Shelf
from pipeline.definitions.forms import Form, SheetForm

MASTER = "master"
_META = "_meta"


@dataclass
class Books:
    """Opened workbooks by the key of their form, and why others were not.

    Attributes:
        forms: form definitions by key.
        opened: workbooks by form, in the order of their names.
        refused: why a file cannot be read, by its name.
        read: sheets that were asked for, by form and sheet.
    """

    forms: Mapping[str, Form]
    opened: dict[str, list[Opened]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    read: dict[tuple[str, str], Sequence[Lines]] = field(default_factory=dict)

    def parts(self, form: str, sheet: str) -> Sequence[Lines]:
        """A sheet of every workbook of a form.

        Raises:
            NotFound: there is none, one of them was refused, or two stand for one.
        """
        if (form, sheet) not in self.read:
            self.read[form, sheet] = self._parts(self.forms[form], self.forms[form].sheet_form(sheet))
        return self.read[form, sheet]

    def lines(self, form: str, sheet: str) -> Lines:
        """A sheet of the only workbook of a form.

        Raises:
            NotFound: as `parts`; or the form is in several workbooks.
        """
        parts = self.parts(form, sheet)
        if len(parts) > 1:
            raise NotFound(f"{self.forms[form].name}有{len(parts)}本,合并的结果只按约定复核")
        return parts[0]

    def _parts(self, form: Form, sheet: SheetForm) -> Sequence[Lines]:
        books = self.opened.get(form.key, [])
        if not books:
            lost = [why for name, why in self.refused.items() if self._meant(name) is form]
            raise NotFound(lost[0] if lost else f"没有{form.name}")
        if len(books) > 1 and not form.many:
            raise NotFound(f"{form.name}有{len(books)}本,没有复核")
        others = [one for one in form.sheet if one is not sheet]
        lines = [completed(lines_of(book, sheet, others), sheet) for book in books]
        return [self._placed(one) for one in lines] if form.key == "staffing" and sheet.key == "lines" else lines

    def _placed(self, lines: Lines) -> Lines:
        """Staffing with the departments that were never looked up."""
        try:
            return with_departments(lines, self.lines(MASTER, "persons").frame, self.lines(MASTER, "departments").frame)
        except (NotFound, KeyError):
            return lines

    def _meant(self, name: str) -> Form | None:
        return next((form for form in self.forms.values() if name.startswith(form.no)), None)


def open_books(files: Iterable[tuple[str, bytes]], forms: Mapping[str, Form], shelf: Shelf) -> Books:
    """Open workbooks by their names and bytes; what cannot be opened is remembered with its reason."""
    books = Books(forms)
    for name, content in sorted(files):
        try:
            opened = shelf.open(name, content)
        except NotOpened as problem:
            books.refused[name] = f"{name}:openpyxl 打不开({problem})"
            continue
        if key := _form_of(opened, forms):
            books.opened.setdefault(key, []).append(opened)
        else:
            books.refused[name] = f"{name}:没有认出是哪一张表"
    return books


def _is_meta(page: Page) -> bool:
    """The same under another name: Apple Numbers makes `_meta - 表格 1` of it."""
    first = page.cells.get((1, 1))
    return first is not None and first.text == "template_id"


def _form_of(opened: Opened, forms: Mapping[str, Form]) -> str:
    """Key of the form that a workbook says it is, else of the one whose number begins its name."""
    ids = {form.template_id: key for key, form in forms.items()}
    for page in opened.pages:
        if page.name == _META or _is_meta(page):
            said = next((cell.text for cell in page.cells.values() if cell.text in ids), "")
            if said:
                return ids[said]
    begin = re.match(r"\d\d", opened.name)
    return next((key for key, form in forms.items() if begin and form.no == begin[0]), "")
