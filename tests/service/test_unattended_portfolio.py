"""Page and daily report as the night and the watched folder make and publish them, from what the ledger remembers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.core.documents import ProjectResult
from pipeline.core.errors import DocumentFailed
from pipeline.service import unattended as module
from pipeline.service.unattended import Options, Unattended, unattended
from pipeline.settings import Settings
from pipeline.workspace.projects import Ran, remember
from tests.cases import AS_OF
from tests.made_portfolio import MADE, many
from tests.service.stage import Hands, master

PAGE, REPORT = "项目状态.html", "批次日报/批次日报_20261123"


@contextmanager
def beating(root: Path, **settings: object) -> Iterator[Unattended]:
    """A unattended whose ledger remembers three made-up projects."""
    (root / "inbox").mkdir(exist_ok=True)
    options = Options(root / "inbox", root / "ws", master(), AS_OF)
    chosen = Settings(publish_dir=str(root / "share"), **settings)  # type: ignore[arg-type]
    with unattended(options, chosen, Hands().clock) as alive:
        for known in many(3)[2:]:
            result = ProjectResult(known.code, known.name, known.facts, known.findings)
            remember(alive.ledger, result, Ran(MADE, AS_OF, {}, ""))
        yield alive


def published(root: Path) -> list[str]:
    share = root / "share"
    tops = {"空白表", ".presales"}
    files = (path.relative_to(share) for path in share.rglob("*") if path.is_file())
    return sorted(path.as_posix() for path in files if path.parts[0] not in tops)


@pytest.fixture(scope="module")
def silent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("silent")
    with beating(root) as alive:
        assert alive.tell(report=True) == []
    return root


def test_without_amounts_only_the_page_is_published(silent: Path) -> None:
    assert published(silent) == [PAGE]
    assert {path.suffix for path in (silent / "ws" / "portfolio" / "批次日报").iterdir()} == {".docx", ".pdf", ".xlsx"}


def test_facts_come_back_from_the_ledger_as_they_went_in(silent: Path) -> None:
    page = (silent / "share" / PAGE).read_text(encoding="utf-8")
    for known in many(3)[2:]:
        assert f"p-{known.code}" in page
    assert "秘密项目，内容不显示" in page


def test_with_amounts_the_report_is_published_and_made_once_a_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []

    def make(seen: object, company: object, folder: Path, office: object) -> tuple[Path, ...]:
        made.append(office)
        paths = tuple(folder / f"{REPORT}{kind}" for kind in (".docx", ".pdf", ".xlsx"))
        for path in paths:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"x")
        return paths

    monkeypatch.setattr(module, "make_reports", make)
    with beating(tmp_path, show_money=True) as alive:
        alive.tell()
        assert published(tmp_path) == [PAGE]
        alive.tell(report=True)
        alive.tell(report=True)
        assert len(made) == 1
        alive.night["LY-SQ-2026-100"] = "changed"
        alive.tell(report=True)
        assert len(made) == 2
        alive.tell()  # the watched folder makes the page anew and keeps the reports
    assert published(tmp_path) == sorted([PAGE, *(f"{REPORT}{kind}" for kind in (".docx", ".pdf", ".xlsx"))])


def test_a_report_that_fails_does_not_hold_the_page_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise DocumentFailed("转换超时。")

    monkeypatch.setattr(module, "make_reports", fail)
    with beating(tmp_path) as alive:
        failed = alive.tell(report=True)
    assert [(one.code, str(one.failure)) for one in failed] == [("批次日报", "转换超时。")]
    assert published(tmp_path) == [PAGE]


def test_without_pdfs_there_is_no_report(tmp_path: Path) -> None:
    with beating(tmp_path) as alive:
        alive.options = replace(alive.options, pdf=False)
        assert alive.tell(report=True) == []
        assert alive.made
        assert alive.made.reports == ()


def test_a_new_day_begins_with_an_empty_record(tmp_path: Path) -> None:
    with beating(tmp_path) as alive:
        alive.look()
        alive.night["LY-SQ-2026-015"] = "changed"
        alive.look()
        assert alive.night == {"LY-SQ-2026-015": "changed"}
        alive.options = replace(alive.options, as_of=AS_OF + timedelta(days=1))
        alive.look()
        assert alive.night == {}
