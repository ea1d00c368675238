"""Is a file under a known code of that project? Its names, compared with those by which the project is known.

Blank is unknown and differs from nothing. A credit code that differs, or a project name and a customer that both do,
make it another project's. One name that differs may be a typing error or a new name: it is taken and told, and the
new name is the project's own only where something else in the same workbook agrees.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.core.company import normal_name
from pipeline.core.entries import SECRET
from pipeline.core.sheets import Workbook
from pipeline.definitions.forms import Form
from pipeline.definitions.registration import KEY, registration_form
from pipeline.intake.gate import Refusal
from pipeline.intake.workbooks import open_file, read_workbook
from pipeline.workspace import inputs, store
from pipeline.workspace.given import Given
from pipeline.workspace.inputs import Spoken

NAME, CUSTOMER, USCC = "项目名称", "客户", "统一社会信用代码"
_CODE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")
_UNCLEAR = "不明确"
_SHEETS = ("plan", "survey", KEY)  # the forms that name a customer


@dataclass(frozen=True)
class Names:
    """What a workbook says of the customer.

    Attributes:
        uscc: unified social credit code.
        secret: the workbook says that its project is secret.
    """

    customer: str = ""
    uscc: str = ""
    secret: bool = False


def names_of(book: Workbook, code: str = "") -> Names:
    """What a workbook says of its customer; of a registration, in the row of a code."""
    if book.form == "plan":
        basics = book.sheets["basics"].head
        return Names(basics.text("customer_name"), basics.text("customer_uscc"), basics.text("secrecy") == SECRET)
    if book.form == "survey":
        return Names(_answer(book, "A01"), _answer(book, "A02"))
    row = book.sheets["project"].find("project_code", code) if book.form == KEY else None
    return Names(row.text("customer_name")) if row else Names()


def _answer(book: Workbook, number: str) -> str:
    """What a survey answers; what is unclear says nothing."""
    row = book.sheets["items"].find("no", number)
    text = row.text("value") if row else ""
    return "" if text == _UNCLEAR else text


@dataclass(frozen=True)
class Match:
    """How the names of a file stand to those of the project.

    Attributes:
        differing: fields that differ, with what the file and the project say.
        agreeing: something agrees.
        known: the project has names at all.
    """

    differing: Mapping[str, tuple[str, str]]
    agreeing: bool
    known: bool

    @property
    def another(self) -> bool:
        """It is another project's."""
        return USCC in self.differing or {NAME, CUSTOMER} <= self.differing.keys()

    @property
    def odd(self) -> bool:
        """One name differs."""
        return bool(self.differing) and not self.another

    @property
    def silent(self) -> bool:
        """It says nothing that could be compared."""
        return self.known and not self.differing and not self.agreeing

    def said(self, code: str, *, secret: bool) -> str:
        """What differs, in Chinese; of something secret only the fields."""
        if secret:
            return f"与 {code} 已知的{'、'.join(self.differing)}不同"
        parts = (f"{field}是“{mine}”,{code} 原是“{theirs}”" for field, (mine, theirs) in self.differing.items())
        return ";".join(parts)


def compare(given: Given, known: Mapping[str, Mapping[str, str]]) -> Match:
    """Compare a file with the names of its project.

    Args:
        given: the file.
        known: by field the names that count, as typed by their normal form, the newest last.
    """
    mine = {key: value for key, value in _fields(given.project_name, given.customer, given.uscc) if value}
    shared = [key for key in mine if known.get(key)]
    wrong = [key for key in shared if normal(key, mine[key]) not in known[key]]
    differing = {key: (mine[key], list(known[key].values())[-1]) for key in wrong}
    return Match(differing, len(shared) > len(wrong), any(known.values()))


def known_names(
    ledger: sqlite3.Connection, kept: Path, forms: Mapping[str, Form], code: str
) -> dict[str, dict[str, str]]:
    """The names by which a project is known, as typed by their normal form; empty for one that is new.

    Args:
        ledger: of the workspace.
        kept: the store.
        forms: all forms by key.
        code: the project.
    """
    every = (_looked_up(ledger, kept, forms, one, code) for one in inputs.spoken(ledger, code))
    said = [one for one in every if one.project_name or one.customer or one.uscc]
    speaking = [one for one in said if one.speaks > 0] or [one for one in said if one.newest]
    known: dict[str, dict[str, str]] = {}
    for one in speaking:
        for key, value in _fields(one.project_name, one.customer or "", one.uscc or ""):
            if value:
                known.setdefault(key, {})[normal(key, value)] = value
    return known


def _fields(name: str, customer: str, uscc: str) -> tuple[tuple[str, str], ...]:
    """What is compared; a credit code that is none says nothing."""
    return (NAME, name), (CUSTOMER, customer), (USCC, uscc if _CODE.fullmatch(normal(USCC, uscc)) else "")


def normal(field: str, text: str) -> str:
    """A name for comparing: width, blanks and capitals do not matter, nor what is put between the digits of a code."""
    return re.sub(r"[\W_]", "", normal_name(text)).upper() if field == USCC else normal_name(text).casefold()


def _looked_up(ledger: sqlite3.Connection, kept: Path, forms: Mapping[str, Form], one: Spoken, code: str) -> Spoken:
    """The same version with its customer, read where an older program did not note it."""
    if one.customer is not None or not one.newest or one.slot not in _SHEETS:
        return one
    opened = open_file(store.place(kept, one.sha256), {**forms, KEY: registration_form()})
    names = Names()
    if not isinstance(opened, Refusal) and opened.form is not None:
        names = names_of(read_workbook(opened, opened.form, {}), code)
    inputs.looked_up(ledger, one.id, names.customer, names.uscc)
    return Spoken(one.id, one.slot, one.sha256, one.project_name, names.customer, names.uscc, one.speaks, one.newest)
