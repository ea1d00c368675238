"""The fonts of the paper, asked from fontconfig as LibreOffice asks it: what stands in for a family, what prints.

`fonts.conf` names one free face for every family that staff have in Word. Where that face is missing, fontconfig takes
another one without a word; here it gets its words.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lxml import etree

from pipeline.core.errors import DependencyMissing

FONTS = Path(__file__).with_name("fonts.conf")
PACKAGES = {
    "Noto Serif CJK SC": "fonts-noto-cjk",
    "Noto Sans CJK SC": "fonts-noto-cjk",
    "AR PL KaitiM GB": "fonts-arphic-gkai00mp",
    "Liberation Serif": "fonts-liberation",
    "Liberation Sans": "fonts-liberation",
}
# Fonts that hold many rare characters and symbols, for whoever has to install one.
RARE = "fonts-symbola fonts-hanazono"
_UNSEEN = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
_LONGEST_S = 60


@dataclass(frozen=True)
class Face:
    """What a family becomes on paper.

    Attributes:
        family: as the documents name it (宋体).
        wanted: the faces that `fonts.conf` gives it, best first; itself where it is not listed there.
        got: the face that is taken on this machine.
    """

    family: str
    wanted: tuple[str, ...]
    got: str

    @property
    def missing(self) -> bool:
        """None of the wanted faces is installed: what is printed looks otherwise, or not at all."""
        return self.got not in self.wanted

    @property
    def second_best(self) -> bool:
        """An agreed substitute is taken."""
        return self.got in self.wanted[1:]

    def __str__(self) -> str:
        package = PACKAGES.get(self.wanted[0])
        remedy = f"。安装:sudo apt-get install -y {package}" if package else ""
        return f"字体“{self.family}”应印作 {self.wanted[0]},没有安装,改用 {self.got or '无'}(replaced){remedy}"


def faces(families: Iterable[str]) -> list[Face]:
    """What every family becomes, in the order given.

    Raises:
        DependencyMissing: fontconfig is not installed.
    """
    return [Face(family, _aliases().get(family, (family,)), _match(family)) for family in dict.fromkeys(families)]


def require(families: Iterable[str]) -> list[str]:
    """Sentences about families that an agreed substitute stands in for.

    Raises:
        DependencyMissing: for a family there is not even the substitute, or fontconfig is not installed.
    """
    found = faces(families)
    if missing := [face for face in found if face.missing]:
        raise DependencyMissing("\n".join(map(str, missing)))
    return [str(face) for face in found if face.second_best]


def unprintable(text: str) -> str:
    """The characters of a text for which no installed font has a glyph, each once; blanks do not count.

    Raises:
        DependencyMissing: fontconfig is not installed.
    """
    seen = dict.fromkeys(char for char in text if char >= "\x7f" and unicodedata.category(char) not in _UNSEEN)
    return "".join(char for char in seen if not _covered(ord(char)) and not _is_selector(char))


def spelled(text: str) -> str:
    """A text in which every character without a glyph is replaced by its number: [U+30EDE]; nothing is lost in silence.

    Raises:
        DependencyMissing: fontconfig is not installed.
    """
    return text.translate({ord(char): f"[U+{ord(char):04X}]" for char in unprintable(text)})


def named(char: str) -> str:
    """A character for people: “𰻞”(U+30EDE)."""
    return f"“{char}”(U+{ord(char):04X})"


def _is_selector(char: str) -> bool:
    """Variation selectors choose the form of the character before them and print nothing."""
    return 0xFE00 <= ord(char) <= 0xFE0F or 0xE0100 <= ord(char) <= 0xE01EF


def _covered(code: int) -> bool:
    starts, ends = _coverage()
    at = bisect_right(starts, code) - 1
    return at >= 0 and code <= ends[at]


@cache
def _coverage() -> tuple[list[int], list[int]]:
    """Beginnings and ends (inclusive) of the ranges of characters that some scalable font has, without overlaps."""
    said = _ask("fc-list", "-f", "%{charset}\n", ":scalable=true:color=false")
    pieces = {piece for line in set(said.splitlines()) for piece in line.split()}
    ranges = sorted(tuple(int(number, 16) for number in (piece.split("-") * 2)[:2]) for piece in pieces)
    starts: list[int] = []
    ends: list[int] = []
    for start, end in ranges:
        if ends and start <= ends[-1] + 1:
            ends[-1] = max(ends[-1], end)
        else:
            starts.append(start)
            ends.append(end)
    return starts, ends


def identity(family: str) -> str:
    """Which face is taken for a family: its name, version and file; another one prints another picture.

    Raises:
        DependencyMissing: fontconfig is not installed.
    """
    return _ask("fc-match", "-f", "%{family}\n%{fontversion}\n%{file}", family.replace("-", r"\-"))


@cache
def installed() -> str:
    """Hash of all fonts with their versions: any of them may lend a glyph.

    Raises:
        DependencyMissing: fontconfig is not installed.
    """
    listed = sorted(_ask("fc-list", "-f", "%{file} %{fontversion} %{size}\n").splitlines())
    return hashlib.sha256("\n".join(listed).encode() + FONTS.read_bytes()).hexdigest()


@cache
def _match(family: str) -> str:
    """The family that fontconfig takes; a font with several names gives the first."""
    return _ask("fc-match", "-f", "%{family}", family.replace("-", r"\-")).split(",")[0].strip()


@cache
def _aliases() -> dict[str, tuple[str, ...]]:
    found = {}
    for alias in etree.parse(FONTS).getroot().iter("alias"):
        prefer = [str(node.text) for node in alias.findall("prefer/family")]
        found[str(alias.findtext("family"))] = tuple(prefer)
    return found


def _ask(program: str, *arguments: str) -> str:
    environment = {**os.environ, "FONTCONFIG_FILE": str(FONTS), "LC_ALL": "C.UTF-8"}
    try:
        done = subprocess.run(
            [program, *arguments],
            capture_output=True,
            env=environment,
            check=True,
            timeout=_LONGEST_S,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError) as problem:
        raise DependencyMissing(
            f"缺少 {program}。请运行:sudo apt-get install -y fontconfig(fontconfig is missing): {problem}"
        ) from problem
    return done.stdout.decode("utf-8", "replace")
