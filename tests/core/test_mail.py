"""Exactly one plain address, or none."""

from __future__ import annotations

import pytest

from pipeline.core.mail import NotAnAddress, address, allowed, printable

PAYLOADS = [
    "=?utf-8?b?YUBiLmNuLCBldmlsQHguY24=?=",
    "=?utf-8?q?a=40lanyu.example?=",
    "a@lanyu.example, evil@x.cn",
    "a@lanyu.example;evil@x.cn",
    "张三 <a@lanyu.example>, evil@x.cn",
    "张三 <a@lanyu.example>",
    "<a@lanyu.example>",
    "team: a@lanyu.example, evil@x.cn;",
    "team:a@lanyu.example;",
    "a@lanyu.example\r\nBcc: evil@x.cn",
    "a@lanyu.example\nevil@x.cn",
    "a@lanyu.example\u2028evil@x.cn",
    "a@lanyu.example\u0085evil@x.cn",
    "a@lanyu.example\x00",
    "a@lanyu.example\x0b",
    "a@lanyu.example\t",
    "а@lanyu.example",  # Cyrillic а
    "a@lаnyu.example",
    "a@lanyu。example",
    "\uff41@lanyu.example",
    "a\uff20lanyu.example",
    "a@lanyu.example\u200b",
    "\u202ea@lanyu.example",
    '"a b"@lanyu.example',
    '"a@lanyu.example"',
    "a(comment)@lanyu.example",
    "a@[127.0.0.1]",
    "a@b@lanyu.example",
    "a%evil.cn@lanyu.example@",
    "@lanyu.example:a@evil.cn",
    "a@lanyu",
    "a@lanyu.example.",
    "a..b@lanyu.example",
    ".a@lanyu.example",
    "a@-lanyu.example",
    "a@lanyu.1",
    "a@lanyu.example evil@x.cn",
    "a@lanyu.example,",
    ["-f@lanyu.example", "--"][1],
    "",
    " ",
    "a" * 65 + "@lanyu.example",
    "a@" + "b" * 250 + ".example",
]


@pytest.mark.parametrize("text", PAYLOADS)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(NotAnAddress) as caught:
        address(text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("lza@lanyu.example", "lza@lanyu.example"),
        (" LZA@Lanyu.Example ", "lza@lanyu.example"),
        ("a.b+c_d-e@mail.lanyu.com.cn", "a.b+c_d-e@mail.lanyu.com.cn"),
    ],
)
def test_one_plain_address(text: str, found: str) -> None:
    assert address(text) == found


@pytest.mark.parametrize(
    ("found", "fine"),
    [
        ("a@lanyu.example", True),
        ("a@sub.lanyu.example", False),
        ("a@evillanyu.example", False),
        ("a@lanyu.example.cn", False),
        ("a@partner.cn", True),
    ],
)
def test_only_listed_domains_go_without_approval(found: str, fine: bool) -> None:
    assert allowed(found, ["Lanyu.Example", " @partner.cn "]) is fine


def test_printable_is_one_line() -> None:
    assert printable("甲\r\n乙\u2028丙\x00\u202e丁\t 戊") == "甲 乙 丙 丁 戊"
