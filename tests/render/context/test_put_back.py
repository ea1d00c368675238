"""What was signed of an older plan, put back into a context that only refers to it."""

from __future__ import annotations

from pipeline.core.documents import Printed
from pipeline.core.leaves import Shown
from pipeline.core.places import Place
from pipeline.render.context.put_back import lengths, put_back
from pipeline.render.context.shown import Node

AT = (Place("05.xlsx", "人员需求", "D8"),)
SEE = "见A/0版计划包"


def printed(name: str, text: str) -> Printed:
    return Printed(name, text, text, AT)


def context() -> Node:
    row = {
        "name": Shown(SEE, name="staffing.team[0].name"),
        "days": Shown(name="staffing.team[0].days", forms={"wan": str}),
    }
    reasons = [Shown(SEE, name="project.class_reasons[0]")]
    records = [{"text": Shown("一", name="records.notes[0].text")}]
    return {"staffing": {"team": [row]}, "project": {"class_reasons": reasons}, "records": {"notes": records}}


SIGNED = (
    printed("staffing.team[0].name", "秦川"),
    printed("staffing.team[0].days", "0"),
    printed("staffing.team[1].name", "白露"),
    printed("project.class_reasons[0]", "甲"),
    printed("project.class_reasons[1]", "乙"),
    printed("records.notes[1].text", "二"),
)


def test_tables_are_as_long_as_they_were() -> None:
    found = put_back(context(), SIGNED, lengths(SIGNED))
    assert [str(row["name"]) for row in found["staffing"]["team"]] == ["秦川", "白露"]
    assert [row["name"].name for row in found["staffing"]["team"]] == [p.name for p in SIGNED if ".name" in p.name]
    assert [str(one) for one in found["project"]["class_reasons"]] == ["甲", "乙"]


def test_what_was_not_printed_of_a_row_is_blank_in_every_way() -> None:
    days = put_back(context(), SIGNED, lengths(SIGNED))["staffing"]["team"][1]["days"]
    assert (str(days), days.name, str(days.form("wan"))) == ("", "staffing.team[1].days", "")


def test_branches_see_what_was_signed() -> None:
    """Zero counts as nothing, and the cells are those of the signed value."""
    first = put_back(context(), SIGNED, lengths(SIGNED))["staffing"]["team"][0]
    assert not first["days"]
    assert first["name"]
    assert first["name"].cells == AT


def test_a_table_that_grew_is_cut() -> None:
    long = {"plan": {"tests": [{"item": Shown(str(n), name=f"plan.tests[{n}].item")} for n in range(3)]}}
    found = put_back(long, (), {"plan.tests": 2})
    assert [str(row["item"]) for row in found["plan"]["tests"]] == ["0", "1"]


def test_records_of_their_own_and_tables_that_were_not_printed_stay() -> None:
    before = context()
    found = put_back(before, SIGNED, lengths(SIGNED))
    assert found["records"] == before["records"]
    assert put_back(before, (), {})["staffing"] == before["staffing"]


def test_rows_are_counted_in_nested_tables() -> None:
    names = ("cost.summary[2].name", "cost.summary[2].lines[4].text", "cost.total")
    assert lengths(printed(name, "") for name in names) == {"cost.summary": 3, "cost.summary[2].lines": 5}
