"""The blank workbooks: committed beside their definitions, or written with the heads of a project filled in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

from pipeline.adapters.private_folders import private_folder
from pipeline.core.errors import UsageProblem
from pipeline.definitions.forms import Form
from pipeline.definitions.values import Content, Master00
from pipeline.definitions.writer import write_workbook

_NOBODY = Master00({})


def blank_path(form: Form, folder: Path) -> Path:
    """Where the blank of a form is kept: under the name of the form, without a project code."""
    return folder / form.file.format(project_code="").replace("_.xlsx", ".xlsx")


def write_blanks(forms: Iterable[Form], folder: Path) -> list[Path]:
    """Write the blanks that are committed beside the definitions."""
    paths = []
    for form in forms:
        path = blank_path(form, folder)
        write_workbook(form, path, Content(), _NOBODY)
        paths.append(path)
    return paths


def stale_blanks(forms: Iterable[Form], folder: Path) -> list[Path]:
    """Blanks that are missing or no longer what their definition gives."""
    with private_folder() as fresh:
        made = write_blanks(forms, fresh)
        return [
            folder / path.name
            for path in made
            if not (folder / path.name).is_file() or (folder / path.name).read_bytes() != path.read_bytes()
        ]


def due_forms(forms: Mapping[str, Form]) -> dict[str, Form]:
    """The forms that every project needs; the voluntary ones are taken when there is something to write in them."""
    return {key: form for key, form in forms.items() if not form.voluntary}


def numbered_forms(forms: Mapping[str, Form], numbers: Iterable[str]) -> dict[str, Form]:
    """The forms of some numbers (09).

    Raises:
        UsageProblem: there is no form of that number.
    """
    known = {form.no: form for form in forms.values()}
    if unknown := [number for number in numbers if number not in known]:
        raise UsageProblem(f"没有编号为{'、'.join(unknown)}的工作簿,有{'、'.join(known)}(no such workbook)。")
    return {known[number].key: known[number] for number in numbers}


def write_log(form: Form, folder: Path, emp_no: str, month: str, master: Master00, day: date) -> Path:
    """Write the blank log (workbook 10) of a person and month, both in its name and on top of it.

    Raises:
        UsageProblem: the file exists, or the month is none (2026-06).
    """
    try:
        date.fromisoformat(f"{month}-01")
    except ValueError:
        raise UsageProblem(f"{month}:月份写作 2026-06(write months as 2026-06)。") from None
    path = folder / f"{Path(form.file).stem}_{emp_no}_{month}.xlsx"
    _nothing_there([path])
    folder.mkdir(parents=True, exist_ok=True)
    content = Content(headers={form.sheet[0].key: {"emp_no": emp_no, "month": month}})
    write_workbook(form, path, content, master, day)
    return path


def _nothing_there(paths: Iterable[Path]) -> None:
    for path in paths:
        if path.exists():
            raise UsageProblem(f"{path}:文件已存在,不覆盖(file exists, not overwritten)。")


def write_set(
    forms: Mapping[str, Form],
    folder: Path,
    head: Mapping[str, str | None],
    master: Master00,
    day: date,
    basics: Mapping[str, str] | None = None,
) -> list[Path]:
    """Write a set of blank workbooks for a project; without a project code workbook 00 is part of it.

    Args:
        forms: all forms by key.
        folder: where to write; nothing in it is overwritten.
        head: project code and name.
        master: the company's columns.
        day: kept in `_meta`; the month rows of the cost summary begin with it.
        basics: what is known of the plan's labelled cells; it is written there and where the survey asks for the same.

    Raises:
        UsageProblem: one of the files exists.
    """
    code = head.get("project_code") or ""
    wanted = [form for form in forms.values() if not form.company or not code]
    paths = {form.key: folder / form.file.format(project_code=code or "空白") for form in wanted}
    _nothing_there(paths.values())
    folder.mkdir(parents=True, exist_ok=True)
    for form in wanted:
        write_workbook(form, paths[form.key], _known_from_the_start(form, head, basics or {}), master, day)
    return list(paths.values())


def _known_from_the_start(form: Form, head: Mapping[str, str | None], basics: Mapping[str, str]) -> Content:
    """What stands in a blank of a project: its code and name, and what its registration says."""
    given = {key: value for key, value in head.items() if form.head.fields and value}
    sources = {f"{form.key}.head.{key}": value for key, value in given.items()}
    sources |= {f"plan.basics.{key}": value for key, value in basics.items()}
    sheets: dict[str, object] = {
        sheet.key: [{"no": item.no, "value": sources[item.prefill]} for item in sheet.items if item.prefill in sources]
        for sheet in form.sheet
        if sheet.items
    }
    return Content(given, {**sheets, "basics": dict(basics)} if form.key == "plan" else sheets)
