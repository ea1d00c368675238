"""Write what the pipeline knows into copies of a project's workbooks: the copying goes, the cross-check stays.

The originals are never touched. A cell that somebody filled is left as it is; where it says something else than the
pipeline knows, that is told. Lines of the cost plan come first, for the sums of the plan follow from them.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from pipeline.adapters.ooxml.edit import CannotEdit, Editor
from pipeline.adapters.private_folders import private_folder
from pipeline.core.company import Company
from pipeline.core.errors import UsageProblem
from pipeline.core.places import Place
from pipeline.core.sheets import Workbook
from pipeline.definitions.catalogue import load_catalogue
from pipeline.definitions.forms import Form, load_forms
from pipeline.definitions.styles import PREFILLED
from pipeline.derive.facts import derive
from pipeline.derive.formulas import recalculated, settle
from pipeline.intake.company import find_company, read_company, unique_names
from pipeline.intake.gate import Refusal
from pipeline.intake.projects import ProjectInput, read_project
from pipeline.intake.workbooks import open_file, read_workbook
from pipeline.project_run.prefill_cells import Fill, PrefillNotes, fills_of

_MOST_PASSES = 12


@dataclass(frozen=True)
class Prefilled:
    """What was done.

    Attributes:
        files: the copies, by the name of the original, with the number of cells written.
        told: what was left alone and why, in Chinese, with its place.
    """

    files: Mapping[Path, int]
    told: tuple[PrefillNotes, ...]


def prefill(folder: Path, out: Path, company: Path | None, setting: Path | None, as_of: date) -> Prefilled:
    """Write prefilled copies of a project's workbooks.

    Args:
        folder: the project.
        out: where the copies go; nothing in it is overwritten.
        company: workbook 00, where it is given.
        setting: workbook 00 of the settings.
        as_of: today.

    Raises:
        UsageProblem: there is nothing to fill, or a copy exists already.
        DefinitionError: there is no workbook 00.
    """
    if not folder.is_dir():
        raise UsageProblem(f"{folder}:不是目录(no folder)。")
    forms = load_forms()
    master = read_company(find_company(company, [folder], setting, forms), forms)
    found = read_project(folder, master, forms, load_catalogue())
    if not found.books:
        raise UsageProblem(f"{folder}:没有可预填的工作簿(no workbook to fill)。")
    for book in found.books:
        if (out / book.path.name).exists():
            raise UsageProblem(f"{out / book.path.name}:文件已存在,不覆盖(file exists, not overwritten)。")
    with private_folder() as work:
        for book in found.books:
            shutil.copyfile(book.path, work / book.path.name)
        counts, told = _fill_all(found, work, master, forms, as_of)
        out.mkdir(parents=True, exist_ok=True)
        for book in found.books:
            shutil.copyfile(work / book.path.name, out / book.path.name)
    return Prefilled({out / book.path.name: counts.get(book.path.name, 0) for book in found.books}, told)


def _fill_all(
    found: ProjectInput, work: Path, company: Company, forms: Mapping[str, Form], as_of: date
) -> tuple[dict[str, int], tuple[PrefillNotes, ...]]:
    """Fill the copies in `work` until nothing more follows from what was filled."""
    project, books = found.project, {book.path.name: book for book in found.books}
    counts: dict[str, int] = {}
    told: list[PrefillNotes] = []
    for _ in range(_MOST_PASSES):
        settled = settle(project, company, forms)
        facts = derive(settled, company, forms, as_of)
        cells = {name: list(fills_of(book, settled, facts, company, forms[book.form])) for name, book in books.items()}
        told = [cell for many in cells.values() for cell in many if isinstance(cell, PrefillNotes)]
        wanted = [(name, cell) for name, many in cells.items() for cell in many if isinstance(cell, Fill)]
        # What lines roll up must stand before them, and they before the sums of the plan.
        first = min((cell.rank for _, cell in wanted), default=0)
        fills: dict[str, list[Fill]] = {}
        for name, cell in wanted:
            if cell.rank == first:
                fills.setdefault(name, []).append(cell)
        for name, new in fills.items():
            books[name] = write_cells(work / name, new, company, forms)
            counts[name] = counts.get(name, 0) + len(new)
        if not fills:
            break
        sole = {book.form: book for book in books.values() if not forms[book.form].many}
        project = replace(project, workbooks={**project.workbooks, **sole})
    return counts, tuple(dict.fromkeys(told))


def write_cells(path: Path, cells: Sequence[Fill], company: Company, forms: Mapping[str, Form]) -> Workbook:
    """Write values into a workbook, in light blue, and give every formula the value that follows.

    Returns:
        The workbook as it reads then.

    Raises:
        UsageProblem: the file cannot be edited; it says why.
    """
    try:
        editor = Editor(path.read_bytes())
        for cell in cells:
            fill = PREFILLED.removeprefix("#")
            editor.set_value(str(cell.at.sheet), str(cell.at.cell), cell.value, fill=fill)
        path.write_bytes(editor.to_bytes())
        if _calculate_anew(_read(path, company, forms), editor, company, forms):
            path.write_bytes(editor.to_bytes())
        return _read(path, company, forms)
    except CannotEdit as error:
        raise UsageProblem(f"{path.name}:不能写入(cannot edit): {error}") from error


def _read(path: Path, company: Company, forms: Mapping[str, Form]) -> Workbook:
    opened = open_file(path, forms)
    if isinstance(opened, Refusal) or opened.form is None:
        raise CannotEdit(opened.message() if isinstance(opened, Refusal) else "no form of ours")
    return read_workbook(opened, opened.form, unique_names(company))


def _calculate_anew(book: Workbook, editor: Editor, company: Company, forms: Mapping[str, Form]) -> bool:
    """Store in every formula cell of the form what its formula gives now; tell whether any changed."""

    def live(at: Place) -> bool:
        return bool(at.sheet and at.cell) and editor.cells(str(at.sheet)).has_formula(str(at.cell))

    records = (r for sheet in book.sheets.values() for r in (*sheet.records(), sheet.stamp, sheet.totals))
    stored = {cell.at: cell for record in records for cell in record.cells.values()}
    changed = {
        at: value
        for at, value in recalculated(book, company, forms, live).items()
        if at in stored and (stored[at].value != value or stored[at].flaws)
    }
    for at, value in changed.items():
        shown = "、".join(value) if isinstance(value, tuple) else value
        editor.set_value(str(at.sheet), str(at.cell), "" if shown is None else shown, keep_formula=True)
    return bool(changed)
