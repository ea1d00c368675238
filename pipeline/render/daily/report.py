"""The daily report as DOCX, PDF and XLSX."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipeline.adapters.files import move_durable, sync_tree
from pipeline.adapters.office.converters import Converter
from pipeline.adapters.private_folders import MAKING, private_folder
from pipeline.core.company import Company
from pipeline.core.documents import Printed
from pipeline.core.portfolio import Portfolio
from pipeline.definitions.documents import PORTFOLIO, DocumentForm, load_documents
from pipeline.render.context.portfolio import portfolio_context
from pipeline.render.context.shown import Node
from pipeline.render.daily.workbook import batch_workbook
from pipeline.render.word.fill import render
from pipeline.render.writer import Writer


def batch_report(portfolio: Portfolio, company: Company, folder: Path, office: Converter | None) -> list[Path]:
    """Make every document over all projects: `批次日报_20261123.docx`, PDF and XLSX beside it, all of them or none.

    Args:
        portfolio: what is printed.
        company: workbook 00.
        folder: where the files are written; it exists.
        office: converter; None makes no PDF.

    Raises:
        DefinitionError: the template is wrong.
        DocumentFailed: a value was lost, or the conversion failed.
    """
    forms = [form for form in load_documents().values() if form.per == PORTFOLIO]
    with private_folder(MAKING, folder) as work:
        made = [path for form in forms for path in _report(form, portfolio, company, work, office)]
        sync_tree(work)
        for path in made:
            move_durable(path, folder / path.name)
    return [folder / path.name for path in made]


def portfolio_writer(context: Node, office: Converter | None) -> Writer:
    """Writes documents over all projects, as those of one project are written.

    Args:
        context: as `portfolio_context` makes it.
        office: converter; None leaves out the PDFs.
    """

    def fill(form: DocumentForm, docx: Path, pages: Sequence[int] | None) -> tuple[Printed, ...]:
        return render(form, context, docx, draft=False, pages=pages)

    return Writer(fill, office)


def _report(
    form: DocumentForm, portfolio: Portfolio, company: Company, folder: Path, office: Converter | None
) -> list[Path]:
    docx, xlsx = (folder / f"{form.title}_{portfolio.as_of:%Y%m%d}{kind}" for kind in (".docx", ".xlsx"))
    _, pdf = portfolio_writer(portfolio_context(portfolio, company, form), office)(form, docx)
    batch_workbook(portfolio, xlsx)
    return [docx, pdf, xlsx] if pdf else [docx, xlsx]
