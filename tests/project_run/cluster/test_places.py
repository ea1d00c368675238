from __future__ import annotations

import pickle
from pathlib import Path

from pipeline.core.documents import FileVerdict
from pipeline.core.errors import DeliveryFailed
from pipeline.project_run.cluster.places import packed, unpacked

THERE = {"out": Path("/tmp/a/out"), "input": Path("/tmp/a/input/LY-1")}
HERE = {"out": Path("/srv/输出/LY-1@7"), "input": Path("/srv/work/LY-1")}


def carried(answer: object) -> object:
    return unpacked(packed(answer, THERE), HERE)


def test_paths_and_texts_name_the_same_places_on_this_machine() -> None:
    told = FileVerdict("/tmp/a/input/LY-1/02.xlsx", "refused", message="/tmp/a/out/x 已被人修改")
    assert carried({"docx": Path("/tmp/a/out/LY-1/a.docx"), "files": (told,)}) == {
        "docx": Path("/srv/输出/LY-1@7/LY-1/a.docx"),
        "files": (FileVerdict("/srv/work/LY-1/02.xlsx", "refused", message="/srv/输出/LY-1@7/x 已被人修改"),),
    }


def test_what_names_no_place_is_as_it_was() -> None:
    answer = ["/tmp/a/other", Path("/tmp/a"), 7, None, "平常的话"]
    assert carried(answer) == answer


def test_an_error_says_where_with_its_note() -> None:
    failure = DeliveryFailed("/tmp/a/out/pack:写不进去")
    failure.add_note("at /tmp/a/input/LY-1/02.xlsx")
    arrived = carried(failure)
    assert isinstance(arrived, DeliveryFailed)
    assert str(arrived) == "/srv/输出/LY-1@7/pack:写不进去"
    assert arrived.__notes__ == ["at /srv/work/LY-1/02.xlsx"]


def test_one_object_that_is_named_twice_stays_one() -> None:
    path = Path("/tmp/a/out/b")
    one, two, three = carried([path, "text", (path, path)])  # type: ignore[misc]
    assert (one, two) == (Path("/srv/输出/LY-1@7/b"), "text")
    assert three == (one, one)
    assert pickle.loads(pickle.dumps(three)) == three
