"""Texts as keyboards and web pages give them: full-width letters, special blanks, characters nobody sees."""

from __future__ import annotations

import re
import unicodedata

from pipeline.core.conventions import READING

_BLANKS = "\u00a0\u2002\u2003\u2007\u2009\u202f\u3000"
# Zero-width blanks and joiners, direction marks, soft hyphen, byte order mark: what copying from a web page brings.
_UNSEEN = "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
_DROP: dict[int, str | None] = dict.fromkeys(map(ord, _UNSEEN))
_DASHES = {ord(dash): "-" for dash in READING["alike"]["dashes"]}
# Radicals and compatibility ideographs, as a PDF gives them when one copies from it: the same characters to the eye.
_RADICALS = {ord(key): value for key, value in READING["alike"]["radicals"].items()}
_COMPATIBILITY = (*range(0x2E80, 0x2FE0), *range(0xF900, 0xFB00), *range(0x2F800, 0x2FA20))
_UNIFIED: dict[int, str | None] = {
    code: _RADICALS.get(code) or unicodedata.normalize("NFKC", chr(code)) for code in _COMPATIBILITY
}
_COMPATIBLE = re.compile("[\u2e80-\u2fdf\uf900-\ufaff\U0002f800-\U0002fa1f]")
_HALF: dict[int, str | None] = {
    **{code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
    **dict.fromkeys(map(ord, _BLANKS), " "),
    ord("\uffe5"): "\u00a5",
    ord("\u2212"): "-",
    **_DROP,
}


def half_width(text: str) -> str:
    """Full-width digits, letters and signs as ASCII; unseen characters gone; nothing else changed.

    Narrower than NFKC, which would make 102 of 10² and 1 of ①.
    """
    return text.translate(_HALF)


def without_unseen(text: str) -> str:
    """Text without the characters that take no room; they part words that look alike."""
    return text.translate(_DROP)


def unified(text: str) -> str:
    """Text with the usual ideographs for those that only look like them (radicals, compatibility ideographs)."""
    return text.translate(_UNIFIED) if _COMPATIBLE.search(text) else text


def as_typed(text: str) -> str:
    """A code, choice or date as a keyboard would give it: half width, plain dashes, nothing unseen."""
    return unified(unicodedata.normalize("NFKC", text.translate(_DASHES))).translate(_DASHES).translate(_DROP)


_FULL = {",": "，", ";": "；", ":": "：", "?": "？"}
_CHINESE = "\u3400-\u9fff\u3001-\u301f\uff01-\uff5e“”…%{}"  # braces: what is put in between them is a word
_MARK = re.compile(rf"(?<=[{_CHINESE}])[,;:?](?!//)|[,;:?](?=[{_CHINESE}])")
_BRACKETS = re.compile(r"\(([^()]*)\)")
_HAN = re.compile(r"[\u3400-\u9fff{}]")


def on_paper(text: str) -> str:
    """A sentence of ours as an office prints it: full-width punctuation and brackets where Chinese stands beside them.

    Not for what people typed, which stays as it is.
    """
    return _BRACKETS.sub(_brackets, _MARK.sub(lambda mark: _FULL[mark[0]], text))


def _brackets(found: re.Match[str]) -> str:
    before = found.string[max(found.start() - 1, 0) : found.start()]
    chinese = _HAN.search(found[1]) or _HAN.match(before)
    return f"（{found[1]}）" if chinese else found[0]


def odd_characters(text: str) -> str:
    """The characters of a code or choice that may be taken for others, each with its place and name, in Chinese.

    Args:
        text: what stands in the cell. Ideographs, their punctuation and what a keyboard types are not odd.
    """
    odd = [
        f"第{place}个字符“{'' if unicodedata.category(character)[0] in 'CZ' else character}”是{name_of(character)}"
        for place, character in enumerate(text, start=1)
        if _is_odd(character)
    ]
    return "、".join(odd[:_MOST_ODD])


_MOST_ODD = 3
_PLAIN_BLOCKS = (range(0x20, 0x7F), range(0x3001, 0x3020), range(0x3400, 0xA000), range(0x20000, 0x2F800))


def _is_odd(character: str) -> bool:
    code = ord(character)
    usual = character in "\n·“”‘’…—¥²³℃Ω×" or 0xFF01 <= code <= 0xFF5E
    return not usual and not any(code in block for block in _PLAIN_BLOCKS)


def name_of(character: str) -> str:
    """Name of a character for people: its Unicode name and number."""
    known = READING["alike"]["names"].get(character)
    return known or f"{unicodedata.name(character, '没有名字的字符')}(U+{ord(character):04X})"
