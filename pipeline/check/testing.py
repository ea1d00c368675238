"""Tests as planned, against who and what is planned for them, and as made (W208, W241, W242, W245, W246)."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from operator import ge, gt, le, lt

from pipeline.check.case import Case
from pipeline.check.procedure import records_of, sheet_title, who
from pipeline.core.findings import Finding
from pipeline.core.places import Place
from pipeline.core.sheets import Record
from pipeline.derive.managers import joined

# How a limit is written, and as what it counts.
_SIGNS = (
    ("≥", (">=", "大于等于", "大于或等于", "不低于", "不少于", "不小于", "至少")),
    ("≤", ("<=", "小于等于", "小于或等于", "不高于", "不多于", "不大于", "不超过", "至多")),
)
_FIGURE = re.compile(r"([≥≤><]?)((?<!\d)-?\d+(?:\.\d+)?)")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_UNIT = re.compile(r"[%‰]|[^\W\d_]+")
_HOLDS: Mapping[str, Callable[[Decimal, Decimal], bool]] = {"≥": ge, "≤": le, ">": gt, "<": lt}
_PASSED = frozenset({"通过", "复测通过"})
_PEOPLE = ("tester", "lead")
_BETWEEN = re.compile(r"[、,;/\s()和及与]")
_NAMED = 3  # characters of a thing's name that is looked for in a text


def criteria_as_planned(case: Case) -> Iterator[Finding]:
    """W241 (6.4.4): a test is judged by the figures of the criterion that the plan sets.

    Words may differ; where the plan sets no figure nothing is said.
    """
    planned = case.project.rows("plan", "tests")
    for row in records_of(case).rows("test_results"):
        own = [one for one in planned if one.text("no") == row.text("no") and not one.blank("criteria")]
        due = [figures(one.text("criteria")) for one in own]
        if row.blank("criteria") or not due or not all(due) or figures(row.text("criteria")) in due:
            continue
        a, b = row.text("criteria"), own[0].text("criteria")
        texts = {"no": row.text("no"), "a": a, "b": b, "found": a, "expected": b}
        yield case.finding("W241", row.at("criteria"), [own[0].at("criteria")], pending=False, **texts)


def figures(text: str) -> Counter[tuple[str, Decimal]]:
    """Figures of a criterion with their sign, however they are written; units may be spelled in two languages."""
    return Counter((sign, Decimal(number)) for sign, number in _FIGURE.findall(_spelled(text)))


def _spelled(text: str) -> str:
    plain = _THOUSANDS.sub("", re.sub(r"\s", "", unicodedata.normalize("NFKC", text)))
    for sign, words in _SIGNS:
        for word in words:
            plain = plain.replace(word, sign)
    return plain


def as_measured(case: Case) -> Iterator[Finding]:
    """W242 (6.4.4): what is said to have passed is not outside the one limit that was set, in the same unit.

    Where criterion or result holds several figures, another unit or none, nothing is said.
    """
    for row in records_of(case).rows("test_results"):
        limit, measured = _measure(row.text("criteria")), _measure(row.text("actual"))
        if row.text("verdict") not in _PASSED or not limit or not measured or measured[2] != limit[2]:
            continue
        if limit[0] and not measured[0] and not _HOLDS[limit[0]](measured[1], limit[1]):
            texts = {"no": row.text("no"), "a": row.text("actual"), "b": row.text("criteria")}
            found = {"found": texts["a"], "expected": texts["b"]}
            related = [row.at("criteria"), row.at("verdict")]
            yield case.finding("W242", row.at("actual"), related, pending=False, **texts, **found)


def _measure(text: str) -> tuple[str, Decimal, str] | None:
    """Sign, figure and unit of a text with one figure: ("≥", 30, "MBPS") of ≥30Mbps/终端."""
    plain = _spelled(text)
    several = list(_FIGURE.finditer(plain))
    if len(several) != 1:
        return None
    unit = _UNIT.match(plain, several[0].end())
    return several[0][1], Decimal(several[0][2]), unit[0].upper() if unit else ""


def testers(case: Case) -> Iterator[Finding]:
    """W208 (6.2.3): who tests is of the team: planned in 05, in the organisation or notice, or joined by a change."""
    team, outside = _team(case), dict[str, list[tuple[str, Place]]]()
    for row in records_of(case).rows("test_results") if team else ():
        for key in _PEOPLE:
            if (emp := row.text(key)) in case.company.persons and emp not in team:
                outside.setdefault(emp, []).append((key, row.at(key)))
    for emp, ((key, at), *others) in outside.items():
        label = case.forms["records"].sheet_form("test_results").field(key).label
        texts = {
            "a": f"{sheet_title(case, 'test_results')}“{label}”{who(case, emp)}",
            "b": f"项目组(05、项目组织、{sheet_title(case, 'notice')})",
            "clause": "6.2.3",
            "found": emp,
            "expected": "项目组成员",
        }
        related = [*(place for _, place in others), case.project.sheet("staffing", "lines").at]
        yield case.finding("W208", at, related, pending=False, **texts)


def _team(case: Case) -> set[str]:
    """Everybody who works in the project; nobody while 05 is not there."""
    lines = case.project.rows("staffing", "lines")
    if not lines:
        return set()
    planned = {row.text("emp_no") for row in lines}
    organised = {row.text("emp") for row in case.project.rows("plan", "organisation")}
    notice = case.project.head("records", "notice")
    named = {manager.no for manager in case.managers} | {*notice.choices("team"), notice.text("pm")}
    return planned | organised | named | joined(case.project, case.company)


def people_of_tests(case: Case) -> Iterator[Finding]:
    """W245 (6.3.1): who is named for a test has days in 05 while it lasts."""
    lines = case.project.rows("staffing", "lines")
    by_name: dict[str, set[str]] = {}
    for person in case.company.people if lines else ():
        by_name.setdefault(person.name, set()).add(person.no)
    for row in case.project.rows("plan", "tests") if lines else ():
        for name in _named(row.text("resource"), by_name):
            own = [line for line in lines if line.text("emp_no") in by_name[name]]
            if not _overlaps(row, own):
                days = f"{row.text('start')}—{row.text('end')}"
                related = [
                    *(line.at("start") for line in own),
                    *([] if own else [case.project.sheet("staffing", "lines").at]),
                ]
                texts = {"no": row.text("no"), "name": name, "days": days, "found": name, "expected": f"{days}有投入"}
                yield case.finding("W245", row.at("resource"), related, pending=False, **texts)


def _named(text: str, names: Mapping[str, object]) -> list[str]:
    """Names that stand in a list of things and people, alone or as 某某等; not those within another word."""
    words = (word.partition("等")[0] for word in _BETWEEN.split(unicodedata.normalize("NFKC", text)))
    return list(dict.fromkeys(word for word in words if word in names))


def _overlaps(test: Record, lines: Sequence[Record]) -> bool:
    """Whether one of the lines covers a day of the test; what has no days is judged elsewhere."""
    begins, ends = test.date("start"), test.date("end")
    spans = [(line.date("start"), line.date("end")) for line in lines]
    if begins is None or ends is None:
        return True
    return any(not (a and b) or (a.value <= ends.value and begins.value <= b.value) for a, b in spans)


def things_of_tests(case: Case) -> Iterator[Finding]:
    """W246 (6.3.1): what 04 lists by the very name that a test needs is there when the test begins."""
    things: dict[str, list[Record]] = {}
    for line in case.project.rows("materials", "lines"):
        things.setdefault(_plain(line.text("name")), []).append(line)
    for row in case.project.rows("plan", "tests"):
        text, begins = _plain(row.text("resource")), row.date("start")
        for name, lines in things.items():
            days = [day.value for line in lines if (day := line.date("need_date"))]
            if len(name) >= _NAMED and name in text and begins and days and min(days) > begins.value:
                texts = {"no": row.text("no"), "name": lines[0].text("name"), "a": row.text("start")}
                texts |= {"b": f"{min(days)}", "found": f"{min(days)}", "expected": row.text("start")}
                related = [line.at("need_date") for line in lines]
                yield case.finding("W246", row.at("resource"), related, pending=False, **texts)


def _plain(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (
    criteria_as_planned,
    as_measured,
    testers,
    people_of_tests,
    things_of_tests,
)
