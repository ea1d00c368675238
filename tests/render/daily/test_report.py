from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import docx
import pytest

from pipeline.adapters.office.libreoffice import LibreOffice
from pipeline.definitions.documents import PORTFOLIO, load_documents
from pipeline.render.context.portfolio import MOST_PROJECTS, MOST_ROWS, busiest, named_codes, portfolio_context
from pipeline.render.daily.report import batch_report
from pipeline.render.maker import pack_forms
from pipeline.render.word.arrived import lost_in_pdf
from pipeline.render.word.fill import render
from tests.made_portfolio import archive, many, remembered, surveyed
from tests.made_projects import company, made

FORM = load_documents()["BAT"]


@pytest.fixture(scope="module")
def made_files(tmp_path_factory: pytest.TempPathFactory, office: LibreOffice) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("report")
    portfolio = surveyed([*many(12), archive(900, "2027-01-31")])
    return {path.suffix: path for path in batch_report(portfolio, company(), folder, office)}


def cells(path: Path) -> list[list[list[str]]]:
    return [[[cell.text for cell in row.cells] for row in table.rows] for table in docx.Document(str(path)).tables]


def test_three_files_with_the_day_in_their_names(made_files: dict[str, Path]) -> None:
    assert {kind: path.name for kind, path in made_files.items()} == {
        kind: f"批次日报_20261123{kind}" for kind in (".docx", ".pdf", ".xlsx")
    }


def test_every_section_of_the_daily_report_is_there(made_files: dict[str, Path]) -> None:
    document = docx.Document(str(made_files[".docx"]))
    heads = [p.text for p in document.paragraphs if p.style and p.style.name == "Heading 1"]
    assert heads == ["项目一览", "人员和设备", "跨项目问题", "逾期和到期", "合同额和费用", "昨夜的文件"]
    captions = [p.text.split(" ", 1)[1] for p in document.paragraphs if p.style and p.style.name in ("Caption", "图题")]
    assert len(captions) == 14
    assert len(document.inline_shapes) == 4
    for shape in document.inline_shapes:
        assert shape._inline.docPr.get("descr")


def test_projects_at_a_glance(made_files: dict[str, Path]) -> None:
    _, projects, *_ = cells(made_files[".docx"])
    codes = [row[0] for row in projects[1:]]
    portfolio = surveyed([*many(12), archive(900, "2027-01-31")])
    assert codes == [line.code for line in portfolio.lines if not line.ended or line.change]
    secret = next(row for row in projects if row[0] == "LY-SQ-2026-102")
    assert (secret[1], secret[3], secret[7]) == ("（秘密项目）", "", "")
    text = "\n".join(p.text for p in docx.Document(str(made_files[".docx"])).paragraphs)
    ended = sum(1 for line in portfolio.lines if line.ended and not line.change)
    assert f"另有 {ended} 个见同名的电子表格" in text


def test_every_printed_value_is_in_the_pdf(made_files: dict[str, Path], tmp_path: Path) -> None:
    portfolio = surveyed([*many(12), archive(900, "2027-01-31")])
    printed = render(FORM, portfolio_context(portfolio, company(), FORM), tmp_path / "x.docx", draft=False)
    tool = shutil.which("pdftotext")
    assert tool
    text = subprocess.run(
        [tool, "-raw", str(made_files[".pdf"]), "-"], capture_output=True, text=True, check=True
    ).stdout
    assert len(printed) > 100
    assert lost_in_pdf(printed, text) == []


def test_a_portfolio_without_anything_says_so(tmp_path: Path) -> None:
    portfolio = surveyed([remembered(made(1))], quiet=True)
    docx_file, _ = batch_report(portfolio, company(), tmp_path, None)
    tables = cells(docx_file)
    assert sum(1 for table in tables if table[1:] and set(table[1]) == {"无"}) >= 5


def test_what_the_program_could_not_do_is_counted_apart(tmp_path: Path) -> None:
    for failure, said in (("转换超时。", "0，另有运行失败 1"), ("", "0")):
        portfolio = surveyed([remembered(made(1), failure=failure)], quiet=True)
        path = tmp_path / "x.docx"
        render(FORM, portfolio_context(portfolio, company(), FORM), path, draft=False)
        row = next(row for table in cells(path) for row in table if "不通过" in row)
        assert row[row.index("不通过") + 1] == said


def test_a_long_portfolio_stays_a_report_and_says_what_it_leaves_out() -> None:
    portfolio = surveyed(many(400)[2:])
    context = portfolio_context(portfolio, company(), FORM)["portfolio"]
    assert len(context["projects"]) == MOST_PROJECTS
    codes = [str(row["code"]) for row in context["projects"]]
    assert codes == sorted(codes)
    assert {line.code for line in portfolio.lines if line.change} <= set(codes)
    shown = [line for line in portfolio.lines if line.code in codes and not line.change]
    hidden = [line for line in portfolio.lines if line.code not in codes and not line.ended]
    assert {line.status for line in shown} == {"errors"} or not any(line.status == "errors" for line in hidden)
    assert len(context["findings"]) == MOST_ROWS
    assert str(context["more"]["findings"]) == str(len(portfolio.findings) - MOST_ROWS)
    assert str(context["left_out"]) == str(len(portfolio.lines) - MOST_PROJECTS)


def test_the_heat_map_has_the_busiest_people_in_their_order() -> None:
    people = surveyed(many(200)[2:]).people
    chosen = busiest(people)
    assert len(chosen) <= 24 < len(people)
    peaks = {load.key: max(week.peak for week in load.weeks) for load in people}
    assert min(peaks[load.key] for load in chosen) >= max(peaks[load.key] for load in people if load not in chosen)
    assert [load.key for load in chosen] == [load.key for load in people if load in chosen]


def test_a_document_over_all_projects_is_no_document_of_a_project() -> None:
    assert FORM.per == PORTFOLIO
    assert not FORM.by_project
    assert not FORM.by_row
    assert all(FORM not in pack_forms(kind) for kind in ("计划包", "评审包", "移交包"))


def test_codes_stand_two_a_line_so_that_none_is_broken() -> None:
    codes = [f"P-{number}" for number in range(1, 9)]
    assert named_codes(codes[:1]) == "P-1"
    assert named_codes(codes[:3]) == "P-1、P-2、\nP-3"
    assert named_codes(codes) == "P-1、P-2、\nP-3、P-4、\nP-5、P-6 等8个"
