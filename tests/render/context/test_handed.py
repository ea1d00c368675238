"""What the handover list and the contents of the archive say of our own papers (6.7, 7.1)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.core.attachments import ENCLOSED, SIGNED, Attachment
from pipeline.render.context.handed import MadePaper, bundle, files, least, numbers_of
from pipeline.render.context.shown import Node, Source
from tests.cases import TV
from tests.render.cuts import sample

PLAN = [MadePaper(f"PP{n}" if n else "PPR", "", f"JL-PM-0{n + 1}", "计划", "A/1", "记录", 5 + n) for n in range(4)]
MEMOS = [MadePaper("MEM", f"HY-0{n}", "JL-03.2-03", "会议备忘录", "A/0", "记录", 1) for n in (1, 2, 3)]
SURVEY = MadePaper("CSR", "", "JL-03.2-01", "网络工程客户需求调查表", "V1.6", "记录", 5)
CHANGE = MadePaper("CHG", "CR-01", "JL-PM-09", "项目变更审批单", "A/0", "记录", 2)


def row(found: list[Node], code: str) -> dict[str, str]:
    return next({key: str(one) for key, one in line.items()} for line in found if str(line["code"]) == code)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("JL-03.2-01", ["JL-03.2-01"]),
        ("JL-PM-01~04", ["JL-PM-01", "JL-PM-02", "JL-PM-03", "JL-PM-04"]),
        ("JL-PM-09至11", ["JL-PM-09", "JL-PM-10", "JL-PM-11"]),
        ("AG-02、AG-03", ["AG-02", "AG-03"]),
        ("JL-PM-04~01", ["JL-PM-04~01"]),
        ("", []),
    ],
)
def test_record_numbers_of_a_cell(text: str, numbers: list[str]) -> None:
    assert numbers_of(text) == numbers


def test_pages_and_state_are_those_of_the_papers_themselves() -> None:
    found = files(sample(TV), [*PLAN, *MEMOS, SURVEY])
    assert {key: row(found, "JL-PM-01~04")[key] for key in ("pages", "state")} == {"pages": "26", "state": "记录"}
    assert {key: row(found, "JL-03.2-03")[key] for key in ("pages", "state")} == {"pages": "3", "state": "记录"}
    assert row(found, "LY-XS-2026-0031")["pages"] == "86"  # the contract is not of ours


def test_the_version_is_that_which_the_papers_bear() -> None:
    """Listed as V1.0, while the contents of the pack call the same memos A/0 and A/1."""
    found = files(sample(TV), [*MEMOS[:2], replace(MEMOS[2], version="A/1")])
    assert row(found, "JL-03.2-03")["version"] == "见各份"
    assert row(files(sample(TV), MEMOS), "JL-03.2-03")["version"] == "A/0"
    assert row(files(sample(TV), [replace(MEMOS[0], version="")]), "JL-03.2-03")["version"] == "V1.0"
    assert row(found, "LY-XS-2026-0031")["version"] == "正式"


def test_a_row_with_one_paper_that_waits_is_not_called_a_record() -> None:
    waiting = replace(PLAN[2], state="待签")
    assert row(files(sample(TV), [*PLAN[:2], waiting, PLAN[3]]), "JL-PM-01~04")["state"] == "待签"
    assert least(["记录", "部分登记"]) == "部分登记"


def test_without_a_pdf_the_pages_stay_as_they_are_listed() -> None:
    assert row(files(sample(TV), [replace(SURVEY, pages=0)]), "JL-03.2-01")["pages"] == ""
    assert row(files(sample(TV), [SURVEY]), "JL-03.2-01")["pages"] == "5"


def test_papers_are_known_by_their_codes_too() -> None:
    """The row of the approval papers names PAF, PIA and PAN; its numbers name the fourth."""
    codes = {"PAF": "05", "PIA": "06", "PAR": "07", "PAN": "08"}
    mine = [MadePaper(code, "", f"JL-PM-{no}", code, "A/0", "记录", 2) for code, no in codes.items()]
    assert row(files(sample(TV), mine), "JL-PM-05~08")["pages"] == "8"


def test_of_two_versions_the_one_that_the_row_names() -> None:
    older = [replace(paper, version="A/0", pages=40) for paper in PLAN]
    assert row(files(sample(TV), [*older, *PLAN]), "JL-PM-01~04")["pages"] == "26"


def with_file(source: Source, folder: str, signs: str) -> Source:
    scan = Attachment(f"{folder}/调查表.pdf", "调查表.pdf", "pdf", 1, "0" * 64, 5, folder, signs)
    return replace(source, project=replace(source.project, attachments=(*source.project.attachments, scan)))


def test_only_a_scan_is_called_one() -> None:
    source = sample(TV)
    assert row(files(source, [SURVEY]), "FA-2026-007")["state"] == "电子件"
    assert row(files(with_file(source, SIGNED, "CSR"), [SURVEY]), "JL-03.2-01")["state"] == "扫描件"
    assert row(files(with_file(source, ENCLOSED, ""), [SURVEY]), "JL-03.2-01")["state"] == "记录"


def test_the_archive_names_every_quality_record_once() -> None:
    found = bundle(sample(TV), [*PLAN, *MEMOS, SURVEY, CHANGE])
    titles = [str(line["title"]) for line in found]
    assert titles[-1] == "项目变更审批单 CR-01"
    assert len(titles) == 15
    assert [str(line["no"]) for line in found] == [str(n + 1) for n in range(15)]
