from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from pipeline.check import (
    dates,
    fields,
    gates,
    mandatory_papers,
    records,
    records_handover,
    records_review,
    required,
    totals,
)
from pipeline.check.case import Case
from pipeline.check.judge import judge
from pipeline.core.company import Parameter
from pipeline.core.findings import Finding, Severity
from pipeline.core.sheets import Record, Value
from tests.cases import DORM, TV, load_case
from tests.check.reported import cells, found_by, retyped, table, typed_in, with_sheet, without

D = Decimal


def answers(case: Case) -> Iterator[Finding]:
    """What the steps of the procedure say of those who must answer: W184, W193, W194."""
    return (found for found in gates.broken(case) if found.rule.code.startswith("W"))


CHECKS = (*records.CHECKS, *records_review.CHECKS, *mandatory_papers.CHECKS, *records_handover.CHECKS, answers)
# An edit: sheet of workbook 06, row or "head", what is typed.
Edit = tuple[str, int | str, dict[str, Value | None]]
NAMES = {
    "countersign": "计划会签",
    "approval": "立项审批",
    "tracking": "用户跟踪",
    "req_review": "需求评审",
    "scheme": "方案审批",
    "test_results": "测试记录",
    "bidding": "洽谈投标",
    "creview": "合同评审意见",
    "problems": "问题对策",
    "signing": "合同签订",
    "memos": "会议备忘录",
    "actions": "会议行动项",
    "changes": "变更",
    "agreements": "协议",
    "handover": "移交清单",
    "archive": "归档",
}


def typed(edits: Sequence[Edit], code: str = DORM) -> Case:
    case = load_case(code=code)
    for sheet, where, values in edits:
        case = retyped(case, "records", sheet, where, **values)
    return case


def found(edits: Sequence[Edit], code: str = DORM) -> set[tuple[str, str]]:
    return table(found_by(CHECKS, typed(edits, code)))


def at(sheet: str, cell: str = "") -> str:
    return f"{NAMES[sheet]}!{cell}" if cell else NAMES[sheet]


def row_without(case: Case, sheet: str, *numbers: int) -> Case:
    old = case.project.sheet("records", sheet)
    return with_sheet(case, "records", sheet, replace(old, rows=tuple(r for r in old.rows if r.number not in numbers)))


def row_added(case: Case, sheet: str, like: int, number: int, **values: Value | None) -> Case:
    """The case with one more row, a copy of another with other values, at its own cells."""
    old = case.project.sheet("records", sheet)
    model = next(row for row in old.rows if row.number == like)
    copied = {
        key: replace(cell, at=replace(cell.at, cell=f"{(cell.at.cell or '').rstrip('0123456789')}{number}"))
        for key, cell in model.cells.items()
    }
    row = Record(model.sheet, copied, number)
    case = with_sheet(case, "records", sheet, replace(old, rows=(*old.rows, row)))
    return retyped(case, "records", sheet, number, **values)


@pytest.mark.parametrize("code", [TV, DORM])
def test_clean_sample_is_silent(code: str) -> None:
    assert found_by(CHECKS, load_case(code=code)) == []
    findings, comparisons = judge(load_case(code=code))
    assert [f.rule.code for f in findings if f.rule.severity is not Severity.INFO] == []
    assert [found.subject for found in comparisons if found.rule == "W134"] == ["合计大写", "合同额大写"]


@pytest.mark.parametrize("code", [TV, DORM])
def test_without_records_everything_is_silent(code: str) -> None:
    assert found_by(CHECKS, without(load_case(code=code), "records")) == []


# -- signatures, opinions, blank cells ------------------------------------------------------------------------------

HITS: dict[str, tuple[Edit, str]] = {
    "F032 cxo": (("countersign", 7, {"cxo": "E002"}), "J7"),
    "F032 approval": (("approval", 7, {"date": None}), "F7"),
    "F032 author": (("scheme", "head", {"author": None}), "C12"),
    "F032 check": (("scheme", "head", {"check_date": None}), "C15"),
    "F032 approve": (("scheme", "head", {"approver": None}), "C16"),
    "F032 tester": (("test_results", 8, {"tester": None}), "E8"),
    "F032 review": (("creview", 14, {"date": None}), "F14"),
    "F032 signing": (("signing", "head", {"signer": None}), "C8"),
    "F032 coo": (("agreements", 8, {"coo_date": None}), "H8"),
    "F032 giver": (("handover", "head", {"giver": None}), "C5"),
    "F033 countersign": (("countersign", 10, {"opinion": "有条件同意"}), "E10"),
    "F033 creview": (("creview", 15, {"opinion_text": None}), "D15"),
    "F033 requirement": (("req_review", 15, {"result": "不满足"}), "D15"),
    "F033 approval": (("approval", 7, {"decision": "补充后再审", "opinion_text": None}), "D7"),
    "W180 contact": (("tracking", 8, {"contact": None}), "C8"),
    "W180 next": (("tracking", 9, {"next": None}), "G9"),
    "W182 host": (("memos", 7, {"host": None}), "F7"),
    "W182 resolution": (("memos", 7, {"resolution": None}), "L7"),
    "W182 due": (("actions", 7, {"due": None}), "D7"),
    "W183 countermeasure": (("problems", 8, {"countermeasure": None}), "F8"),
    "W183 owner": (("problems", 9, {"owner": None}), "G9"),
    "W187 written": (("agreements", 8, {"written_date": None}), "E8"),
    "W187 coo": (("agreements", 8, {"coo_sign": None, "coo_date": None}), "G8"),
    "W187 cto": (("agreements", 8, {"cto_sign": None, "cto_date": None}), "I8"),
    "W190 years": (("handover", "head", {"retention_years": D(10)}), "C11"),
    "W190 until": (("handover", "head", {"retention_until": date(2036, 8, 5)}), "C12"),
    "W191": (("handover", "head", {"archive_dept": "质量管理部"}), "C9"),
    "W195 words": (("bidding", "head", {"price_upper": "人民币玖拾贰万壹元整"}), "C9"),
    "W195 no words": (("bidding", "head", {"price_upper": "大约九十万"}), "C9"),
    "W195 ceiling": (("bidding", "head", {"ceiling": D(919999)}), "C8"),
}


@pytest.mark.parametrize("name", HITS)
def test_hit_at_its_cell(name: str) -> None:
    edit, cell = HITS[name]
    assert found([edit]) == {(at(edit[0], cell), name.split(maxsplit=1)[0])}


@pytest.mark.parametrize(("values", "cell"), [({"signer": None}, "F7"), ({"sign_date": None}, "G7")])
def test_half_a_signature_is_none(values: dict[str, Value | None], cell: str) -> None:
    assert found([("countersign", 7, values)]) == {(f"计划会签!{cell}", "F032"), ("计划会签", "W193")}


CHANGE_HITS: dict[str, tuple[dict[str, Value | None], str]] = {
    "F032": ({"approve_date": None}, "M7"),
    "W186 reason": ({"reason": None}, "E7"),
    "W186 impact": ({"impact": None}, "J7"),
    "W186 consulted": ({"consulted": None}, "K7"),
}


@pytest.mark.parametrize("name", CHANGE_HITS)
def test_change_is_complete(name: str) -> None:
    values, cell = CHANGE_HITS[name]
    assert found([("changes", 7, values)], TV) == {(at("changes", cell), name.split(maxsplit=1)[0])}


SILENT: dict[str, list[Edit]] = {
    "F032 neither": [("test_results", 7, {"tester": None, "date": None})],
    "F032 earlier round": [("approval", 7, {"date": None}), ("approval", 8, {"round": D(2)})],
    "F033 agreed": [("creview", 14, {"opinion_text": None})],
    "F033 earlier round": [
        ("approval", 7, {"decision": "补充后再审", "opinion_text": None}),
        ("approval", 8, {"round": D(2)}),
    ],
    "W180 attitude may be blank": [("tracking", 8, {"attitude": None})],
    "W182 nobody absent": [("memos", 7, {"observers": None, "absent": None})],
    "W183 still open": [("problems", 8, {"status": "处理中", "result": None, "close_date": None})],
    "W187 written from the start": [("agreements", 7, {"written_date": None, "coo_sign": None})],
    "W187 not technical": [("agreements", 8, {"technical": "否", "cto_sign": None, "cto_date": None})],
    "W190 not archived": [("handover", "head", {"archive_date": None, "retention_years": D(10)})],
    "W190 leap day": [
        ("handover", "head", {"archive_date": date(2028, 2, 29), "retention_until": date(2043, 2, 28)}),
    ],
    "W190 mistyped year": [("handover", "head", {"archive_date": date(9999, 8, 5)})],
    "W190 blank": [("handover", "head", {"retention_years": None, "retention_until": None})],
    "W191 blank": [("handover", "head", {"archive_dept": None})],
    "W195 no ceiling": [("bidding", "head", {"ceiling": None})],
    "W195 at the ceiling": [("bidding", "head", {"ceiling": D(920000)})],
    "W195 other spelling": [("bidding", "head", {"price_upper": "玖拾贰万圆正"})],
    "W195 no price": [("bidding", "head", {"price": None})],
}


@pytest.mark.parametrize("name", SILENT)
def test_silent(name: str) -> None:
    assert found(SILENT[name]) == set()


def test_change_of_schedule_consults_nobody() -> None:
    assert found([("changes", 7, {"kind": "进度", "consulted": None})], TV) == set()


def test_messages() -> None:
    case = typed(
        [
            ("tracking", 8, {"next": None}),
            ("creview", 15, {"opinion_text": None}),
            ("handover", "head", {"retention_years": D(10)}),
            ("agreements", 8, {"coo_date": None}),
        ]
    )
    assert {f.message() for f in found_by(CHECKS, case)} == {
        "跟踪记录第8行缺少“下一步”。",
        "网络产品部意见为“有问题”,须填写具体意见。",
        "保存期限应为15年(至2041-08-05),填写为10年。",
        "COO签字签字与日期应成对填写。",
    }


def test_retention_of_the_day_of_archiving() -> None:
    """Ten years were enough before 2026-08-06; a project archived on 08-05 keeps that."""
    case = load_case()
    own = (Parameter("retention_years", "10", None), Parameter("retention_years", "15", date(2026, 8, 6)))
    others = tuple(p for p in case.company.parameters if p.key != "retention_years")
    case = replace(case, company=replace(case.company, parameters=(*others, *own)))
    (finding,) = found_by(CHECKS, case)  # the last day follows from the fifteen years, and is told with them
    assert (table([finding]), "移交清单!C12" in cells(finding)) == ({("移交清单!C11", "W190")}, True)
    both = typed([("handover", "head", {"retention_years": D(10)})])
    assert table(found_by(CHECKS, both)) == {("移交清单!C11", "W190")}
    alone = typed([("handover", "head", {"retention_until": date(2036, 8, 5)})])
    assert table(found_by(CHECKS, alone)) == {("移交清单!C12", "W190")}


def test_archive_without_handover() -> None:
    """A lost project is archived on its own sheet by the same rules."""
    archived: dict[str, Value | None] = {"archive_date": date(2026, 8, 5), "retention_years": D(5)}
    edits: list[Edit] = [("archive", "head", {**archived, "archive_dept": "财务部"})]
    assert found(edits) == {("归档!C9", "W190"), ("归档!C7", "W191")}


# -- tracking -----------------------------------------------------------------------------------------------------


def test_gap_between_visits() -> None:
    """06-10 to 07-03: 16 working days (Dragon Boat Festival 06-19 is a day off)."""
    (finding,) = found_by(CHECKS, typed([("tracking", 9, {"date": date(2026, 7, 3)})]))
    assert table([finding]) == {("用户跟踪!A9", "W181")}
    assert finding.message() == "2026-06-10至2026-07-03超过15个工作日无跟踪记录。"
    assert cells(finding) == {"用户跟踪!A8"}
    assert found([("tracking", 9, {"date": date(2026, 7, 2)})]) == set()


def test_gap_before_the_notice_is_none() -> None:
    assert (
        found(
            [
                ("tracking", 7, {"date": date(2026, 4, 1)}),
                ("tracking", 8, {"date": date(2026, 6, 2)}),  # the notice is of 06-03
                ("tracking", 9, {"date": date(2026, 6, 18)}),
            ]
        )
        == set()
    )


OPEN: Edit = ("signing", "head", dict.fromkeys(("sign_date", "signer", "auth_no", "amount", "amount_upper")))
NOT_CLOSED: list[Edit] = [
    OPEN,
    ("closing", "head", {"close_date": None}),
    ("handover", "head", {"archive_date": None}),
]


def test_visits_go_on_until_the_contract_is_signed() -> None:
    assert found(NOT_CLOSED) == {("用户跟踪!A9", "W181")}
    assert found([OPEN]) == set()  # ended without a contract
    case = retyped(typed(NOT_CLOSED), "plan", "basics", "head", skip_tracking="是")
    assert found_by(CHECKS, case) == []
    case = typed(NOT_CLOSED)
    assert found_by(CHECKS, replace(case, facts=replace(case.facts, as_of=date(2026, 7, 10)))) == []


def test_gap_without_a_notice_or_with_a_mistyped_year() -> None:
    assert found([*NOT_CLOSED, ("notice", "head", {"date": None})]) == set()
    assert found([("tracking", 9, {"date": date(9999, 12, 31)})]) == set()


# -- field rules on workbook 06 -------------------------------------------------------------------------------------


def by_fields(case: Case, *rules: str) -> set[tuple[str, str]]:
    return {(cell, rule) for cell, rule in table(found_by(fields.CHECKS, case)) if rule in rules}


FIELD_HITS: dict[str, tuple[Edit, str]] = {
    "F021 countersign": (("countersign", 7, {"dept": "财务部"}), "A7"),
    "F021 creview": (("creview", 15, {"reviewer": "E301"}), "A15"),
    "F021 problems": (("problems", 7, {"dept": "不存在部"}), "B7"),
    "F024 memo": (("memos", 7, {"start": datetime(2026, 6, 20, 9, 30)}), "C7"),
    "F024 signing": (("signing", "head", {"sign_date": date(2026, 7, 25)}), "C7"),
    "F025 tracking": (("tracking", 9, {"date": date(2026, 11, 24)}), "A9"),
    "F025 submission": (("bidding", "head", {"submit_time": datetime(2026, 11, 24, 8, 0)}), "C11"),
    "F025 archive": (("handover", "head", {"archive_date": date(2027, 8, 5)}), "C10"),
    "F025 too early": (("handover", "head", {"retention_until": date(1941, 8, 5)}), "C12"),
}


@pytest.mark.parametrize("name", FIELD_HITS)
def test_field_rule_at_its_cell(name: str) -> None:
    edit, cell = FIELD_HITS[name]
    rule = name.split(maxsplit=1)[0]
    assert by_fields(typed([edit]), rule) == {(at(edit[0], cell), rule)}


def test_field_rules_silent() -> None:
    edits: list[Edit] = [
        ("countersign", 7, {"dept": "财务部"}),
        ("countersign", 8, {"round": D(2)}),  # only the last round counts
        ("problems", 7, {"due": date(2026, 12, 1)}),  # a plan may lie ahead
        ("archive", "head", {"retention_until": date(2041, 8, 5)}),
    ]
    assert by_fields(typed(edits), "F021", "F024", "F025") == set()
    edit: Edit = ("changes", 7, {"delta_cost": D(-5), "delta_days": D(-3)})
    assert by_fields(typed([edit], TV), "F009", "F017") == set()


def test_every_happened_day_is_a_field() -> None:
    """The list of F025 names fields of the forms, and of records those that rules.json names."""
    forms = load_case().forms
    for name in dates._HAPPENED | dates._FAR_AHEAD:
        form, sheet, key = name.split(".")
        definition = forms[form].sheet_form(sheet)
        assert key in {f.key for f in (*definition.labelled, *definition.fields)}
    assert sum(name.startswith("records.") for name in dates._HAPPENED) == 40


def test_member_of_the_team() -> None:
    team: tuple[str, ...] = ("E106", "E999", "E302")
    (finding,) = found_by(_f019(), typed([("notice", "head", {"team": team})]))
    assert (finding.rule.code, finding.at.cell, finding.values["found"]) == ("F019", "C11", "E999")


def _f019() -> list[Any]:
    return [check for check in fields.CHECKS if check.__name__ == "known_person"]


def test_undecided_until_the_approval() -> None:
    """待定 is no employee any more once the project is approved; before, it is."""
    case = retyped(load_case(), "staffing", "lines", 11, emp_no="待定")
    assert table(found_by([*_f019(), *CHECKS], case)) == {("人员需求!C11", "F019"), ("人员需求!C11", "W168")}
    case = retyped(case, "records", "approval", 8, decision="同意")
    assert found_by([*_f019(), *CHECKS], case) == []


def test_contract_amount_in_words() -> None:
    def reported(case: Case) -> list[Finding]:
        return list(totals.findings(case, totals.total_in_words(case)))

    (finding,) = reported(typed([("signing", "head", {"amount_upper": "人民币玖拾万元整"})]))
    assert table([finding]) == {("合同签订!C11", "W134")}
    assert finding.message() == "大写金额“人民币玖拾万元整”应为“人民币玖拾贰万元整”。"
    assert cells(finding) == {"合同签订!C10"}
    assert reported(typed([("signing", "head", {"amount_upper": None})])) == []
    assert [found.subject for found in totals.total_in_words(typed([OPEN]))] == ["合计大写"]


# -- F001 gives way -------------------------------------------------------------------------------------------------

GIVES_WAY: dict[str, Edit] = {
    "W180": ("tracking", 8, {"next": None}),
    "W182": ("memos", 7, {"place": None}),
    "W182 actions": ("actions", 7, {"owner": None}),
    "W183": ("problems", 8, {"countermeasure": None}),
    "W187": ("agreements", 8, {"written_date": None}),
    "W192": ("req_review", "head", {"conclusion": None}),
    "W193": ("countersign", 7, {"opinion": "不同意", "opinion_text": "工期过短"}),
    "W194": ("test_results", 8, {"actual": None}),
    "F033": ("approval", 7, {"decision": "不批准", "opinion_text": None}),
}


@pytest.mark.parametrize("name", GIVES_WAY)
def test_f001_gives_way(name: str) -> None:
    case = typed([GIVES_WAY[name]])
    assert {f.rule.code for f in found_by([*required.CHECKS, *CHECKS], case)} == {name.split(maxsplit=1)[0]}


STAYS: dict[str, tuple[list[Edit], str]] = {
    "tracking": ([("tracking", 8, {"updated_items": None})], "用户跟踪!H8"),
    "agreed": ([("approval", 7, {"opinion_text": None})], "立项审批!D7"),
    "earlier round": (
        [("approval", 7, {"decision": "不批准", "opinion_text": None}), ("approval", 8, {"round": D(2)})],
        "立项审批!D7",
    ),
    "earlier test": ([("test_results", 8, {"actual": None}), ("test_results", 9, {"no": "T02"})], "测试记录!C8"),
}


@pytest.mark.parametrize("name", STAYS)
def test_f001_where_the_specific_rule_does_not_look(name: str) -> None:
    edits, cell = STAYS[name]
    assert table(found_by(required.CHECKS, typed(edits))) == {(cell, "F001")}


def test_m35_day_that_is_none() -> None:
    """M35: the meeting is held on 06-31; only the date is wrong, nothing is missing."""
    edit = typed_in("records", "memos", {"no": "HY-01"}, start="2026-06-31 10:00")
    case = load_case([{**edit[0], "op": "set_raw_text"}])
    assert table(found_by([*fields.CHECKS, *CHECKS], case)) == {("会议备忘录!C7", "F006")}
