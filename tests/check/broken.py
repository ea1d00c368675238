"""Projects with many mistakes at once, each judged once: for what is asked of the findings of every rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from pipeline.check.case import Case
from pipeline.check.judge import judge
from pipeline.core.findings import Finding
from tests.cases import DORM, TV, load_case
from tests.check.followed import Edit, followed, item, recorded, removed, typed, with_files
from tests.check.reported import retyped, with_sheet
from tests.made_projects import due as due_on
from tests.made_projects import judged, kept, loan, made, price, stamp, stay
from tests.mastered import mastered

D = Decimal


def day(month: int, number: int) -> date:
    """A day of the year of the samples."""
    return date(2026, month, number)


def a_fen(form: str, sheet: str, where: int | str, key: str) -> Edit:
    """One fen more in an amount; nothing follows."""

    def edit(case: Case) -> Case:
        old = case.project.sheet(form, sheet)
        record = old.totals if where == "totals" else old.head
        record = next((row for row in old.rows if row.number == where), record)
        value = record.value(key)
        assert isinstance(value, Decimal)
        return retyped(case, form, sheet, where, **{key: value + D("0.01")})

    return edit


def unclear(no: str) -> Edit:
    """A survey item that is not clear, and what will be done about it."""
    values = {"value": "不明确", "status": "不明确", "clarify_plan": "现场勘察", "clarify_date": day(6, 20)}
    return item(no, **values)


def emptied(form: str, sheet: str) -> Edit:
    """A sheet without its rows."""
    return lambda case: with_sheet(case, form, sheet, replace(case.project.sheet(form, sheet), rows=()))


def unfilled(*sheets: str) -> list[Edit]:
    """Labelled cells of sheets of workbook 06 as nobody has filled them."""

    def edit(sheet: str) -> Edit:
        return lambda case: retyped(
            case, "records", sheet, "head", **dict.fromkeys(case.project.head("records", sheet).cells)
        )

    return [edit(sheet) for sheet in sheets]


def lines(form: str, **rows: dict[str, object]) -> list[Edit]:
    """Edits of rows of the one table of an annex: r16={...}."""
    return [typed(form, "lines", int(row.removeprefix("r")), **values) for row, values in rows.items()]


_AMOUNTS = (("bidding", "price"), ("creview", "amount"), ("signing", "amount"))

BROKEN: dict[str, tuple[str, list[Edit]]] = {
    "survey": (
        DORM,
        [
            item("E19", value="不明确", status="不明确", clarify_plan=None, clarify_date=None),
            item("E01", value=None, status="不适用", reason=None),
            item("C07", value="不明确", status="不明确", clarify_plan="略", clarify_date=None),
            item("D05", value=D(99999)),
            item("B14", value=None),
            item("I02", value=D("19000.01")),
            item("I03", value=D("10.5")),
        ],
    ),
    "plan": (
        DORM,
        [
            typed("plan", "stages", 9, end=day(6, 3)),
            typed("plan", "stages", 10, start=day(6, 19), end=day(6, 22), workdays=D(3)),
            typed("plan", "stages", 12, start=day(7, 17)),
            typed("plan", "basics", "head", **{"class": "重大项目"}, plan_version="A/1", mature_case="有"),
            emptied("plan", "tests"),
            typed("plan", "revenue", 7, amount=D("500000.00"), amount_excl=D("442477.88")),
            typed("plan", "risks", 7, countermeasure=None, due=None),
        ],
    ),
    "cost": (
        DORM,
        lines(
            "cost",
            r16={"desc": "售前差旅(北京—华澄)", "stage": "S2"},
            r17={"desc": "投标保证金"},
            r19={"use_month": "2026-06"},
            r27={"basis": None},
            r12={"dept": "财务部"},
        ),
    ),
    "materials": (
        DORM,
        lines(
            "materials",
            r7={"quote_basis": None},
            r8={"unit_price": D(0)},
            r11={"qty": D("18.5")},
            r12={"need_date": day(8, 18)},
            r13={"model": None},
            r16={"name": "光模块", "model": "10G单模"},
            r17={"return_date": None},
            r18={"asset_no": None},
        ),
    ),
    "staffing": (
        DORM,
        [
            *lines(
                "staffing",
                r7={"start": day(5, 15)},
                r9={"name": "张三"},
                r10={"dept": "财务部"},
                r11={"emp_no": None},
                r13={"plan_days": D(4)},
                r14={"emp_no": "E203", "start": day(7, 1)},
                r12={"emp_no": "E106", "alloc": D(80)},
                r15={"day_rate": D(1299)},
                r8={"role": "项目经理"},
            ),
            typed("plan", "basics", "head", rd_modify="是"),
        ],
    ),
    "one project": (
        DORM,
        [
            typed("cost", "lines", "stamp", project_code=TV, project_name="别的项目"),
            typed("plan", "basics", "head", customer_name="华澄大学", contract_amount=D("827999.99")),
            typed("plan", "stages", 16, end=date(2027, 1, 29)),
            typed("staffing", "lines", 18, end=date(2027, 1, 29)),
            typed("materials", "lines", 12, stage="G9"),
            typed("materials", "lines", 7, qty=D(500)),
            item("B05", value=D("700000.00")),
            item("B11", value=day(9, 1)),
            item("B15", value="无"),
        ],
    ),
    "other amounts in the annexes": (
        TV,
        [a_fen("materials", "lines", row, "amount") for row in (7, 21, 25, 29)]
        + [a_fen("staffing", "lines", 7, "amount"), a_fen("staffing", "lines", "totals", "total_days")],
    ),
    "other amounts in the cost plan": (
        DORM,
        [
            a_fen("cost", "lines", 27, "amount"),
            a_fen("cost", "lines", 26, "amount_excl"),
            a_fen("cost", "lines", "totals", "presales_subtotal"),
            a_fen("cost", "summary", 9, "amount"),
            typed("cost", "lines", "totals", grand_total_upper="人民币柒拾壹万贰仟叁佰肆拾元整"),
        ],
    ),
    "other amounts in the plan": (
        DORM,
        [
            a_fen("plan", "basics", "head", key)
            for key in ("contract_amount", "planned_total_cost", "presales_budget", "materials_total")
        ]
        + [a_fen("plan", "stages", 15, "budget"), a_fen("plan", "stages", 15, "person_days")]
        + [a_fen("materials", "lines", 19, "amount")],
    ),
    "applied too early": (
        DORM,
        [
            removed("countersign", 8),
            recorded("application", "head", att_plan="A/1", att_survey="V9.9"),
            recorded("countersign", 9, sign_date=day(6, 3)),
            recorded("countersign", 10, opinion="有条件同意", opinion_text=None),
        ],
    ),
    "signed too late": (
        DORM,
        [
            recorded("countersign", 8, sign_date=day(6, 3)),
            recorded("countersign", 9, opinion="不同意", opinion_text="工期过短", cxo="E002", cxo_date=day(6, 3)),
        ],
    ),
    "begun before the approval": (
        TV,
        [recorded("req_review", "head", date=day(3, 2)), recorded("test_results", 8, date=day(3, 2))],
    ),
    "unclear": (DORM, [unclear(f"{part}{number:02d}") for part in "CD" for number in range(1, 11)]),
    "not approved": (
        DORM,
        [
            recorded("approval", 7, approver="E201"),
            recorded("approval", 8, decision="同意", date=None),
            recorded("notice", "head", pm="E104", team=None, **{"class": "重大项目"}),
            recorded("req_review", "head", date=day(6, 2), conclusion="不通过"),
        ],
    ),
    "refused": (DORM, [recorded("approval", 8, decision="不批准")]),
    "approved too late": (
        DORM,
        [
            recorded("notice", "head", date=day(6, 2)),
            recorded("countersign", 7, cxo="E002"),
            recorded("req_review", "head", date=day(6, 26), conclusion="有条件通过", survey_version="V1.1"),
            recorded("scheme", "head", approve_date=day(7, 15), author=None),
            typed("plan", "basics", "head", skip_tracking="是"),
            item("E19", value="不明确", status="不明确"),
            item("D13", value="不明确", status="不明确"),
            recorded("bidding", "head", price=D(910000), price_upper="人民币玖拾贰万壹元整"),
        ],
    ),
    "tests": (
        DORM,
        [
            removed("test_results", 8),
            recorded("test_results", 9, date=day(7, 15), verdict="不通过"),
            typed("plan", "tests", 7, start=day(7, 1)),
            typed("plan", "tests", 8, criteria=None),
        ],
    ),
    "contract": (
        DORM,
        [
            removed("creview", 14),
            recorded("creview", 19, date=day(7, 30)),
            recorded("creview", 17, opinion="不同意", opinion_text="违约金无上限"),
            recorded("problems", 8, status="处理中"),
            recorded("signing", "head", signer="E103", amount=D("920000.01")),
            recorded("closing", "head", accept_date=day(7, 28), close_date=day(7, 27)),
            recorded("tracking", 9, date=day(7, 3)),
            recorded("handover", 18, file=("附件/没有.pdf",)),
        ],
    ),
    "handover": (
        DORM,
        [
            removed("memos"),
            removed("handover", 18),
            recorded("agreements", 8, origin="书面"),
            recorded("scheme", "head", has_flow="否"),
            removed("handover", 19, 22, 23),
            recorded("handover", "head", receiver="E204", retention_years=D(10)),
        ],
    ),
    "changes": (
        TV,
        [
            recorded("changes", 7, approve_date=day(7, 3), approver="E004", delta_cost=D("169949.99")),
            typed("plan", "revisions", 8, change_no=None),
        ],
    ),
    "of another day": (
        DORM,
        [
            recorded("application", "head", att_survey="V1.0"),
            recorded("scheme", "head", checker="E203"),
            recorded("problems", 7, verifier="E106"),
            typed("plan", "basics", "head", skip_tracking="是"),
            removed("tracking"),
            mastered("departments", ({"dept_code": "D08"}, {"countersign_required": "是"})),
        ],
    ),
    "no result": (DORM, [removed("test_results", 7)]),
    "hands": (
        TV,
        [
            *(typed("survey", "versions", row, by="E601") for row in (7, 8)),
            *(recorded("tracking", row, by="E601") for row in (7, 9)),
            *(recorded("changes", row, kind="方案-技术", consulted="E502") for row in (7, 8)),
            recorded("changes", 8, approver="E102"),
            recorded("notice", "head", notify=("市场销售部", "网络产品部")),
            recorded("signing", "head", auth_no="123"),
        ],
    ),
    "second sources": (
        DORM,
        [
            recorded("bidding", "head", submit_time=datetime(2026, 7, 14, 9, 35), validity_days=D(10)),
            recorded("closing", "head", close_date=day(7, 30), actual_cost=D("170120.00"), accept_result="不合格"),
            recorded("reports", 16, actual_days=D(20)),
            recorded("reports", 15, actual_cost=D(90000)),
            recorded("actions", 7, memo_no="HY-09"),
            recorded("notice", "head", team=("E106", "E302", "E801"), approved_budget=D("81480.00")),
            recorded("problems", 8, no="P-01", verifier="E302", status="接受风险"),
            typed("plan", "basics", "head", plan_end=date(2027, 12, 31)),
        ],
    ),
    "against the second source": (
        DORM,
        [
            recorded("notice", "head", team=("E106", "E103", "E203")),
            recorded("tracking", 9, updated_items=("Z99",)),
            recorded("handover", 18, doc_no="LY-XS-2026-0099", doc_name="销售合同", pages=D(3)),
            recorded("handover", 24, version="V1.2"),
            recorded("creview", 15, opinion_text="一、备件;二、保修期;三、指标"),
            *(recorded("req_review", row, reviewer="E203") for row in (13, 14, 15, 16)),
            *(recorded(sheet, "head", **{key: D(5200000)}) for sheet, key in _AMOUNTS),
            item("E19", value="需研发中心修改计费软件"),
            typed("plan", "tests", 7, basis="厂家宣传册"),
            typed("plan", "organisation", 12, role="质量"),
            typed("cost", "deposits", 8, amount=D(92000)),
            typed("cost", "lines", 8, tax_rate=D(6)),
        ],
    ),
    "negotiated": (
        TV,
        [
            recorded("scheme", "head", delegated_scope=None),
            recorded("changes", 7, basis="授权范围", status="已驳回"),
            typed("plan", "feasibility", "head", f_a="略", f_b="略"),
            typed("plan", "basics", "head", presales_budget=D(300000)),
        ],
    ),
    "below cost": (
        DORM,
        [
            *(recorded(sheet, "head", **{key: D(92000)}) for sheet, key in _AMOUNTS),
            emptied("plan", "organisation"),
        ],
    ),
    "nothing before the contract": (
        DORM,
        [
            *(removed(sheet) for sheet in ("tracking", "reports", "test_results")),
            *unfilled("bidding", "req_review", "scheme"),
        ],
    ),
}


def projects() -> list[Finding]:
    """Findings of several portfolios with mistakes."""
    june, year = ("2026-06-01", "2026-06-10"), {n: f"LY-SQ-2026-{n:03d}" for n in range(1, 9)}
    found = judged(*(made(n, stays=(stay(f"L{n}", "E203", *june, 60),)) for n in (1, 2)))
    found += judged(*(made(n, loans=(loan(f"P{n}", "EQ-WT-01", *june),)) for n in (1, 2)))
    found += judged(made(1, loans=(loan("P7", "EQ-XX-09", *june), loan("P9", "EQ-XX-09", *june, mode="库存"))))
    found += judged(made(1, prices=(price("H7", "100"),)), made(2, prices=(price("H8", "200"),)))
    found += judged(*(made(n, appointed="E104") for n in range(1, 5)))
    named = zip("甲乙乙", (1, 2, 3), strict=True)
    found += judged(*(made(n, stays=(stay(f"L{n}", "E203", *june, 10, name=name),)) for name, n in named))
    found += judged(*(made(n, contract_no="LY-XS-1") for n in (1, 2)))
    found += judged(*(made(n, customer=f"客户{n}", customer_uscc="91350100M000100Y43") for n in (1, 2)))
    found += judged(*(made(n, name="宿舍无线网络建设项目", customer="青岚大学") for n in (1, 2)))
    found += judged(made(1, stamps=(stamp("plan", year[1], "宿舍无线"), stamp("cost", year[1], "机房搬迁"))))
    found += judged(made(1, dues=(due_on("D7", "2026-11-20"), due_on("D8", "2026-11-02", "problem"))))
    return found + judged(*(made(n, retention=kept(f"C{n}", "2011-11-23", "2026-12-01")) for n in (1, 2)))


def findings_of(name: str) -> list[Finding]:
    """Findings of one of the broken projects."""
    code, edits = BROKEN[name]
    return judge(followed(with_files(load_case(code=code)), edits))[0]
