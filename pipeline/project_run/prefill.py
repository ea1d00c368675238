"""Write what the pipeline knows into copies of a project's workbooks: the copying goes, the cross-check stays.

The originals are never touched. A cell that somebody filled is left as it is; where it says something else than the
pipeline knows, that is told. Lines of the cost plan come first, for the sums of the plan follow from them.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from pipeline.adapters.ooxml_edit import CannotEdit, Editor
from pipeline.core.company import Company
from pipeline.core.errors import UsageProblem
from pipeline.core.facts import Facts
from pipeline.core.places import Place
from pipeline.core.sheets import Project, Workbook
from pipeline.definitions.catalogue import load_catalogue
from pipeline.definitions.forms import Form, load_forms
from pipeline.definitions.styles import PREFILLED
from pipeline.derive.facts import derive
from pipeline.derive.formulas import recalculated, settle
from pipeline.intake.company import find_company, read_company, unique_names
from pipeline.intake.projects import read_project
from pipeline.intake.workbooks import Opened, open_file, read_workbook
from pipeline.project_run.prefill_cells import Fill, Told, fills_of

_MOST_PASSES = 4


@dataclass(frozen=True)
class Prefilled:
    """What was done.

    Attributes:
        files: the copies, by the name of the original, with the number of cells written.
        told: what was left alone and why, in Chinese, with its place.
    """

    files: Mapping[Path, int]
    told: tuple[Told, ...]


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
    originals = [book.path for book in _read(folder, master, forms)[1]]
    if not originals:
        raise UsageProblem(f"{folder}:没有可预填的工作簿(no workbook to fill)。")
    for path in originals:
        if (out / path.name).exists():
            raise UsageProblem(f"{out / path.name}:文件已存在,不覆盖(file exists, not overwritten)。")
    with tempfile.TemporaryDirectory(prefix="presales-") as made:
        work = Path(made)
        for path in originals:
            shutil.copyfile(path, work / path.name)
        counts, told = _fill_all(folder, work, master, forms, as_of)
        out.mkdir(parents=True, exist_ok=True)
        for path in originals:
            shutil.copyfile(work / path.name, out / path.name)
    return Prefilled({out / path.name: counts.get(path.name, 0) for path in originals}, told)


def _read(folder: Path, company: Company, forms: Mapping[str, Form]) -> tuple[Project, tuple[Workbook, ...]]:
    found = read_project(folder, company, forms, load_catalogue())
    return found.project, found.books


def _fill_all(
    folder: Path, work: Path, company: Company, forms: Mapping[str, Form], as_of: date
) -> tuple[dict[str, int], tuple[Told, ...]]:
    """Fill the copies in `work` until nothing more follows from what was filled."""
    attachments = _read(folder, company, forms)[0].attachments
    counts: dict[str, int] = {}
    told: tuple[Told, ...] = ()
    for _ in range(_MOST_PASSES):
        project, books = _read(work, company, forms)
        project = settle(replace(project, attachments=attachments), company, forms)
        facts = derive(project, company, forms, as_of)
        found = [list(_of_book(book, project, facts, company, forms)) for book in books]
        told = tuple(one for many in found for one in many if isinstance(one, Told))
        fills = {book.path: [f for f in many if isinstance(f, Fill)] for book, many in zip(books, found, strict=True)}
        if not any(fills.values()):
            break
        for path, cells in fills.items():
            if cells:
                write_cells(path, cells, company, forms)
                counts[path.name] = counts.get(path.name, 0) + len(cells)
    return counts, tuple(dict.fromkeys(told))


def _of_book(
    book: Workbook, project: Project, facts: Facts, company: Company, forms: Mapping[str, Form]
) -> Iterator[Fill | Told]:
    opened = open_file(book.path, forms)
    if isinstance(opened, Opened):
        yield from fills_of(book, opened.book, project, facts, company, forms[book.form])


def write_cells(path: Path, cells: Sequence[Fill], company: Company, forms: Mapping[str, Form]) -> None:
    """Write values into a workbook, in light blue, and give every formula the value that follows.

    Raises:
        UsageProblem: the file cannot be edited; it says why.
    """
    try:
        editor = Editor(path.read_bytes())
        for cell in cells:
            sheet, ref = str(cell.at.sheet), str(cell.at.cell)
            editor.set_value(sheet, ref, cell.value, fill=PREFILLED if cell.blue else "")
        path.write_bytes(editor.to_bytes())
        calculate_anew(path, editor, company, forms)
    except CannotEdit as error:
        raise UsageProblem(f"{path.name}:不能写入(cannot edit): {error}") from error


def calculate_anew(path: Path, editor: Editor, company: Company, forms: Mapping[str, Form]) -> None:
    """Store in every formula cell of the form what its formula gives now.

    Args:
        path: the workbook; it is replaced.
        editor: its present state.
        company: master data.
        forms: form definitions.
    """
    opened = open_file(path, forms)
    if not isinstance(opened, Opened) or opened.form is None:
        return
    book = read_workbook(opened, opened.form, unique_names(company))

    def live(at: Place) -> bool:
        return bool(at.sheet and at.cell) and editor.cells(str(at.sheet)).has_formula(str(at.cell))

    stored = {cell.at: cell for sheet in book.sheets.values() for r in (*sheet.records(), sheet.stamp, sheet.totals)
              for cell in r.cells.values()}  # fmt: skip
    for at, value in recalculated(book, company, forms, live).items():
        cell = stored.get(at)
        if cell is not None and (cell.value != value or cell.flaws):
            shown = "、".join(value) if isinstance(value, tuple) else value
            editor.set_value(str(at.sheet), str(at.cell), "" if shown is None else shown, keep_formula=True)
    path.write_bytes(editor.to_bytes())
