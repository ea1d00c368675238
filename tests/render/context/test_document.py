from __future__ import annotations

from pipeline.definitions.procedure import load_procedure
from pipeline.render.charts.flow import appendix
from pipeline.render.context.document import PackInfo, PackPart, build_context, common, for_document
from pipeline.render.context.shown import Node, Source
from tests.render.made_up import DAY, form, info, ordinary, plan, source


def context(made: Source) -> Node:
    return for_document(made, common(made), info())


def test_project_company_and_document() -> None:
    found = context(source(plan(), **ordinary()))
    project, doc = found["project"], found["doc"]
    assert (project["code"], project["name"], project["customer"]) == ("LY-SQ-2026-007", "青岚项目", "青岚台")
    assert (project["class"], project["class_reasons"]) == ("一般项目", ["不符合：甲", "不符合：乙", "不符合：丙"])
    assert (project["contract"].form("wan"), project["sales_rep"], project["state"]) == ("640.00", "许知行", "计划编制")
    assert found["company"]["short_name"] == "澜屿网络"
    assert (doc["title"], doc["date"].form("cn"), doc["standard"]) == ("测试文档", "2026年3月24日", "Q/DY 03.2-2002")
    assert (doc["secrecy"], doc["draft"]) == ("内部", False)


def test_each_reason_of_the_class_says_whether_it_is_met() -> None:
    """The mature case of a major project speaks against it, and says so (clause 4.2)."""
    found = context(source(plan(), **{**ordinary(), "class_because": ("amount", "rd_modify")}))["project"]
    assert found["class_reasons"] == ["符合：甲", "不符合：乙", "符合：丙"]
    assert found["class_met"] == {"amount": "符合", "mature_case": "不符合", "rd_modify": "符合"}


def test_nothing_is_said_of_a_class_that_cannot_be_told() -> None:
    found = context(source(plan()))["project"]
    assert (found["class_reasons"], set(found["class_met"].values())) == ([], {""})


def test_no_paper_says_how_many_findings_there_are_today() -> None:
    assert "warnings" not in context(source(plan(), **ordinary()))["doc"]  # templates check refuses the name


def test_the_class_of_the_plan_stands_in_while_none_can_be_derived() -> None:
    assert context(source(plan(**{"class": "重大项目"})))["project"]["class"] == "重大项目"


def test_the_six_cited_files_and_the_flow_of_appendix_a() -> None:
    found = context(source())
    cited = load_procedure().clause_form("3").cites
    assert (len(cited), found["doc"]["basis"]) == (6, list(cited))
    assert found["appendix"]["flow"] == list(appendix())


def test_the_cover_of_a_pack() -> None:
    part = PackPart("PPR", "项目计划报告", "JL-PM-01", "A/1", 18, 3)
    pack = PackInfo("LY_计划包_V1_20260324", "计划包", "V1", DAY, (part,), 20)
    made = source(plan())
    found = for_document(made, common(made), info(form=form(), pack=pack))["pack"]
    assert (found["name"], found["pages"], found["date"].form("cn")) == ("LY_计划包_V1_20260324", "20", "2026年3月24日")
    assert [(d["no"], d["title"], d["pages"], d["first_page"]) for d in found["documents"]] == [
        ("1", "项目计划报告", "18", "3")
    ]


def test_build_context_is_the_shared_part_with_the_document() -> None:
    made = source(plan())
    found = build_context(made.project, made.company, made.facts, made.forms, (), (), info())
    assert set(found) == {*common(made), "doc", "pack"}


def test_every_leaf_knows_its_own_name() -> None:
    """The name that the provenance keeps is the one under which the value stands in the context."""
    found = context(source(plan(), **ordinary()))
    for top in ("project", "company", "doc"):
        for key, value in found[top].items():
            if isinstance(value, str):
                assert getattr(value, "name", None) == f"{top}.{key}"
