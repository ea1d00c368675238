"""Thirty days of a company: nobody is left untold, nobody is told twice, whatever happens to disk, share and people."""

from __future__ import annotations

import errno
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

import pytest

from pipeline.core.mail import MailState
from pipeline.service.backup import backup, restore
from pipeline.workspace import inputs, outbox, signs, store
from pipeline.workspace.inputs import Current
from pipeline.workspace.layout import Workspace
from pipeline.workspace.ledger import open_ledger, transaction
from tests.service.month import SALES, WRONG, Month, Told, table
from tests.service.stage import company
from tests.smtp_server import smtp_server

DORM, TV = "LY-SQ-2026-015", "LY-SQ-2026-007"
PMO = "pmo@lanyu.example"


@dataclass
class Lived:
    """What thirty days left behind."""

    told: list[Told]
    versions: list[Current]
    left: list[str]
    later: int
    waiting: list[str] = field(default_factory=list)

    def to(self, address: str, first: int = 1, last: int = 31, tag: str = "") -> list[Told]:
        return [
            one for one in self.told if one.to == address and first <= one.day <= last and one.subject.startswith(tag)
        ]


def mail_of(number: str) -> str:
    return company().persons[number].email


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    root = tmp_path_factory.mktemp("month")
    with pytest.MonkeyPatch.context() as patch, smtp_server(root) as running:
        month = Month(root, running, patch)
        waiting: list[str] = []
        later = _thirty_days(month, patch, waiting)
        ledger = open_ledger(month.ws)
        versions = [one for code in (DORM, TV) for one in inputs.versions(ledger, code)]
        open_letters = [
            str(m.state) for m in outbox.letters(ledger) if m.state not in (MailState.SENT, MailState.CANCELLED)
        ]
        ledger.close()
        print(table(month.told))
        yield Lived(month.told, versions, open_letters, later, waiting)


def _thirty_days(month: Month, patch: pytest.MonkeyPatch, waiting: list[str]) -> int:
    """The days; returns how many files were taken in after the back-up that was restored."""
    for number in ("02", "03", "04", "05"):
        month.drop(number)
    month.live(2)  # 1, 2: a project begins; a quiet day
    month.drop("03", WRONG)
    month.live()  # 3: with an error
    month.drop("03", b"mended")
    month.live(2)  # 4, 5: mended; a quiet day
    with pytest.MonkeyPatch.context() as full:
        full.setattr(store, "keep", _no_room)
        month.drop("04", b"on a full disk")
        month.live()  # 6: the disk is full
        waiting += _waiting(month)
    month.live()  # 7: there is room again
    month.people("persons", {"emp_no": "E301"}, {"status": "离职", "left": date(2026, 6, 7)})
    month.people("departments", {"dept_name": "网络工程部"}, {"head_emp": "E302"})
    month.live(2)  # 8, 9: somebody has left, somebody else signs
    month.drop("05", b"the head of before must not hear")
    month.live()  # 10
    month.share.rename(month.root / "away")
    month.drop("02", b"while the share was away")
    month.live()  # 11: nothing can be published
    (month.root / "away").rename(month.share)
    month.live(2)  # 12, 13: published, and told
    backup(month.ws, month.root / "backup", month.hands.wall)
    month.live()  # 14
    month.drop("04", b"after the back-up")
    month.live()  # 15: told
    later = _restored(month)
    month.live(2)  # 16, 17: taken in anew, letters held
    _release(month)
    month.live(2)  # 18, 19
    month.drop("03", b"one of two")
    month.drop("03", b"the other of two", name="费用表 新.xlsx")
    month.live()  # 20: two versions in one round
    (month.inbox / "坏的.xlsx").write_bytes(b"<html>")
    month.live(2)  # 21, 22: a file goes back
    month.inbox.rename(month.root / "inbox away")
    month.inbox.mkdir()
    month.live()  # 23: an empty folder stands where the inbox was
    shutil.rmtree(month.inbox)
    (month.root / "inbox away").rename(month.inbox)
    month.drop("05", b"as the inbox came back")
    month.live(2)  # 24, 25
    for number in ("02", "03", "04", "05"):
        month.drop(number, code=TV)
    month.live(2)  # 26, 27: another project
    month.company, kept = None, month.company
    month.touch()
    month.drop("04", b"while 00 was broken")
    month.live()  # 28: workbook 00 cannot be read
    month.company = kept
    month.touch()
    month.live(2)  # 29, 30: mended
    return later


def _no_room(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def _waiting(month: Month) -> list[str]:
    ledger = open_ledger(month.ws)
    try:
        return [why for _, why, _ in inputs.waiting_now(ledger)]
    finally:
        ledger.close()


def _restored(month: Month) -> int:
    """The workspace of two days ago; what came since is put back into the inbox, as the guide says."""
    shutil.rmtree(month.ws)
    back = restore(month.root / "backup", month.ws, month.inbox)
    for path in back.later:
        path.rename(month.inbox / re.sub(r"_\d\.xlsx$", ".xlsx", path.name))  # as it was dropped
    return len(back.later)


def _release(month: Month) -> None:
    """Somebody looks at what waits and cancels what was told before the restore; the rest leaves."""
    known = {(one.to, _content(one.text)) for one in month.told}
    ledger = open_ledger(month.ws)
    for mail in outbox.letters(ledger, (MailState.QUEUED,)):
        if (mail.recipient, _content(mail.letter.text)) in known:
            with transaction(ledger):
                outbox.cancel(ledger, mail.id, month.hands.wall, "已经说过")
    ledger.close()
    assert signs.letters_held(Workspace(month.ws))
    signs.release_letters(Workspace(month.ws))


def _content(text: str) -> str:
    return text.replace("\r\n", "\n").partition("■ 共享目录")[0]


# -- nobody untold ----------------------------------------------------------------------------------------------------


def receipts(lived: Lived) -> Counter[tuple[str, str, int]]:
    """How often each person was told that a version was taken."""
    found: Counter[tuple[str, str, int]] = Counter()
    for one in lived.told:
        for name, number in re.findall(r"\d+\. (\S.*?\.xlsx)：收到(?:，是第 (\d+) 版)?", one.text):
            found[one.to, name, int(number or 1)] += 1
    return found


def test_every_version_has_its_receipt_and_only_one(lived: Lived) -> None:
    """But for the older one of two in one round, of which both senders were told by name."""
    told = receipts(lived)
    wanted = {(mail_of(SALES), one.name, one.version) for one in lived.versions}
    skipped = wanted - told.keys()
    assert [name for _, name, _ in skipped] == ["03_项目费用计划明细表_LY-SQ-2026-015.xlsx"] or not skipped
    assert len(skipped) <= 1
    assert set(told) <= wanted
    assert set(told.values()) == {1}


def test_nobody_gets_the_same_letter_twice(lived: Lived) -> None:
    letters = Counter(
        (one.to, one.subject, _content(one.text), one.enclosed) for one in lived.told if "批次日报" not in one.subject
    )
    assert [letter for letter, count in letters.items() if count > 1] == []


def test_nothing_is_left_in_the_outbox(lived: Lived) -> None:
    assert lived.left == []


def test_who_signs_is_asked_again_whenever_the_paper_has_changed(lived: Lived) -> None:
    """Changes of the paper: days 1, 4, 7, 10, 12, 15, 20, 24, 29 of one project, 26 of another one."""
    asked = [one.day for one in lived.to(mail_of("E201"), tag="[请会签]")]
    assert [day for day in asked if day not in (16, 17, 18)] == [1, 4, 7, 10, 12, 15, 20, 24, 26, 29]
    assert all("PPR" in one.text for one in lived.to(mail_of("E201"), tag="[请会签]")), "with the link to the paper"


def test_after_somebody_has_left_the_successor_is_asked_and_nobody_else(lived: Lived) -> None:
    assert [one.day for one in lived.to(mail_of("E301"))] == [1, 4, 7]
    successor = [one.day for one in lived.to(mail_of("E302"), tag="[请会签]")]
    assert successor[0] == 8, "the very day on which the new workbook 00 came"
    assert {10, 12, 15, 20, 24, 26, 29} <= set(successor)


def test_an_error_and_its_mending_are_told_on_their_days(lived: Lived) -> None:
    (wrong,), (mended,) = lived.to(mail_of(SALES), 3, 3), lived.to(mail_of(SALES), 4, 4)
    assert wrong.subject.startswith("[请改正]")
    assert "是第 2 版，代替第 1 版" in wrong.text
    assert mended.subject.startswith("[已通过]")
    assert "上次通知的 1 项都改好了" in mended.text


def test_a_full_disk_a_share_and_a_broken_00_delay_and_lose_nothing(lived: Lived) -> None:
    assert any("No space left" in why for why in lived.waiting), lived.waiting
    for first, last, day in ((6, 7, 7), (11, 12, 12), (28, 29, 29)):
        found = [one for one in lived.told if first <= one.day <= last and "：收到" in one.text]
        assert {one.day for one in found} == {day}


def test_two_of_one_round_and_a_file_that_went_back(lived: Lived) -> None:
    twice = [one for one in lived.told if "两个版本" in one.subject]
    assert {one.day for one in twice} == {20}
    assert PMO in {one.to for one in twice}
    assert [(one.day, one.to) for one in lived.told if one.subject.startswith("[退回]")] == [(21, PMO)]


def test_what_was_handed_in_after_the_back_up_counts_again(lived: Lived) -> None:
    assert lived.later == 1
    assert any("after the back-up" for one in lived.versions if one.slot.startswith("materials"))


def test_the_pmo_hears_of_every_day(lived: Lived) -> None:
    reports = [one for one in lived.told if one.to == PMO and "批次日报" in one.subject]
    assert len(reports) == len({one.subject for one in reports})
    silent = set(range(1, 31)) - {one.day for one in reports}
    assert silent == {11, 16, 17, 28}, "the share was away, letters were held, there was no workbook 00"
