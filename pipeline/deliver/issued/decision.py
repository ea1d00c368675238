"""What becomes of a paper: made, made with what was signed, or left as it was issued. Pure: it reads no file.

A value belongs to the paper's own record when one of its cells lies in a sheet that is its own (`DocumentForm.own`).
One that is computed from own cells and others (spent against planned) follows its own cells: while they are as they
were, it stands as it was signed, whatever became of the others. What has cells elsewhere, or had them on the paper that
was signed, stands as it was signed, a blank too. Words without cells (state, counts, lists of files) are the system's
and go with the record.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.core.documents import PARTLY, UNSIGNED, Printed
from pipeline.deliver.issued.register import (
    COMPLETED,
    CORRECTED,
    FIRST,
    REGISTERED,
    REISSUED,
    RENEWED,
    Issue,
    Kept,
    Register,
)

Values = Mapping[str, Printed]
NOTHING = Printed("", "", "")
_POSITION = re.compile(r"\[\d+\]")


@dataclass(frozen=True)
class Paper:
    """A paper as today's workbooks would have it.

    Attributes:
        state: 待签, 部分登记 or 记录.
        plan: version of the plan that it is about; `survey` that of the survey.
        template: SHA-256 of its template.
        printed: every value that it prints.
        own: names of the sheets that are its own record.
        names: which of the two, `plan` and `survey`, its own record names.
        only_one: there is one of it, whatever the version of the plan: it records one thing that was done.
        emptied: nothing stands in its own record any more.
        today: what the workbooks say under a name that the paper may not print; None where there is no such name.
    """

    code: str
    part: str
    version: str
    state: str
    plan: str
    survey: str
    template: str
    printed: Sequence[Printed]
    own: Collection[str]
    names: Collection[str] = ()
    only_one: bool = False
    emptied: bool = False
    today: Callable[[str], Printed | None] = lambda _: None

    def value(self, name: str, printed: Values) -> Printed | None:
        """What is printed, else what could be."""
        return printed.get(name) or self.today(name)


@dataclass(frozen=True)
class Decision:
    """What becomes of a paper.

    Attributes:
        kind: why it is issued; empty: `base` stands as it is.
        base: the paper that was signed; None where there was none.
        kept: its values that the new paper prints although the workbooks print otherwise.
        changed: those of them that the workbooks contradict.
        ends: the record that was emptied, or in whose place the new one comes under another version.
    """

    kind: str
    base: Issue | None = None
    kept: tuple[Printed, ...] = ()
    changed: tuple[Kept, ...] = ()
    ends: Issue | None = None

    @property
    def stands(self) -> bool:
        """Whether nothing is issued."""
        return not self.kind


def decide(
    paper: Paper,
    register: Register,
    values: Callable[[Issue], Sequence[Printed]],
    *,
    reissue: bool = False,
    paged: bool = False,
) -> Decision:
    """What becomes of a paper that is due.

    Args:
        paper: as it would be today.
        register: what was issued before.
        values: all printed values of a paper that was issued.
        reissue: somebody wants it anew from today's workbooks.
        paged: it lists papers whose pages were not known when its record was made, and are now.
    """
    record = register.signed(paper.code, paper.part, paper.version)
    if reissue:
        return Decision(REISSUED)
    if paper.state == UNSIGNED:
        return _unsigned(paper, register, record)
    other = register.signed(paper.code, paper.part) if record is None and paper.only_one else None
    if other and _own_changes(paper, other, values(other)):
        return Decision(CORRECTED, ends=other)
    record = record or other
    if record:
        return _registered(paper, record, values(record), paged=paged)
    base = _signed_base(paper, register)
    if base is None:
        return Decision(FIRST)
    return _with_kept(Decision(REGISTERED, base), paper, values(base))


def _unsigned(paper: Paper, register: Register, record: Issue | None) -> Decision:
    """A paper without its record: to be signed, again where the record was emptied; half a record changes nothing."""
    if record and not paper.emptied:
        return Decision("", record)
    again = bool(register.waiting((paper.code, paper.part, paper.version))) and not record
    return Decision(RENEWED if again else FIRST, ends=record)


def _registered(paper: Paper, record: Issue, before: Sequence[Printed], *, paged: bool) -> Decision:
    """A record stands while its own cells do, and when some were cleared; once all have filled it, it is whole."""
    changes = _own_changes(paper, record, before)
    partly = paper.state == PARTLY
    if (partly and record.state != PARTLY) or (not changes and not paged and (partly or record.state != PARTLY)):
        return Decision("", record)
    kind = CORRECTED if any(old for old, _ in changes) else COMPLETED
    return _with_kept(Decision(kind, record), paper, before)


def _signed_base(paper: Paper, register: Register) -> Issue | None:
    """The 待签 that was signed: the last one about the same plan and survey.

    Where the record itself says what it is about, a paper about something else is not the one that was signed.
    """
    waiting = register.waiting((paper.code, paper.part, paper.version))
    waiting = [issue for issue in waiting if "plan" not in paper.names or issue.plan == paper.plan]
    waiting = [issue for issue in waiting if "survey" not in paper.names or issue.survey == paper.survey]
    same = (issue for issue in waiting if (issue.plan, issue.survey) == (paper.plan, paper.survey))
    return next(same, next(iter(waiting), None))


# -- the own record ---------------------------------------------------------------------------------------------------


def _own_changes(paper: Paper, record: Issue, before: Sequence[Printed]) -> list[tuple[str, str]]:
    """Old and new text of every own value that is not as it was.

    What only one of two templates prints is no change unless its cells were blank when the record was made, nor is a
    figure of the plan that, once the plan has moved on, is known from the record alone.
    """
    was, now = by_name(before), by_name(paper.printed)
    names = _own_names(paper, record, was, now)
    same_template = record.template == paper.template
    old = {name: p for name, p in was.items() if name in names and is_own(p, paper.own)}
    said = {name: _said(paper.value(name, now) or NOTHING) for name in old}
    found = [(_said(one), said[name]) for name, one in old.items() if same_template or name in now or not said[name]]
    known = {_POSITION.sub("", name) for name in old}
    new = [name for name, p in now.items() if name in names and name not in was and is_own(p, paper.own)]
    later = _filled_later(paper, record, was, now)
    added = [name for name in new if same_template or _POSITION.sub("", name) in known or name in later]
    found += [("", _said(now[name])) for name in added]
    return [(then, says) for then, says in found if then != says]


def _filled_later(paper: Paper, record: Issue, was: Values, now: Values) -> set[str]:
    """Names of own values whose cells were blank in the record; none where its rows stand elsewhere since."""
    own = [name for name in was if name in now and is_own(was[name], paper.own)]
    if not record.filled or any(was[name].cells != now[name].cells for name in own):
        return set()
    blank = {name for name, p in now.items() if p.cells and _plain(p, paper.own)}
    return {name for name in blank if not {f"{at.sheet}!{at.cell}" for at in now[name].cells} & set(record.filled)}


def _own_names(paper: Paper, record: Issue, was: Values, now: Values) -> set[str]:
    """Names of the values that are the paper's own record.

    What is computed from own cells and others is so only where one of its own cells changed, or is printed nowhere by
    itself: a plan that moved on corrects no report that was held against it.
    """
    said = {name: (was.get(name), paper.value(name, now)) for name in {**was, **now}}
    mine = {name: [p for p in pair if p and is_own(p, paper.own)] for name, pair in said.items()}
    plain = {name for name, found in mine.items() if found and all(_plain(p, paper.own) for p in found)}
    moved = {name for name in plain if _moved(*said[name]) and (name in was or record.template == paper.template)}
    printed, changed = (_own_cells(paper, (mine[name] for name in names)) for names in (plain, moved))
    steady = printed - changed
    return plain | {name for name, found in mine.items() if found and not _own_cells(paper, [found]) <= steady}


def _plain(value: Printed, own: Collection[str]) -> bool:
    return all(place.sheet in own for place in value.cells)


def _moved(then: Printed | None, says: Printed | None) -> bool:
    return _said(then or NOTHING) != _said(says or NOTHING)


def _own_cells(paper: Paper, found: Iterable[Iterable[Printed]]) -> set[tuple[str | None, str | None]]:
    return {(at.sheet, at.cell) for values in found for p in values for at in p.cells if at.sheet in paper.own}


def is_own(value: Printed, own: Collection[str]) -> bool:
    """Whether a value belongs to the paper's own record."""
    return any(place.sheet in own for place in value.cells)


def _said(value: Printed) -> str:
    return value.value or value.text


# -- what was signed --------------------------------------------------------------------------------------------------


def _with_kept(decision: Decision, paper: Paper, before: Iterable[Printed]) -> Decision:
    """The decision with the values that stand as they were signed, and those of them that the workbooks contradict."""
    then, now, kept, changed = by_name(before), by_name(paper.printed), [], []
    assert decision.base  # noqa: S101  the caller has it from the register
    names = _own_names(paper, decision.base, then, now)
    for was in then.values():
        says = paper.value(was.name, now)
        if was.name in names and says and _said(says) == _said(was) and says.text != was.text:
            kept.append(was)  # the same person, who is called otherwise since
        if was.name in names or not was.cells:
            continue
        if says is None or says.text != was.text:
            kept.append(was)
        if was.text and (says is None or _contradicts(says, was)):
            changed.append(_kept(was.name, was, says or NOTHING))
    return Decision(decision.kind, decision.base, tuple(kept), tuple(changed))


def _contradicts(says: Printed, was: Printed) -> bool:
    """Whether today's value, printed, would say something else; another spelling or rounding does not."""
    return bool(says.cells) and _said(says) != _said(was) and says.text != was.text


def _kept(name: str, was: Printed, says: Printed) -> Kept:
    return Kept(name, was.text, says.text, was.cells, says.cells)


def not_as_signed(
    paper: Paper, decision: Decision, before: Iterable[Printed], charts: Collection[str] = ()
) -> tuple[Kept, ...]:
    """What stands against printing a record with what was signed: it would say what nobody has signed.

    Args:
        paper: as it was filled with `decision.kept`.
        decision: what was decided; it has a base.
        before: all printed values of the base.
        charts: sheets of which the template draws charts, which show today's values.

    Returns:
        The values; empty where everything outside the own record is as it was signed.
    """
    was, now, kept = by_name(before), by_name(paper.printed), {p.name for p in decision.kept}
    found = [*_not_signed(paper, decision, was, now), *_not_printed(paper, decision, now)]
    if decision.changed:
        moved = {cell for one in decision.changed for cell in (*one.signed_at, *one.now_at)}
        derived = (p for p in now.values() if is_own(p, paper.own) and moved & set(p.cells) and p.name not in kept)
        found += [_kept(p.name, was.get(p.name, NOTHING), p) for p in derived]
    drawn = (one for one in decision.changed if any(at.sheet in charts for at in (*one.signed_at, *one.now_at)))
    return (*found, *drawn)


def _not_signed(paper: Paper, decision: Decision, was: Values, now: Values) -> list[Kept]:
    """Values from elsewhere that the signed paper did not print, though its template is the same: a row more."""
    if decision.base is None or decision.base.template != paper.template:
        return []
    new = (p for name, p in now.items() if name not in was and p.text and p.cells and not is_own(p, paper.own))
    return [_kept(p.name, NOTHING, p) for p in new]


def _not_printed(paper: Paper, decision: Decision, now: Values) -> list[Kept]:
    """Values of the signed paper that the new one has no place for: a row less."""
    lost = (p for p in decision.kept if p.text and now.get(p.name, NOTHING).text != p.text)
    return [_kept(p.name, p, paper.today(p.name) or NOTHING) for p in lost]


def still_changed(issue: Issue, today: Callable[[str], Printed | None]) -> list[Kept]:
    """The values that a record prints as signed and that the workbooks still contradict."""
    found = []
    for one in issue.kept:
        says = today(one.name)
        if says is not None and says.cells and says.text != one.signed:
            found.append(Kept(one.name, one.signed, says.text, one.signed_at, says.cells))
    return found


def corrected_elsewhere(
    standing: Iterable[Printed], own: Collection[str], corrected: Iterable[Printed], former: Iterable[Iterable[Printed]]
) -> list[Kept]:
    """The values of a paper's own record that another paper's correction has changed: two papers of one registration.

    Args:
        standing: what the paper prints that stands as it was issued.
        own: names of the sheets that are its own record.
        corrected: what the corrected paper prints.
        former: what it printed each time before.
    """
    now, before = by_name(corrected), [by_name(values) for values in former]
    mine = {value.cells: value for value in standing if value.text and value.cells and _plain(value, own)}
    found = []
    for name, says in now.items():
        was = [values[name] for values in before if name in values]
        same = next((mine[one.cells] for one in was if _same_as(mine.get(one.cells), one)), None)
        if same and _said(says) != _said(same):
            found.append(_kept(name, same, says))
    return found


def _same_as(one: Printed | None, other: Printed) -> bool:
    return one is not None and _said(one) == _said(other)


def by_name(printed: Iterable[Printed]) -> dict[str, Printed]:
    """Named values, each as it was printed first."""
    found: dict[str, Printed] = {}
    for value in printed:
        if value.name:
            found.setdefault(value.name, value)
    return found
