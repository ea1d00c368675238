from __future__ import annotations

from pathlib import Path

from pipeline.definitions.forms import data_folder
from pipeline.render.word.safe_package import package_faults
from tests.render import hostile


def test_no_shipped_template_brings_anything() -> None:
    found = {path.name: package_faults(path) for path in data_folder("output_templates").glob("*.docx")}
    assert len(found) > 30
    assert {name: faults for name, faults in found.items() if faults} == {}


def test_a_fault_names_the_part_and_what_is_in_it(tmp_path: Path) -> None:
    path = hostile.package(tmp_path / "a.docx", hostile.PACKAGES["remote template"])
    assert package_faults(path) == [
        "word/_rels/settings.xml.rels:附加的模板(attached template):http://127.0.0.1:PORT/a.dotm"
    ]
    path = hostile.package(tmp_path / "b.docx", hostile.PACKAGES["DDE"])
    (fault,) = package_faults(path)
    assert fault.startswith("word/document.xml:域 DDEAUTO c:")


def test_a_template_changed_on_disk_is_looked_at_again(tmp_path: Path) -> None:
    path = hostile.document(tmp_path / "a.docx", "甲")
    assert package_faults(path) == []
    hostile.package(path, hostile.PACKAGES["macros"])
    assert package_faults(path) != []
