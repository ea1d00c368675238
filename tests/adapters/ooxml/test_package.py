from __future__ import annotations

import pytest
from lxml import etree

from pipeline.adapters.ooxml.cells import SHEET_ORDER
from pipeline.adapters.ooxml.package import (
    STRICT,
    TRANSITIONAL,
    CannotEdit,
    Package,
    damage_told,
    insert_in_order,
    local_name,
)
from tests.adapters.packages import parts
from tests.intake import made_files as made


def test_relations_lead_to_parts_whatever_the_spelling_of_their_names() -> None:
    found = dict(made.GOOD)
    found["xl/Worksheets/Sheet1.xml"] = found.pop("xl/worksheets/sheet1.xml")
    package = Package(made.zipped(found))
    assert package.workbook == "xl/workbook.xml"
    assert package.related(package.workbook, "worksheet") == "xl/Worksheets/Sheet1.xml"


def test_a_new_part_is_related_and_declared_once_and_leaves_no_trace_when_dropped() -> None:
    package = Package(made.good())
    package.put("xl/comments1.xml", b"<comments/>", "some/type")
    id_ = package.relate("xl/worksheets/sheet1.xml", "comments", "xl/comments1.xml")
    assert package.related("xl/worksheets/sheet1.xml", "comments") == "xl/comments1.xml"
    assert list(package.users("xl/comments1.xml")) == ["xl/worksheets/_rels/sheet1.xml.rels"]
    assert package.read("[Content_Types].xml").count(b"/xl/comments1.xml") == 1
    package.unrelate("xl/worksheets/sheet1.xml", id_)
    package.drop("xl/comments1.xml")
    assert set(parts(package.to_bytes())) == set(made.GOOD)
    assert b"comments" not in package.read("[Content_Types].xml")


@pytest.mark.parametrize("namespace", [made.TRANSITIONAL, made.STRICT])
def test_new_relations_speak_the_language_of_the_package(namespace: str) -> None:
    package = Package(made.zipped(made.parts({"表": "<sheetData/>"}, namespace=namespace)))
    package.put("xl/comments1.xml", b"<comments/>", "some/type")
    package.relate("xl/worksheets/sheet1.xml", "comments", "xl/comments1.xml")
    wanted = STRICT if namespace == made.STRICT else TRANSITIONAL
    assert f'"{wanted}/comments"'.encode() in package.read("xl/worksheets/_rels/sheet1.xml.rels")


def test_parts_keep_order_dates_and_bytes() -> None:
    package = Package(made.good())
    package.put("xl/new.xml", b"<a/>", "some/type")
    after = parts(package.to_bytes())
    assert list(after) == [*made.GOOD, "xl/new.xml"]
    assert {name: after[name] for name in made.GOOD if name != "[Content_Types].xml"} == {
        name: text for name, text in made.GOOD.items() if name != "[Content_Types].xml"
    }
    assert Package(made.good()).to_bytes() == Package(made.good()).to_bytes()


def test_a_part_that_is_no_xml_is_named() -> None:
    package = Package(made.with_part("xl/broken.xml", b"<a>"))
    with pytest.raises(CannotEdit, match=r"xl/broken\.xml"):
        package.root("xl/broken.xml")
    with pytest.raises(CannotEdit, match="no part"):
        package.read("xl/none.xml")


@pytest.mark.parametrize(
    ("children", "expected"),
    [
        ("<sheetData/>", ["sheetData", "legacyDrawing"]),
        ("<sheetData/><extLst/>", ["sheetData", "legacyDrawing", "extLst"]),
        ("<sheetData/><drawing/><tableParts/>", ["sheetData", "drawing", "legacyDrawing", "tableParts"]),
        ("<sheetData/><a><controls/></a>", ["sheetData", "legacyDrawing", "a"]),
        ("<sheetData/><!-- x --><pageSetup/>", ["sheetData", "", "pageSetup", "legacyDrawing"]),
    ],
)
def test_a_child_stands_where_the_schema_wants_it(children: str, expected: list[str]) -> None:
    root = etree.fromstring(f"<worksheet>{children}</worksheet>")
    insert_in_order(root, root.makeelement("legacyDrawing", {}), SHEET_ORDER)
    assert [local_name(child) for child in root] == expected


def test_drawings_are_declared_by_their_ending_as_excel_does() -> None:
    package = Package(made.good())
    package.put("xl/drawings/vmlDrawing1.vml", b"<xml/>", "some/vml")
    package.put("xl/drawings/vmlDrawing2.vml", b"<xml/>", "some/vml")
    types = package.read("[Content_Types].xml")
    assert types.count(b'Extension="vml"') == 1
    assert b"vmlDrawing" not in types


@pytest.mark.parametrize("fault", [ValueError("x"), KeyError("x"), IndexError(), AttributeError(), TypeError()])
def test_what_damage_leads_to_is_told_in_one_way(fault: Exception) -> None:
    with pytest.raises(CannotEdit), damage_told():
        raise fault
    with pytest.raises(MemoryError), damage_told():
        raise MemoryError
