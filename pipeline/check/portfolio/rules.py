"""All judges over all projects (B401, B403 .. B417, P521 .. P554), from facts, logs and the library alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pipeline.check.batch import Batch
from pipeline.check.portfolio import days as portfolio_days
from pipeline.check.portfolio import library as portfolio_library
from pipeline.check.portfolio import logs as portfolio_logs
from pipeline.check.portfolio import materials as portfolio_materials
from pipeline.check.portfolio import names as portfolio_names
from pipeline.check.portfolio import people as portfolio_people
from pipeline.core.company import Company
from pipeline.core.errors import PipelineError
from pipeline.core.facts import Facts
from pipeline.core.findings import Finding, Rule, in_order
from pipeline.core.places import Place
from pipeline.derive.worklog import Log

CHECKS: tuple[Callable[[Batch], Iterator[Finding]], ...] = (
    *portfolio_names.CHECKS,
    *portfolio_people.CHECKS,
    *portfolio_materials.CHECKS,
    *portfolio_days.CHECKS,
    *portfolio_library.CHECKS,
    *portfolio_logs.CHECKS,
)


@dataclass(frozen=True)
class Told:
    """What people say of their work.

    Attributes:
        logs: workbooks 10, by person and month.
        codes: of every project that is known; None: nobody knows all of them.
    """

    logs: Sequence[Log] = ()
    codes: frozenset[str] | None = None


def judge_portfolio(
    projects: Sequence[Facts],
    company: Company,
    rules: Mapping[str, Rule],
    as_of: date,
    unchanged: Iterable[str] = (),
    told: Told = Told(),
) -> tuple[Finding, ...]:
    """Find what only shows when all projects are seen together; the value `projects` names them (`projects_of`).

    Args:
        projects: facts of every project, in any order.
        company: workbook 00.
        rules: the catalogue by code.
        as_of: today; its thresholds count.
        unchanged: codes of projects that were skipped because nothing in them changed (B414).
        told: what people say themselves, in workbook 10.

    Raises:
        PipelineError: a check itself failed; it is named.
    """
    batch = Batch(sorted(projects, key=lambda facts: facts.code), company, rules, as_of, told.logs, told.codes)
    found = [finding for check in CHECKS for finding in _run(check, batch)]
    return tuple(in_order([*found, *(_skipped(batch, code) for code in sorted(set(unchanged)))]))


def _skipped(batch: Batch, code: str) -> Finding:
    return batch.finding("B414", [code], Place(code), (), code=code, found="无变化", expected="")


def _run(check: Callable[[Batch], Iterator[Finding]], batch: Batch) -> list[Finding]:
    try:
        return list(check(batch))
    except PipelineError:
        raise
    except Exception as error:
        rule = (check.__doc__ or "").split(" ")[0]
        name = f"{check.__module__}.{check.__name__}"
        raise PipelineError(
            f"规则 {rule}({name})自身出错,请联系维护人员(the check itself failed): {error!r}"
        ) from error
