"""Who is told what, and when not: through a real build, a real server, and the outbox between them."""

from __future__ import annotations

import email
import email.policy
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.core.company import Company
from pipeline.core.documents import ProjectResult
from pipeline.core.entries import Awaited
from pipeline.core.errors import DocumentFailed
from pipeline.core.mail import MailState
from pipeline.definitions.catalogue import load_catalogue
from pipeline.definitions.forms import load_forms
from pipeline.definitions.procedure import load_procedure
from pipeline.deliver.mail.delivery import deliver
from pipeline.deliver.mail.letter import check_mail_templates
from pipeline.intake.company import read_company
from pipeline.service.post import queue as posting
from pipeline.service.post.news import due_findings
from pipeline.service.post.people import People, words_of
from pipeline.service.post.queue import Asked, queue_digest, queue_project
from pipeline.service.post.sections import counts, latest_day
from pipeline.settings import Settings
from pipeline.workspace import outbox
from tests.cases import DORM, ROOT
from tests.core.test_mail import PAYLOADS
from tests.e2e.built import Built, sample
from tests.service.posting import Post, body, got, names, settings_for
from tests.smtp_server import smtp_server

WRONG = "wrong-015"


@pytest.fixture(scope="module")
def wrong() -> Built:
    return sample(WRONG)


@pytest.fixture(scope="module")
def mended() -> Built:
    """Only the plan pack: the whole procedure at once, three packs with everything, is more than a test can mail."""
    built = sample(DORM)
    return Built(built.out, replace(built.result, packs=(built.pack("计划包"),)))


@pytest.fixture(scope="module")
def company() -> Company:
    return read_company(next((ROOT / "samples" / DORM).glob("00_*.xlsx")), load_forms())


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    with smtp_server(tmp_path) as running:
        yield Post(tmp_path / "ws", running, changes={"mail_per_minute": 1000})


def tell(post: Post, built: ProjectResult, company: Company, folder: Path, senders: tuple[str, ...] = ("E103",)) -> int:
    settings = settings_for(post.running, **post.changes)
    return queue_project(post.ledger, built, company, settings, folder, Asked(senders, now=post.clock()))


def test_errors_then_mended_then_again_then_an_upgrade(
    post: Post, wrong: Built, mended: Built, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    # With errors: the sender gets the marked workbooks.
    assert tell(post, wrong.result, company, wrong.out / DORM) > 0
    first = got(post)
    sender = company.persons["E103"].email
    assert sender in first
    assert any(name.endswith("_校验.xlsx") for name in names(first[sender]))
    assert "不通过（" in first[sender]["Subject"]
    assert "处理：" in body(first[sender])
    assert "!" in body(first[sender]), "the cell is named"

    # Mended: project manager and departments get the plan pack.
    assert tell(post, mended.result, company, mended.out / DORM) > 0
    second = got(post)
    facts = mended.result.facts
    assert facts
    assert facts.entries.pm
    wanted = {company.persons[facts.entries.pm.value].email}
    wanted |= {found.mail_group for name in facts.countersigners if (found := company.department_named(name))}
    assert wanted <= second.keys()
    pack = mended.pack("计划包")
    for address in wanted:
        there = names(second[address])
        assert f"{pack.name}.pdf" in there
        assert f"{pack.name}.zip" in (*there, *body(second[address]).replace("/", " ").split()), (
            "with the letter, or named with its path where it is too large"
        )
    sent = len(post.running.taken)

    # Again, and after an upgrade that makes other packs of the same values: nobody hears of it.
    assert tell(post, mended.result, company, mended.out / DORM) == 0
    monkeypatch.setattr(posting, "_program", lambda *_: "another program")
    other = tuple(
        replace(one, content_sha256="f" * 64, name=one.name.replace("V1", "V2")) for one in mended.result.packs
    )
    upgraded = replace(mended.result, packs=other, findings=mended.result.findings[:-1])
    assert tell(post, upgraded, company, mended.out / DORM) == 0
    assert tell(post, upgraded, company, mended.out / DORM) == 0
    got(post)
    assert len(post.running.taken) == sent

    # The same mistakes again are news again.
    assert tell(post, wrong.result, company, wrong.out / DORM) > 0

    assert sorted(to for one in post.running.taken for to in one.recipients) == sorted(
        mail.recipient for mail in outbox.letters(post.ledger) if mail.state is MailState.SENT
    )


def test_two_projects_of_one_day_have_letters_of_their_own(post: Post, mended: Built, company: Company) -> None:
    """What both say is the same word for word: sign here, was approved."""
    codes, result = (DORM, "LY-SQ-2026-016"), replace(mended.result, packs=())
    for code in (*codes, *codes):
        tell(post, replace(result, code=code), company, mended.out / DORM)
    told = [
        {(mail.recipient, mail.who) for mail in outbox.letters(post.ledger) if mail.project == code} for code in codes
    ]
    assert told[0]
    assert told[0] == told[1]
    assert len(outbox.letters(post.ledger)) == 2 * len(told[0])


def test_one_letter_for_each_person_and_quiet_period(post: Post, wrong: Built, mended: Built, company: Company) -> None:
    tell(post, wrong.result, company, wrong.out / DORM)
    post.send_due(deliver)
    before = len(post.running.taken)
    assert before == len({one.recipients[0] for one in post.running.taken})
    post.clock.forward(minutes=1)
    tell(post, mended.result, company, mended.out / DORM)
    post.clock.forward(minutes=1)
    tell(post, wrong.result, company, wrong.out / DORM)
    queued = [mail for mail in outbox.letters(post.ledger) if mail.state is MailState.QUEUED]
    assert len(queued) == len({mail.recipient for mail in queued})
    again = {one.recipients[0] for one in post.running.taken}
    post.send_due(deliver)
    late = [one.recipients[0] for one in post.running.taken[before:]]
    assert not again & set(late), "who was just written to waits for the quiet period"


def test_what_has_changed_since_the_last_letter_stands_first(post: Post, wrong: Built, company: Company) -> None:
    tell(post, wrong.result, company, wrong.out / DORM)
    got(post)
    errors = [f for f in wrong.result.findings if f.blocks]
    facts = replace(wrong.result.facts, said="changed") if wrong.result.facts else None
    fewer = replace(wrong.result, facts=facts, findings=tuple(f for f in wrong.result.findings if f is not errors[0]))
    tell(post, fewer, company, wrong.out / DORM)
    text = body(got(post)[company.persons["E103"].email])
    assert "与上次相比：改好 1 项，新出现 0 项" in text.split("1. ")[0]


def test_a_secret_project_sends_a_path_only(post: Post, wrong: Built, company: Company) -> None:
    facts = wrong.result.facts
    assert facts
    secret = replace(wrong.result, facts=replace(facts, entries=replace(facts.entries, secrecy="秘密")))
    tell(post, secret, company, wrong.out / DORM)
    for message in got(post).values():
        assert names(message) == []
        said = body(message) + message["Subject"] + message.get_body(("html",)).get_content()
        assert str(wrong.out / DORM) in said
        assert wrong.result.name not in said
        assert not any(f.message() in said for f in wrong.result.findings)


def test_who_is_told_when_the_sender_is_not_known(mended: Built, company: Company) -> None:
    facts = mended.result.facts
    assert facts
    settings = Settings(mail_from="presales@lanyu.example", mail_pmo="pmo@lanyu.example")
    no_fillers = replace(facts, entries=replace(facts.entries, fillers=()))
    nobody = replace(no_fillers, entries=replace(no_fillers.entries, sales_rep=None))

    def to(people: People) -> list[str]:
        return [target.address for target in people.targets(["提交人"])[0]]

    sales = company.persons[facts.entries.sales_rep.value].email if facts.entries.sales_rep else ""
    assert to(People(company, settings, facts, ("E104",))) == [company.persons["E104"].email]
    assert to(People(company, settings, no_fillers, ("E999",))) == [sales]
    assert to(People(company, settings, nobody)) == ["pmo@lanyu.example"]


def test_rules_of_workbook_00_lead_to_addresses(mended: Built, company: Company) -> None:
    settings = Settings(mail_from="presales@lanyu.example")
    people = People(company, settings, mended.result.facts)
    for pack, trigger in (("计划包", "生成成功"), ("移交包", "生成成功"), ("批次日报", "每日"), ("校验报告", "有错误")):
        targets, faults = people.targets(words_of(company, pack, trigger))
        assert targets
        assert faults == []
        assert not any(target.held for target in targets)


def test_other_domains_wait_for_approval(post: Post, wrong: Built, company: Company) -> None:
    post.changes |= {"mail_domains": "elsewhere.cn"}
    tell(post, wrong.result, company, wrong.out / DORM)
    assert got(post) == {}
    assert set(post.states()) == {"held"}
    assert "不在允许的域名里" in outbox.letters(post.ledger)[0].said


@pytest.mark.parametrize("payload", [payload for payload in PAYLOADS if payload.strip()])
def test_payloads_in_workbook_00_reach_nobody(mended: Built, company: Company, payload: str) -> None:
    facts = mended.result.facts
    assert facts
    person = replace(company.persons["E103"], email=payload)
    dept = {key: replace(one, mail_group=payload) for key, one in company.departments.items()}
    bad = replace(company, persons={**company.persons, "E103": person}, departments=dept)
    people = People(bad, Settings(mail_from="presales@lanyu.example"), facts, ("E103",))
    targets, faults = people.targets(["提交人", "会签部门", payload])
    assert targets == []
    assert faults


def test_payloads_in_the_texts_of_a_project_change_no_recipient(post: Post, wrong: Built, company: Company) -> None:
    payload = "甲\r\nBcc: evil@x.cn\u2028=?utf-8?b?YUBiLmNu?=, evil@x.cn <evil@x.cn> team: x@y.cn;{{ 1 }}<b>"
    findings = tuple(replace(f, values=dict.fromkeys(f.values, payload)) for f in wrong.result.findings[:5])
    tell(post, replace(wrong.result, name=payload, findings=findings), company, wrong.out / DORM)
    got(post)
    assert post.running.taken
    for taken in post.running.taken:
        message: Mapping[str, Any] = email.message_from_bytes(taken.content, policy=email.policy.default)
        assert str(message["To"]) == taken.recipients[0]
        assert not {"Bcc", "Cc"} & set(message.keys())
    ledger = {mail.recipient for mail in outbox.letters(post.ledger)}
    assert {arg.partition("<")[2].partition(">")[0] for arg in post.running.wire} == ledger


def test_a_document_that_could_not_be_made_is_told_to_each_in_his_words_until_it_is_mended(
    post: Post, mended: Built, company: Company
) -> None:
    quiet = replace(mended.result, packs=(), documents=(), findings=())
    lost = replace(quiet, failure=DocumentFailed("项目计划报告(PPR):LibreOffice 丢了 2 行表格。请换一个版本"))
    post.changes["mail_pmo"] = "pmo@lanyu.example"
    assert tell(post, lost, company, mended.out / DORM) == 2
    letters = got(post)
    sender, pmo = (body(letters[one]) for one in (company.persons["E103"].email, "pmo@lanyu.example"))
    assert ("您不用做什么" in sender, "LibreOffice" in sender) == (True, False)
    assert ("LibreOffice 丢了 2 行表格。请换一个版本" in pmo, "请运行人员处理" in pmo, "您不用做什么" in pmo) == (
        *(True, True),
        False,
    )
    assert tell(post, lost, company, mended.out / DORM) == 0
    assert tell(post, quiet, company, mended.out / DORM) == 0
    assert tell(post, lost, company, mended.out / DORM) == 2


def test_the_digest_comes_once_a_day_and_names_letters_that_need_somebody(
    post: Post, company: Company, tmp_path: Path
) -> None:
    settings = settings_for(post.running, mail_pmo="pmo@lanyu.example")
    post.running.faults["RCPT gone@lanyu.example"] = "550 unknown"
    post.write("gone@lanyu.example")
    post.send_due(deliver)
    report = tmp_path / "批次日报_20261123.pdf"
    report.write_bytes(b"%PDF")
    for _ in range(2):
        queue_digest(post.ledger, [report], ["项目 2 个"], company, settings, date(2026, 11, 23), post.clock())
    told = got(post)
    assert {"pmo@lanyu.example", "zlgl@lanyu.example", "scxs@lanyu.example"} <= set(told)
    assert names(told["pmo@lanyu.example"]) == [report.name]
    assert "1 失败 gone@lanyu.example 550 unknown" in body(told["pmo@lanyu.example"])
    assert len(post.running.taken) == len(told)


def test_a_spoilt_mail_template_is_named_with_its_line(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "output_templates" / "mail", tmp_path / "mail")
    assert check_mail_templates(tmp_path) == []
    (tmp_path / "mail" / "letter.txt").write_text("{{ titel }}\n{{ ''.__class__ }}", encoding="utf-8")
    (tmp_path / "mail" / "letter.html").write_text("<p>{{ titel }}</p>", encoding="utf-8")
    faults = check_mail_templates(tmp_path)
    assert any("title" in fault and "letter.html:第 1 行" in fault for fault in faults)
    assert any("letter.txt:第 2 行" in fault for fault in faults)
    assert any("附件说明" in fault for fault in faults)


def test_what_is_wrong_in_workbook_00_goes_to_its_owner_once_and_not_to_the_project(
    post: Post, wrong: Built, company: Company
) -> None:
    """A year that the calendar lacks is in a cell of the plan, and mended in 00 all the same."""
    catalogue = load_catalogue()
    theirs = wrong.result.findings[0]
    at = replace(theirs.at, workbook=company.book.path.name, sheet="参数", cell="B9")
    ours = (
        replace(theirs, rule=catalogue["F037"], at=at, values={"value": "x", "expected": "y", "found": "x"}),
        replace(theirs, rule=catalogue["B418"], values={"year": 2027, "found": "仅按周末", "expected": "2027年"}),
    )
    post.changes |= {"mail_company": "质量管理部", "mail_pmo": "pmo@lanyu.example"}
    quality = company.department_named("质量管理部")
    assert quality
    for code in (DORM, "LY-SQ-2026-016"):
        tell(post, replace(wrong.result, code=code, findings=ours), company, wrong.out / DORM)
    (letter,) = [one for one in outbox.letters(post.ledger) if one.project == "公司基础资料"]
    assert (letter.recipient, letter.letter.subject.startswith("[请更新 00]")) == (quality.mail_group, True)
    assert [letter.letter.text.count(word) for word in ("参数“x”", "工作日历缺少2027年数据")] == [1, 1]
    assert [one.project for one in outbox.letters(post.ledger)] == ["公司基础资料"], "nobody else has anything to do"


def test_when_all_is_mended_those_who_heard_of_it_hear_that_too(post: Post, wrong: Built, company: Company) -> None:
    clean = replace(wrong.result, findings=(), documents=(), packs=())
    assert tell(post, clean, company, wrong.out / DORM) == 0, "there was nothing"
    tell(post, wrong.result, company, wrong.out / DORM)
    first = got(post)
    assert tell(post, clean, company, wrong.out / DORM) > 0
    second = got(post)
    for address in first.keys() & second.keys():
        assert str(second[address]["Subject"]).startswith("[已通过]")
        assert "项都改好了" in body(second[address])
    assert company.persons["E103"].email in second


def test_a_letter_counts_as_the_report_does(wrong: Built, company: Company) -> None:
    result = wrong.result
    printed = {
        one.name: one.text for document in result.documents if document.code == "VAL" for one in document.printed
    }
    report = (int(printed["findings.error_count"]), int(printed["findings.warning_count"]))
    assert counts(result) == report == (10, 4)
    assert len(due_findings(result)) == sum(report)


def test_history_of_a_project_is_silent_and_its_next_step_is_not(post: Post, mended: Built, company: Company) -> None:
    settings, facts = settings_for(post.running), mended.result.facts
    assert facts
    last = latest_day(facts)
    assert last
    folder = mended.out / DORM
    after = Asked(("E103",), since=last + timedelta(days=1), now=post.clock())
    assert queue_project(post.ledger, mended.result, company, settings, folder, after) == 0
    assert outbox.letters(post.ledger) == []
    changed = replace(mended.result, packs=tuple(replace(one, content_sha256="f" * 64) for one in mended.result.packs))
    on = Asked(("E103",), since=date(2026, 1, 1), now=post.clock())
    assert queue_project(post.ledger, changed, company, settings, folder, on) > 0


def test_a_secret_paper_is_linked_and_not_enclosed(post: Post, mended: Built, company: Company) -> None:
    facts = mended.result.facts
    assert facts
    awaited = (Awaited("会签", "网络产品部", "", "E201"),)
    label = load_procedure().steps["countersign"].label
    papers = tuple(replace(one, state="待签" if one.code == "PPR" else "记录") for one in mended.result.documents)
    entries = replace(facts.entries, awaited=awaited, secrecy="秘密", notify=())
    secret = replace(facts, next_gate=label, entries=entries)
    result = replace(mended.result, facts=secret, documents=papers, packs=(), findings=())
    tell(post, result, company, mended.out / DORM)
    letter = got(post)[company.persons["E201"].email]
    (paper,) = [one for one in papers if one.code == "PPR"]
    assert names(letter) == []
    assert str(paper.pdf) in body(letter)
    assert mended.result.name not in body(letter) + str(letter["Subject"])
