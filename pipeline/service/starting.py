"""New projects and blank workbooks: what a 立项登记 gets back, and the set that lies ready for everybody."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pipeline.adapters.files import write_atomic
from pipeline.adapters.private_folders import private_folder
from pipeline.core.company import Company
from pipeline.core.names import safe
from pipeline.definitions.blanks import due_forms, write_set
from pipeline.definitions.forms import Form
from pipeline.definitions.registration import KEY, registration_form
from pipeline.definitions.values import Content
from pipeline.definitions.writer import write_workbook
from pipeline.derive.formulas import master_columns
from pipeline.intake.gate import Refusal
from pipeline.intake.workbooks import open_file, read_workbook
from pipeline.service.runs.dependence import FORMS, MASTER, workbooks
from pipeline.service.runs.publishing import Publisher
from pipeline.workspace import store
from pipeline.workspace.inputs import Current
from pipeline.workspace.layout import Workspace


@dataclass(frozen=True)
class Blanks:
    """Keeps the blank workbooks current.

    Attributes:
        shared: hashes of what all projects depend on; forms and workbook 00 count.
    """

    workspace: Workspace
    publisher: Publisher
    forms: Mapping[str, Form]
    company: Company
    shared: Mapping[str, str]

    def everybody(self, today: date) -> bool:
        """Write the set that lies ready, where forms or workbook 00 have changed; tells whether it did.

        Of the company's workbooks the log is part of it, which everybody keeps.

        Raises:
            DeliveryFailed: it cannot be published.
        """
        if self._made("空白表") == self._basis():
            return False
        self.publisher.ready()
        with private_folder() as work:
            head = {"project_code": "", "project_name": ""}
            kept = {key: form for key, form in self.forms.items() if form.many or not form.company}
            write_set(kept, work, head, master_columns(self.company), today)
            for path in work.glob("*_空白.xlsx"):
                path.rename(path.with_name(path.name.replace("_空白", "")))
            form = registration_form()
            write_workbook(form, work / form.file, Content(), master_columns(self.company))
            self.publisher.blanks(work)
        self._note("空白表", self._basis())
        return True

    def started(self, current: Mapping[str, Iterable[Current]], today: date) -> list[str]:
        """Give every registered project without a workbook its pre-filled set; returns the codes that got one.

        Raises:
            DeliveryFailed: one cannot be published.
        """
        made = []
        for code, inputs in current.items():
            listed = list(inputs)
            entry = next((one for one in listed if one.slot == KEY), None)
            if entry is None or workbooks(listed) or self._made(safe(code)) == entry.sha256:
                continue
            self.publisher.ready()
            self._prefilled(code, entry, today)
            self._note(safe(code), entry.sha256)
            made.append(code)
        return made

    def withdrawn(self, current: Iterable[str]) -> list[str]:
        """Take back the sets of projects of which nothing counts any more; returns the names of their folders.

        Raises:
            DeliveryFailed: the published folder cannot be written.
        """
        there = {"空白表", *map(safe, current)}
        gone = sorted(self._read().keys() - there)
        for name in gone:
            self.publisher.ready()
            self.publisher.withdraw_blanks(name)
            kept = {known: basis for known, basis in self._read().items() if known != name}
            write_atomic(self._notes(), json.dumps(kept, ensure_ascii=False).encode())
        return gone

    def registered(self, current: Mapping[str, Iterable[Current]]) -> list[Current]:
        """Registrations of projects whose pre-filled set is published and that have no workbook yet."""
        found = []
        for code, inputs in current.items():
            listed = list(inputs)
            entry = next((one for one in listed if one.slot == KEY), None)
            if entry and not workbooks(listed) and self._made(safe(code)) == entry.sha256:
                found.append(entry)
        return found

    def _prefilled(self, code: str, entry: Current, today: date) -> None:
        row = self._row(code, entry)
        head = {"project_code": code, "project_name": entry.project_name}
        with private_folder() as work:
            basics = {key: row[key] for key in ("customer_name", "sales_rep") if row.get(key)}
            write_set(due_forms(self.forms), work, head, master_columns(self.company), today, basics)
            self.publisher.blanks(work, code)

    def _row(self, code: str, entry: Current) -> dict[str, str]:
        """What the registration says of a project."""
        form = registration_form()
        opened = open_file(store.place(self.workspace.store, entry.sha256), {KEY: form})
        if isinstance(opened, Refusal):
            return {}
        rows = read_workbook(opened, form, {}).sheets["project"].rows
        found = next((row for row in rows if row.text("project_code") == code), None)
        return {key: found.text(key) for key in found.cells} if found else {}

    def _basis(self) -> str:
        return f"{self.shared[FORMS]} {self.shared[MASTER]}"

    def _notes(self) -> Path:
        return self.workspace.published / "blanks.json"

    def _read(self) -> dict[str, str]:
        try:
            return dict(json.loads(self._notes().read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return {}

    def _made(self, name: str) -> str:
        return self._read().get(name, "")

    def _note(self, name: str, basis: str) -> None:
        write_atomic(self._notes(), json.dumps({**self._read(), name: basis}, ensure_ascii=False).encode())
