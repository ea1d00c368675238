"""Gate and reader under mutation, of the file's bytes and of the parts inside its zip (more: scripts/soak fuzz)."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.intake.reader import Reading
from pipeline.intake.refusals import Refusal
from tests.intake import made_files as made
from tests.intake.fuzzed import NAMES, WORKBOOK, hold, spoiled

GOOD = made.zipped(WORKBOOK)
WORDS = (
    "<c r='XFD1048576'><v>1</v></c>",
    "<c r='A0'>",
    "<c t='s'><v>99</v></c>",
    "<c t='inlineStr'><is/></c>",
    "<f/>",
    "<v/>",
    "<row r='99999999999999999999'>",
    "<row>",
    "</row>",
    "<mergeCell ref='XFD1:A0'/>",
    "<mergeCell ref=''/>",
    "<f t='shared' si='0'/>",
    "<!DOCTYPE a>",
    "<!--",
    "-->",
    "]]>",
    "<![CDATA[",
    "&#0;",
    "&a;",
    "\x00",
    "\x0b",
    "\ufffe",
    "_xD800_",
    "\ud83d",
    "1e999",
    "-1",
    "NaN",
    "'",
    '"',
    ">",
    "",
    "xml:space='preserve'",
    "<sheet name='x' r:id='rId1'/>",
    "http://127.0.0.1/x",
)
quick = settings(max_examples=120, deadline=None, derandomize=True, database=None)
PIECES = st.one_of(
    st.sampled_from(WORDS).map(lambda text: text.encode("utf-8", "surrogatepass")), st.binary(max_size=12)
)


@quick
@given(st.binary(max_size=300))
@example(b"PK\x03\x04")
@example(b"PK\x05\x06" + bytes(18))
@example(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
@example(b"\xff\xfe<\x00")
def test_any_bytes_have_a_verdict(content: bytes) -> None:
    hold(content)


@quick
@given(at=st.integers(0, len(GOOD) - 1), length=st.integers(0, 40), piece=st.binary(max_size=20))
def test_a_workbook_with_any_bytes_replaced_has_a_verdict(at: int, length: int, piece: bytes) -> None:
    hold(GOOD[:at] + piece + GOOD[at + length :])


@quick
@given(name=st.sampled_from(NAMES), at=st.integers(0, 3000), length=st.integers(0, 60), piece=PIECES)
def test_a_workbook_with_any_part_spoiled_has_a_verdict(name: str, at: int, length: int, piece: bytes) -> None:
    hold(spoiled(name, at, length, piece))


@settings(max_examples=25, deadline=None, derandomize=True, database=None)
@given(name=st.sampled_from(NAMES), at=st.integers(0, 3000), length=st.integers(0, 60), piece=PIECES)
def test_the_child_says_the_same(name: str, at: int, length: int, piece: bytes) -> None:
    content = spoiled(name, at, length, piece)
    found = CHILD.read("x.xlsx", content)
    assert (found.reason if isinstance(found, Refusal) else "read") == hold(content)


CHILD = Reading()


def teardown_module() -> None:
    CHILD.end()
