"""The daily report as DOCX, PDF and XLSX."""

from __future__ import annotations

from pathlib import Path

from pipeline.adapters.libreoffice import LibreOffice
from pipeline.core.company import Company
from pipeline.core.portfolio import Portfolio
from pipeline.definitions.documents import PORTFOLIO, DocumentForm, load_documents
from pipeline.render.batch_workbook import batch_workbook
from pipeline.render.context_portfolio import portfolio_context
from pipeline.render.docx import render


def batch_report(portfolio: Portfolio, company: Company, folder: Path, office: LibreOffice | None) -> list[Path]:
    """Make every document over all projects: `批次日报_20261123.docx`, PDF and XLSX beside it.

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
    return [path for form in forms for path in _report(form, portfolio, company, folder, office)]


def _report(
    form: DocumentForm, portfolio: Portfolio, company: Company, folder: Path, office: LibreOffice | None
) -> list[Path]:
    docx, pdf, xlsx = (folder / f"{form.title}_{portfolio.as_of:%Y%m%d}{kind}" for kind in (".docx", ".pdf", ".xlsx"))
    render(form, portfolio_context(portfolio, company, form), docx, draft=False)
    batch_workbook(portfolio, xlsx)
    if office is None:
        return [docx, xlsx]
    office.to_pdf(docx, pdf)
    return [docx, pdf, xlsx]
