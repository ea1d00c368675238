"""Find and read workbook 00: the company's master data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from pipeline.core.company import Company, Department, Parameter, Person, Step
from pipeline.core.errors import DefinitionError
from pipeline.core.names import unseen
from pipeline.core.sheets import Record, Sheet, Workbook
from pipeline.core.workdays import WorkCalendar
from pipeline.definitions.forms import Form, load_forms
from pipeline.intake.contradictions import refuse_contradictions
from pipeline.intake.gate import WORKBOOK_SUFFIXES, Refusal
from pipeline.intake.workbooks import Opened, open_file, read_workbook

T = TypeVar("T")
Unread = Mapping[str, tuple[str, str]]
_YES_OR_NO = {"是": True, "否": False}


def find_company(explicit: Path | None, paths: Iterable[Path], setting: Path | None, forms: Mapping[str, Form]) -> Path:
    """Workbook 00: the given file, else beside the input, in its parents, or where the settings say.

    Raises:
        DefinitionError: there is none; the places that were searched are named.
    """
    if explicit and not explicit.is_file():
        raise DefinitionError(f"{explicit}:没有这个文件(no such workbook 00)。")
    if explicit:
        return explicit
    searched: list[Path] = []
    refused: list[str] = []
    for path in paths:
        start = path.resolve() if path.is_dir() else path.resolve().parent
        for folder in (start, *start.parents):
            if folder in searched:
                break
            searched.append(folder)
            if found := _in_folder(folder, forms, refused):
                return found
    if setting:
        return setting
    places = "、".join(str(folder) for folder in searched[:4])
    unread = "".join(f"没有读取的:{one}" for one in refused)
    raise DefinitionError(
        f"{unread}找不到 00 公司基础资料工作簿。已找过:{places} 及上级目录;也没有设置 company=。"
        f"请用 --company 指定(no workbook 00 found; use --company FILE)。"
    )


def _in_folder(folder: Path, forms: Mapping[str, Form], refused: list[str]) -> Path | None:
    """Workbook 00 of a folder; what is called so and cannot be read is added to `refused`."""
    try:
        names = sorted(p for p in folder.iterdir() if p.suffix.lower() in WORKBOOK_SUFFIXES and p.name.startswith("00"))
    except OSError:
        return None
    for path in names:
        if not unseen(path.name) and path.is_file():
            opened = open_file(path, forms)
            if isinstance(opened, Refusal):
                refused.append(f"{path}:{opened.message()}({opened.message('en')})")
            elif opened.form is forms["master"]:
                return path
    return None


def beside(path: Path) -> list[Path]:
    """Files beside workbook 00 that are called as the company's other workbooks (09), by name."""
    return _called(path.parent, [form for form in _others() if not form.many])


def of_people(path: Path) -> list[Path]:
    """Files beside workbook 00 that are called as workbooks of which the company has many (10), by name.

    No project depends on them: they are read when all projects are looked at together.
    """
    return called_of_people(path.parent)


def called_of_people(folder: Path) -> list[Path]:
    """The same of a folder."""
    return _called(folder, [form for form in _others() if form.many])


def _others() -> list[Form]:
    return [form for form in load_forms().values() if form.company and form.key != "master"]


def _called(folder: Path, forms: Sequence[Form]) -> list[Path]:
    if not folder.is_dir():
        return []
    files = sorted(file for file in folder.iterdir() if file.suffix.lower() in WORKBOOK_SUFFIXES)
    return [file for file in files if not unseen(file.name) and any(form.claimed_by(file.name) for form in forms)]


def read_people(files: Iterable[Path], company: Company, forms: Mapping[str, Form]) -> tuple[list[Workbook], Unread]:
    """Read workbooks of which the company has many; returns them, and why others could not be read, by file name."""
    people, books, unread = unique_names(company), list[Workbook](), dict[str, tuple[str, str]]()
    for file in files:
        opened = open_file(file, forms)
        if isinstance(opened, Refusal):
            unread[file.name] = (opened.message(), opened.message("en"))
        elif opened.form and opened.form.company and opened.form.many:
            books.append(read_workbook(opened, opened.form, people))
        else:
            unread[file.name] = _FOREIGN
    return books, unread


def read_company(path: Path, forms: Mapping[str, Form]) -> Company:
    """Read workbook 00, and the company's other workbooks beside it.

    Raises:
        DefinitionError: it cannot be read, is no workbook 00, lacks a sheet, or contradicts itself. What lies beside it
            and cannot be read stops nobody: `Company.unread`, rule P533.
    """
    company = _read_master(path, forms)
    people, others, unread = unique_names(company), {}, {}
    for file in beside(path):
        opened = open_file(file, forms)
        if isinstance(opened, Refusal):
            unread[file.name] = (opened.message(), opened.message("en"))
        elif (form := opened.form) and form.company and form.key != "master" and not form.many:
            others[form.key] = read_workbook(opened, form, people)
        else:
            unread[file.name] = _FOREIGN
    return replace(company, others=others, unread=unread)


_FOREIGN = ("里面的不是这张表单", "it does not hold that form")


def _opened(path: Path, forms: Mapping[str, Form]) -> Opened:
    opened = open_file(path, forms)
    if isinstance(opened, Refusal):
        raise DefinitionError(f"{path}:{opened.message()}({opened.message('en')})")
    return opened


def _read_master(path: Path, forms: Mapping[str, Form]) -> Company:
    opened = _opened(path, forms)
    if opened.form is not forms["master"]:
        raise DefinitionError(f"{path}:不是 00 公司基础资料工作簿(not workbook 00)。")
    book = read_workbook(opened, forms["master"], {})
    for sheet in book.sheets.values():
        if not sheet.present:
            raise DefinitionError(f"{path}:缺少工作表“{sheet.at.sheet}”(missing sheet)。")
    refuse_contradictions(book, forms["master"])
    return build_company(book, forms["master"])


def build_company(book: Workbook, form: Form) -> Company:
    """Typed master data from the cells of workbook 00; its form's own rows are the defaults of the parameters."""
    sheets = book.sheets
    details = {key: sheets["company"].head.text(key) for key in sheets["company"].head.cells}
    departments = [_department(row) for row in sheets["departments"].rows]
    persons = [_person(row) for row in sheets["persons"].rows]
    days = {d.value: row.text("day_type") == "上班" for row in sheets["calendar"].rows if (d := row.date("day"))}
    return Company(
        book=book,
        details=details,
        departments={d.code: d for d in departments},
        persons={p.no: p for p in persons},
        offices=departments,
        people=persons,
        accounts={row.text("acc_code"): row for row in sheets["cost_accounts"].rows},
        rates=_rows(sheets["rate_card"], _rate),
        tax_rates=frozenset(v.value for row in sheets["tax_rates"].rows if (v := row.money("rate"))),
        units=frozenset(row.text("unit") for row in sheets["units"].rows),
        equipment=frozenset(row.text("asset_no") for row in sheets["shared_equipment"].rows),
        steps=_rows(sheets["approval_matrix"], _step),
        parameters=[_parameter(row) for row in sheets["parameters"].rows],
        calendar=WorkCalendar(days),
        defaults={row["key"]: row["value"] for row in form.sheet_form("parameters").rows},
    )


def unique_names(company: Company) -> dict[str, str]:
    """Employee numbers by name, only where the name is unique, and by themselves in capitals."""
    persons = company.persons.values()
    names = Counter(person.name.replace(" ", "") for person in persons)
    by_name = {p.name.replace(" ", ""): p.no for p in persons if names[p.name.replace(" ", "")] == 1}
    return {**by_name, **{person.no.upper(): person.no for person in persons}}


def _rows(sheet: Sheet, make: Callable[[Record], T | None]) -> Sequence[T]:
    return [made for row in sheet.rows if (made := make(row)) is not None]


def _department(row: Record) -> Department:
    return Department(
        code=row.text("dept_code"),
        name=row.text("dept_name"),
        head=row.text("head_emp"),
        cxo=row.text("cxo"),
        construction=row.text("is_construction") == "是",
        countersign=row.text("countersign_required"),
        creview=row.text("creview_required"),
        mail_group=row.text("mail_group"),
        valid_from=_day(row, "valid_from"),
        valid_until=_day(row, "valid_until"),
        former=row.choices("former_names"),
    )


def _person(row: Record) -> Person:
    return Person(
        no=row.text("emp_no"),
        name=row.text("name"),
        dept=row.text("dept_code"),
        title=row.text("title"),
        grade=row.text("grade"),
        post=row.text("post"),
        email=row.text("email"),
        active=row.text("status") != "离职",
        entered=_day(row, "entered"),
        left=_day(row, "left"),
        engineer=_YES_OR_NO.get(row.text("network_engineer")),
        deputies=row.choices("deputies"),
        deputies_from=_day(row, "deputies_from"),
    )


def _day(row: Record, key: str) -> date | None:
    found = row.date(key)
    return found.value if found else None


def _rate(row: Record) -> tuple[str, Decimal, date] | None:
    rate, start = row.money("day_rate"), row.date("valid_from")
    return (row.text("grade"), rate.value, start.value) if rate and start else None


def _step(row: Record) -> Step | None:
    minimum, maximum, number = row.money("min_amount"), row.money("max_amount"), row.number_of("step")
    if minimum is None or number is None:
        return None
    return Step(
        doc_type=row.text("doc_type"),
        project_class=row.text("class"),
        minimum=minimum.value,
        maximum=maximum.value if maximum else None,
        number=int(number.value),
        role=row.text("role"),
        dept=row.text("dept_code"),
        action=row.text("action"),
        valid_from=_day(row, "valid_from"),
    )


def _parameter(row: Record) -> Parameter:
    return Parameter(row.text("key"), row.text("value"), _day(row, "valid_from"))
