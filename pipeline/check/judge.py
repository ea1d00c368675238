"""All judges in their order, over one case."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from pipeline.check import (
    across_records,
    after_contract,
    bearers,
    beside_bid,
    bids,
    budget,
    causes,
    compared,
    cost,
    customer_words,
    design,
    deviations,
    fields,
    fillers,
    gates,
    hands,
    identity,
    library,
    mandatory_papers,
    materials,
    offered,
    plan,
    prefillable,
    records,
    records_handover,
    records_review,
    rounds,
    second_sources,
    service_support,
    staffing,
    stages,
    support,
    survey,
    testing,
    totals,
    unfilled,
    versions_named,
)
from pipeline.check.case import Case
from pipeline.core.errors import PipelineError
from pipeline.core.findings import Comparison, Finding, in_order

T = TypeVar("T")

CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (
    *fields.CHECKS,
    *unfilled.CHECKS,
    *prefillable.CHECKS,
    *identity.CHECKS,
    *survey.CHECKS,
    *plan.CHECKS,
    *cost.CHECKS,
    *materials.CHECKS,
    *staffing.CHECKS,
    *records.CHECKS,
    *records_review.CHECKS,
    *mandatory_papers.CHECKS,
    *records_handover.CHECKS,
    *rounds.CHECKS,
    *across_records.CHECKS,
    *gates.CHECKS,
    *compared.CHECKS,
    *second_sources.CHECKS,
    *budget.CHECKS,
    *testing.CHECKS,
    *bearers.CHECKS,
    *versions_named.CHECKS,
    *fillers.CHECKS,
    *hands.CHECKS,
    *support.CHECKS,
    *design.CHECKS,
    *service_support.CHECKS,
    *bids.CHECKS,
    *beside_bid.CHECKS,
    *after_contract.CHECKS,
    *customer_words.CHECKS,
    *offered.CHECKS,
    *library.CHECKS,
    *stages.CHECKS,
)


def judge(case: Case, before: Sequence[Finding] = ()) -> tuple[list[Finding], list[Comparison]]:
    """Run every check; all findings in one pass, one for each cause.

    Args:
        case: the project.
        before: what was found while it was read; it is among the findings.

    Raises:
        PipelineError: a check itself failed; it is named, and nothing is said against the staff's data.
    """
    findings = [finding for check in CHECKS for finding in _run(check, case)]
    comparisons = [found for compare in totals.COMPARISONS for found in _run(compare, case)]
    findings += totals.findings(case, comparisons)
    judged = [deviations.older(case, finding) for finding in _once(findings)]
    return in_order(deviations.let_pass(case, causes.folded(case, [*before, *judged]), before)), comparisons


def _run(check: Callable[[Case], Iterable[T]], case: Case) -> list[T]:
    try:
        return list(check(case))
    except PipelineError:
        raise
    except Exception as error:
        name = f"{check.__module__}.{check.__name__}"
        rule = (check.__doc__ or "").split(" ")[0]
        raise PipelineError(
            f"规则 {rule}({name})自身出错,请联系维护人员(the check itself failed): {error!r}"
        ) from error


def _once(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Each finding once: same rule at the same cell with the same values."""
    seen = set()
    for finding in findings:
        key = (finding.rule.code, finding.at, tuple(sorted(finding.values.items())), finding.pending)
        if key not in seen:
            seen.add(key)
            yield finding
