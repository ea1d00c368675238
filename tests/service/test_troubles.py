"""What is in the way is told once when it lasts, once when it is over, and to nobody while it comes and goes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.core.errors import DeliveryFailed
from pipeline.service import troubles as module
from pipeline.service.faults import COMPANY, INBOX, LEDGER, SHARE
from pipeline.service.troubles import PATIENCE, Troubles
from pipeline.settings import Settings
from pipeline.workspace import signs
from pipeline.workspace.layout import Workspace
from tests.service.stage import Hands, company

PMO, SETTINGS = "pmo@lanyu.example", Settings(mail_pmo="pmo@lanyu.example", mail_from="presales@lanyu.example")


@dataclass
class Scene:
    """Troubles of a workspace, and the letters that left."""

    workspace: Workspace
    hands: Hands = field(default_factory=Hands)
    letters: list[tuple[str, str]] = field(default_factory=list)
    server: bool = True

    def begin(self, settings: Settings = SETTINGS, **more: object) -> Troubles:
        return Troubles(self.workspace, settings, self.hands.clock.now, mail=True, **more)  # type: ignore[arg-type]

    def take(self, settings: Settings, to: str, subject: str, text: str, now: object) -> None:
        if not self.server:
            raise DeliveryFailed("不通")
        self.letters.append((to, subject.partition("]")[0].strip("[")))

    def minutes(self, count: int, seen: Troubles, met: dict[str, str]) -> None:
        for _ in range(count):
            seen.see(met)
            self.hands.turn(60)


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    workspace = Workspace(tmp_path / "ws")
    workspace.make()
    made = Scene(workspace)
    monkeypatch.setattr(module, "past_the_outbox", made.take)
    return made


def test_what_passes_soon_is_told_to_nobody(scene: Scene) -> None:
    seen = scene.begin()
    for _ in range(5):
        scene.minutes(8, seen, {SHARE: "不在"})
        scene.minutes(11, seen, {})
    assert scene.letters == []
    assert seen.said() is None


def test_what_lasts_is_told_once_and_once_more_when_it_has_been_over_for_as_long(scene: Scene) -> None:
    seen = scene.begin()
    scene.minutes(60, seen, {SHARE: "不在"})
    scene.minutes(5, seen, {})
    scene.minutes(60, seen, {SHARE: "又不在"})
    assert scene.letters == [(PMO, "请处理")]
    scene.minutes(60, seen, {})
    assert scene.letters == [(PMO, "请处理"), (PMO, "已恢复")]


def test_a_process_that_begins_anew_knows_who_was_told_and_since_when(scene: Scene) -> None:
    began = scene.hands.wall
    scene.minutes(12, scene.begin(), {LEDGER: "坏了"})
    again = scene.begin()
    scene.minutes(20, again, {LEDGER: "还是坏的"})
    assert scene.letters == [(PMO, "请处理")]
    assert again.said() == (f"{signs.STOPPED}还是坏的", began)
    scene.minutes(20, scene.begin(), {})
    assert scene.letters == [(PMO, "请处理"), (PMO, "已恢复")]
    assert signs.remembered(scene.workspace) == {}


def test_a_server_that_does_not_answer_is_tried_again_after_a_while(scene: Scene) -> None:
    seen, scene.server = scene.begin(), False
    scene.minutes(15, seen, {SHARE: "不在"})
    scene.server = True
    scene.minutes(4, seen, {SHARE: "不在"})
    assert scene.letters == []
    scene.minutes(4, seen, {SHARE: "不在"})
    assert scene.letters == [(PMO, "请处理")]


@pytest.mark.parametrize(
    ("words", "known", "people"),
    [
        ("", True, [PMO]),
        ("keeper@lanyu.example", False, [PMO, "keeper@lanyu.example"]),
        ("E103", True, [PMO, company().persons["E103"].email]),
        ("E103", False, [PMO]),
        ("keeper@elsewhere.example", True, [PMO]),
    ],
)
def test_who_keeps_workbook_00_hears_of_it(scene: Scene, words: str, known: bool, people: list[str]) -> None:
    settings = Settings(mail_pmo=PMO, mail_from="presales@lanyu.example", mail_company=words)
    seen = scene.begin(settings, company=lambda: company() if known else None)
    scene.minutes(12, seen, {COMPANY: "读不出来", INBOX: "不在"})
    assert [to for to, _ in scene.letters if to != PMO] == [to for to in people if to != PMO]
    assert [to for to, _ in scene.letters].count(PMO) == 2, "each thing has its letter"


def test_what_cannot_be_read_is_as_if_nothing_had_been(scene: Scene) -> None:
    (scene.workspace.locks / "watch.met").write_text("{half")
    assert scene.begin().said() is None
    assert timedelta(hours=1) > PATIENCE
