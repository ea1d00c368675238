"""Reports of people over weeks and months, drawn from their logs, as DOCX and PDF."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from pipeline.adapters.files import move_durable
from pipeline.adapters.office.converters import Converter
from pipeline.adapters.private_folders import MAKING, private_folder
from pipeline.core.company import Company
from pipeline.core.names import safe
from pipeline.definitions.documents import PEOPLE, load_documents
from pipeline.derive.worklog import Log
from pipeline.render.context.people import person_context, told
from pipeline.render.daily.report import portfolio_writer


def person_reports(
    logs: Sequence[Log], company: Company, folder: Path, office: Converter | None, periods: Iterable[str] = ()
) -> list[Path]:
    """Make the reports: `售前周报_E203_2026-W26.docx` and the PDF beside it, all of them or none.

    Args:
        logs: of any persons and months.
        company: workbook 00.
        folder: where the files are written; it is made.
        office: converter; None makes no PDF.
        periods: weeks (2026-W26) and months (2026-06); none: all of which the logs say something.

    Raises:
        DefinitionError: the template is wrong.
        DocumentFailed: a value was lost, or the conversion failed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with private_folder(MAKING, folder) as work:
        made: list[Path] = []
        for form in (one for one in load_documents().values() if one.per == PEOPLE):
            for one in told(logs, periods):
                docx = work / f"{one.title}_{safe(one.emp_no)}_{one.period}.docx"
                _, pdf = portfolio_writer(person_context(one, company, form), office)(form, docx)
                made += [docx, pdf] if pdf else [docx]
        for path in made:
            move_durable(path, folder / path.name)
    return [folder / path.name for path in made]
