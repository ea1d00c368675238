"""Whether codes, names and numbers tell projects and customers apart (rules B401, B403, B410, B411)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from pipeline.check.batch import LISTED, Batch, grouped, some
from pipeline.core.company import normal_name
from pipeline.core.facts import Facts
from pipeline.core.findings import Finding
from pipeline.core.places import Place, Sourced

_OTHERS = "不同的项目"


@dataclass(frozen=True, slots=True)
class Named:
    """A text of a project with its cell."""

    project: str
    text: str
    at: Place


def one_project_a_code(batch: Batch) -> Iterator[Finding]:
    """B401 (6.2.2): a project code stands in workbooks of one project only, by the name on top of each."""
    stamps = [(facts, stamp) for facts in batch.projects for stamp in facts.entries.stamps if stamp.code and stamp.name]
    for code, group in grouped(stamps, lambda pair: pair[1].code).items():
        names = [Named(facts.code, stamp.name, stamp.at) for facts, stamp in group]
        for odd, all_names in _minority(names):
            values = {"code": code, "n": len(all_names), "found": some(n.text for n in odd), "expected": "一个项目"}
            related = [name.at for name in names if name not in odd] + [name.at for name in odd[1:]]
            yield batch.finding("B401", [n.project for n in (*odd, *names)], odd[0].at, related, **values)


def _minority(names: Sequence[Named]) -> Iterator[tuple[list[Named], list[str]]]:
    """Those whose text is not that of most (of the first, among equals), where there is more than one text."""
    counted = Counter(normal_name(name.text) for name in names)
    if len(counted) > 1:
        right = counted.most_common(1)[0][0]
        yield [name for name in names if normal_name(name.text) != right], list(counted)


def same_project_twice(batch: Batch) -> Iterator[Finding]:
    """B403 (6.2.2): two projects of one customer with names that are nearly the same; reported at the later code.

    Of many earlier ones the nearest are named: a customer with a thousand projects must not fill every page.
    """
    least = float(batch.parameter("name_similarity"))
    named = [facts for facts in batch.projects if facts.entries.name and facts.entries.customer]
    for group in grouped(named, lambda facts: _normal(facts.entries.customer)).values():
        for facts, twins in _twins(group, least):
            at, nearest = facts.entries.name, twins[-LISTED:]
            listed = "、".join(f"{twin.code} {_text(twin.entries.name)}" for twin in nearest)
            more = f" 等{len(twins)}个" if len(twins) > len(nearest) else ""
            values = {"a": f"{facts.code} {_text(at)}", "b": listed + more, "found": _text(at), "expected": _OTHERS}
            related = [twin.entries.name.at for twin in nearest if twin.entries.name]
            if at:
                yield batch.finding("B403", [one.code for one in (facts, *nearest)], at.at, related, **values)


def _twins(group: Sequence[Facts], least: float) -> Iterator[tuple[Facts, list[Facts]]]:
    """Every project of a customer with the earlier ones that are named like it; each name is compared once."""
    earlier: dict[str, list[int]] = {}
    for number, facts in enumerate(group):
        name = _normal(facts.entries.name)
        similar = _similar_to(name, least)
        near = sorted(one for other, numbers in earlier.items() if other == name or similar(other) for one in numbers)
        if twins := [group[one] for one in near if group[one].code != facts.code]:
            yield facts, twins
        earlier.setdefault(name, []).append(number)


def _similar_to(name: str, least: float) -> Callable[[str], bool]:
    """Test against one name; the cheap upper bounds of the ratio come first."""
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(name)

    def similar(other: str) -> bool:
        matcher.set_seq1(other)
        bounds = (matcher.real_quick_ratio, matcher.quick_ratio, matcher.ratio)
        return all(bound() >= least for bound in bounds)

    return similar


def one_customer_a_code(batch: Batch) -> Iterator[Finding]:
    """B410 (6.1): a credit code belongs to one customer name; customers without one write 无."""
    rows = [
        (normal_name(uscc.value).upper(), Named(facts.code, facts.entries.customer.value, uscc.at))
        for facts in batch.projects
        if (uscc := facts.entries.customer_uscc) and facts.entries.customer and uscc.value != "无"
    ]
    for code, group in grouped(rows, lambda row: row[0]).items():
        names = [name for _, name in group]
        for odd, _ in _minority(names):
            values = {"uscc": code, "found": odd[0].text, "expected": next(n.text for n in names if n not in odd)}
            related = [name.at for name in names if name is not odd[0]]
            yield batch.finding("B410", [n.project for n in (*odd, *names)], odd[0].at, related, **values)


def one_contract_a_number(batch: Batch) -> Iterator[Finding]:
    """B411 (6.5): a contract number belongs to one project; reported at the later code."""
    rows = [
        (normal_name(number.value).upper(), Named(facts.code, number.value, number.at))
        for facts in batch.projects
        if (number := facts.entries.contract_no)
    ]
    for group in grouped(rows, lambda row: row[0]).values():
        names = [name for _, name in group]
        if len({name.project for name in names}) > 1:
            *others, last = names
            found, expected = _codes(names), "一个项目一个合同编号"
            values = {"no": last.text, "found": found, "expected": expected}
            yield batch.finding("B411", [n.project for n in (last, *others)], last.at, [n.at for n in others], **values)


def _codes(names: Iterable[Named]) -> str:
    return some(name.project for name in names)


def _normal(found: Sourced[str] | None) -> str:
    return normal_name(_text(found))


def _text(found: Sourced[str] | None) -> str:
    return found.value if found else ""


CHECKS: tuple[Callable[[Batch], Iterator[Finding]], ...] = (
    one_project_a_code,
    same_project_twice,
    one_customer_a_code,
    one_contract_a_number,
)
