"""Letters about files that went back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.core.company import Company
from pipeline.service.post.returns import queue_refusals
from pipeline.workspace.refusals import ReturnedFile
from tests.service.posting import Post, body, got, settings_for
from tests.service.stage import company as sample_company
from tests.smtp_server import smtp_server


@pytest.fixture
def company() -> Company:
    return sample_company()


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    with smtp_server(tmp_path) as running:
        yield Post(tmp_path / "ws", running, changes={"mail_per_minute": 1000})


def test_a_file_that_went_back_is_told_once(post: Post, company: Company) -> None:
    settings = settings_for(post.running, mail_pmo="pmo@lanyu.example")
    files = [
        ReturnedFile("财务部", "费用.xlsx", "文件损坏,请重新保存", post.clock()),
        ReturnedFile("", "别的.xls", "旧格式,请另存为 .xlsx", post.clock(), filled_by="E103"),
        ReturnedFile("", "无主.xlsx", "不认得的表", post.clock()),
    ]
    for one in (*files, *files):
        queue_refusals(post.ledger, [one], company, settings, post.clock())
    finance = company.department_named("财务部")
    assert finance
    told = got(post)
    assert set(told) == {finance.mail_group, company.persons["E103"].email, "pmo@lanyu.example"}
    assert "文件损坏,请重新保存" in body(told[finance.mail_group])
    assert len(post.running.taken) == 3


def test_files_of_one_name_that_went_back_are_each_told(post: Post, company: Company) -> None:
    settings = settings_for(post.running, mail_pmo="pmo@lanyu.example")
    for department, claim in (("甲组", "1"), ("乙组", "2"), ("乙组", "3")):
        one = ReturnedFile(department, "费用.xlsx", f"打不开,第 {claim} 份", post.clock(), claim=claim)
        queue_refusals(post.ledger, [one], company, settings, post.clock())
    (message,) = got(post).values()
    assert [word in body(message) for word in ("第 1 份", "第 2 份", "第 3 份", "甲组/退回", "乙组/退回")] == [True] * 5
