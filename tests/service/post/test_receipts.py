"""Receipts: what was taken, what it replaces and of whom, and how the project stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from pipeline.core.company import Company
from pipeline.core.documents import ProjectResult
from pipeline.core.facts import Facts
from pipeline.service.post import queue as posting
from pipeline.service.post.people import People
from pipeline.service.post.queue import Asked, queue_project
from pipeline.service.post.receipts import Arrivals, receipt
from pipeline.settings import Settings
from pipeline.workspace import outbox
from pipeline.workspace.inputs import Current
from pipeline.workspace.outbox import Topic
from tests.service.posting import Post, body, got, settings_for
from tests.service.stage import company as sample_company
from tests.smtp_server import smtp_server

CODE, DAY = "LY-SQ-2026-021", date(2026, 6, 1)
FACTS = Facts(CODE, "项目", DAY, DAY, "计划编制", "", ())
CLEAN = ProjectResult(CODE, "项目", FACTS)
SETTINGS = Settings(mail_from="presales@lanyu.example")


@pytest.fixture(scope="module")
def company() -> Company:
    return sample_company()


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    with smtp_server(tmp_path) as running:
        yield Post(tmp_path / "ws", running)


def version(slot: str, number: int, by: str = "E103") -> Current:
    at = datetime(2026, 5, number, 8, 0, tzinfo=UTC)
    return Current(CODE, slot, number, f"{slot}{number}", f"{slot}.xlsx", "项目", by, at)


def lines(company: Company, arrivals: Arrivals, before: Topic) -> list[str]:
    people = People(company, SETTINGS, FACTS, arrivals.senders(before))
    return [item["text"] for item in receipt(CLEAN, people, arrivals, before).section["items"]]


def test_first_second_taken_back_and_gone(company: Company) -> None:
    first, second, other = version("cost", 1, "E104"), version("cost", 2), version("plan", 1)
    name = company.persons["E104"].name
    before = Topic("x", said={"versions": {"plan": 1}})
    assert lines(company, Arrivals([first, other], [other, first]), before) == ["cost.xlsx：收到。"]
    replaced = lines(company, Arrivals([second, other], [other, first, second]), before)
    assert replaced == [f"cost.xlsx：收到，是第 2 版，代替第 1 版（2026-05-01 {name}交）。"]
    told = Topic("x", said={"versions": {"plan": 1, "cost": 2}})
    again = lines(company, Arrivals([first, other], [other, first, second]), told)
    assert again == ["cost.xlsx：后来的一版已撤回，第 1 版重新生效。"]
    assert lines(company, Arrivals([other], [other, first, second]), told) == ["cost：已撤回，这一份现在没有了。"]
    assert lines(company, Arrivals([second, other], [other, first, second]), told) == [], "acknowledged already"


def tell(post: Post, company: Company, arrivals: Arrivals, **asked: object) -> int:
    settings = settings_for(post.running)
    more = Asked(arrivals=arrivals, now=post.clock(), **asked)  # type: ignore[arg-type]
    return queue_project(post.ledger, CLEAN, company, settings, post.folder / CODE, more)


def test_who_handed_in_gets_one_receipt_and_nobody_else(post: Post, company: Company) -> None:
    """Two hand in hours apart and the night runs once: both hear, each once."""
    arrivals = Arrivals([version("cost", 1, "E103"), version("plan", 1, "E104")])
    assert tell(post, company, arrivals) == 2
    assert tell(post, company, arrivals) == 0
    letters = got(post)
    assert set(letters) == {company.persons[one].email for one in ("E103", "E104")}
    for letter in letters.values():
        assert str(letter["Subject"]).startswith("[已通过]")
        assert "项目现在通过" in body(letter)
    newer = Arrivals([version("cost", 2, "E104"), version("plan", 1, "E104")], [version("cost", 1, "E103")])
    assert tell(post, company, newer) == 1
    assert "代替第 1 版" in body(got(post)[company.persons["E104"].email])


def test_history_is_silent_and_what_comes_after_it_is_not(post: Post, company: Company) -> None:
    old = Arrivals([version("cost", 1)])
    assert tell(post, company, old, since=date(2026, 6, 2)) == 0
    assert outbox.letters(post.ledger) == []
    assert tell(post, company, old) == 0, "it counts as told"
    assert tell(post, company, Arrivals([version("cost", 2)], [version("cost", 1)]), since=DAY) == 1


def test_an_upgrade_sends_no_receipts_for_what_was_handed_in_before(
    post: Post, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrivals = Arrivals([version("cost", 1)])
    tell(post, company, arrivals)
    post.ledger.execute("DELETE FROM mail_topics WHERE topic = '收到'")
    post.ledger.execute("DELETE FROM mail_notices")
    monkeypatch.setattr(posting, "_program", lambda *_: "a newer program")
    assert tell(post, company, arrivals) == 0


def test_a_leaver_hands_over_to_the_next_in_line(company: Company) -> None:
    gone = {**company.persons, "E103": replace(company.persons["E103"], active=False)}
    after = replace(company, persons=gone)
    arrivals = Arrivals([version("cost", 1, "E103")])
    people = People(after, Settings(mail_pmo="pmo@lanyu.example", mail_from="a@lanyu.example"), FACTS, ("E103",))
    assert [one.address for one in receipt(CLEAN, people, arrivals, Topic()).targets] == ["pmo@lanyu.example"]
