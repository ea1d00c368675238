"""Another project under a known code overwrites nothing: it is held, told, and taken in or set aside by a person."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from pipeline.adapters.private_folders import private_folder
from pipeline.core.errors import UsageProblem
from pipeline.definitions.forms import load_forms
from pipeline.definitions.registration import registration_form
from pipeline.definitions.values import Content, Master00
from pipeline.definitions.writer import write_workbook
from pipeline.derive.formulas import master_columns
from pipeline.service import state
from pipeline.service.arrivals import claiming, deciding
from pipeline.service.arrivals.claiming import REASON
from pipeline.service.clock import Clock
from pipeline.settings import Settings
from pipeline.workspace import doubts, inputs
from tests.cases import DORM
from tests.service.stage import Stage, company, workbook

CODE = "LY-SQ-2026-021"
LAKE = {"name": "东湖大学图书馆网络改造项目", "customer": "东湖大学", "uscc": "12340500MA00000T18"}
CLINIC = {"name": "南湖医院门诊楼网络改造项目", "customer": "南湖医院", "uscc": "91110108MA00000Y95"}
PDF = b"%PDF-1.4 x %%EOF"


@cache
def book(form: str, name: str = "", customer: str = "", uscc: str = "", by: str = "", code: str = CODE) -> bytes:
    """A workbook of a form with the names of a project and nothing else."""
    head = {"project_code": code, "project_name": name} | ({"filled_by": by} if by else {})
    basics = {"customer_name": customer, "customer_uscc": uscc}
    answers = [{"no": no, "value": value} for no, value in (("A01", customer), ("A02", uscc)) if value]
    sheets = {"plan": {"basics": {key: value for key, value in basics.items() if value}}, "survey": {"items": answers}}
    with private_folder() as work:
        content = Content(head, sheets.get(form, {}))
        write_workbook(load_forms()[form], work / "book.xlsx", content, master_columns(company()))
        return (work / "book.xlsx").read_bytes()


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path)
    yield made
    made.ledger.close()


def names(of: dict[str, str], *keys: str) -> dict[str, str]:
    return {key: of[key] for key in keys}


def current(stage: Stage) -> dict[str, int]:
    return {one.slot: one.version for one in inputs.current(stage.ledger, CODE)}


def held(stage: Stage) -> list[str]:
    return [one.given.slot for one in doubts.held(stage.ledger)]


def begin(stage: Stage, **of: str) -> None:
    """A project with plan, survey and costs."""
    for number, form in enumerate(("plan", "survey", "cost")):
        stage.drop(book(form, **(of or LAKE)) if form != "cost" else book(form, (of or LAKE)["name"]), f"{number}.xlsx")
    stage.settle()
    assert current(stage) == {"plan": 1, "survey": 1, "cost": 1}


def foreign() -> dict[str, bytes]:
    """The five workbooks of another project under the same code."""
    rest = {form: book(form, CLINIC["name"], by="E102") for form in ("cost", "materials", "staffing")}
    return {"survey": book("survey", **CLINIC, by="E102"), "plan": book("plan", **CLINIC, by="E102"), **rest}


def packed(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name, content in files.items():
            package.writestr(name, content)
    return out.getvalue()


# -- which names make another project -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "said", "verdict"),
    [
        # a credit code that differs, or both names
        ("plan", CLINIC, "held"),
        ("survey", CLINIC, "held"),
        ("plan", LAKE | names(CLINIC, "uscc"), "held"),
        ("survey", LAKE | names(CLINIC, "uscc"), "held"),
        ("plan", names(CLINIC, "name", "customer"), "held"),
        ("plan", names(CLINIC, "uscc"), "held"),
        ("plan", LAKE | {"uscc": "91110108-MA00000Y95"}, "held"),
        ("plan", CLINIC | names(LAKE, "uscc"), "held"),
        # one name: a typing error or a new one
        ("plan", LAKE | names(CLINIC, "name"), "odd"),
        ("plan", LAKE | names(CLINIC, "customer"), "odd"),
        ("survey", names(LAKE, "name") | names(CLINIC, "customer"), "odd"),
        ("materials", names(CLINIC, "name"), "odd"),
        # nothing differs
        ("plan", LAKE, "taken"),
        ("materials", names(LAKE, "name"), "taken"),
        ("plan", {}, "taken"),
        ("plan", names(LAKE, "customer"), "taken"),
        ("survey", LAKE | {"customer": "不明确"}, "taken"),
        ("plan", LAKE | {"uscc": "办理中"}, "taken"),
        ("plan", LAKE | {"uscc": "12340500MA00000T18".lower()}, "taken"),
        (
            "plan",
            {"name": "东湖大学 图书馆网络改造项目", "customer": " 东湖大学 ", "uscc": "12340500ma00000t18"},
            "taken",
        ),
        ("plan", LAKE | {"uscc": "12340500 MA00000T18"}, "taken"),
        ("plan", LAKE | {"uscc": "12340500-MA00000T18"}, "taken"),
    ],
)
def test_whose_a_file_is(stage: Stage, form: str, said: dict[str, str], verdict: str) -> None:
    begin(stage)
    stage.drop(book(form, **said, by="E101"), "新.xlsx")
    round_result = stage.settle()
    found = [one.held for one in inputs_doubts(stage)]
    assert (round_result.taken, found) == {"held": (0, [True]), "odd": (1, [False]), "taken": (1, [])}[verdict]
    assert stage.files()[-1].startswith("待确认/" if verdict == "held" else "已接收/")


def inputs_doubts(stage: Stage) -> list[doubts.Doubt]:
    """Everything that is to be told."""
    return [one for together in doubts.due(stage.ledger) for one in together]


@pytest.fixture(autouse=True)
def _tells(stage: Stage) -> None:
    stage.intake.tell = True


WIDE = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)})


def test_width_is_no_difference(stage: Stage) -> None:
    narrow = LAKE | {"name": "图书馆(一期)5G网络", "customer": "东湖大学(南区)"}
    begin(stage, **{key: text.translate(WIDE) for key, text in narrow.items()})
    stage.drop(book("plan", **narrow), "新.xlsx")
    assert (stage.settle().taken, inputs_doubts(stage)) == (1, [])


def test_a_project_without_names_takes_everything(stage: Stage) -> None:
    stage.drop(book("plan"), "a.xlsx")
    stage.settle()
    stage.drop(book("survey", **CLINIC), "b.xlsx")
    assert stage.settle().taken == 1
    stage.drop(book("plan", **LAKE), "c.xlsx")
    assert (stage.settle().taken, held(stage)) == (0, ["plan"]), "now it has names"


def test_a_new_name_is_the_projects_once_something_else_agrees(stage: Stage) -> None:
    begin(stage)
    renamed = LAKE | {"name": "东湖大学图书馆网络扩建项目"}
    stage.drop(book("plan", **renamed), "改名.xlsx")
    assert stage.settle().taken == 1
    stage.drop(book("materials", renamed["name"]), "物资.xlsx")
    assert stage.settle().taken == 1
    assert [one.file for one in inputs_doubts(stage)] == ["改名.xlsx"], "told once"
    stage.drop(book("survey", **renamed | names(CLINIC, "customer")), "改客户.xlsx")
    assert stage.settle().taken == 1


def test_a_name_for_which_nothing_vouches_opens_no_door(stage: Stage) -> None:
    begin(stage)
    stage.drop(book("staffing", CLINIC["name"]), "a.xlsx")
    stage.drop(book("survey", CLINIC["name"]), "b.xlsx")
    assert stage.settle().taken == 2
    assert current(stage) == {"plan": 1, "survey": 2, "cost": 1, "staffing": 1}
    stage.drop(book("plan", **CLINIC), "c.xlsx")
    round_result = stage.settle()
    assert (round_result.taken, round_result.held, round_result.projects) == (0, 3, {CODE})
    assert sorted(held(stage)) == ["plan", "staffing", "survey"], "what was taken alone before goes along"
    assert current(stage) == {"plan": 1, "survey": 1, "cost": 1}
    assert [one.held for one in inputs_doubts(stage)] == [True] * 3, "what is outdated is not told"
    deciding.confirm(stage.root / "ws", CODE, "", "是", stage.hands.clock)
    assert current(stage) == {"plan": 2, "survey": 3, "cost": 1, "staffing": 2}


def test_what_was_the_projects_before_a_confirmation_is_never_recalled(stage: Stage) -> None:
    begin(stage)
    stage.drop(foreign()["plan"], "a.xlsx")
    stage.settle()
    deciding.confirm(stage.root / "ws", CODE, "", "是", stage.hands.clock)
    stage.drop(book("survey", **LAKE, by="E101"), "b.xlsx")
    stage.settle()
    assert (held(stage), current(stage)) == (["survey"], {"plan": 2, "survey": 1, "cost": 1})


def test_names_of_files_that_an_older_program_took_in_are_looked_up(stage: Stage) -> None:
    begin(stage)
    stage.ledger.execute("UPDATE inputs SET customer = NULL, uscc = NULL")
    stage.drop(book("plan", **CLINIC), "新.xlsx")
    assert (stage.settle().taken, held(stage)) == (0, ["plan"])


# -- a whole drop ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["loose", "folder", "zip", "reversed"])
def test_all_that_another_project_drops_is_held_together(stage: Stage, way: str) -> None:
    begin(stage)
    before = inputs.spoken(stage.ledger, CODE)
    files = {f"{form}.xlsx": content for form, content in foreign().items()} | {f"{CODE}_合同.pdf": PDF}
    if way == "zip":
        stage.drop(packed(files), "资料.zip")
    for number, (name, content) in enumerate(files.items() if way != "zip" else ()):
        path = stage.drop(content, f"资料/{name}" if way == "folder" else name)
        age = stage.hands.wall.timestamp() + (-number if way == "reversed" else number)
        os.utime(path, (age, age))
    round_result = stage.settle()
    assert (round_result.taken, round_result.projects, round_result.held) == (0, set(), 6)
    assert sorted(held(stage)) == sorted([*foreign(), f"附件/{CODE}_合同.pdf".casefold()])
    assert inputs.spoken(stage.ledger, CODE) == before
    there = [name for name in stage.files() if name.startswith("待确认/") and not name.endswith(REASON)]
    assert len(there) == (1 if way == "zip" else 6)


def test_an_attachment_without_a_code_waits_for_the_workbooks_of_its_folder(stage: Stage) -> None:
    begin(stage)
    stage.drop(PDF, "资料/附件/合同.pdf")
    stage.settle()
    stage.drop(foreign()["plan"], "资料/plan.xlsx")
    stage.settle()
    stage.round()
    assert held(stage) == ["plan", "附件/合同.pdf"]


def test_files_of_the_project_itself_are_taken_beside_held_ones(stage: Stage) -> None:
    begin(stage)
    stage.drop(foreign()["plan"], "别的.xlsx")
    stage.settle()
    stage.drop(book("materials", LAKE["name"]), "物资.xlsx")
    stage.drop(book("plan", **LAKE, by="E101"), "计划.xlsx")
    assert (stage.settle().taken, held(stage)) == (2, ["plan"])
    stage.hands.turn(3600)
    stage.drop(PDF, f"{CODE}_图.pdf")
    assert stage.settle().taken == 1


def test_a_zip_with_files_of_two_projects_gives_each_its_own(stage: Stage) -> None:
    begin(stage)
    stage.drop(packed({"a.xlsx": foreign()["plan"], "b.xlsx": workbook("03").read_bytes()}), "两个.zip")
    round_result = stage.settle()
    assert (round_result.projects, held(stage)) == ({DORM}, ["plan"])
    assert "待确认/两个.zip" in stage.files()
    deciding.set_aside(stage.root / "ws", CODE, "", "不是", stage.hands.clock)
    stage.round()
    assert "退回/两个.zip" in stage.files()
    assert [one.slot for one in inputs.current(stage.ledger, DORM)] == ["cost"]


def test_the_same_held_file_again_is_not_doubled(stage: Stage) -> None:
    begin(stage)
    for name in ("a.xlsx", "b.xlsx"):
        stage.drop(foreign()["plan"], name)
        stage.settle()
    assert held(stage) == ["plan"]
    assert "已经在“待确认”里" in (stage.inbox / "退回" / f"b.xlsx{REASON}").read_text("utf-8-sig")


def test_a_registration_names_the_customer_too(stage: Stage) -> None:
    row = {"project_code": CODE, "project_name": LAKE["name"], "customer_name": LAKE["customer"], "sales_rep": "E102"}
    with private_folder() as work:
        write_workbook(registration_form(), work / "r.xlsx", Content(sheets={"project": [row]}), Master00({}))
        stage.drop(work / "r.xlsx", "立项登记.xlsx")
    stage.settle()
    stage.drop(book("plan", **names(CLINIC, "name", "customer")), "a.xlsx")
    assert (stage.settle().taken, held(stage)) == (0, ["plan"])


def test_an_archived_project_sends_everything_back_as_before(stage: Stage) -> None:
    begin(stage)
    stage.drop(foreign()["plan"], "a.xlsx")
    round_result = stage.settle(frozen=frozenset({CODE}))
    assert (len(round_result.returned), held(stage)) == (1, [])
    assert "已归档" in round_result.returned[0].reason


# -- what a person decides ------------------------------------------------------------------------------------------


def test_confirmed_files_count_and_their_names_are_the_projects(stage: Stage) -> None:
    begin(stage)
    for form, content in foreign().items():
        stage.drop(content, f"{form}.xlsx")
    stage.settle()
    said = deciding.confirm(stage.root / "ws", CODE, "", "客户换了名称", stage.hands.clock)
    assert f"{CODE}：plan.xlsx 已收下，是第 2 版。" in said
    assert current(stage) == {"plan": 2, "survey": 2, "cost": 2, "materials": 1, "staffing": 1}
    stage.round()
    assert [name for name in stage.files() if name.startswith(("待确认", "退回"))] == []
    assert "已接收/2026-11/plan.xlsx" in stage.files()
    assert {c.verdict for c in inputs.newest_claims(stage.ledger, 99)} == {"accepted"}
    stage.drop(book("plan", **CLINIC), "b.xlsx")
    assert stage.settle().taken == 1, "the new names are known"
    stage.drop(book("plan", **LAKE, by="E101"), "c.xlsx")
    assert (stage.settle().taken, held(stage)) == (0, ["plan"]), "the old ones are another project's now"


def test_files_that_are_not_confirmed_go_back_and_may_come_again(stage: Stage) -> None:
    begin(stage)
    stage.drop(foreign()["plan"], "a.xlsx")
    stage.settle()
    deciding.set_aside(stage.root / "ws", CODE, "a.xlsx", "编号写错", stage.hands.clock)
    stage.round()
    assert [name for name in stage.files() if name.startswith("待确认")] == []
    assert "不收下:编号写错" in (stage.inbox / "退回" / f"a.xlsx{REASON}").read_text("utf-8-sig")
    stage.drop(foreign()["plan"], "a.xlsx")
    stage.settle()
    assert held(stage) == ["plan"]


def test_the_first_was_wrong_so_it_is_withdrawn_and_the_held_one_counts(stage: Stage) -> None:
    stage.drop(book("plan", **CLINIC), "错.xlsx")
    stage.settle()
    stage.drop(book("plan", **LAKE), "对.xlsx")
    stage.settle()
    state.withdraw(stage.root / "ws", CODE, "错.xlsx", "编号写错", stage.hands.clock)
    deciding.confirm(stage.root / "ws", CODE, "对.xlsx", "核对过", stage.hands.clock)
    stage.drop(book("survey", **LAKE), "调查.xlsx")
    assert (stage.settle().taken, current(stage)) == (1, {"plan": 2, "survey": 1})


def test_what_is_not_held_cannot_be_confirmed(stage: Stage) -> None:
    begin(stage)
    with pytest.raises(UsageProblem, match="没有待确认的"):
        deciding.confirm(stage.root / "ws", CODE, "", "x", stage.hands.clock)
    stage.drop(foreign()["plan"], "a.xlsx")
    stage.settle()
    with pytest.raises(UsageProblem, match=r"待确认的:a\.xlsx\(plan\)"):
        deciding.confirm(stage.root / "ws", CODE, "b.xlsx", "x", stage.hands.clock)


def test_status_and_why_say_what_is_held(stage: Stage) -> None:
    begin(stage)
    stage.drop(foreign()["plan"], "a.xlsx")
    stage.settle()
    said = "\n".join([*state.status(stage.root / "ws", Settings(), Clock())[0], *state.why(stage.root / "ws", CODE)])
    assert f"待确认  {CODE}  a.xlsx，填表人 E102" in said
    assert f"项目名称是“{CLINIC['name']}”,{CODE} 原是“{LAKE['name']}”" in said
    assert "确认以前不算数" in (stage.inbox / "待确认" / f"a.xlsx{REASON}").read_text("utf-8-sig")


# -- crashes --------------------------------------------------------------------------------------------------------


def test_a_stop_between_the_ledger_and_the_move_is_made_up_for(stage: Stage, monkeypatch) -> None:
    begin(stage)
    stage.drop(foreign()["plan"], "a.xlsx")
    with monkeypatch.context() as patch:
        patch.setattr(claiming, "settle", _stopped)
        with pytest.raises(KeyboardInterrupt):
            stage.settle()
    stage.start()
    stage.round()
    assert held(stage) == ["plan"]
    assert [n for n in stage.files() if n.endswith(("a.xlsx", REASON))] == ["待确认/a.xlsx", f"待确认/a.xlsx{REASON}"]
    deciding.confirm(stage.root / "ws", CODE, "", "是", stage.hands.clock)
    with monkeypatch.context() as patch:
        patch.setattr(inputs, "place_held", _stopped)
        with pytest.raises(KeyboardInterrupt):
            stage.round()
    stage.start()
    stage.round()
    assert [n for n in stage.files() if n.endswith(("a.xlsx", REASON))] == ["已接收/2026-11/a.xlsx"]
    assert doubts.decided_claims(stage.ledger) == []


def _stopped(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_a_stop_before_a_late_verdict_puts_the_file_back(stage: Stage, monkeypatch) -> None:
    begin(stage)
    stage.drop(foreign()["cost"], "c.xlsx")
    with monkeypatch.context() as patch:
        patch.setattr(inputs, "decide", _stopped)
        with pytest.raises(KeyboardInterrupt):
            stage.settle()
    assert stage.files(stage.inbox / ".处理中") != []
    stage.start()
    stage.drop(foreign()["plan"], "p.xlsx")
    stage.settle()
    assert (sorted(held(stage)), current(stage)["cost"]) == (["cost", "plan"], 1)


def test_a_held_file_that_is_written_to_is_judged_anew(stage: Stage) -> None:
    begin(stage)
    stage.drop(foreign()["plan"], "a.xlsx")
    stage.settle()
    (stage.inbox / "待确认" / "a.xlsx").write_bytes(book("plan", **LAKE, by="E101"))
    stage.settle()
    assert (stage.settle().held, held(stage), current(stage)["plan"]) == (0, [], 2)
