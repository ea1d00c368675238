"""Codes: spelled as the program reads them, and as the company writes its own (rules F013, F038, F040)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pipeline.check.case import Case
from pipeline.check.cells import Entry, entries
from pipeline.core.findings import Finding

_USCC = frozenset({"uscc", "customer_uscc"})
_USCC_DIGITS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = tuple(pow(3, position, 31) for position in range(17))
# What is no stage of the plan is told as that (X216), however it is spelled.
_FOLLOWED = "plan.stages.code"


def spelling(case: Case) -> Iterator[Finding]:
    """F038 (7.1): a code that is read for its parts, such as a version, a stage or a period, is spelled as one."""
    for entry, code in _codes(case, "F038"):
        field = entry.field
        if field.regex and not field.regex.fullmatch(code) and field.reference != _FOLLOWED:
            texts = {"label": field.label, "value": code, "form": field.spelled, "example": field.example}
            yield case.finding("F038", entry.cell.at, pending=False, found=code, expected=field.example, **texts)


def company_codes(case: Case) -> Iterator[Finding]:
    """F040 (7.1): numbers that the company gives have the form that workbook 00 says, where it says one."""
    for entry, code in _codes(case, "F040"):
        key = entry.field.coded_by
        if key and not (pattern := case.pattern(key)).fullmatch(code):
            texts = {"label": entry.field.label, "value": code, "key": key, "pattern": pattern.pattern}
            yield case.finding("F040", entry.cell.at, pending=False, found=code, expected=pattern.pattern, **texts)


def credit_code(case: Case) -> Iterator[Finding]:
    """F013 (GB 32100): a unified social credit code ends in its check digit; one of another form is F038."""
    for entry, code in _codes(case, "F013"):
        last = check_digit(code[:17])
        if _is_credit_code(entry) and last and len(code) == 18 and code[17] != last:
            yield case.finding("F013", entry.cell.at, value=code, found=code, expected=f"18位,末位{last}")


def _codes(case: Case, rule: str) -> Iterator[tuple[Entry, str]]:
    """Cells of codes that say something; a field may allow a word instead, such as 无."""
    for entry in entries(case, rule, {"code"}):
        code = entry.cell.value
        if isinstance(code, str) and code not in entry.field.also_allowed:
            yield entry, code


def _is_credit_code(entry: Entry) -> bool:
    return entry.field.key in _USCC or (entry.name == "survey.items.value" and entry.record.text("no") == "A02")


def check_digit(first: str) -> str:
    """Check digit of the first 17 characters (GB 32100, domain G.5); empty when they cannot have one."""
    if len(first) != 17 or any(character not in _USCC_DIGITS for character in first):
        return ""
    total = sum(_USCC_DIGITS.index(character) * weight for character, weight in zip(first, _USCC_WEIGHTS, strict=True))
    return _USCC_DIGITS[-total % 31]


CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (spelling, company_codes, credit_code)
