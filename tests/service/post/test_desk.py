"""One letter of several sections: their order, and what the subject says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.definitions.forms import load_forms
from pipeline.service.post import desk
from pipeline.service.post.desk import Desk
from pipeline.service.post.sections import section
from pipeline.workspace import outbox
from pipeline.workspace.ledger import transaction
from pipeline.workspace.outbox import News
from tests.service.posting import Post, settings_for
from tests.service.stage import company
from tests.smtp_server import smtp_server

HEAD = {"title": "项目", "folder": "", "link": "", "reason": "因为"}
SIGN = section("等您签字", todo="[请会签]", items=[{"text": "文件", "remedy": "", "link": "file:///srv/a.pdf"}])


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    with smtp_server(tmp_path) as running:
        yield Post(tmp_path / "ws", running)


def written(post: Post, **sections: object) -> tuple[str, str, str]:
    writing = Desk(post.ledger, company(), settings_for(post.running), post.clock())
    with transaction(post.ledger):
        notices = {kind: (kind, part) for kind, part in sections.items()}
        writing.put(News("a@lanyu.example", "甲", "P", notices), HEAD)  # type: ignore[arg-type]
    letter = outbox.letters(post.ledger)[-1].letter
    return letter.subject, letter.text, letter.html


def test_what_somebody_must_do_stands_in_the_subject_and_comes_first(post: Post) -> None:
    passed = section("收到的文件", todo="[已通过]")
    subject, text, page = written(post, 待办签字=SIGN, 收到=passed, 计划包=section("包", todo="[计划包]"))
    assert subject == "[请会签] 项目"
    assert text.index("■ 等您签字") < text.index("■ 包") < text.index("■ 收到的文件")
    assert 'href="file:///srv/a.pdf"' in page


def test_a_figure_is_not_said_again_under_every_pack(post: Post) -> None:
    amount, people = ({"label": label, "value": value} for label, value in (("合同额", "9.00"), ("人天", "69.5")))
    parts = {"计划包": section("计划", facts=[amount]), "评审包": section("评审", facts=[amount, people])}
    text = written(post, **parts)[1]
    assert text.count("合同额") == text.count("人天") == 1
    assert text.index("■ 计划") < text.index("合同额") < text.index("■ 评审") < text.index("人天")


def test_sections_of_an_older_program_are_written_all_the_same(post: Post) -> None:
    old = {"heading": "旧的", "intro": "", "items": [{"text": "一", "remedy": ""}], "more": "", "facts": []}
    assert written(post, 校验报告=old)[0] == "[售前文档] 项目"
    assert written(post, 待办签字=SIGN)[0] == "[请会签] 项目"


def test_every_pack_of_the_letters_has_its_place() -> None:
    packs = {one for one in load_forms()["master"].sheet_form("mail_rules").field("pack").choices if one.endswith("包")}
    assert packs <= {*desk._FIRST} & {*desk._URGENT}
