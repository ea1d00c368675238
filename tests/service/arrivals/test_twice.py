"""Two versions of one workbook in one round: the later one counts, and nobody's is replaced without a word."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.workspace import doubts, inputs
from tests.service.stage import Stage
from tests.service.test_another_project import CODE, LAKE, book


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path)
    made.intake.tell = True
    yield made
    made.ledger.close()


def version(by: str) -> bytes:
    return book("cost", LAKE["name"], by=by)


def dropped(stage: Stage, name: str, content: bytes, time: int) -> None:
    os.utime(stage.drop(content, name), (time, time))


def told(stage: Stage) -> list[tuple[str, str, str]]:
    """Kind, sender and what is said, of what letters are due about."""
    due = [one for together in doubts.due(stage.ledger) for one in together]
    return [(one.kind, one.given.filled_by, f"{one.file}:{one.why}") for one in due]


@pytest.mark.parametrize(
    ("times", "winner", "why"),
    [
        ({"a.xlsx": 200, "b.xlsx": 100}, "a.xlsx", "修改时间较晚"),
        ({"a.xlsx": 100, "b.xlsx": 200}, "b.xlsx", "修改时间较晚"),
        ({"a.xlsx": 100, "b.xlsx": 100}, "b.xlsx", "修改时间相同,文件名排在后面"),
        ({"市场销售部/c.xlsx": 150, "a.xlsx": 100, "b.xlsx": 120}, "c.xlsx", "修改时间较晚"),
    ],
)
def test_the_later_one_counts_and_both_senders_hear(stage: Stage, times: dict[str, int], winner: str, why: str) -> None:
    for by, (name, time) in zip(("E102", "E103", "E104"), times.items(), strict=False):
        dropped(stage, name, version(by), time)
    stage.settle()
    (current,) = inputs.current(stage.ledger, CODE)
    assert (current.name.rpartition("/")[2], current.version) == (winner, len(times))
    found = told(stage)
    assert {kind for kind, _, _ in found} == {"twice"}
    assert len({by for _, by, _ in found}) == len(times)
    assert all(why in said for _, _, said in found if f"“{winner}”" in said or said.startswith(winner))


def test_the_same_bytes_twice_are_no_matter(stage: Stage) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        stage.drop(version("E102"), name)
    stage.settle()
    assert told(stage) == []


def test_a_newer_one_of_another_round_is_a_correction(stage: Stage) -> None:
    stage.drop(version("E102"), "a.xlsx")
    stage.settle()
    stage.drop(version("E103"), "b.xlsx")
    stage.settle()
    assert told(stage) == []


def test_both_in_one_zip_are_kept_and_told(stage: Stage) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as out:
        out.writestr("03.xlsx", version("E102"))
        out.writestr("03(1).xlsx", version("E103"))
    stage.drop(packed.getvalue(), "资料.zip")
    stage.settle()
    (current,) = inputs.current(stage.ledger, CODE)
    assert (current.version, current.filled_by) == (2, "E103")
    assert [(kind, by) for kind, by, _ in told(stage)] == [("twice", "E102"), ("twice", "E103")]
    assert "03(1).xlsx" in told(stage)[0][2]
