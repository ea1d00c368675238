"""Workbook 07, from the survey of the site to what a design gives (rules P502, P505 .. P508, P534).

Dates, numbers and versions that two places say are in `comparisons.toml`. A sheet with labelled cells is used once it
has a day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

from pipeline.check.case import Case
from pipeline.check.procedure import on_the_day
from pipeline.check.support import handed_in
from pipeline.core.attachments import Attachment
from pipeline.core.findings import Finding
from pipeline.core.money import plain
from pipeline.core.places import Place
from pipeline.core.sheets import Record

_SALES = "市场销售部"
_FOLDER = "附件/"
_TOLERANCE = Decimal("0.1")

# -- the survey of the site --------------------------------------------------------------------------------------------

_DECIDED = {"survey_decided_business": "业务", "survey_decided_tech": "技术"}


def survey_decided(case: Case) -> Iterator[Finding]:
    """P502 (网络工程项目工作流程要点, 3): business and engineering decide together; what was decided is done.

    Without a survey nothing of the site (survey items C and G) may be unclear.
    """
    unclear = [row for row in case.project.rows("survey", "items") if _of_the_site(row)]
    for row in case.project.rows("support", "requests"):
        decided = row.text("need_survey")
        for key, who in _DECIDED.items() if decided else ():
            if row.blank(key):
                what = f"请求{row.text('no')}没有写{who}方面的勘察决定人"
                yield _survey(case, row.at(key), [row.at("need_survey")], what, "", "工号")
        if decided == "否" and unclear:
            items, related = "、".join(item.text("no") for item in unclear), [item.at("status") for item in unclear]
            what = f"请求{row.text('no')}不勘察,01的{items}还不明确"
            yield _survey(case, row.at("need_survey"), related, what, "否", "是,或先弄清")
        if decided == "是" and not case.project.rows("support", "site_survey"):
            what = f"请求{row.text('no')}要勘察,没有勘察记录"
            due = handed_in(case) is not None
            yield _survey(case, row.at("need_survey"), (), what, "没有", "现场勘察表", pending=not due)


def _of_the_site(row: Record) -> bool:
    return row.text("no")[:1] in {"C", "G"} and row.text("status") == "不明确"


def survey_agrees(case: Case) -> Iterator[Finding]:
    """P502 (网络工程项目工作流程要点, 3): points counted on site are those of the survey; its photos are there."""
    rows = case.project.rows("support", "site_survey")
    for key, item, label in (("points", "D02", "信息点"), ("aps", "D03", "AP点位")):
        counted = [number for row in rows if (number := row.number_of(key))]
        said = answer.number_of("value") if (answer := case.item(item)) else None
        total = sum((number.value for number in counted), Decimal(0))
        if counted and said and abs(total - said.value) > _TOLERANCE * said.value:
            what = f"{label}合计{plain(total)},01的{item}是{plain(said.value)}"
            related = [said.at, *(number.at for number in counted[1:])]
            yield _survey(case, counted[0].at, related, what, plain(total), plain(said.value))
    for row in rows:
        lost = [name for name in row.choices("photo") if attached(case, name) is None]
        if lost:
            what = f"第{row.text('no')}行的照片{'、'.join(lost)}不在“附件”里"
            yield _survey(case, row.at("photo"), (), what, "、".join(lost), "“附件”里的文件")


def _survey(
    case: Case, at: Place, related: Sequence[Place], what: str, found: str, expected: str, *, pending: bool = False
) -> Finding:
    return case.finding("P502", at, related, pending=pending, what=what, found=found, expected=expected)


def attached(case: Case, name: str) -> Attachment | None:
    """The file of 附件 that a cell names, with or without the folder."""
    path = name if name.startswith(_FOLDER) else _FOLDER + name
    return next((one for one in case.project.attachments if one.path == path), None)


# -- what a design starts from -----------------------------------------------------------------------------------------


def gaps_followed(case: Case) -> Iterator[Finding]:
    """P505 (网络工程项目工作流程要点, 4, 5): where an input has gaps the customer is asked again.

    Workbook 06 has a tracking of that day or later; until a scheme is handed in there is time for it.
    """
    head = case.project.head("support", "design_inputs")
    confirmed = head.date("date")
    asked = [day for row in case.project.rows("records", "tracking") if (day := row.date("date"))]
    for row in case.project.rows("support", "design_inputs") if confirmed else ():
        since = row.date("received") or confirmed
        if row.text("complete") == "否" and since and not any(day.value >= since.value for day in asked):
            values = {"no": row.text("no"), "name": row.text("name"), "day": since.value}
            pending = handed_in(case) is None
            found = {"found": "没有跟踪记录", "expected": f"{since.value}以后的跟踪记录"}
            yield case.finding("P505", row.at("complete"), [since.at], pending=pending, **values, **found)


_BEYOND = "超出范围"


def beyond_is_changed(case: Case) -> Iterator[Finding]:
    """P534 (项目售前实施流程, 步骤4): work outside the four kinds of a design is a change of workbook 06."""
    for row in case.project.rows("support", "design_tasks"):
        if _BEYOND in row.choices("change_scope") and row.blank("change_no"):
            a, b = f"{row.text('no')}的整改范围“{_BEYOND}”", "变更编号(06变更)"
            said = {"a": a, "word": "没有", "b": b, "found": "", "expected": b}
            related = [row.at("change_scope")]
            yield case.finding("P534", row.at("change_no"), related, pending=False, **said)


# -- its review --------------------------------------------------------------------------------------------------------


def review_holds(case: Case) -> Iterator[Finding]:
    """P506 (网络工程项目工作流程要点, 6): four standards, an engineer presides, business takes part."""
    head = case.project.head("support", "design_review")
    missed = [row for row in case.project.rows("support", "design_review") if row.text("result") == "不通过"]
    if head.blank("date"):
        return
    if head.text("conclusion") == "通过" and missed:
        items, related = "、".join(row.text("item") for row in missed), [row.at("result") for row in missed]
        yield _review(case, head.at("conclusion"), related, "结论“通过”", ",但", f"{items}“不通过”")
    yield from _people(case, head)


def _people(case: Case, head: Record) -> Iterator[Finding]:
    company = on_the_day(case, "support.design_review.host", head)
    sales = next((dept.code for dept in company.departments.values() if dept.name == _SALES), None)
    departments = {no: person.dept for no, person in company.persons.items()}
    host, present = head.text("host"), head.choices("attendees")
    if sales is None:
        return
    if departments.get(host) == sales:
        named = f"主持人{company.name_of(host)}"
        yield _review(case, head.at("host"), (), named, "是", f"{_SALES}的人员,应为网络技术主管")
    if present and not any(departments.get(no) == sales for no in present):
        yield _review(case, head.at("attendees"), (), "参加人", "没有", f"{_SALES}的人员")


def _review(case: Case, at: Place, related: Sequence[Place], a: str, word: str, b: str) -> Finding:
    return case.finding("P506", at, related, pending=False, a=a, word=word, b=b, found=a, expected=b)


def drawings_answered(case: Case) -> Iterator[Finding]:
    """P507 (网络工程项目工作流程要点, 6): each problem of a drawing is answered before the scheme is handed in."""
    due = handed_in(case)
    for row in case.project.rows("support", "drawing_review"):
        answered, asked = row.date("answered"), f"第{row.text('no')}行“{row.text('problem')}”"
        if row.blank("answered") and not row.blank("problem"):
            values, related = {"a": asked, "word": "", "b": "没有答复"}, [due.at] if due else []
            found = {"found": "", "expected": "答复、答复人和日期"}
            yield case.finding("P507", row.at("answered"), related, pending=due is None, **values, **found)
        elif answered and due and answered.value > due.value:
            values = {"a": f"{asked}{answered.value}才答复", "word": ",方案已于", "b": f"{due.value}提交"}
            found = {"found": str(answered.value), "expected": f"不晚于{due.value}"}
            yield case.finding("P507", answered.at, [due.at], pending=False, **values, **found)


# -- what it gives -----------------------------------------------------------------------------------------------------


def outputs_there(case: Case) -> Iterator[Finding]:
    """P508 (网络工程项目工作流程要点, 7): the files that are listed lie in 附件, with as many pages."""
    if case.project.head("support", "design_outputs").blank("date"):
        return
    for row in case.project.rows("support", "design_outputs"):
        files = {name: attached(case, name) for name in row.choices("file")}
        lost = [name for name, file in files.items() if file is None]
        if lost:
            yield _output(case, row, "file", f"文件{'、'.join(lost)}", "不在", "“附件”里")
        counted, said = sum(file.pages for file in files.values() if file), row.number_of("pages")
        if said and counted and not lost and said.value != counted:
            yield _output(case, row, "pages", f"{plain(said.value)}页", ",文件实有", f"{counted}页")


def _output(case: Case, row: Record, key: str, a: str, word: str, b: str) -> Finding:
    values = {"a": f"第{row.text('no')}行“{row.text('name')}”{a}", "word": word, "b": b}
    return case.finding("P508", row.at(key), (), pending=False, **values, found=a, expected=b)


CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (
    survey_decided,
    survey_agrees,
    gaps_followed,
    beyond_is_changed,
    review_holds,
    drawings_answered,
    outputs_there,
)
