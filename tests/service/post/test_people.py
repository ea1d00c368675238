"""Who gets a letter: every way in which a rule of workbook 00 finds people, and that none leads to who has left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest

from pipeline.core.company import Company
from pipeline.core.entries import Filler
from pipeline.core.facts import Facts
from pipeline.core.places import Place, Sourced
from pipeline.service.post.people import People, words_of
from pipeline.settings import Settings
from tests.cases import load_case
from tests.mastered import mastered

AUTUMN = date(2026, 9, 1)
SETTINGS = Settings(mail_from="presales@lanyu.example", mail_pmo="pmo@lanyu.example")
PMO = ["pmo@lanyu.example"]
AT = Place("06.xlsx", "表", "A1")
TYPED = "Wr@lanyu.example"  # E802's address, typed as such

# Word of 邮件分发 -> who it means, and the address.
WAYS: Mapping[str, tuple[str, str]] = {
    "提交人": ("E204", "gc@lanyu.example"),
    "销售代表": ("E103", "tyn@lanyu.example"),
    "项目经理": ("E106", "qc@lanyu.example"),
    "施工部门网络工程师": ("E302", "lhf@lanyu.example"),
    "接收人": ("E303", "dza@lanyu.example"),
    "协调CXO": ("E002", "lsh@lanyu.example"),
    "COO": ("E002", "lsh@lanyu.example"),
    "许知行": ("E102", "xzx@lanyu.example"),
    "E502": ("E502", "rk@lanyu.example"),
    TYPED: ("E802", "wr@lanyu.example"),
}


def facts(word: str) -> Facts:
    """The dormitory's facts; where both may take the handover, only the one who is asked for."""
    known = load_case().facts
    entries = replace(known.entries, mediators=("E002",), receiver="E303" if word == "接收人" else "E302")
    return replace(known, entries=entries)


def company(*left: str) -> Company:
    known = load_case().company
    persons = {no: replace(one, active=one.active and no not in left) for no, one in known.persons.items()}
    return replace(known, persons=persons)


def told(word: str, *left: str) -> tuple[list[str], list[str]]:
    targets, faults = People(company(*left), SETTINGS, facts(word), ("E204",)).targets([word])
    return [target.address for target in targets], faults


@pytest.mark.parametrize("word", WAYS)
def test_a_word_leads_to_its_person(word: str) -> None:
    assert told(word) == ([WAYS[word][1]], [])


@pytest.mark.parametrize("word", [word for word in WAYS if word != "提交人"])
def test_who_has_left_gets_no_letter_and_the_rule_is_named(word: str) -> None:
    addresses, faults = told(word, WAYS[word][0])
    assert addresses == PMO
    assert [fault.partition("(")[0] for fault in faults] == [word]


def test_for_a_sender_who_has_left_it_is_the_filler_or_the_sales_representative() -> None:
    assert told("提交人", "E204") == (["tyn@lanyu.example"], [])
    assert told("提交人", "E204", "E103")[0] == PMO
    known = facts("")
    fillers = tuple(Filler("plan", no, None, AT) for no in ("E502", "E503"))
    filled = replace(known, entries=replace(known.entries, fillers=fillers))
    people = People(company("E502"), SETTINGS, filled)
    assert [target.address for target in people.targets(["提交人"])[0]] == ["tw@lanyu.example"]


def test_an_address_that_one_who_is_here_shares_is_written_to() -> None:
    persons = dict(company("E802").persons)
    persons["E801"] = replace(persons["E801"], email=TYPED)
    people = People(replace(company(), persons=persons), SETTINGS, facts(""))
    assert [target.address for target in people.targets([TYPED])[0]] == [TYPED.lower()]


def test_departments_are_written_to_whoever_heads_them() -> None:
    everybody = load_case().company.persons
    for word in ("财务部", "会签部门", "评审部门", "通知部门", "归档部门"):
        assert told(word, *everybody) == told(word)
        assert told(word)[0] != PMO


def test_the_same_person_by_two_words_gets_one_letter() -> None:
    known = facts("")
    same = replace(known, entries=replace(known.entries, sales_rep=Sourced("E106", AT)))
    targets, faults = People(company(), SETTINGS, same).targets(["销售代表", "项目经理", "秦川", "qc@lanyu.example"])
    assert ([(target.address, target.role) for target in targets], faults) == ([("qc@lanyu.example", "销售代表")], [])


@pytest.mark.parametrize(
    ("day", "roles"), [(date(2026, 8, 31), ["市场销售部", "质量管理部", "COO"]), (AUTUMN, ["CEO"])]
)
def test_the_rows_of_the_mail_rules_that_began_last_count(day: date, roles: list[str]) -> None:
    later = {"pack": "批次日报", "to": "CEO", "cc": None, "valid_from": AUTUMN}
    known = mastered("mail_rules", more=[later])(load_case()).company
    assert words_of(known.on(day), "批次日报", "每日") == roles
