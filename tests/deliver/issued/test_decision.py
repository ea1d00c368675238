"""What becomes of a paper, rule by rule, without a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest

from pipeline.core.documents import Printed
from pipeline.deliver.issued.decision import (
    Decision,
    Paper,
    corrected_elsewhere,
    decide,
    not_as_signed,
    still_changed,
)
from pipeline.deliver.issued.register import Issue, Kept, Register
from tests.deliver.issued.papers import OWN as OWNS
from tests.deliver.issued.papers import PLAN, RECORD, WAITING, issue, paper, register, said, value

SIGNED = said("2026-07-02")
Values = tuple[Printed, ...]


def decided(now: Paper, before: Mapping[Issue, Values] | None = None, *, reissue: bool = False) -> Decision:
    """The decision after some papers were issued."""
    known = before or {}
    return decide(now, register(*known), known.__getitem__, reissue=reissue)


# -- first, renewed, registered ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["待签", "记录"])
def test_the_first_time_it_is_issued(state: str) -> None:
    assert decided(paper(SIGNED, state)) == Decision("首次")


def test_what_waits_is_renewed() -> None:
    assert decided(paper(said(plan="乙大学"), "待签"), {WAITING: said()}) == Decision("续新")


def test_a_record_of_what_was_signed_is_made_as_it_is() -> None:
    assert decided(paper(SIGNED), {WAITING: said()}) == Decision("登记", WAITING)


def test_a_record_prints_what_was_signed_where_something_else_changed() -> None:
    found = decided(paper(said("2026-07-02", plan="乙大学")), {WAITING: said()})
    assert (found.kind, found.base) == ("登记", WAITING)
    assert [(p.name, p.text) for p in found.kept] == [("project.customer", "甲大学")]
    assert [(k.signed, k.now) for k in found.changed] == [("甲大学", "乙大学")]


def test_another_spelling_of_the_same_value_is_kept_and_contradicts_nothing() -> None:
    was = (value("project.pm", "秦川", PLAN, said="E106"),)
    now = (value("project.pm", "秦 川", PLAN, said="E106"),)
    found = decided(paper(now), {WAITING: was})
    assert ([p.text for p in found.kept], found.changed) == (["秦川"], ())


def test_a_blank_that_was_signed_stays_blank_and_contradicts_nothing() -> None:
    found = decided(paper(said("2026-07-02", plan="乙大学")), {WAITING: said(plan="")})
    assert ([p.text for p in found.kept], found.changed) == ([""], ())


def test_what_is_only_referred_to_today_contradicts_nothing() -> None:
    """Of an older plan the workbooks know nothing any more: the paper still says it."""
    now = (value("cost.total", "见A/0版计划包"),)
    found = decided(paper(now), {WAITING: (value("cost.total", "100.00", PLAN),)})
    assert ([p.text for p in found.kept], found.changed) == (["100.00"], ())


def test_words_without_cells_go_with_the_record() -> None:
    found = decided(paper((value("doc.state", "记录"),)), {WAITING: (value("doc.state", "待签"),)})
    assert found.kept == ()


@pytest.mark.parametrize(
    ("names", "plan", "survey", "base"),
    [
        ((), "A/0", "V1.2", True),
        ((), "A/0", "V1.3", True),  # the last one counts, though it was made with another survey
        (("survey",), "A/0", "V1.3", False),  # the record says which survey was reviewed: another one
        (("survey",), "A/0", "V1.2", True),
        (("plan",), "A/0", "V1.3", True),
        (("plan",), "B/0", "V1.2", False),
    ],
)
def test_the_signed_paper_is_the_one_about_what_the_record_says(
    names: tuple[str, ...], plan: str, survey: str, base: bool
) -> None:
    found = decided(paper(SIGNED, names=names, plan=plan, survey=survey), {WAITING: said()})
    assert (found.base == WAITING) is base


def test_of_several_that_wait_the_one_about_the_same_was_signed() -> None:
    other = issue("待签", seq=2, survey="V1.3")
    found = decided(paper(SIGNED, survey="V1.2"), {WAITING: said(), other: said()})
    assert found.base == WAITING


# -- it stands --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "now",
    [
        SIGNED,
        said("2026-07-02", plan="乙大学"),
        said("2026-07-02", r0="一行", r1="又一行"),
        (*SIGNED, value("scheme.new", "新母版才印", "方案审批")),
    ],
    ids=["the same", "the plan changed", "rows came", "another template prints more"],
)
def test_a_record_stands_while_its_own_cells_are_the_same(now: Values) -> None:
    other = "n" * 64 if len(now) > len(SIGNED) else "t" * 64
    assert decided(paper(now, template=other), {WAITING: said(), RECORD: SIGNED}) == Decision("", RECORD)


def test_it_stands_where_its_template_prints_less() -> None:
    """What the new template does not print is asked of the workbooks."""
    now = paper(SIGNED[1:], today=lambda name: next((p for p in SIGNED if p.name == name), None))
    assert decided(now, {RECORD: SIGNED}).stands


def test_what_only_the_former_template_printed_is_no_correction() -> None:
    """A memo no longer prints how far its actions are; that they are done corrects no memo that did."""
    was = (*SIGNED, value("scheme.status", "进行中", "方案审批", "E7"))
    now = {"scheme.status": value("scheme.status", "已完成", "方案审批", "E7")}
    assert decided(paper(SIGNED, template="n" * 64, today=now.get), {RECORD: was}).stands
    assert decided(paper(SIGNED, today=now.get), {RECORD: was}).kind == "更正"


@pytest.mark.parametrize(
    ("filled", "kind"),
    [
        ((), ""),
        (("方案审批!C5",), "补登"),
        (("方案审批!C5", "方案审批!E7"), ""),
    ],
    ids=["nobody knows", "was blank", "only the new template prints it"],
)
def test_what_was_blank_and_not_printed_completes_it_when_it_is_filled(filled: tuple[str, ...], kind: str) -> None:
    """The new template prints a cell that the former one did not."""
    more = value("scheme.note", "见附件", "方案审批", "E7")
    base = issue(filled=filled)
    assert decided(paper((*SIGNED, more), template="n" * 64), {base: SIGNED}).kind == kind


def test_rows_that_stand_elsewhere_since_are_not_taken_for_filled_later() -> None:
    base = issue(filled=("方案审批!C5", "方案审批!E7"))
    moved = (value("scheme.date", "2026-07-02", "方案审批", "C6"), value("scheme.note", "见附件", "方案审批", "E8"))
    assert decided(paper(moved, template="n" * 64), {base: SIGNED}).stands


def test_a_row_less_is_a_correction_in_another_template_too() -> None:
    was = (*SIGNED, value("scheme.rows[0].x", "一行", "方案审批"))
    assert decided(paper(SIGNED, template="n" * 64), {RECORD: was}).kind == "更正"


@pytest.mark.parametrize(("said_now", "changed"), [("32.30", 0), ("32.31", 1)])
def test_another_rounding_of_what_is_printed_contradicts_nothing(said_now: str, changed: int) -> None:
    """The record says 32.30, the plan of today 32.2997; both print 32.30 %."""
    text = "32.30%" if said_now == "32.30" else "32.31%"
    now = (*said("2026-07-03"), Printed("plan.margin", text, said_now + "17", value("x", "1", PLAN).cells))
    was = (*SIGNED, value("plan.margin", "32.30%", PLAN, said="32.30"))
    assert len(decided(paper(now), {RECORD: was}).changed) == changed


def test_a_list_of_papers_is_completed_once_their_pages_are_known() -> None:
    found = decide(paper(said("2026-07-02", plan="乙大学")), register(RECORD), lambda _: SIGNED, paged=True)
    assert (found.kind, [p.text for p in found.kept]) == ("补登", ["甲大学"])


def test_another_day_of_the_record_is_a_correction() -> None:
    found = decided(paper(said("2026-07-03", plan="乙大学")), {RECORD: SIGNED})
    assert (found.kind, found.base, [p.text for p in found.kept]) == ("更正", RECORD, ["甲大学"])


def test_what_was_blank_is_completed() -> None:
    assert decided(paper(SIGNED), {RECORD: said("")}).kind == "补登"


def test_a_row_more_in_its_own_record_completes_it() -> None:
    more = value("scheme.rows[1].x", "又一行", "方案审批")
    was = (*SIGNED, value("scheme.rows[0].x", "一行", "方案审批"))
    assert decided(paper((*was, more)), {RECORD: was}).kind == "补登"
    assert decided(paper(was), {RECORD: (*was, more)}).kind == "更正"


def test_a_figure_of_the_plan_that_only_the_record_still_knows_is_no_change() -> None:
    was = (*SIGNED, value("cost.total", "100.00", PLAN))
    now = (*SIGNED, value("cost.total", "100.00", "方案审批", "C9"))
    assert decided(paper(now), {RECORD: was}).stands


OWN = value("scheme.spent", "5", "方案审批", "C9")
AGAINST = (value("x", "1", PLAN).cells[0], OWN.cells[0])


def against_plan(text: str, spent: Printed = OWN) -> Values:
    """A record with what was spent, and with what that is against the plan."""
    return (*SIGNED, spent, Printed("scheme.left", text, text, AGAINST))


@pytest.mark.parametrize("now", ["7", "", "见A/0版计划包"])
def test_what_is_held_against_the_plan_is_no_correction_when_the_plan_moves(now: str) -> None:
    assert decided(paper(against_plan(now)), {RECORD: against_plan("3")}).stands


def test_what_is_held_against_the_plan_follows_its_own_cell() -> None:
    spent = value("scheme.spent", "6", "方案审批", "C9")
    found = decided(paper(against_plan("2", spent)), {RECORD: against_plan("3")})
    assert (found.kind, found.kept) == ("更正", ())


def test_another_correction_leaves_it_as_it_was_signed() -> None:
    corrected = tuple(p for p in against_plan("7") if p not in SIGNED) + said("2026-07-03")
    found = decided(paper(corrected), {RECORD: against_plan("3")})
    assert (found.kind, [(p.name, p.text) for p in found.kept]) == ("更正", [("scheme.left", "3")])


def test_who_signed_is_called_as_on_the_signed_paper() -> None:
    """The record names a number; since then workbook 00 gives it another name."""
    was = (*SIGNED, value("scheme.approver", "方蕴", "方案审批", "C9", said="E601"))
    now = (*said("2026-07-03"), value("scheme.approver", "方蕴之", "方案审批", "C9", said="E601"))
    found = decided(paper(now), {RECORD: was})
    assert (found.kind, [p.text for p in found.kept], found.changed) == ("更正", ["方蕴"], ())


def test_an_own_cell_that_is_printed_nowhere_else_counts_in_what_is_computed() -> None:
    was, now = (tuple(p for p in against_plan(text) if p != OWN) for text in ("3", "2"))
    assert decided(paper(now), {RECORD: was}).kind == "更正"


@pytest.mark.parametrize(
    ("then", "now", "kind"),
    [("部分登记", "记录", "补登"), ("部分登记", "部分登记", ""), ("记录", "记录", ""), ("记录", "部分登记", "")],
)
def test_a_record_that_all_have_filled_is_whole_though_it_prints_nothing_of_it(then: str, now: str, kind: str) -> None:
    before = (value("cost.total", "100.00", PLAN),)
    assert decided(paper(before, now), {issue(then): before}).kind == kind


def test_a_record_of_which_a_cell_was_cleared_stands() -> None:
    assert decided(paper(said(), "部分登记"), {RECORD: SIGNED}) == Decision("", RECORD)


def test_there_is_one_of_a_kind_whatever_the_version_of_the_plan() -> None:
    other = paper(SIGNED, version="A/1", plan="A/1", only_one=True)
    assert decided(other, {RECORD: SIGNED}) == Decision("", RECORD)
    corrected = paper(said("2026-07-03"), version="A/1", plan="A/1", only_one=True)
    assert decided(corrected, {RECORD: SIGNED}) == Decision("更正", ends=RECORD)


def test_of_a_plan_there_is_one_of_each_version() -> None:
    assert decided(paper(SIGNED, version="A/1", plan="A/1"), {RECORD: SIGNED}) == Decision("首次")


# -- emptied, reissued ------------------------------------------------------------------------------------------------


def test_an_emptied_record_ends_and_half_a_record_stands() -> None:
    assert decided(paper(said(), "待签", emptied=True), {RECORD: SIGNED}) == Decision("首次", ends=RECORD)
    assert decided(paper(said(), "待签"), {RECORD: SIGNED}) == Decision("", RECORD)


def test_after_it_was_emptied_it_is_signed_again() -> None:
    ended = issue(ended=date(2026, 8, 1), ended_as="作废")
    again = issue("待签", seq=3)
    assert decided(paper(SIGNED), {WAITING: said(), ended: SIGNED, again: said()}).base == again


def test_reissued_it_says_what_the_workbooks_say() -> None:
    assert decided(paper(said("2026-07-02", plan="乙大学")), {RECORD: SIGNED}, reissue=True) == Decision("重出")


# -- exactly what was signed ------------------------------------------------------------------------------------------


def against(now: Paper, base: Issue, before: Values, charts: tuple[str, ...] = ()) -> list[tuple[str, str, str]]:
    """What stands against printing it: name, signed, now; `now` is filled with what is kept."""
    known = {base: before}
    decision = decide(now, Register("X", (base,)), known.__getitem__)
    kept = {p.name: p for p in decision.kept}
    filled = paper(tuple(kept.get(p.name, p) for p in now.printed), today=now.today)
    return [(k.name, k.signed, k.now) for k in not_as_signed(filled, decision, before, charts)]


def test_a_changed_value_can_be_printed_as_signed() -> None:
    assert against(paper(said("2026-07-02", plan="乙大学")), WAITING, said()) == []


def test_a_row_more_or_less_cannot() -> None:
    more = against(paper(said("2026-07-02", r0="一行")), WAITING, said())
    assert more == [("rows[0].text", "", "一行")]
    less = against(paper(said("2026-07-02")), WAITING, said(r0="一行"))
    assert less == [("rows[0].text", "一行", "")]


def test_a_value_that_the_record_gave_way_to_is_no_row_less() -> None:
    """The template prints it only while there is no record; the workbooks still say it."""
    now = paper(SIGNED, today=lambda name: value(name, "一行", PLAN, "D0") if name == "rows[0].text" else None)
    assert against(now, WAITING, said(r0="一行")) == []


def test_a_difference_that_follows_from_what_changed_cannot() -> None:
    both = (value("x", "1", PLAN).cells[0], value("x", "1", "方案审批", "C9").cells[0])
    now = (*said("2026-07-02", plan="乙大学"), Printed("diff", "5", "5", both))
    assert [name for name, _, _ in against(paper(now), WAITING, said())] == ["diff"]


def test_a_chart_of_what_changed_cannot_and_of_something_else_can() -> None:
    now = paper(said("2026-07-02", plan="乙大学"))
    assert against(now, WAITING, said(), (PLAN,)) == [("project.customer", "甲大学", "乙大学")]
    assert against(now, WAITING, said(), ("费用明细",)) == []


# -- as long as the workbooks say otherwise ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "named"),
    [
        (value("a", "乙", PLAN), True),
        (value("a", "甲", PLAN), False),
        (value("a", "见A/0版计划包"), False),
        (None, False),
    ],
    ids=["still", "restored", "not known any more", "gone"],
)
def test_a_contradiction_is_named_as_long_as_it_is_there(now: Printed | None, named: bool) -> None:
    made = issue(kept=(Kept("a", "甲", "乙"),))
    assert bool(still_changed(made, lambda _: now)) is named


# -- corrected on another paper ---------------------------------------------------------------------------------------

SIGNATURE = value("countersign[0].date", "2026-05-29", OWNS, "G7")
LISTED = value("signers[3].date", "2026-05-29", OWNS, "G7")


@pytest.mark.parametrize(
    ("standing", "now", "found"),
    [
        (SIGNATURE, "2026-05-30", [("2026-05-29", "2026-05-30")]),
        (SIGNATURE, "", [("2026-05-29", "")]),
        (SIGNATURE, "2026-05-29", []),
        (value("x", "2026-05-29", PLAN, "G7"), "2026-05-30", []),
        (value("x", "2026-05-28", OWNS, "G7"), "2026-05-30", []),
    ],
    ids=["corrected", "cleared", "restored", "not its own record", "it never said so"],
)
def test_a_registration_that_another_paper_corrected_is_named(
    standing: Printed, now: str, found: list[tuple[str, str]]
) -> None:
    changed = corrected_elsewhere([standing], {OWNS}, [replace(LISTED, text=now, value=now)], [[LISTED]])
    assert [(one.signed, one.now) for one in changed] == found


def test_the_same_person_under_another_name_is_no_correction_elsewhere() -> None:
    was = value("signers[3].name", "方蕴", OWNS, "F7", said="E601")
    now = replace(was, text="方蕴之")
    assert corrected_elsewhere([was], {OWNS}, [now], [[was]]) == []
