"""The register: which paper stands, which one is renewed; not a byte of it changes unseen."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest

from pipeline.core.places import Place
from pipeline.deliver.issued.register import Kept, Register, Wish, as_csv, from_bytes, to_bytes
from tests.deliver.issued.papers import CODE, RECORD, WAITING, issue, register

KEPT = Kept("a.b", "甲", "乙", (Place("02.xlsx", "基本信息", "C5"),), (Place("02.xlsx", "基本信息"),))
VOID = issue(ended=date(2026, 8, 1), ended_as="作废")


def test_it_comes_back_as_it_was() -> None:
    made = Register(CODE, (WAITING, issue(kept=(KEPT,)), VOID), (Wish("SAF", "", "印错", date(2026, 8, 2)),))
    assert from_bytes(to_bytes(made)) == made


@pytest.mark.parametrize(
    "change", [(b"A/0", b"A/1"), (b'"seq": 2', b'"seq": 3'), (b"{", b"["), (b'"schema": 1', b'"schema": 2')]
)
def test_a_changed_byte_is_seen(change: tuple[bytes, bytes]) -> None:
    content = to_bytes(register(WAITING, RECORD))
    assert content.replace(*change, 1) != content
    assert from_bytes(content.replace(*change, 1)) is None
    assert from_bytes(b"") is None


def test_the_last_record_of_a_version_stands() -> None:
    corrected = issue(seq=3, kind="更正")
    beside = issue(version="A/1", plan="A/1")
    found = register(WAITING, RECORD, corrected, beside)
    assert found.standing() == [corrected, beside]
    assert found.signed("SAF", "", "A/0") == corrected
    assert found.signed("SAF", "") == beside
    assert found.signed("SAF", "X") is None


def test_an_ended_record_stands_no_more_nor_does_the_one_before_it() -> None:
    assert register(RECORD, issue(seq=3, ended=date(2026, 8, 1))).standing() == []


def test_what_waits_takes_the_place_of_the_one_about_the_same() -> None:
    again, other = issue("待签", day=date(2026, 7, 9)), issue("待签", seq=2, survey="V1.3")
    assert register(WAITING).with_issue(again).issues == (again,)
    assert register(WAITING).with_issue(other).issues == (WAITING, other)
    assert register(WAITING).with_issue(RECORD).issues == (WAITING, RECORD)


def test_what_was_signed_is_not_renewed() -> None:
    assert register(WAITING, VOID).renewed(WAITING.key, WAITING.plan, WAITING.survey) is None
    assert register(WAITING).renewed(WAITING.key, WAITING.plan, WAITING.survey) == WAITING


def test_numbers_are_never_given_twice() -> None:
    found = register(WAITING, VOID)
    assert (found.next_seq(WAITING.key), found.next_seq(("SAF", "", "A/1"))) == (3, 1)


def test_people_read_it_as_a_table() -> None:
    rows = list(csv.reader(io.StringIO(as_csv([issue(kept=(KEPT,)), VOID]).decode("utf-8-sig"))))
    assert rows[0][:6] == ["代号", "分本", "版本", "序号", "状态", "缘由"]
    assert rows[1][14] == "a.b:甲(现为 乙)"
    assert [row[4] for row in rows[1:]] == ["记录", "作废(2026-08-01)"]
