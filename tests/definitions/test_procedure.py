"""`procedure.toml` is read strictly: what is wrong in it is named, with what was probably meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.core.errors import DefinitionError, ExitCode
from pipeline.definitions import procedure
from pipeline.definitions.documents import load_documents
from pipeline.definitions.procedure import load_procedure

TEXT = procedure.FILE.read_text(encoding="utf-8")


def read(folder: Path, old: str, new: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert old in TEXT
    path = folder / "procedure.toml"
    path.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    monkeypatch.setattr(procedure, "FILE", path)
    load_procedure()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('paper = "立项审批表"', 'papers = "立项审批表"', "没有“papers”这个键.*paper"),
        ('title = "部门会签"\n', "", r"step\[2\]\(countersign\):缺少键“title”"),
        ("tone = 1", 'tone = "1"', r"step\[1\]\(plan\).tone:值 '1' 的类型不对"),
        ('kind = "must"', 'kind = "most"', "survey.kind:没有“most”.*must"),
        ('after = ["plan"]', 'after = ["plan", "archive"]', "成了环 .*countersign.*archive"),
        ('after = ["plan"]', 'after = ["plans"]', "countersign.after:没有“plans”.*plan"),
        ('sheets = ["records.countersign"]', 'sheets = ["records.countersing"]', "没有“countersing”.*countersign"),
        ('begun_by = ["records.notice.date"]', 'begun_by = ["records.notice.day"]', "notice.begun_by:没有“day”"),
        ('begun_by = ["records.notice.date"]', 'begun_by = ["records.application.att_plan"]', "是系统填的格"),
        ('days = ["records.notice.date"]', 'days = ["records.notice.pm"]', "“records.notice.pm”不是日期"),
        (
            'fills = ["质量文档管理员"]',
            'fills = ["质量文件管理员"]',
            "notice.fills:没有“质量文件管理员”.*质量文档管理员",
        ),
        ('decides = "立项"', 'decides = "立项书"', "approval.decides:没有“立项书”.*立项"),
        ('waived_when = ["no_contract"]', 'waived_when = ["no_contrac"]', "没有“no_contrac”.*no_contract"),
        ("needs_test=是", "needs_test=要", "tests.when:没有“要”"),
        ('when = ["plan.basics.needs_test=是"]\n', "", 'tests.when:kind = "when"'),
        ('to = "tracking"', 'to = "trackin"', "branch.to:没有“trackin”.*tracking"),
        ('departments = "creview_required"', 'departments = "creview"', "评审部门.departments:没有“creview”"),
        ('key = "plan"', 'key = "survey"', "步骤“survey”写了两次"),
        ("tone = 6", "tone = 9", "客户取消.tone:没有“9”"),
    ],
)
def test_what_is_wrong_is_named(old: str, new: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DefinitionError, match=said) as caught:
        read(tmp_path, old, new, monkeypatch)
    assert "procedure.toml" in str(caught.value)
    assert caught.value.exit_code is ExitCode.DEFINITION


def test_the_steps_keep_the_order_of_the_procedure() -> None:
    assert list(load_procedure().gates) == [
        *("survey", "plan", "countersign", "application", "approval", "notice", "tracking", "req_review"),
        *("scheme", "tests", "bid", "creview", "signing", "closing", "handover", "archive"),
    ]
    assert [key for key, step in load_procedure().steps.items() if not step.gate] == [
        *("memos", "changes", "reports", "summary"),
    ]


def test_a_block_may_stand_anywhere_where_its_predecessors_allow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start, end = TEXT.index('[[step]]\nkey = "bid"'), TEXT.index('[[step]]\nkey = "creview"')
    path = tmp_path / "procedure.toml"
    path.write_text(TEXT[:start] + TEXT[end:] + "\n" + TEXT[start:end], encoding="utf-8")
    order = list(load_procedure().gates)
    monkeypatch.setattr(procedure, "FILE", path)
    assert list(load_procedure().gates) == order


def test_states_stand_in_the_order_of_the_procedure_with_their_shade() -> None:
    assert load_procedure().tones == {
        **{"草稿": 0, "调查中": 0, "计划编制": 1, "会签中": 1, "待立项": 2, "已立项": 2, "执行中": 3},
        **{"合同评审中": 4, "已签订": 4, "验收结束": 5, "已移交": 5, "已归档": 5},
        **{"已暂停": 7, "立项未批准": 7, "未中标结束": 6, "客户取消": 6},
    }
    assert load_procedure().ended == {"已归档", "立项未批准", "未中标结束", "客户取消"}
    assert load_procedure().resting == load_procedure().ended | {"已暂停"}


def test_every_document_that_waits_for_a_gate_waits_for_a_step() -> None:
    assert {form.due for form in load_documents().values()} <= {"", *load_procedure().gates}
