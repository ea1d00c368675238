"""Whether workbook 06 agrees with the plan, the survey and workbook 00: X215 .. X219, X221, X225 .. X228, X232, X233.

X214 stands in `identity`, X220 in `totals`: money that must agree.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal

from pipeline.check.case import Case, money
from pipeline.check.procedure import countersigned, on_the_day, records_of, sheet_title, there, undated, unsigned, who
from pipeline.core.company import Company
from pipeline.core.findings import Finding
from pipeline.core.money import half_up
from pipeline.core.places import Derived, Place, Sourced
from pipeline.core.sheets import Record, Sheet
from pipeline.definitions.documents import load_documents
from pipeline.definitions.prefill import BESIDE_A_VERSION
from pipeline.derive.history import change_of, surveys_on
from pipeline.derive.known import plan_figure
from pipeline.derive.survey import CLEAR, UNCLEAR

_PLAN_SET = ("survey", "plan", "cost", "materials", "staffing")
_PM = "售前项目经理"
_NOBODY = frozenset({"", "待定"})
_ELECTRONIC = frozenset({"PDF", "DOCX", "XLSX", "DWG"})
_CONTRACT = "合同"
_CHIEF = "CXO"
_NOTHING = frozenset({"无", "没有"})
_AGREEMENT = re.compile(r"AG-\d{2,3}(?!\d)")


# -- people -------------------------------------------------------------------------------------------------------


def one_manager(case: Case) -> Iterator[Finding]:
    """X215 (6.2.2, 6.7): notice, plan, organisation, staffing and handover name one project manager."""
    notice = case.project.head("records", "notice")
    pm = notice.text("pm")
    known = {*_NOBODY, pm, *(one.no for one in case.managers)}
    giver, deputies = case.project.head("records", "handover").at("giver"), _deputies(case, pm)
    managers = [named for named in _managers(case) if named[2] != giver or named[1] not in deputies]
    others = [named for named in managers if named[1] not in known]
    if pm and others:
        texts = [f"{sheet_title(case, 'notice')}“{who(case, pm)}”"]
        texts += dict.fromkeys(f"{what}“{who(case, no)}”" for what, no, _ in others)
        expected = "、".join(dict.fromkeys(who(case, no) for _, no, _ in others))
        cells = [place for _, _, place in others]
        listed = "、".join(texts)
        yield case.finding("X215", notice.at("pm"), cells, list=listed, found=who(case, pm), expected=expected)


def _deputies(case: Case, pm: str) -> set[str]:
    """Who may hand over for the manager on the day of the handover (rule W189 says who may not)."""
    handed = case.project.head("records", "handover").date("handover_date")
    return set(case.company.on(handed.value).deputies([pm])) if handed else set()


def _managers(case: Case) -> Iterator[tuple[str, str, Place]]:
    """Where else a project manager is named: what, employee number, cell."""
    plan, staffing = case.forms["plan"], case.forms["staffing"]
    basics, handover = case.project.head("plan", "basics"), case.project.head("records", "handover")
    yield plan.name, basics.text("pm"), basics.at("pm")
    for form, sheet, key in ((plan, "organisation", "emp"), (staffing, "lines", "emp_no")):
        for row in case.project.rows(form.key, sheet):
            if row.text("role") == _PM:
                yield form.sheet_form(sheet).name, row.text(key), row.at(key)
    yield sheet_title(case, "handover"), handover.text("giver"), handover.at("giver")


def holds_the_post(case: Case) -> Iterator[Finding]:
    """X228 (6.7 a, 6.2.2): who signs holds the post that day, or is deputy; somebody unknown is reported by F019."""
    for row, name, post in _posts(case):
        key, company = name.rpartition(".")[2], on_the_day(case, f"records.{name}", row)
        person = company.persons.get(row.text(key))
        holding = _holding(company, post)
        if person and person.no not in {*holding, *company.deputies(holding)}:
            whom, found = who(case, person.no), person.post or person.title
            related, found = undated(case, person.no, "post"), f"{whom} {found}".strip()
            yield case.finding("X228", row.at(key), related, pending=False, name=whom, found=found, expected=post)


def _posts(case: Case) -> Iterator[tuple[Record, str, str]]:
    """Cells of workbook 06 whose signer must hold a post: row, sheet and field, post."""
    records = records_of(case)
    for row in records.rows("approval"):
        if row.text("role"):
            yield row, "approval.approver", row.text("role")
    yield from ((row, "countersign.cxo", _CHIEF) for row in records.countersigns)
    for row in records.rows("agreements"):
        yield row, "agreements.coo_sign", "COO"
        yield row, "agreements.cto_sign", "CTO"
    for row in records.rows("problems"):
        if row.text("status") == "接受风险":
            yield row, "problems.verifier", "COO"


def _holding(company: Company, post: str) -> set[str]:
    """Who holds a post.

    Of managers the heads of the departments whose manager approves the initiation; of chief officers (6.3.2 note) all
    to whom some department reports.
    """
    depts = {step.dept for step in company.steps if step.doc_type == "立项" and step.role == post}
    heads = {dept.head for code, dept in company.departments.items() if code in depts and dept.head}
    if post == "部门经理" and heads:
        return heads
    posts = {dept.cxo for dept in company.departments.values()} if post == _CHIEF else {post}
    return {person.no for person in company.persons.values() if person.post in posts}


# -- versions -----------------------------------------------------------------------------------------------------


def plan_versions(case: Case) -> Iterator[Finding]:
    """X217 (6.3.2, 6.2.1): the attached plan version was countersigned; later ones stand on approved changes."""
    application = case.project.head("records", "application")
    attached = application.text("att_plan")
    rows, basics = case.project.rows("plan", "revisions"), case.project.head("plan", "basics")
    if not attached or not application.date("apply_date") or not rows:  # F056 says that no version is registered
        return
    versions = [row.text("version") for row in rows]
    signed = case.project.rows("records", "countersign")
    later = rows[versions.index(attached) + 1 :] if attached in versions else ()
    uncovered = [row for row in later if not _covered(case, row)]
    if uncovered or attached not in versions or not countersigned(case, attached):
        a = "、".join(dict.fromkeys(row.text("plan_version") for row in signed)) or "无"
        b, c = attached, basics.text("plan_version")
        cells = there(*(row.at("plan_version") for row in signed), basics.at("plan_version"))
        related = [*cells, *(row.at("change_no") for row in uncovered)]
        yield case.finding("X217", application.at("att_plan"), related, a=a, b=b, c=c, found=b, expected=c)


def _covered(case: Case, revision: Record) -> bool:
    """Whether a later version stands on a change approved after the initiation, or was countersigned by everybody."""
    if change_of(case.project, revision.text("version")):
        return True
    rows = countersigned(case, revision.text("version"))
    return bool(rows) and not unsigned(case, rows)


def beside_the_version(case: Case) -> Iterator[Finding]:
    """X232 (6.3.2, 6.2.1): figures beside a plan version are that version's, as far as it is known, and agree.

    The total is that of the revision; margin and amount can be worked out only while the workbooks hold the version.
    Cells that say the same are one finding.
    """
    for (version, figure), cells in _beside(case).items():
        first = cells[0]
        due, from_, source = _due_of(case, version, figure) or (first.value, [first.at], first.at.sheet or "")
        wrong = [cell for cell in cells if not _agrees(case, figure, cell.value, due)]
        for value in dict.fromkeys(cell.value for cell in wrong):
            places = [cell.at for cell in wrong if cell.value == value]
            label = case.forms["records"].sheet_form("application").field(figure).label
            a, b, others = money(value), money(due), [*places[1:], *from_]
            texts = {"version": version, "label": label, "source": source}
            yield case.finding("X232", places[0], others, pending=False, **texts, found=a, expected=b)


def _beside(case: Case) -> Mapping[tuple[str, str], list[Sourced[Decimal]]]:
    """What application and countersignatures say beside a plan version, by version and figure."""
    application = case.project.head("records", "application")
    records = [(application, application.text("att_plan"))]
    records += [(row, row.text("plan_version")) for row in case.project.rows("records", "countersign")]
    found: dict[tuple[str, str], list[Sourced[Decimal]]] = {}
    for figure in BESIDE_A_VERSION:
        for record, version in records:
            if version and (stated := record.money(figure)):
                found.setdefault((version, figure), []).append(stated)
    return found


def _due_of(case: Case, version: str, figure: str) -> tuple[Decimal, list[Place], str] | None:
    """What a figure of a plan version is, from which cells, and which workbook says so; None where nothing does."""
    plan = case.forms["plan"]
    revised = [row for row in case.project.rows("plan", "revisions") if row.text("version") == version]
    total = revised[-1].money("total") if revised and figure == "total" else None
    if total:
        return total.value, [total.at], plan.sheet_form("revisions").name
    current = case.project.has("plan") and version == case.project.head("plan", "basics").text("plan_version")
    found = plan_figure(figure, case.project, case.facts) if current and figure != "total" else None
    if isinstance(found, Derived):
        return found.value, list(found.from_), "按当前计划计算"
    return (found.value, [found.at], plan.name) if found else None


def _agrees(case: Case, figure: str, stated: Decimal, due: Decimal) -> bool:
    """Money within the tolerance; a share as far as it was written, 19.9 being 19.85 rounded."""
    if figure == "margin":
        places = max(0, -int(stated.normalize().as_tuple().exponent))
        return half_up(due, places) == stated
    return abs(stated - due) < case.parameter("tolerance")


def survey_version(case: Case) -> Iterator[Finding]:
    """X218 (6.4.2): the requirement review used the latest survey of that day."""
    review = case.project.head("records", "req_review")
    yield from _not_the_latest(
        case, "X218", review.at("survey_version"), review.text("survey_version"), review.date("date")
    )


def survey_attached(case: Case) -> Iterator[Finding]:
    """X233 (6.2.1): the application attaches the latest survey of that day; a version that is unknown is X225."""
    application = case.project.head("records", "application")
    attached, at = application.text("att_survey"), application.at("att_survey")
    if case.project.sheet("survey", "versions").find("version", attached):
        yield from _not_the_latest(case, "X233", at, attached, application.date("apply_date"))


def _not_the_latest(case: Case, rule: str, at: Place, used: str, held: Sourced[date] | None) -> Iterator[Finding]:
    """A survey that did not stand on the day it was used: it was replaced before, or made later."""
    stood = surveys_on(case.project, held.value) if held else ()
    if held and used and stood and used not in stood:
        row = case.project.sheet("survey", "versions").find("version", stood[-1])
        related = [*((row.at("version"), row.at("date")) if row else ()), held.at]
        values = {"a": used, "b": stood[-1], "day": held.value, "found": used, "expected": stood[-1]}
        yield case.finding(rule, at, related, pending=False, **values)


# -- contract -----------------------------------------------------------------------------------------------------


def contract_as_reviewed(case: Case) -> Iterator[Finding]:
    """X219 (6.4.5, 6.4.6): the amount signed is the amount reviewed, and the bid's unless a change says otherwise.

    Of a contract in parts the parts together are the bid. W221: the price was changed after the review, and approved.
    """
    signed = case.project.head("records", "signing").money("amount")
    reviewed = case.project.head("records", "creview").money("amount")
    bid = case.project.head("records", "bidding").money("price")
    if signed is None or any(part_without_amount(case)):
        return
    records, least = records_of(case), case.parameter("tolerance")
    parts, change = records.parts, records.commercial_change
    total = signed.value + sum((part.value for part in parts), Decimal(0))
    wrong: dict[str, Sourced[Decimal]] = {}
    if reviewed and all(abs(one - reviewed.value) >= least for one in (signed.value, total)):
        if change:
            a, b, others = money(signed.value), money(reviewed.value), [reviewed.at, change.at("no")]
            yield case.finding("W221", signed.at, others, a=a, b=b, no=change.text("no"), found=a, expected=b)
        else:
            wrong["评审额"] = reviewed
    if bid and not change and abs(total - bid.value) >= least:
        wrong["中标价"] = bid
    if wrong:
        a, b = money(total), "、".join(dict.fromkeys(money(other.value) for other in wrong.values()))
        others = [*(other.at for other in wrong.values()), *(part.at for part in parts)]
        texts = {"a": a, "b": b, "what": "、".join(wrong)}
        yield case.finding("X219", signed.at, others, pending=False, **texts, found=a, expected=b)


def supplement_agreed(case: Case) -> Iterator[Finding]:
    """X219 (6.4.5): what an agreement of after the signature adds has a commercial change approved by its day."""
    signed = case.project.head("records", "signing").money("amount")
    bid = case.project.head("records", "bidding").money("price")
    records = records_of(case)
    for row in filter(records.supplements, records.rows("agreements")):
        added = row.money("part_amount")
        if signed and bid and added and not records.commercial_change_by(row.date("written_date")):
            a, b = money(signed.value + added.value), money(bid.value)
            texts = {"a": a, "b": b, "what": "中标价"}
            yield case.finding("X219", added.at, [signed.at, bid.at], pending=False, **texts, found=a, expected=b)


def part_without_amount(case: Case) -> Iterator[Finding]:
    """W220 (6.5): an agreement that is another contract says its amount; until then the sum is not compared."""
    own = case.project.head("records", "creview").text("contract_no")
    if case.project.head("records", "signing").blank("sign_date"):
        return
    for row in case.project.rows("records", "agreements"):
        named = row.text("name").endswith(_CONTRACT) and "part_amount" in row.cells
        if own and named and own not in row.text("content") and row.blank("part_amount"):
            texts = {"no": row.text("no"), "name": row.text("name"), "expected_no": own}
            at, related = row.at("part_amount"), [row.at("name")]
            yield case.finding("W220", at, related, pending=False, **texts, found="", expected="分项合同额")


def unclear_in_contract(case: Case) -> Iterator[Finding]:
    """X226 (6.4.6): what is still unclear is a problem of the contract review or a risk of the plan."""
    records = records_of(case)
    if not records.rows("creview"):
        return
    told = [row.text(key) for row in records.rows("problems") for key in ("desc", "countermeasure")]
    told += [row.text("desc") for row in case.project.rows("plan", "risks")]
    named = set(re.findall(r"(?<![A-Z])[A-Z]\d{2}(?!\d)", " ".join(told)))
    unclear = [item.no for item in case.facts.items.values() if item.status == UNCLEAR and item.no not in named]
    cells = [row.at("status") for no in unclear if (row := case.item(no))]
    if cells:
        listed = "、".join(unclear)
        yield case.finding("X226", cells[0], cells[1:], n=len(unclear), found=listed, expected="列为问题或风险")


def oral_intent(case: Case) -> Iterator[Finding]:
    """X227 (6.7 a): what the customer wished by word of mouth stands in a written agreement."""
    records, item, facts = records_of(case), case.item("J02"), case.facts.items.get("J02")
    if not records.day("signing", "sign_date") or not item or not facts or facts.status != CLEAR:
        return
    said, rows = item.text("value"), records.rows("agreements")
    if not said or said in _NOTHING:
        return
    lost = [no for no in dict.fromkeys(_AGREEMENT.findall(said)) if no not in {row.text("no") for row in rows}]
    if lost or not any(row.text("origin") == "口头" for row in rows):
        cells = [row.at("origin") for row in rows] or [case.project.sheet("records", "agreements").at]
        yield case.finding("X227", item.at("value"), cells, found=said, expected="、".join(lost) or "书面协议")


# -- papers -------------------------------------------------------------------------------------------------------


def application_attachments(case: Case) -> Iterator[Finding]:
    """X225 (6.2.1): survey, plan with annexes and countersign form are attached to the application."""
    application = case.project.head("records", "application")
    applied = application.date("apply_date")
    if not applied:
        return
    if absent := [case.forms[key] for key in _PLAN_SET if not case.project.has(key)]:
        items = "、".join(f"{form.no} {form.name}" for form in absent)
        yield case.finding("X225", applied.at, items=items, found="", expected=items)
    for key, wanted in _attached(case).items():
        if not application.blank(key) and application.text(key) not in wanted:
            label = case.forms["records"].sheet_form("application").field(key).label
            found, expected = application.text(key), "、".join(wanted) or "无"
            at = application.at(key)
            yield case.finding("X225", at, [applied.at], items=f"{label} {found}", found=found, expected=expected)


def _attached(case: Case) -> dict[str, list[str]]:
    """What may stand in the attachment cells; versions only where some are registered (F056, G301)."""
    wanted = {"att_annex": ["是"], "att_countersign": ["是"]}
    for key, form, sheet in (("att_survey", "survey", "versions"), ("att_plan", "plan", "revisions")):
        if known := [row.text("version") for row in case.project.rows(form, sheet) if row.text("version")]:
            wanted[key] = known
    return wanted


def handed_files(case: Case) -> Iterator[Finding]:
    """X221 (6.7): every electronic paper of the handover list lies in the folder or is made by the system."""
    rows = case.project.rows("records", "handover")
    known = {attachment.path for attachment in case.project.attachments} | (_documents(case) if rows else set())
    for row in rows:
        if not _ELECTRONIC & set(row.choices("medium")):
            continue
        lost = [file for file in row.choices("file") if _path(file) not in known]
        if lost:
            found = "、".join(lost)
            texts = {"name": row.text("doc_name"), "found": found, "expected": "附件/… 或文档代号"}
            at = row.at("file")
            number = str(rows.index(row) + 1)
            yield case.finding("X221", at, [row.at("doc_name")], pending=False, row=number, **texts)


def _path(file: str) -> str:
    """A path as people type it, in the form of `Attachment.path`; a code stays as it is."""
    return unicodedata.normalize("NFC", file).strip().replace("\\", "/").removeprefix("./")


def _documents(case: Case) -> set[str]:
    """Codes of the documents that this project produces: from sheets that hold something, or from no sheet at all."""
    books = case.project.workbooks.items()
    sheets = [(book.sheets[form.key], form) for key, book in books for form in case.forms[key].sheet]
    made = {code for sheet, form in sheets if _begun(sheet) for code in form.documents}
    printed = {code for form in case.forms.values() for sheet in form.sheet for code in sheet.documents}
    needs = {code: form.needs for code, form in load_documents().items() if code not in printed}
    return made | {code for code, keys in needs.items() if all(case.project.has(key) for key in keys)}


def _begun(sheet: Sheet) -> bool:
    return any(not record.blank(key) for record in sheet.records() for key in record.cells)


CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (
    one_manager,
    plan_versions,
    beside_the_version,
    survey_version,
    survey_attached,
    contract_as_reviewed,
    supplement_agreed,
    part_without_amount,
    handed_files,
    application_attachments,
    unclear_in_contract,
    oral_intent,
    holds_the_post,
)
