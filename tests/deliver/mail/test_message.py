"""The message: headers of one line, names that parse back, recipients that are those of the envelope and no others."""

from __future__ import annotations

import email
import email.policy
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.mail import Enclosure, Envelope, Letter
from pipeline.deliver.mail.letter import compose
from pipeline.deliver.mail.message import MessageStamp, encoded_size, fit, to_bytes
from tests.core.test_mail import PAYLOADS

STAMP = MessageStamp(datetime(2026, 11, 23, 8, tzinfo=UTC), "<abc@lanyu.example>")
TO = Envelope("presales@lanyu.example", ("lza@lanyu.example",))
NAMES = [
    "网" * 60,
    "网络售前" * 14 + "甲乙.xlsx",
    "LY-SQ-2026-015_计划包_V1_20260501.zip",
    "plain.pdf",
    'quo"te;semi=eq,comma.pdf',
    "a b  c%20.pdf",
    "=?utf-8?b?YQ==?=.pdf",
    "😀𠮷.docx",
    "x" * 240 + ".zip",
]


def made(letter: Letter, envelope: Envelope = TO) -> bytes:
    return to_bytes(letter, envelope, STAMP, lambda enclosure: enclosure.name.encode() * 50)


def parsed(content: bytes) -> EmailMessage:
    return email.message_from_bytes(content, policy=email.policy.default)  # type: ignore[return-value]


def letter(subject: str = "主题", text: str = "正文", names: tuple[str, ...] = ()) -> Letter:
    return Letter(subject, text, f"<p>{text}</p>", tuple(Enclosure(name, "", 5) for name in names))


@pytest.mark.parametrize("name", NAMES)
def test_names_parse_back_exact_from_the_compatible_pair(name: str) -> None:
    content = made(letter(names=(name,)))
    (part,) = parsed(content).iter_attachments()
    assert part.get_filename() == name
    assert part.get_content_type() != "multipart/mixed"
    raw = content[content.index(b"Content-Disposition: attachment") :].split(b"\r\n\r\n")[0]
    assert raw.count(b"filename*=utf-8''") == 1, "one piece: QQ shows tcmime.*.bin for filename*0*"
    assert b"filename*0" not in content
    old = email.message_from_bytes(content, policy=email.policy.compat32)
    shown = next(p for p in old.walk() if p.get_content_disposition() == "attachment").get_param("name")
    words = (
        email.header.decode_header(str(shown)) if not name.isascii() or '"' in name or "=" in name else [(name, None)]
    )
    assert "".join(t.decode(c or "ascii") if isinstance(t, bytes) else t for t, c in words) == name
    assert max(map(len, content.split(b"\r\n"))) <= 998


def test_paths_in_names_are_no_paths() -> None:
    (part,) = parsed(made(letter(names=("../../etc\\x\r\ny.pdf",)))).iter_attachments()
    assert part.get_filename() == ".._.._etc_x  y.pdf"


@pytest.mark.parametrize("payload", PAYLOADS)
def test_payloads_in_every_text_change_no_recipient(payload: str) -> None:
    names = (payload + ".pdf",)
    message = parsed(made(Letter(payload, payload, payload, (Enclosure(names[0], "", 5, payload),))))
    hold(message)


def hold(message: EmailMessage) -> None:
    """The only addresses of a message are those of its envelope."""
    assert [a.addr_spec for a in message["To"].addresses] == list(TO.recipients)
    assert [a.addr_spec for a in message["From"].addresses] == [TO.sender]
    assert not {"cc", "bcc", "reply-to", "resent-to", "sender"} & {key.lower() for key in message}
    assert len(message.get_all("Subject", [])) == len(message.get_all("To", [])) == 1
    assert "\n" not in message["Subject"]
    assert not message.defects


@given(st.text(max_size=300), st.text(max_size=300), st.text(min_size=1, max_size=60))
@settings(max_examples=25, deadline=None)
def test_any_text_changes_no_recipient(subject: str, text: str, name: str) -> None:
    clean = text.encode("utf-8", "replace").decode()
    subject, name = (t.encode("utf-8", "replace").decode() for t in (subject, name))
    hold(parsed(made(letter(subject, clean, (name,)))))


def test_the_subject_is_read_as_it_was_written() -> None:
    subject = "[售前文档] LY-SQ-2026-015 宿舍无线覆盖工程项目名称很长很长很长很长 — 不通过(12错/3警)"
    assert parsed(made(letter(subject)))["Subject"] == subject


def test_text_and_html_are_read_as_they_were_written() -> None:
    message = parsed(made(letter(text="第一行\n.点\n\nFrom 这里")))
    body, page = message.get_body(("plain",)), message.get_body(("html",))
    assert body
    assert page
    assert body.get_content().splitlines() == ["第一行", ".点", "", "From 这里"]
    assert "第一行" in page.get_content()


def test_the_same_letter_makes_the_same_bytes() -> None:
    one = letter(names=("甲.pdf", "乙.xlsx"))
    assert made(one) == made(one)
    assert b"\r\n" in made(one)
    assert b"\n" not in made(one).replace(b"\r\n", b"")


@given(st.lists(st.integers(0, 400_000), max_size=6), st.integers(30_000, 600_000))
@settings(max_examples=25, deadline=None)
def test_no_message_is_larger_than_the_limit(sizes: list[int], limit: int) -> None:
    files = tuple(Enclosure(f"附件{n}.pdf", str(n), size, f"/x/附件{n}.pdf") for n, size in enumerate(sizes))
    whole = Letter("主题", "正文", "<p>正文</p><!--note-->", files)
    bare = len(to_bytes(letter(), TO, STAMP, lambda _: b""))
    parts = fit(whole, limit, bare)
    sent = [to_bytes(part, TO, STAMP, lambda e: b"x" * e.size) for part in parts]
    assert all(len(content) <= limit for content in sent)
    kept = [one.sha256 for part in parts for one in part.enclosures]
    assert len(kept) == len(set(kept))
    said = "".join(part.text + part.html for part in parts)
    assert len(kept) == len(files) or "没有随信发送" in said


def test_the_size_of_an_enclosure_is_never_underestimated() -> None:
    for size in (0, 1, 56, 57, 58, 100_000):
        one = Enclosure("网" * 60, "", size)
        with_it = to_bytes(Letter("s", "t", "h", (one, one)), TO, STAMP, lambda e: b"x" * e.size)
        without = to_bytes(Letter("s", "t", "h", (one,)), TO, STAMP, lambda e: b"x" * e.size)
        assert len(with_it) - len(without) <= encoded_size(one)


def test_what_a_part_lists_is_what_goes_with_it() -> None:
    """The list of the letter as it was written names all files; each part keeps its own, the rest is a remark."""
    files = [
        Enclosure(f"附件{n}.pdf", str(n), size, f"/x/附件{n}.pdf") for n, size in enumerate((60_000, 70_000, 900_000))
    ]
    context = {"todo": "[计划包]", "title": "项目", "sections": [], "folder": "", "link": "", "reason": ""}
    parts = fit(compose(context, files, 120_000), 120_000, 5_000)
    assert [[one.name for one in part.enclosures] for part in parts] == [["附件0.pdf"], ["附件1.pdf"]]
    assert "这是第1封。其余的附件：第2封有附件1.pdf，共1个。" in parts[0].text
    assert "这是第2封。其余的附件：第1封有附件0.pdf，共1个。" in parts[1].text
    for part, own in zip(parts, ("附件0.pdf", "附件1.pdf"), strict=True):
        for said in (part.text.partition("■ 附件")[2], part.html.partition("<ol")[2]):
            assert [name for name in ("附件0.pdf", "附件1.pdf", "附件2.pdf") if name in said] == [own]
        assert "请到共享目录取：\n/x/附件2.pdf\n" in part.text.partition("■ 附件")[0], "where it lies is said"
    [alone] = fit(compose(context, files[2:], 120_000), 120_000, 5_000)
    assert "■ 附件" not in alone.text
    assert "<ol" not in alone.html
    assert "/x/附件2.pdf" in alone.html


def test_a_document_is_listed_by_its_title_and_a_remark_stands_before_the_list() -> None:
    name = "LY-SQ-2026-007_CRO-财务部_A1_20260716.pdf"
    files = [Enclosure(name, "1", 1_000, f"/x/{name}"), Enclosure("大.zip", "2", 900_000, "/x/大.zip")]
    section = {"heading": "要做的", "intro": "先看这里", "items": [], "more": "", "facts": []}
    context = {"todo": "[请签字]", "title": "项目", "sections": [section], "folder": "/x", "link": "", "reason": ""}
    [letter] = fit(compose(context, files, 120_000), 120_000, 5_000)
    assert f"- 产品/项目销售合同评审意见表 {name}（1 KB）" in letter.text
    assert letter.text.index("先看这里") < letter.text.index("/x/大.zip") < letter.text.index("■ 附件")
    assert letter.html.index("先看这里") < letter.html.index("/x/大.zip") < letter.html.index(">附件<")
