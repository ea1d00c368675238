"""A document is filled again when anything changes that its template can see, and only then."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from pipeline.adapters.jinja import SIGNED
from pipeline.core.documents import Printed
from pipeline.core.leaves import Shown
from pipeline.core.places import Place
from pipeline.definitions.documents import load_documents
from pipeline.render.context.charts import Picture
from pipeline.render.kept_documents import kept_document
from pipeline.render.word import fill as filling

AT = Place("06.xlsx", "问题对策", "J9")
TEXT = "{{ row.a }} {{ cost.total.wan }} {% if many %}{{ charts.F3 }}{% endif %} {%tr for x in rows %}{{ x.a }}"


def context(**other: Any) -> dict[str, Any]:
    """A context, with some names otherwise."""
    amount = Shown("1.00", name="cost.total", value=Decimal(1), cells=(AT,), forms={"wan": lambda v: f"{v}万"})
    return {
        "row": {"a": Shown("甲", name="row.a", cells=(AT,)), "b": Shown("乙")},
        "rows": [{"a": Shown("一")}, {"a": Shown("二")}],
        "cost": {"total": amount, "unseen": Shown("2")},
        "many": True,
        "charts": {"F3": Picture(lambda: b"", "图", ("F3", 1)), "F4": Picture(lambda: b"", "图")},
        "unseen": {"a": Shown("3")},
        **other,
    }


@pytest.fixture
def filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Fills a document of a context and tells whether it was filled anew, with what was printed and written."""
    with ZipFile(tmp_path / "T.docx", "w") as package:
        package.writestr("word/document.xml", TEXT)
    monkeypatch.setattr(filling, "data_folder", lambda _: tmp_path)
    form = replace(load_documents()["CPM"], template="T.docx")
    times: list[int] = []

    def fill(said: dict[str, Any], how: object = None) -> tuple[bool, tuple[Printed, ...], bytes]:
        target, before = tmp_path / "made.docx", len(times)

        def make() -> tuple[Printed, ...]:
            times.append(1)
            target.write_bytes(f"document {len(times)}".encode())
            return (Printed("row.a", f"{len(times)}", "甲", (AT, Place("", None, None))),)

        printed = kept_document(tmp_path / "cache", form, said, target, how, make)
        return len(times) > before, printed, target.read_bytes()

    return fill


def test_the_same_names_give_the_same_document_and_what_it_printed(filled: Any) -> None:
    first, again = filled(context()), filled(context())
    assert (first[0], again[0]) == (True, False)
    assert first[1:] == again[1:]


UNSEEN = [
    {"unseen": {"a": Shown("9")}},
    {"row": {"a": Shown("甲", name="row.a", cells=(AT,)), "b": Shown("另")}},
    {"charts": {"F3": Picture(lambda: b"", "图", ("F3", 1)), "F4": Picture(lambda: b"", "另图")}},
]


@pytest.mark.parametrize("other", UNSEEN)
def test_what_the_template_has_no_word_for_changes_nothing(filled: Any, other: dict[str, Any]) -> None:
    filled(context())
    assert not filled(context(**other))[0]


_WAN = {"wan": lambda value: f"{value}元"}
SEEN = [
    {"row": {"a": Shown("另", name="row.a", cells=(AT,)), "b": Shown("乙")}},
    {"row": {"a": Shown("甲", name="row.a", cells=()), "b": Shown("乙")}},
    {"row": {"a": Shown("甲", name="row.a", value=date(2026, 7, 1), cells=(AT,)), "b": Shown("乙")}},
    {"row": {"a": Shown("甲", name="row.a", cells=(AT,))}},
    {"rows": [{"a": Shown("一")}]},
    {"cost": {"total": Shown("1.00", name="cost.total", value=Decimal(1), cells=(AT,), forms=_WAN), "unseen": Shown()}},
    {"many": False},
    {"charts": {"F3": Picture(lambda: b"", "图", ("F3", 2)), "F4": Picture(lambda: b"", "图")}},
    {SIGNED: {"row.a": Printed("row.a", "签过的", "签过的")}},
]


@pytest.mark.parametrize("other", SEEN)
def test_whatever_it_can_see_fills_it_anew(filled: Any, other: dict[str, Any]) -> None:
    filled(context())
    assert filled(context(**other))[0]
    assert not filled(context(**other))[0]


def test_so_do_other_pages_and_another_template(filled: Any, tmp_path: Path) -> None:
    filled(context())
    assert filled(context(), [1, 2])[0]
    with ZipFile(tmp_path / "T.docx", "a") as package:
        package.writestr("word/footer1.xml", "{{ unseen.a }}")
    assert filled(context())[0]
    assert filled(context(unseen={"a": Shown("9")}))[0]


def test_what_does_not_tell_what_it_depends_on_is_never_kept(filled: Any) -> None:
    for unknown in (Picture(lambda: b"", "图"), object()):
        said = context(charts={"F3": unknown})
        assert filled(said)[0]
        assert filled(said)[0]
