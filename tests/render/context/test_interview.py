from __future__ import annotations

from pipeline.check.case import Case
from pipeline.definitions.documents import load_documents
from pipeline.render.context.document import DocumentInfo, build_context
from pipeline.render.context.interview import interview
from pipeline.render.context.shown import Node, Source
from pipeline.render.maker import wanted
from tests.cases import load_case, voluntary_case
from tests.check.followed import followed, item, recorded, typed

UNSIGNED = recorded("signing", "head", sign_date=None)


def source(case: Case) -> Source:
    return Source(case.project, case.company, case.facts, case.forms)


def role(case: Case, name: str) -> Node:
    found: Node = next(one for one in interview(source(case))["roles"] if str(one["name"]) == name)
    return found


def made(case: Case, *, blocked: bool) -> set[str]:
    return {order.form.code for order in wanted(source(case), blocked=blocked, draft=False)}


def context(case: Case, code: str) -> Node:
    info = DocumentInfo(load_documents()[code], "A/0", case.as_of, "")
    return build_context(case.project, case.company, case.facts, case.forms, (), (), info)


def test_a_role_has_its_open_items_with_the_cell_of_the_survey() -> None:
    unclear = item("F01", value=None, status="不明确", clarify_plan="问信息中心")
    case = followed(voluntary_case(), [item("F03", value=None), item("I01", value=None), unclear])
    found = role(case, "信息技术部门")["items"]
    assert [(str(one["no"]), str(one["state"]), str(one["clarify_plan"])) for one in found] == [
        ("F01", "不明确", "问信息中心"),
        ("F03", "空", ""),
    ]
    row = case.item("F03")
    assert row
    assert str(found[1]["to"]) == row.at("value").cell
    assert str(interview(source(case))["open"]) == "3"


def test_what_is_clear_is_not_asked_again_but_the_questions_stay() -> None:
    clerk = role(voluntary_case(), "经办人员")
    assert (clerk["items"], len(clerk["questions"])) == ([], 7)
    assert str(clerk["questions"][0]["to"]).startswith("B11 E")


def test_people_are_those_of_the_role_and_none_without_the_sheet() -> None:
    assert [str(one["name"]) for one in role(voluntary_case(), "信息技术部门")["people"]] == ["鲍舒"]
    assert role(load_case(), "信息技术部门")["people"] == []


def test_the_guide_is_printed_until_the_signature_even_while_the_survey_has_blanks() -> None:
    case = followed(voluntary_case(), [UNSIGNED])
    assert "VIS" in made(case, blocked=True) & made(case, blocked=False)
    assert "VIS" not in made(voluntary_case(), blocked=False)
    assert "VIS" not in made(followed(load_case(), [UNSIGNED]), blocked=False)


def test_a_secret_project_stays_secret() -> None:
    case = followed(voluntary_case(), [typed("plan", "basics", "head", secrecy="秘密")])
    assert str(context(case, "VIS")["doc"]["secrecy"]) == "秘密"


def test_it_is_at_least_for_us_and_no_paper_of_the_customer_has_it() -> None:
    case = voluntary_case()
    assert [str(context(case, code)["doc"]["secrecy"]) for code in ("DEC", "VIS", "SWT")] == ["内部", "内部", "普通"]
    assert "interview" not in context(case, "PRP")
