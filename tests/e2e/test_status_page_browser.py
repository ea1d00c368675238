"""The status page as people use it: opened from a file in a real browser, by mouse and keyboard, on paper."""

from __future__ import annotations

import io
import re
import time
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from pypdf import PdfReader

from pipeline.core.portfolio import Link
from pipeline.render.page.status import PageInfo, status_page
from tests.browser import launch
from tests.made_portfolio import MADE, Remembered, archive, many, surveyed

STUCK_MS = 4000  # no step may come near this, however busy the machine; idle, the slowest takes about 300
CONTRAST = 4.5  # WCAG 2.1 AA, text


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as play:
        found = launch(play)
        yield found
        found.close()


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    failed = Remembered("LY-SQ-2026-901", "坏项目", None, failure="转换超时。")
    known = [*many(40)[2:], archive(900, "2027-01-31"), failed]
    links = {"LY-SQ-2026-100": [Link("待签", "", "a/b"), Link("待签", "甲.pdf", "a/b/%E7%94%B2.pdf")]}
    path = tmp_path_factory.mktemp("页 面") / "项目状态.html"
    path.write_text(status_page(surveyed(known), PageInfo("凌云公司", MADE, money=True, links=links)), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def thousand(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("many") / "1000.html"
    path.write_text(status_page(surveyed(many(1000)[2:]), PageInfo("凌云公司", MADE)), encoding="utf-8")
    return path


@pytest.fixture
def page(browser: Browser, file: Path) -> Iterator[Page]:
    """The page, opened; afterwards nothing was asked of a network and nothing was complained of."""
    opened = browser.new_page(viewport={"width": 1440, "height": 900})
    said: list[str] = []
    opened.on("console", lambda message: said.append(message.text))
    opened.on("pageerror", lambda error: said.append(str(error)))
    opened.on("request", lambda request: said.append(request.url) if request.url != file.as_uri() else None)
    opened.goto(file.as_uri())
    yield opened
    opened.close()
    assert said == []


def codes(page: Page) -> list[str]:
    """Codes of the projects that can be seen, from top to bottom."""
    return page.eval_on_selector_all("#projects tr.row:not([hidden])", "rows => rows.map(row => row.dataset.code)")  # type: ignore[no-any-return]


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id || document.activeElement.textContent"))


def test_search_finds_words_in_what_is_folded_away_too(page: Page) -> None:
    everything = codes(page)
    page.fill("#q", "海沧")
    some = codes(page)
    assert 0 < len(some) < len(everything)
    assert all("海沧" in page.inner_text(f"#p-{code}") for code in some)
    assert page.inner_text("#shown") == f"显示 {len(some)} / {len(everything)}"
    page.fill("#q", "转换超时")
    assert codes(page) == ["LY-SQ-2026-901"]
    page.fill("#q", "ly-sq-2026-10 海沧")  # full width, several words
    assert set(codes(page)) <= set(some)
    page.fill("#q", "没有这个词")
    assert codes(page) == []
    page.click("#reset")
    assert codes(page) == everything


def test_filters_add_up(page: Page) -> None:
    page.select_option("#f-state", "执行中")
    running = codes(page)
    page.select_option("#f-status", "errors")
    wrong = codes(page)
    assert set(wrong) < set(running)
    page.check("#f-change")
    assert set(codes(page)) <= set(wrong)
    page.click("#reset")
    page.select_option("#f-state", "*open")
    assert "LY-SQ-2026-900" not in codes(page)
    page.click("#reset")
    page.select_option("#f-pm", "秦川")
    assert {page.get_attribute(f"#p-{code}", "data-pm") for code in codes(page)} == {"秦川"}


def test_columns_sort_by_number_and_back(page: Page) -> None:
    before = codes(page)
    errors = page.locator("#projects thead button", has_text="错误")
    errors.click()
    errors.click()
    counts = [int(page.inner_text(f"#p-{code} td:nth-child(6)")) for code in codes(page)]
    assert counts == sorted(counts, reverse=True)
    assert len(set(counts)) > 1
    assert page.get_attribute("#projects thead th:nth-child(6)", "aria-sort") == "descending"
    assert page.locator("#projects [aria-sort]").count() == 1
    page.locator("#projects thead button", has_text="编号").click()
    assert codes(page) == before
    page.locator("#projects thead button", has_text="合同额").click()
    sums = [
        float(text.replace(",", "") or -1)
        for code in codes(page)
        for text in [page.inner_text(f"#p-{code} td:last-child")]
    ]
    assert sums == sorted(sums)


def test_hands_stay_on_the_keyboard(page: Page) -> None:
    page.keyboard.press("/")
    assert focused(page) == "q"
    page.keyboard.type("海沧")
    first, second = codes(page)[:2]
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert focused(page) == second
    page.keyboard.press("Enter")
    assert page.is_visible(f"#d-{second}")
    assert page.get_attribute(f"#p-{second} .open", "aria-expanded") == "true"
    page.keyboard.press("Escape")
    assert not page.is_visible(f"#d-{second}")
    page.keyboard.press("ArrowUp")
    assert focused(page) == first
    page.keyboard.press("ArrowUp")
    assert focused(page) == "q"
    page.keyboard.press("Escape")
    assert page.input_value("#q") == ""
    page.keyboard.press("ArrowDown")
    page.keyboard.press("End")
    assert focused(page) == codes(page)[-1]
    assert page.locator("#projects .open[tabindex='0']").count() == 1


def test_focus_can_be_seen(page: Page) -> None:
    for _ in range(4):
        page.keyboard.press("Tab")
        style = page.evaluate("(s => s.outlineStyle + s.outlineWidth)(getComputedStyle(document.activeElement))")
        assert style == "solid2px"


def test_an_opened_project_says_what_is_missing_whose_turn_it_is_and_where_the_files_are(page: Page) -> None:
    code = page.get_attribute("#projects tr[data-state=会签中]:has(.name):not(#p-LY-SQ-2026-100)", "data-code")
    page.click(f"#p-{code}")
    text = page.inner_text(f"#d-{code}")
    for word in ("下一关口：部门会签", "还缺", "审批单", "等谁签字", "市场销售部 沈嘉禾", "问题", "概况"):
        assert word in text
    page.click("#p-LY-SQ-2026-100")
    assert page.get_attribute("#d-LY-SQ-2026-100 .files li a", "href") == "a/b/%E7%94%B2.pdf"
    page.click("#p-LY-SQ-2026-102")  # 102 = 6 * 17
    assert page.inner_text("#d-LY-SQ-2026-102") == "秘密项目：名称、问题和文件不在本页显示。"


def test_findings_show_their_cell_and_what_to_do(page: Page) -> None:
    code = page.evaluate(
        "JSON.parse(document.getElementById('data').textContent).projects.find(p => p.findings.some(f => f.place)).code"
    )
    page.click(f"#p-{code}")
    assert re.search(r"\[.+\.xlsx\].+![A-Z]+\d+", page.inner_text(f"#d-{code} .issues"))


def test_an_address_opens_a_project_or_a_view(page: Page, file: Path) -> None:
    page.goto(f"{file.as_uri()}#LY-SQ-2026-120")
    page.reload()
    assert page.is_visible("#d-LY-SQ-2026-120")
    assert focused(page) == "LY-SQ-2026-120"
    page.click("#tab-late")
    link = page.locator("#late a").first
    link.click()
    assert page.is_visible(f"#d-{link.text_content()}")
    page.evaluate("location.hash = '#people'")
    page.wait_for_selector("#people", state="visible")


def test_views_are_tabs(page: Page) -> None:
    page.focus("#tab-projects")
    page.keyboard.press("ArrowRight")
    assert focused(page) == "tab-signing"
    assert page.is_visible("#signing")
    assert not page.is_visible("#projects")
    page.fill("#q", "梁书珩")
    rows = page.locator("#signing tr.item:visible")
    assert rows.count() > 0
    assert all("梁书珩" in text for text in rows.all_inner_texts())
    page.click("#tab-people")
    page.click("#reset")
    page.click("#tab-equipment")
    assert page.locator("#equipment tr.item:visible").count() == 6
    page.check("#f-over")
    assert 0 < page.locator("#equipment tr.item:visible").count() < 6
    page.click("#tab-returned")
    assert "文件有打开密码" in page.inner_text("#returned")


# Every text that can be seen, with the contrast to what is behind it (WCAG 2.1, relative luminance).
FAINT = """() => {
  const parse = (text) => { const n = text.match(/[\\d.]+/g).map(Number); return [n[0], n[1], n[2], n[3] ?? 1]; };
  const linear = (v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const behind = (node) => {
    for (; node; node = node.parentElement) {
      const color = parse(getComputedStyle(node).backgroundColor);
      if (color[3] > 0) return color;
    }
    return [255, 255, 255];
  };
  const speaks = (node) => [...node.childNodes].some((one) => one.nodeType === 3 && one.data.trim());
  const faint = new Set();
  for (const node of document.querySelectorAll("body *")) {
    if (!speaks(node) || !node.checkVisibility() || node.closest("script, svg, style")) continue;
    const a = light(parse(getComputedStyle(node).color)), b = light(behind(node));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < LIMIT) faint.add(`${node.tagName}.${node.className} ${ratio.toFixed(2)}`);
  }
  return [...faint];
}""".replace("LIMIT", str(CONTRAST))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_stands_out(page: Page, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme)
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, re.findall(r"\d+", dark))) < 150) == (scheme == "dark")
    page.click("#p-LY-SQ-2026-103")
    for view in ("projects", "signing", "people", "equipment", "late", "across", "returned"):
        page.click(f"#tab-{view}")
        assert page.evaluate(FAINT) == [], view


def test_paper_has_the_table_without_the_tools(page: Page) -> None:
    page.emulate_media(media="print", color_scheme="dark")
    for tool in (".tools", ".tabs", "footer"):
        assert not page.is_visible(tool)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.querySelector('#projects thead')).display") == "table-header-group"
    printed = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages
    texts = ["".join(unicodedata.normalize("NFKC", one.extract_text()).split()) for one in printed[:3]]
    assert ["下一关口与所缺" in text for text in texts] == [True] * 3  # on every page of the table


def test_nothing_of_a_printed_table_is_cut_off(page: Page) -> None:
    page.emulate_media(media="print")
    page.set_viewport_size({"width": round(273 / 25.4 * 96), "height": 700})  # A4 across, between its margins
    cut = "[...document.querySelectorAll('#projects thead th')].filter(one => one.scrollWidth > one.clientWidth)"
    assert page.evaluate(f"{cut}.map(one => one.innerText)") == []
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    right = "getBoundingClientRect().right"
    edge = f"Math.max(...[...document.querySelectorAll('#projects tr > *')].map(one => one.{right}))"
    assert page.evaluate(f"{edge} - document.querySelector('main').{right}") <= 0


def test_a_narrow_window_prints_the_table_not_the_cards(page: Page) -> None:
    page.set_viewport_size({"width": 500, "height": 800})
    page.emulate_media(media="print")
    for view in ("projects", "signing", "late"):
        page.evaluate(f"location.hash = '#{view}'")
        page.wait_for_selector(f"#{view}", state="visible")
        heads = page.evaluate(
            f"[...document.querySelectorAll('#{view} thead th')].map(one => getComputedStyle(one).display)"
        )
        assert set(heads) == {"table-cell"}
        assert page.evaluate(f"getComputedStyle(document.querySelector('#{view} tbody')).display") == "table-row-group"


def test_on_a_phone_every_value_has_its_label(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    bare = """view => [...document.querySelectorAll(`#${view} tbody tr:not(.none):not(.detail) > td`)]
        .filter(cell => cell.checkVisibility() && cell.dataset.label !== "项目"
                        && ["", "none", '""'].includes(getComputedStyle(cell, "::before").content))
        .map(cell => cell.textContent)"""
    for view in ("projects", "signing", "late", "across", "returned"):
        page.click(f"#tab-{view}")
        assert page.evaluate(bare, view) == [], view
        assert not page.is_visible(f"#{view} thead")
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0


def test_a_tile_filters(page: Page) -> None:
    page.fill("#q", "海沧")
    page.click(".card:has-text('不通过的项目')")
    count = int(page.inner_text(".card:has-text('不通过的项目') b"))
    assert len(codes(page)) == count > 0
    assert {page.get_attribute(f"#p-{code}", "data-status") for code in codes(page)} == {"errors"}
    page.click(".card:has-text('运行失败的项目')")
    assert codes(page) == ["LY-SQ-2026-901"]
    page.click(".card:has-text('逾期事项')")
    assert page.is_visible("#late")
    page.click(".card:has-text('在办')")
    assert "LY-SQ-2026-900" not in codes(page)
    page.click(".card >> nth=0")
    assert len(codes(page)) == 42


@pytest.mark.parametrize("width", [360, 390, 500, 760, 1280, 1400])
def test_nothing_sticks_out_sideways(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    for view in ("projects", "signing", "people", "equipment", "late", "across"):
        page.click(f"#tab-{view}")
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0


def test_without_scripts_the_table_can_be_read(browser: Browser, file: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(file.as_uri())
    assert page.locator("#projects tr.row").count() == 42
    assert page.is_visible("noscript p")
    context.close()


def test_a_thousand_projects_stay_quick(browser: Browser, thousand: Path) -> None:
    page = browser.new_page()
    page.goto(thousand.as_uri())
    assert len(codes(page)) == 1000
    spent = {}
    for name, step in {
        "first search": lambda: page.fill("#q", "海沧"),
        "next letter": lambda: page.fill("#q", "海沧医"),
        "sort": lambda: page.locator("#projects thead button", has_text="错误").click(),
        "open": page.locator("#projects .open:visible").first.click,
        "all again": lambda: page.fill("#q", ""),
    }.items():
        start = time.perf_counter()
        step()  # type: ignore[operator]
        page.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
        spent[name] = round(1000 * (time.perf_counter() - start))
    page.close()
    assert max(spent.values()) < STUCK_MS, spent
