from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.adapters import fonts
from pipeline.adapters.fonts import Face, faces, named, require, spelled, unprintable
from pipeline.core.errors import DependencyMissing


def test_a_family_of_windows_has_its_free_face() -> None:
    assert faces(["宋体", "黑体", "Times New Roman"]) == [
        Face("宋体", ("Noto Serif CJK SC",), "Noto Serif CJK SC"),
        Face("黑体", ("Noto Sans CJK SC",), "Noto Sans CJK SC"),
        Face("Times New Roman", ("Liberation Serif",), "Liberation Serif"),
    ]
    assert require(["宋体", "黑体"]) == []


def test_a_family_without_a_face_stops_the_run_and_is_named_with_what_would_replace_it() -> None:
    with pytest.raises(DependencyMissing, match=r"不存在的字体.*改用"):
        require(["宋体", "不存在的字体"])


def test_an_agreed_substitute_is_a_remark_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "_match", lambda family: "Noto Serif CJK SC")
    (said,) = require(["楷体"])
    assert said == (
        "字体“楷体”应印作 AR PL KaitiM GB,没有安装,改用 Noto Serif CJK SC(replaced)。"
        "安装:sudo apt-get install -y fonts-arphic-gkai00mp"
    )


def test_a_missing_noto_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "_match", lambda family: "DejaVu Sans")
    with pytest.raises(DependencyMissing, match=r"“宋体”.*Noto Serif CJK SC.*改用 DejaVu Sans.*fonts-noto-cjk"):
        require(["宋体"])


def test_common_and_rare_characters_can_be_printed() -> None:
    assert unprintable("甲乙 ABC 123 龘𠮷 ㎡①℃Ω☑□ “引号” \t\n\u200b\ufeff\ufe0f é ½") == ""


def test_characters_without_a_glyph_are_named_once() -> None:
    assert unprintable("甲\U0010fffd乙\U0010fffc\U0010fffd") == "\U0010fffd\U0010fffc"
    assert named("龘") == "“龘”(U+9F98)"


def test_without_fontconfig_the_remedy_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    fonts._match.cache_clear()
    with pytest.raises(DependencyMissing, match="apt-get install -y fontconfig"):
        faces(["宋体"])


def test_what_no_font_has_is_spelled() -> None:
    assert spelled("机房\U0010fffd一") == "机房[U+10FFFD]一"
    assert spelled("机房 A-1") == "机房 A-1"
